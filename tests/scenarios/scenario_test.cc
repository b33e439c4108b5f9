// Every story under cases/ is one test, named after it.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "routing/load.h"
#include "tests/scenarios/script.h"

namespace liandong::scenarios {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const v1::SiteSet& County() {
  static const v1::SiteSet* const kSite = [] {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    if (!loaded.ok()) ADD_FAILURE() << std::string(loaded.status().message());
    return new v1::SiteSet(loaded.ok() ? loaded->site : v1::SiteSet());
  }();
  return *kSite;
}

// The county, with the agreement that stands beside the story, if one does.
v1::SiteSet CountyFor(const std::string& name) {
  v1::SiteSet site = County();
  const fs::path beside = fs::path("tests/scenarios/cases") / (name.substr(0, name.find('.')) + ".textproto");
  if (!fs::exists(beside)) return site;
  if (!google::protobuf::TextFormat::ParseFromString(Read(beside), site.add_agreement()))
    ADD_FAILURE() << beside << " is no agreement";
  return site;
}

class ScenarioFile : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioFile, Holds) {
  const absl::Status played =
      Play(GetParam(), Read(fs::path("tests/scenarios/cases") / GetParam()), CountyFor(GetParam()));
  EXPECT_TRUE(played.ok()) << std::string(played.message());
}

std::vector<std::string> Files() {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator("tests/scenarios/cases")) {
    if (entry.path().extension() == ".txt") names.insert(entry.path().filename());
  }
  return {names.begin(), names.end()};
}

INSTANTIATE_TEST_SUITE_P(Cases, ScenarioFile, testing::ValuesIn(Files()), [](const auto& param) {
  std::string name = param.param.substr(0, param.param.find('.'));
  for (char& c : name) {
    if (!isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
});

// A player that lets everything pass would make all of the above worthless.
TEST(Player, NoticesWhatDoesNotHold) {
  EXPECT_FALSE(
      Play("wrong",
           "at 0s 110 reports \"打架\" as r1 category security.fight in town-qingshi\nexpect holder of r1 is 120\n",
           County())
          .ok());
  EXPECT_FALSE(
      Play("wrong",
           "at 0s 110 reports \"打架\" as r1 category security.fight in town-qingshi\nexpect refused BAD_FIELD\n",
           County())
          .ok());
  EXPECT_FALSE(
      Play("wrong",
           "at 0s 110 reports \"打架\" as r1 category security.fight in town-qingshi\nexpect weather-bureau leads r1\n",
           County())
          .ok());
  EXPECT_FALSE(Play("wrong", "110 reports something\n", County()).ok());
}

}  // namespace
}  // namespace liandong::scenarios
