// Rules of retention: what a site may write, and what is refused with the place and the mend.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "routing/load.h"

namespace liandong::routing {
namespace {

namespace fs = std::filesystem;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() : dir_(fs::temp_directory_path() / ("liandong-retention-" + std::to_string(getpid()))) {
    fs::remove_all(dir_);
    fs::copy("deploy/county/site", dir_, fs::copy_options::recursive);
  }
  ~RetentionTest() override { fs::remove_all(dir_); }

  // "" when it is taken.
  std::string Refused(const std::string& rules) {
    fs::copy("deploy/county/site/settings.textproto", dir_ / "settings.textproto",
             fs::copy_options::overwrite_existing);
    std::ofstream(dir_ / "settings.textproto", std::ios::app) << rules << "\n";
    return std::string(LoadSiteDir(dir_).status().message());
  }

  const fs::path dir_;
};

TEST_F(RetentionTest, NoRulesOneForAllOrOneForEachClassAreTaken) {
  EXPECT_EQ(Refused(""), "");
  EXPECT_EQ(Refused(R"(retention { id: "all" days: 30 basis: "突发事件应对法第八十五条" })"), "");
  EXPECT_EQ(
      Refused(
          R"(retention { id: "words" field: DESCRIPTION field: DETAILS field: PLACE days: 730 basis: "录音不少于两年" }
                       retention { id: "who" field: CALLER_NAME field: CALLER_PHONE field: MEDICAL days: 30 basis: "第八十五条" })"),
      "");
}

TEST_F(RetentionTest, WhatIsWrongIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"(retention { id: "all" days: 30 })", "basis"},
      {R"(retention { id: "all" basis: "b" })", "days is 0"},
      {R"(retention { id: "all" days: 36501 basis: "b" })", "1 to 36500"},
      {R"(retention { id: "All" days: 30 basis: "b" })", "All"},
      {R"(retention { id: "all" days: 30 basis: "b" } retention { id: "all" days: 40 basis: "b" })", "all"},
      {R"(retention { id: "all" days: 30 basis: "b" } retention { id: "n" field: CASUALTIES days: 40 basis: "b" })",
       "CASUALTIES is not sealed"},
      {R"(retention { id: "all" days: 30 basis: "b" } retention { id: "n" field: CALLER_PHONE_MASKED days: 4 basis: "b" })",
       "CALLER_PHONE_MASKED is not sealed"},
      {R"(retention { id: "who" field: CALLER_NAME days: 30 basis: "b" })",
       "no rule of retention says how long PLACE, DESCRIPTION, CALLER_PHONE, MEDICAL, DETAILS is kept"},
  };
  for (const auto& [rules, said] : cases) {
    const std::string refused = Refused(rules);
    EXPECT_NE(refused.find(said), std::string::npos) << rules << "\n" << refused;
    EXPECT_NE(refused.find("settings.textproto"), std::string::npos) << refused;
  }
}

}  // namespace
}  // namespace liandong::routing
