// Overrides, fallback and the specific before the general; stages, response levels, any_of and none_of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/explain.h"
#include "routing/match.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNowMs = 1'700'000'000'000;

Facts Fire() {
  Facts facts;
  facts.category = "accident.fire";
  facts.severity = v1::LARGE;
  facts.division = "339921100000";
  facts.danger_to_life = v1::NO;
  facts.sources = {"police"};
  facts.channel = "telephone";
  facts.opened_at_ms = kNowMs;
  facts.text = "仓库冒烟";
  return facts;
}

// "party:L" and so on, sorted by party.
std::vector<std::string> Roles(const Routing& routing) {
  std::vector<std::string> roles;
  for (const RoutedDuty& duty : routing.duties) {
    roles.push_back(absl::StrCat(duty.party, ":", v1::Role_Name(duty.role).substr(0, 1)));
  }
  return roles;
}

std::vector<std::string> Route(const std::string& clauses, const Facts& facts) {
  return Roles(Match(*testing::WithClauses(clauses), facts, kNowMs));
}

std::string Clause(const std::string& id, const std::string& party, const std::string& rest) {
  return absl::StrCat("clause { id: '", id, "' text: '文' duty { party: '", party, "' role: LEAD } ", rest, " }");
}

TEST(PrecedenceTest, TheSpecificLeadsAndTheGeneralHelps) {
  const std::string general = Clause("1", "power", "when { category: 'accident' }");
  EXPECT_THAT(Route(general + Clause("2", "fire", "when { category: 'accident.fire' }"), Fire()),
              ElementsAre("fire:L", "power:S"));
  EXPECT_THAT(Route(general + Clause("2", "fire", "when { category: 'accident' division: '339921100' }"), Fire()),
              ElementsAre("fire:L", "power:S"));
  EXPECT_THAT(Route(general + Clause("2", "fire", "when { category: 'accident' any_word: '冒烟' }"), Fire()),
              ElementsAre("fire:L", "power:S"));
  // Of a list what the incident lies in counts.
  EXPECT_THAT(Route(general + Clause("2", "fire", "when { category: 'service' category: 'accident.fire' }"), Fire()),
              ElementsAre("fire:L", "power:S"));
}

TEST(PrecedenceTest, NeitherInsideTheOtherLeavesBothLeading) {
  EXPECT_THAT(Route(Clause("1", "power", "when { category: 'accident.fire' }") +
                        Clause("2", "fire", "when { category: 'accident' severity_at_least: LARGE }"),
                    Fire()),
              ElementsAre("fire:L", "power:L"));
  EXPECT_THAT(Route(Clause("1", "power", "when { category: 'accident' }") +
                        Clause("2", "fire", "when { category: 'accident' }"),
                    Fire()),
              ElementsAre("fire:L", "power:L"));
}

TEST(PrecedenceTest, WhatHoldsOnlyForUnknownsSilencesNobody) {
  const std::string clauses = Clause("1", "power", "when { category: 'accident' }") +
                              Clause("2", "fire", "when { category: 'accident' severity_at_least: MAJOR }");
  Facts facts = Fire();
  facts.severity = v1::SEVERITY_UNKNOWN;
  EXPECT_THAT(Route(clauses, facts), ElementsAre("fire:L", "power:L"));
  facts.severity = v1::MAJOR;
  EXPECT_THAT(Route(clauses, facts), ElementsAre("fire:L", "power:S"));
  EXPECT_THAT(Route(Clause("1", "power", "when { category: 'accident' }") +
                        Clause("2", "fire", "overrides: 'power-2022/1' when { severity_at_least: MAJOR }"),
                    [] {
                      Facts unknown = Fire();
                      unknown.severity = v1::SEVERITY_UNKNOWN;
                      return unknown;
                    }()),
              ElementsAre("fire:L", "power:L"));
}

TEST(PrecedenceTest, OverridesComeFirstAndAreExplained) {
  auto site = testing::WithClauses(Clause("1", "power", "when { category: 'accident.fire' }") +
                                   Clause("2", "fire", "overrides: 'power-2022/1' when { category: 'accident' }"));
  Routing routing = Match(*site, Fire(), kNowMs);
  EXPECT_THAT(Roles(routing), ElementsAre("fire:L"));
  ASSERT_EQ(routing.decision.near_miss_size(), 1);
  EXPECT_EQ(routing.decision.near_miss(0).condition(), "overrides");
  EXPECT_EQ(routing.decision.near_miss(0).wanted(), "power-2022/2");
  EXPECT_THAT(ExplainZh(*site, routing.decision),
              HasSubstr("第 1 条：条件具备，但被取代：《电力保障合作框架协议》 第 2 条"));
}

TEST(PrecedenceTest, WhoIsOverriddenOverridesNobody) {
  EXPECT_THAT(Route(Clause("1", "power", "when { category: 'accident' }") +
                        Clause("2", "fire", "overrides: 'power-2022/1' when { category: 'accident' }") +
                        Clause("3", "water", "overrides: 'power-2022/2' when { category: 'accident.fire' }"),
                    Fire()),
              ElementsAre("power:S", "water:L"));
}

