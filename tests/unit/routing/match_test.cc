#include "routing/match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using testing::AddAgreement;
using testing::Compiled;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::SampleSet;
using testing::WithClauses;

constexpr int64_t kNowMs = 1'700'000'000'000;  // 2023-11-15 06:13 in China

Facts Flood() {
  Facts facts;
  facts.category = "natural.flood";
  facts.severity = v1::LARGE;
  facts.division = "339921100201";
  facts.danger_to_life = v1::YES;
  facts.sources = {"police"};
  facts.channel = "telephone";
  facts.opened_at_ms = kNowMs;
  facts.text = "青石镇上村停电，电线倒在水里";
  return facts;
}

// A clause "1" with this condition and one duty of the power company.
std::string When(const std::string& condition) {
  return absl::StrCat("clause { id: '1' text: 't' when { ", condition,
                      " } duty { party: 'power' role: LEAD disclose: PLACE disclose: DESCRIPTION } }");
}

std::vector<std::string> Notes(const Routing& routing) {
  return {routing.decision.note().begin(), routing.decision.note().end()};
}

// "yes", "no: <failed condition>", "no", or "?<uncertain conditions>".
std::string Fires(const std::string& condition, const Facts& facts) {
  Routing routing = Match(*WithClauses(When(condition)), facts, kNowMs);
  const v1::Decision& decision = routing.decision;
  if (decision.fired().empty()) {
    return decision.near_miss().empty() ? "no" : absl::StrCat("no: ", decision.near_miss(0).condition());
  }
  std::string uncertain;
  for (const std::string& token : decision.fired(0).uncertain()) absl::StrAppend(&uncertain, "?", token);
  return uncertain.empty() ? "yes" : uncertain;
}

TEST(MatchTest, CategorySubtree) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("category: 'natural'", facts), "yes");
  EXPECT_EQ(Fires("category: 'natural.flood'", facts), "yes");
  EXPECT_EQ(Fires("category: 'accident' category: 'natural.flood'", facts), "yes");
  EXPECT_EQ(Fires("category: 'natural.flood.urban'", facts), "no");
  EXPECT_EQ(Fires("category: 'accident'", facts), "no");
  facts.category = "";
  EXPECT_EQ(Fires("category: 'accident'", facts), "?category");
  // What the site does not know counts as its nearest known ancestor, or as unknown.
  facts.category = "natural.flood.river";
  EXPECT_EQ(Fires("category: 'natural.flood'", facts), "yes");
  facts.category = "fairy.dragon";
  EXPECT_EQ(Fires("category: 'accident'", facts), "?category");
}

TEST(MatchTest, Severity) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("severity_at_least: GENERAL", facts), "yes");
  EXPECT_EQ(Fires("severity_at_least: LARGE", facts), "yes");
  EXPECT_EQ(Fires("severity_at_least: MAJOR", facts), "no: severity_at_least");
  facts.severity = v1::SEVERITY_UNKNOWN;
  EXPECT_EQ(Fires("severity_at_least: EXTREME", facts), "?severity_at_least");
}

TEST(MatchTest, DivisionPrefix) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("division: '339921'", facts), "yes");
  EXPECT_EQ(Fires("division: '339921100000'", facts), "yes");
  EXPECT_EQ(Fires("division: '339921101'", facts), "no: division");
  EXPECT_EQ(Fires("division: '339921101' division: '339921100201'", facts), "yes");
  facts.division = "";
  EXPECT_EQ(Fires("division: '339921101'", facts), "?division");
  // Known to lie in the county only: it may be that township.
  facts.division = "339921000000";
  EXPECT_EQ(Fires("division: '339921101'", facts), "?division");
}

TEST(MatchTest, SourceAndChannel) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("source: 'fire'", facts), "no: source");
  facts.sources = {"police", "fire"};
  EXPECT_EQ(Fires("source: 'fire'", facts), "yes");
  EXPECT_EQ(Fires("channel: 'internet' channel: 'telephone'", facts), "yes");
  EXPECT_EQ(Fires("channel: 'internet'", facts), "no: channel");
  facts.channel = "";
  EXPECT_EQ(Fires("channel: 'internet'", facts), "?channel");
}

