// The law's rows: national ones cannot be changed or left out, and a set that does is refused with the place and the
// mend.
#include "routing/statutory.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "gtest/gtest.h"
#include "routing/load.h"

namespace liandong::routing {
namespace {

namespace fs = std::filesystem;

class StatutoryTest : public testing::Test {
 protected:
  StatutoryTest() : dir_(fs::temp_directory_path() / ("liandong-statutory-" + std::to_string(getpid()))) {
    fs::remove_all(dir_);
    fs::copy("deploy/county/site", dir_, fs::copy_options::recursive);
  }
  ~StatutoryTest() override { fs::remove_all(dir_); }

  void Edit(const std::string& file, const std::string& from, const std::string& to) {
    std::ifstream in(dir_ / file);
    std::stringstream text;
    text << in.rdbuf();
    std::string all = text.str();
    const size_t at = all.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    all.replace(at, from.size(), to);
    std::ofstream(dir_ / file) << all;
  }
  std::string Refused() { return std::string(LoadSiteDir(dir_).status().message()); }

  const fs::path dir_;
};

TEST_F(StatutoryTest, TheCountyHoldsTheNationalRows) {
  const auto loaded = LoadSiteDir(dir_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const auto site = *Site::Compile(loaded->site);
  for (const v1::StatutoryRule& law : LockedRules()) EXPECT_NE(FindStatutoryRule(*site, law.id()), nullptr) << law.id();
}

TEST_F(StatutoryTest, AChangedNationalRowIsRefusedWithPlaceAndMend) {
  Edit("statutory.textproto", "within_s: 7200", "within_s: 14400");
  EXPECT_NE(Refused().find("statutory.textproto:23:"), std::string::npos) << Refused();
  EXPECT_NE(Refused().find("within_s must be 7200"), std::string::npos) << Refused();
}

TEST_F(StatutoryTest, EveryFieldOfANationalRowIsHeld) {
  const std::pair<const char*, const char*> changes[] = {{"locked: true", "locked: false"},
                                                         {"locked: true enabled: true", "locked: true enabled: false"},
                                                         {"from: UPWARD_UNIT", "from: UPWARD_TOWNSHIP"},
                                                         {"required: UPWARD_LOSS", ""},
                                                         {"supplement_days: 30", "supplement_days: 10"},
                                                         {"supplement_days_short: 7", "supplement_days_short: 3"},
                                                         {"国务院令第493号)第九条", "国务院令第493号)第八条"},
                                                         {"kind: UPWARD_INITIAL", "kind: UPWARD_FINAL"}};
  for (const auto& [from, to] : changes) {
    fs::remove_all(dir_);
    fs::copy("deploy/county/site", dir_, fs::copy_options::recursive);
    Edit("statutory.textproto", from, to);
    EXPECT_NE(Refused().find("cn-493-9"), std::string::npos) << from << ": " << Refused();
  }
}

TEST_F(StatutoryTest, AMissingFileIsRefusedWhereTheCategoriesAskForIt) {
  fs::remove(dir_ / "statutory.textproto");
  EXPECT_NE(Refused().find("categories.textproto:"), std::string::npos) << Refused();
  EXPECT_NE(Refused().find("cn-493-11"), std::string::npos) << Refused();
}

TEST_F(StatutoryTest, AnotherRowCannotBeLockedNorUnsound) {
  Edit("statutory.textproto", "id: \"preset-final\"", "locked: true id: \"preset-final\"");
  EXPECT_NE(Refused().find("only the national rows are locked"), std::string::npos) << Refused();
  Edit("statutory.textproto", "category: \"health.animal\"", "category: \"health.animals\"");
  EXPECT_NE(Refused().find("health.animals"), std::string::npos) << Refused();
}

TEST_F(StatutoryTest, AppliesByLawAndByCategory) {
  const auto site = *Site::Compile(LoadSiteDir(dir_)->site);
  const v1::StatutoryRule& law = *FindStatutoryRule(*site, "cn-493-11");
  EXPECT_TRUE(Applies(*site, law, "accident.mine", v1::SEVERITY_UNKNOWN));
  EXPECT_TRUE(Applies(*site, law, "accident.fire.factory", v1::GENERAL));
  EXPECT_FALSE(Applies(*site, law, "accident.fire.dwelling", v1::EXTREME));
  EXPECT_FALSE(Applies(*site, law, "", v1::EXTREME));
  v1::StatutoryRule preset = *FindStatutoryRule(*site, "preset-cq-28");
  EXPECT_FALSE(Applies(*site, preset, "accident.mine", v1::LARGE));  // off
  preset.set_enabled(true);
  EXPECT_TRUE(Applies(*site, preset, "accident.mine", v1::LARGE));
  EXPECT_TRUE(Applies(*site, preset, "accident.mine", v1::SEVERITY_UNKNOWN));
  EXPECT_FALSE(Applies(*site, preset, "accident.mine", v1::GENERAL));
  EXPECT_FALSE(Applies(*site, preset, "accidental", v1::LARGE));
}

}  // namespace
}  // namespace liandong::routing
