// A broken site set is refused whole: the error names the thing and the mend, and what is in force stays in force.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "hub/core/decide.h"
#include "routing/load.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

struct Broken {
  const char* name;
  std::function<void(v1::SiteSet& set)> breaks;
  const char* says;
};

v1::Clause& FirstClause(v1::SiteSet& set) { return *set.mutable_agreement(0)->mutable_clause(0); }

std::vector<Broken> AllBroken() {
  return {
      {"NoName", [](v1::SiteSet& set) { set.mutable_settings()->clear_name(); }, "write name:"},
      {"CommandUnknown", [](v1::SiteSet& set) { set.mutable_settings()->set_command_party("comand"); },
       "did you mean \"command\"?"},
      {"PartyUnknown", [](v1::SiteSet& set) { FirstClause(set).mutable_duty(0)->set_party("nobody"); }, "\"nobody\""},
      {"PartyTwice", [](v1::SiteSet& set) { *set.add_party() = v1::Party(set.party(0)); }, "twice"},
      {"CategoryUnknown", [](v1::SiteSet& set) { FirstClause(set).add_when()->add_category("natural.floot"); },
       "\"natural.floot\""},
      {"DivisionWrong", [](v1::SiteSet& set) { FirstClause(set).add_when()->add_division("33x"); }, "\"33x\""},
      {"NoText", [](v1::SiteSet& set) { FirstClause(set).clear_text(); }, "text"},
      {"NoDuty", [](v1::SiteSet& set) { FirstClause(set).clear_duty(); }, "duty"},
      {"ClauseTwice", [](v1::SiteSet& set) { *set.mutable_agreement(0)->add_clause() = v1::Clause(FirstClause(set)); },
       "twice"},
      {"NoDay", [](v1::SiteSet& set) { set.mutable_agreement(0)->set_effective_from("2022-13-01"); }, "2022-13-01"},
      {"OverridesItself",
       [](v1::SiteSet& set) { FirstClause(set).add_overrides(set.agreement(0).id() + "/" + FirstClause(set).id()); },
       "overrides itself"},
      {"EscalatesToNobody",
       [](v1::SiteSet& set) { FirstClause(set).mutable_duty(0)->add_escalate()->set_to("comand"); },
       "did you mean \"command\"?"},
      {"RungsBackward",
       [](v1::SiteSet& set) {
         FirstClause(set).mutable_duty(0)->set_receive_within_s(60);
         FirstClause(set).mutable_duty(0)->set_accept_within_s(30);
       },
       "accept_within_s (30) comes before receive_within_s (60)"},
      {"ScoreTooHigh", [](v1::SiteSet& set) { FirstClause(set).set_auto_merge_score(101); }, "101 is more than 100"},
  };
}

TEST(AdoptTest, EachBrokenSetIsRefusedAndTheOldOneStays) {
  auto loaded = routing::LoadSiteDir("deploy/county/site");
  ASSERT_TRUE(loaded.ok());
  for (auto& division : *loaded->site.mutable_division()) division.clear_outline();
  scenarios::World world(loaded->site);
  const uint64_t version = world.state().site()->version();
  for (const Broken& broken : AllBroken()) {
    SCOPED_TRACE(broken.name);
    const std::string before = world.state().CanonicalBytes();
    const size_t records = world.records().size();
    AdoptCommand command;
    command.site = loaded->site;
    // What would have come in with it, had half of it been taken.
    command.site.mutable_settings()->set_lead_accept_s(599);
    broken.breaks(command.site);
    const auto answer = world.Do(command, "command");
    ASSERT_FALSE(answer.ok());
    EXPECT_TRUE(absl::IsInvalidArgument(answer.status()));
    EXPECT_NE(std::string(answer.status().message()).find(broken.says), std::string::npos)
        << std::string(answer.status().message());
    EXPECT_EQ(world.records().size(), records);
    EXPECT_EQ(world.state().CanonicalBytes(), before);
    EXPECT_EQ(world.state().site()->version(), version);
  }
  // The next report is routed by the set that is in force; a sound one is adopted after all that.
  AdoptCommand sound;
  sound.site = loaded->site;
  sound.site.mutable_settings()->set_lead_accept_s(599);
  ASSERT_TRUE(world.Do(sound, "command").ok());
  EXPECT_EQ(world.state().site()->version(), version + 1);
}

}  // namespace
}  // namespace liandong::core