TEST(MatchTest, Words) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("any_word: '停水' any_word: '电线'", facts), "yes");
  EXPECT_EQ(Fires("any_word: '停水'", facts), "no: any_word");
  EXPECT_EQ(Fires("any_word: '停水' category: 'natural'", facts), "no: any_word");
  facts.text = "ＬＰＧ罐车";
  EXPECT_EQ(Fires("any_word: 'lpg'", facts), "yes");
  facts.text = "";
  EXPECT_EQ(Fires("any_word: '停水'", facts), "?any_word");
}

TEST(MatchTest, NearMissNeverQuotesTheReport) {
  Routing routing = Match(*WithClauses(When("any_word: '停水'")), Flood(), kNowMs);
  ASSERT_EQ(routing.decision.near_miss_size(), 1);
  EXPECT_EQ(routing.decision.near_miss(0).wanted(), "停水");
  EXPECT_EQ(routing.decision.near_miss(0).found(), "");
}

TEST(MatchTest, TimeWindows) {
  Facts facts = Flood();  // 06:13
  EXPECT_EQ(Fires("time { from: '06:00' until: '06:14' }", facts), "yes");
  EXPECT_EQ(Fires("time { from: '06:00' until: '06:13' }", facts), "no: time");
  EXPECT_EQ(Fires("time { from: '22:00' until: '07:00' }", facts), "yes");
  EXPECT_EQ(Fires("time { from: '22:00' until: '05:00' }", facts), "no: time");
  EXPECT_EQ(Fires("time { from: '05:00' until: '24:00' }", facts), "yes");
}

TEST(MatchTest, Verification) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("verified: ONLY_VERIFIED", facts), "no: verified");
  EXPECT_EQ(Fires("verified: ONLY_UNVERIFIED", facts), "yes");
  facts.device_alarm = true;
  EXPECT_EQ(Fires("verified: ONLY_VERIFIED", facts), "no: verified");
  facts.verification = v1::VERIFIED;
  EXPECT_EQ(Fires("verified: ONLY_VERIFIED", facts), "yes");
  EXPECT_EQ(Fires("verified: ONLY_UNVERIFIED", facts), "no: verified");
}

TEST(MatchTest, FalseAlarmFiresNothing) {
  Facts facts = Flood();
  facts.verification = v1::FALSE_ALARM;
  Routing routing = Match(*WithClauses(When("category: 'natural'")), facts, kNowMs);
  EXPECT_THAT(routing.duties, IsEmpty());
  EXPECT_TRUE(routing.decision.fired().empty());
  EXPECT_THAT(Notes(routing), ElementsAre("FALSE_ALARM", "NO_CLAUSE"));
}

TEST(MatchTest, DangerToLife) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("danger_to_life: YES", facts), "yes");
  EXPECT_EQ(Fires("danger_to_life: NO", facts), "no: danger_to_life");
  facts.danger_to_life = v1::NO;
  EXPECT_EQ(Fires("danger_to_life: YES", facts), "no: danger_to_life");
  // Nobody said: the category says for flood and for services, nothing says for landslides.
  facts.danger_to_life = v1::ANSWER_UNKNOWN;
  EXPECT_EQ(Fires("danger_to_life: YES", facts), "yes");
  facts.category = "service.streetlight";
  EXPECT_EQ(Fires("danger_to_life: YES", facts), "no: danger_to_life");
  EXPECT_EQ(Fires("danger_to_life: NO", facts), "yes");
  facts.category = "natural.landslide";
  EXPECT_EQ(Fires("danger_to_life: YES", facts), "?danger_to_life");
}

TEST(MatchTest, DeviceAlarm) {
  Facts facts = Flood();
  EXPECT_EQ(Fires("device_alarm: YES", facts), "no: device_alarm");
  EXPECT_EQ(Fires("device_alarm: NO", facts), "yes");
  facts.device_alarm = true;
  EXPECT_EQ(Fires("device_alarm: YES", facts), "yes");
}

TEST(MatchTest, TwoFailedConditionsAreNoNearMiss) {
  EXPECT_EQ(Fires("severity_at_least: EXTREME any_word: '停水'", Flood()), "no");
  EXPECT_EQ(Fires("severity_at_least: EXTREME any_word: '停电'", Flood()), "no: severity_at_least");
}

