// An emergency response in force changes who must do what: of its class, area and purpose, and of nothing else.
#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "hub/core/limits.h"
#include "hub/core/responses.h"
#include "routing/load.h"
#include "tests/scenarios/script.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

// The county with one clause more: from level III on 119 helps with floods.
const v1::SiteSet& County() {
  static const v1::SiteSet* const kSite = [] {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    for (auto& division : *loaded->site.mutable_division()) division.clear_outline();
    loaded->site.mutable_settings()->set_storm_reports(0);  // many like calls stay many incidents here
    v1::Agreement* agreement = loaded->site.add_agreement();
    agreement->set_id("response-2026");
    agreement->set_title("应急响应联动");
    agreement->add_party("fire-119");
    agreement->set_effective_from("2022-01-01");
    v1::Clause* clause = agreement->add_clause();
    clause->set_id("1");
    clause->set_text("三级以上响应期间,消防救援队伍前置。");
    clause->add_when()->add_category("natural");
    clause->mutable_when(0)->set_response_level_at_least(v1::LEVEL_III);
    clause->add_duty()->set_party("fire-119");
    clause->mutable_duty(0)->set_role(v1::SUPPORT);
    return new v1::SiteSet(loaded->site);
  }();
  return *kSite;
}

absl::Status Plays(const std::string& text) { return scenarios::Play("response", text, County()); }

TEST(Response, OpenIncidentsOfItsRegionAreRoutedAgain) {
  const absl::Status played = Plays(R"(
at 0s 110 reports "河水漫过路面" as r1 category natural.flood in town-qingshi danger no
at 0s 110 reports "打架" as r2 category security.fight in town-qingshi danger no
at 0s 110 reports "演练:河水上涨" as r3 category natural.flood in town-qingshi danger no exercise
expect fire-119 has no duty in r1
at 10s desk starts LEVEL_IV for natural
expect fire-119 has no duty in r1
at 20s desk adjusts LEVEL_II
expect fire-119 supports r1 by response-2026/1
expect fire-119 has no duty in r2
expect fire-119 has no duty in r3
at 30s 110 reports "又一处漫水" as r4 category natural.flood in town-dongxi danger no
expect fire-119 supports r4 by response-2026/1
at 40s desk ends
expect fire-119 supports r1
at 50s 110 reports "再一处漫水" as r5 category natural.flood in town-dongxi danger no
expect fire-119 has no duty in r5
)");
  EXPECT_TRUE(played.ok()) << std::string(played.message());
}

TEST(Response, HoldsForItsAreaOnlyAndUnknownIsNotNo) {
  const absl::Status played = Plays(R"(
at 10s desk starts LEVEL_III for natural in 339921100
at 20s 110 reports "漫水" as r1 category natural.flood in 339921100000 danger no
at 20s 110 reports "漫水" as r2 category natural.flood in 339921201000 danger no
at 20s 110 reports "漫水,说不清在哪" as r3 category natural.flood danger no
expect fire-119 supports r1
expect fire-119 has no duty in r2
expect fire-119 supports r3
)");
  EXPECT_TRUE(played.ok()) << std::string(played.message());
}

// A great response is routed in pieces, each its own record, and none is left out.
TEST(Response, ManyIncidentsAreRoutedInPieces) {
  std::string text;
  const int incidents = static_cast<int>(limits::kRoutePerRecord) + 5;
  for (int i = 0; i < incidents; ++i) {
    text +=
        "at 1s 110 reports \"漫水\" as r" + std::to_string(i) + " category natural.flood in town-qingshi danger no\n";
  }
  text += "at 2s desk starts LEVEL_III for natural\n";
  std::vector<v1::Record> records;
  const absl::Status played = scenarios::Play("response", text, County(), &records);
  ASSERT_TRUE(played.ok()) << std::string(played.message());
  int pieces = 0, routed = 0;
  for (const auto& record : records) {
    if (!record.has_incidents_routed()) continue;
    ++pieces;
    routed += record.incidents_routed().routed_size();
    EXPECT_LE(record.incidents_routed().routed_size(), static_cast<int>(limits::kRoutePerRecord));
  }
  EXPECT_GE(pieces, 2);
  EXPECT_EQ(routed, incidents);
}

TEST(Response, IsForTheClassAndWhatIsUnderIt) {
  v1::ResponseState response;
  response.set_purpose(v1::ACTUAL);
  response.set_category("natural.flood");
  v1::IncidentState incident;
  incident.set_purpose(v1::ACTUAL);
  for (const auto& [category, wanted] : std::vector<std::pair<std::string, bool>>{{"natural.flood", true},
                                                                                  {"natural.flood.urban", true},
                                                                                  {"", true},
                                                                                  {"natural", false},
                                                                                  {"natural.floods", false}}) {
    incident.set_category(category);
    EXPECT_EQ(IsFor(response, incident), wanted) << category;
  }
}

}  // namespace
}  // namespace liandong::core