TEST(PrecedenceTest, AFallbackFiresOnlyWhereNobodyLeads) {
  const std::string net = Clause("9", "water", "fallback: true");
  EXPECT_THAT(Route(net, Fire()), ElementsAre("water:L"));
  EXPECT_THAT(Route(net + Clause("1", "fire", "when { category: 'accident' }"), Fire()), ElementsAre("fire:L"));
  const std::string support = "clause { id: '1' text: '文' duty { party: 'fire' role: SUPPORT } }";
  EXPECT_THAT(Route(net + support, Fire()), ElementsAre("fire:S", "water:L"));
}

TEST(PrecedenceTest, TheExplanationTellsWhoYieldsToWhom) {
  auto site = testing::WithClauses(Clause("1", "power", "when { category: 'accident' }") +
                                   Clause("2", "fire", "when { category: 'accident.fire' }"));
  Routing routing = Match(*site, Fire(), kNowMs);
  ASSERT_TRUE(routing.decision.fired(0).has_lead_yields_to());
  EXPECT_EQ(routing.decision.fired(0).lead_yields_to().clause(), "2");
  EXPECT_THAT(ExplainZh(*site, routing.decision),
              HasSubstr("主责让位于更具体的 《电力保障合作框架协议》 第 2 条，转为协办"));
}

TEST(ConditionTest, StageAndResponseLevel) {
  const std::string recovery = Clause("1", "power", "when { stage: RECOVERY stage: WARNING }");
  Facts facts = Fire();
  EXPECT_THAT(Route(recovery, facts), IsEmpty());
  facts.stage = v1::RECOVERY;
  EXPECT_THAT(Route(recovery, facts), ElementsAre("power:L"));
  facts.stage = v1::STAGE_UNSPECIFIED;
  EXPECT_THAT(Route(Clause("1", "power", "when { stage: RESPONSE }"), facts), ElementsAre("power:L"));
  const std::string level = Clause("1", "power", "when { response_level_at_least: LEVEL_III }");
  EXPECT_THAT(Route(level, facts), IsEmpty());
  facts.response_level = v1::LEVEL_IV;
  EXPECT_THAT(Route(level, facts), IsEmpty());
  facts.response_level = v1::LEVEL_II;
  EXPECT_THAT(Route(level, facts), ElementsAre("power:L"));
}

TEST(ConditionTest, AnyOfAndNoneOf) {
  const std::string any = Clause(
      "1", "power", "when { category: 'accident' any_of { any_word: '停电' } any_of { severity_at_least: MAJOR } }");
  Facts facts = Fire();
  EXPECT_THAT(Route(any, facts), IsEmpty());
  facts.severity = v1::MAJOR;
  EXPECT_THAT(Route(any, facts), ElementsAre("power:L"));
  facts.severity = v1::LARGE;
  facts.text = "停电了";
  EXPECT_THAT(Route(any, facts), ElementsAre("power:L"));
  const std::string none = Clause("1", "power", "when { category: 'accident' none_of { any_word: '演习' } }");
  EXPECT_THAT(Route(none, facts), ElementsAre("power:L"));
  facts.text = "消防演习";
  EXPECT_THAT(Route(none, facts), IsEmpty());
}

TEST(ConditionTest, WhatMayBeExcludedIsNotExcluded) {
  auto site =
      testing::WithClauses(Clause("1", "power", "when { category: 'accident' none_of { severity_at_least: MAJOR } }"));
  Facts facts = Fire();
  facts.severity = v1::SEVERITY_UNKNOWN;
  Routing routing = Match(*site, facts, kNowMs);
  EXPECT_THAT(Roles(routing), ElementsAre("power:L"));
  EXPECT_THAT(routing.decision.fired(0).uncertain(), ElementsAre("none_of"));
  facts.severity = v1::EXTREME;
  EXPECT_THAT(Roles(Match(*site, facts, kNowMs)), IsEmpty());
}

TEST(DutyTest, RungsOfTheWholeLadderMergeToTheStrictest) {
  Routing routing = Match(*testing::WithClauses(R"pb(
    clause {
      id: "1"
      text: "文"
      duty {
        party: "fire"
        role: LEAD
        see_within_s: 60
        en_route_within_s: 900
        arrive_within_s: 1800
        remind_before_s: 30
      }
    }
    clause {
      id: "2"
      text: "文"
      duty { party: "fire" role: SUPPORT see_within_s: 90 en_route_within_s: 600 remind_before_s: 120 }
    })pb"),
                          Fire(), kNowMs);
  ASSERT_EQ(routing.duties.size(), 1u);
  EXPECT_EQ(routing.duties[0].see_within_s, 60u);
  EXPECT_EQ(routing.duties[0].en_route_within_s, 600u);
  EXPECT_EQ(routing.duties[0].remind_before_s, 120u);
}

}  // namespace
}  // namespace liandong::routing