TEST(MatchTest, InForceFromTheFirstToTheLastLocalDay) {
  auto fires_at = [](int64_t now_ms) {
    v1::SiteSet set = SampleSet();
    AddAgreement(
        absl::StrCat("effective_from: '2023-11-14' effective_until: '2023-11-15'", When("category: 'natural'")), &set);
    Routing routing = Match(*Compiled(set), Flood(), now_ms);
    return routing.decision.fired().empty() ? absl::StrCat("no: ", routing.decision.near_miss(0).condition()) : "yes";
  };
  constexpr int64_t kMidnightMs = 1'699'977'600'000;  // 2023-11-15 00:00 in China
  constexpr int64_t kDayMs = 24 * 3600 * 1000;
  EXPECT_EQ(fires_at(kMidnightMs - kDayMs - 1), "no: effective");
  EXPECT_EQ(fires_at(kMidnightMs - kDayMs), "yes");
  EXPECT_EQ(fires_at(kMidnightMs + kDayMs - 1), "yes");
  EXPECT_EQ(fires_at(kMidnightMs + kDayMs), "no: effective");
}

TEST(MatchTest, AnyAlternativeIsEnoughAndTheMostCertainCounts) {
  Facts facts = Flood();
  facts.severity = v1::SEVERITY_UNKNOWN;
  auto site = WithClauses(R"(clause { id: '1' text: 't' when { severity_at_least: MAJOR } when { any_word: '停电' }
                                      duty { party: 'power' role: LEAD disclose: DESCRIPTION } })");
  Routing routing = Match(*site, facts, kNowMs);
  ASSERT_EQ(routing.decision.fired_size(), 1);
  EXPECT_TRUE(routing.decision.fired(0).uncertain().empty());
  EXPECT_THAT(routing.duties.at(0).disclose, ElementsAre(v1::DESCRIPTION));
}

TEST(MatchTest, AClauseWithoutConditionsAlwaysApplies) {
  auto site = WithClauses("clause { id: '1' text: 't' duty { party: 'power' role: INFORM } }");
  Facts facts;
  Routing routing = Match(*site, facts, kNowMs);
  ASSERT_EQ(routing.decision.fired_size(), 1);
  EXPECT_EQ(routing.decision.fired(0).clause().site_version(), 7u);
  EXPECT_EQ(routing.decision.site_version(), 7u);
}

TEST(MatchTest, UncertainClauseDisclosesPlaceOnly) {
  Facts facts = Flood();
  facts.severity = v1::SEVERITY_UNKNOWN;
  Routing routing = Match(*WithClauses(When("severity_at_least: MAJOR")), facts, kNowMs);
  ASSERT_EQ(routing.duties.size(), 1u);
  EXPECT_THAT(routing.duties[0].disclose, ElementsAre(v1::PLACE));
  facts.severity = v1::MAJOR;
  routing = Match(*WithClauses(When("severity_at_least: MAJOR")), facts, kNowMs);
  EXPECT_THAT(routing.duties.at(0).disclose, ElementsAre(v1::PLACE, v1::DESCRIPTION));
}

std::vector<std::string> Steps(const RoutedDuty& duty) {
  std::vector<std::string> steps;
  for (const v1::EscalationStepState& step : duty.steps) steps.push_back(absl::StrCat(step.to(), " ", step.wait_s()));
  return steps;
}

TEST(MatchTest, MergesTheDutiesOfOneParty) {
  auto site = WithClauses(R"(
    clause { id: '1' text: 't' duty { party: 'power' role: SUPPORT accept_within_s: 60 disclose: DESCRIPTION
             escalate { to: 'power-leader' wait_s: 30 } escalate { to: 'command' wait_s: 45 } } }
    clause { id: '2' text: 't' duty { party: 'power' role: LEAD receive_within_s: 15 accept_within_s: 600
             complete_within_s: 7200 verify_first: true disclose: PLACE disclose: DESCRIPTION
             escalate { to: 'county-leader' } escalate { to: 'power-leader' wait_s: 10 } } })");
  Routing routing = Match(*site, Flood(), kNowMs);
  ASSERT_EQ(routing.duties.size(), 1u);
  const RoutedDuty& duty = routing.duties[0];
  EXPECT_EQ(duty.role, v1::LEAD);
  ASSERT_EQ(duty.clauses.size(), 2u);
  EXPECT_EQ(duty.clauses[0].clause(), "1");
  EXPECT_EQ(duty.clauses[1].clause(), "2");
  EXPECT_EQ(duty.receive_within_s, 15u);  // 20 by default for SUPPORT, 15 said
  EXPECT_EQ(duty.accept_within_s, 60u);
  EXPECT_EQ(duty.arrive_within_s, 3600u);  // by default for LEAD; none for SUPPORT
  EXPECT_EQ(duty.complete_within_s, 7200u);
  EXPECT_TRUE(duty.verify_first);
  EXPECT_THAT(duty.disclose, ElementsAre(v1::PLACE, v1::DESCRIPTION));
  EXPECT_THAT(Steps(duty), ElementsAre("power-leader 30", "county-leader 120", "command 45"));
}

TEST(MatchTest, EveryLadderEndsWithTheCommandCentre) {
  auto site = WithClauses(R"(clause { id: '1' text: 't' duty { party: 'power' role: LEAD }
    duty { party: 'command' role: SUPPORT escalate { to: 'county-leader' } } })");
  Routing routing = Match(*site, Flood(), kNowMs);
  ASSERT_EQ(routing.duties.size(), 2u);
  EXPECT_EQ(routing.duties[0].party, "command");  // sorted by party
  EXPECT_THAT(Steps(routing.duties[0]), ElementsAre("county-leader 120"));
  EXPECT_THAT(Steps(routing.duties[1]), ElementsAre("command 120"));
}

TEST(MatchTest, TownshipOfTheIncident) {
  auto site = WithClauses("clause { id: '1' text: 't' duty { party: '@township' role: LEAD } }");
  Facts facts = Flood();
  Routing routing = Match(*site, facts, kNowMs);
  ASSERT_EQ(routing.duties.size(), 1u);
  EXPECT_EQ(routing.duties[0].party, "qingshi");
  EXPECT_THAT(Notes(routing), IsEmpty());
  for (const char* unknown : {"", "339921000000", "339921999000"}) {
    facts.division = unknown;
    routing = Match(*site, facts, kNowMs);
    ASSERT_EQ(routing.duties.size(), 1u);
    EXPECT_EQ(routing.duties[0].party, "command") << unknown;
    EXPECT_THAT(Notes(routing), ElementsAre("TOWNSHIP_UNKNOWN"));
  }
}

TEST(MatchTest, NothingFiredIsNoted) {
  Routing routing = Match(*WithClauses(When("category: 'accident'")), Flood(), kNowMs);
  EXPECT_THAT(routing.duties, IsEmpty());
  EXPECT_THAT(Notes(routing), ElementsAre("NO_CLAUSE"));
}

TEST(MatchTest, AtMostEightNearMissesInTheOrderOfTheAgreements) {
  std::string clauses;
  for (int i = 10; i < 30; ++i) {
    absl::StrAppend(&clauses, "clause { id: '", i, "' text: 't' when { severity_at_least: EXTREME } ",
                    "duty { party: 'power' role: LEAD } }");
  }
  Routing routing = Match(*WithClauses(clauses), Flood(), kNowMs);
  ASSERT_EQ(routing.decision.near_miss_size(), 8);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(routing.decision.near_miss(i).clause().clause(), absl::StrCat(10 + i));
    EXPECT_EQ(routing.decision.near_miss(i).wanted(), "EXTREME");
    EXPECT_EQ(routing.decision.near_miss(i).found(), "LARGE");
  }
}

// A set that an older version's record adopted may hold what today's checks refuse.
TEST(MatchTest, AnUncheckedSetNeverBreaksMatching) {
  v1::SiteSet set = SampleSet();
  AddAgreement(R"(
    clause { id: '1' text: 't' duty { party: 'nobody' role: LEAD } duty { party: 'power' } }
    clause { id: '2' text: 't' when { any_word: '' } duty { party: 'power' role: LEAD } }
    clause { id: '3' text: 't' when { time { from: 'noon' until: 'night' } } duty { party: 'power' role: LEAD } }
    clause { id: '4' text: 't' duty { party: 'water' role: INFORM } })",
               &set);
  AddAgreement("effective_from: 'soon' clause { id: '5' text: 't' duty { party: 'power' role: LEAD } }", &set);
  EXPECT_FALSE(Site::Compile(set).ok());
  Routing routing = Match(*Site::CompileAdopted(set), Flood(), kNowMs);
  ASSERT_EQ(routing.decision.fired_size(), 2);
  EXPECT_EQ(routing.decision.fired(1).clause().clause(), "4");
  ASSERT_EQ(routing.duties.size(), 1u);
  EXPECT_EQ(routing.duties[0].party, "water");
  EXPECT_THAT(Notes(routing), ElementsAre("UNKNOWN_PARTY:nobody"));
}

}  // namespace
}  // namespace liandong::routing
