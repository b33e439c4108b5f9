// The past under other agreements: each difference by hand, and none where nothing changed.
#include "hub/core/replay.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "routing/load.h"
#include "tests/scenarios/script.h"

namespace liandong::core {
namespace {

const v1::SiteSet& County() {
  static const v1::SiteSet* const kSite = [] {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    for (auto& division : *loaded->site.mutable_division()) division.clear_outline();
    return new v1::SiteSet(loaded->site);
  }();
  return *kSite;
}

v1::Clause* ClauseOf(v1::SiteSet& set, const std::string& agreement, const std::string& id) {
  for (v1::Agreement& one : *set.mutable_agreement()) {
    for (v1::Clause& clause : *one.mutable_clause()) {
      if (one.id() == agreement && clause.id() == id) return &clause;
    }
  }
  return nullptr;
}

// What the words of a scenario's report come to.
absl::StatusOr<std::string> Clear(const v1::IncidentState&, const std::string& sealed) {
  v1::SealedPart part;
  part.set_description(sealed);
  return part.SerializeAsString();
}

constexpr char kPast[] = R"(
at 0s 110 reports "断线落地" as r1 category accident.power in town-qingshi danger no
at 100s power-supply accepts r1
at 200s 110 reports "河水上涨,全村停电" as r2 category natural.flood severity GENERAL in town-qingshi danger no
at 260s power-supply accepts r2
at 300s 110 reports "路灯不亮" as r3 category service.streetlight in town-qingshi danger no
)";

std::vector<v1::Record> Past() {
  std::vector<v1::Record> records;
  const absl::Status played = scenarios::Play("replay", kPast, County(), &records);
  EXPECT_TRUE(played.ok()) << std::string(played.message());
  return records;
}

std::vector<ReplayedIncident> Replayed(const v1::SiteSet& with, Replay::OpenText open = Clear) {
  Replay replay(routing::Site::CompileAdopted(with), std::move(open));
  for (const v1::Record& record : Past()) replay.See(record);
  return replay.Finish();
}

TEST(ReplayTest, TheSameAgreementsChangeNothing) {
  const auto incidents = Replayed(County());
  ASSERT_EQ(incidents.size(), 3u);
  for (const ReplayedIncident& one : incidents) {
    EXPECT_FALSE(one.Differs()) << one.id;
    EXPECT_FALSE(one.undecided) << one.id;
    EXPECT_EQ(one.told, Told::kWhole);
  }
}

TEST(ReplayTest, WhoLosesAndWhoGainsADuty) {
  v1::SiteSet with = County();
  v1::DutySpec* duty = ClauseOf(with, "power-2022", "4.2")->mutable_duty(0);
  duty->set_party("telecom");
  const auto incidents = Replayed(with);
  ASSERT_EQ(incidents.size(), 3u);
  EXPECT_FALSE(incidents[0].Differs());
  EXPECT_FALSE(incidents[2].Differs());
  ASSERT_EQ(incidents[1].duties.size(), 2u);
  EXPECT_EQ(incidents[1].duties[0].party, "power-supply");
  EXPECT_EQ(incidents[1].duties[0].before, v1::SUPPORT);
  EXPECT_EQ(incidents[1].duties[0].after, v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(incidents[1].duties[1].party, "telecom");
  EXPECT_EQ(incidents[1].duties[1].before, v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(incidents[1].duties[1].after, v1::SUPPORT);
}

TEST(ReplayTest, ADeadlineThatWouldHaveBeenMissed) {
  v1::SiteSet with = County();
  ClauseOf(with, "power-2022", "4.1")->mutable_duty(0)->set_accept_within_s(90);  // accepted after 100 s
  ClauseOf(with, "power-2022", "4.2")->mutable_duty(0)->set_accept_within_s(90);  // accepted after 60 s
  const auto incidents = Replayed(with);
  ASSERT_EQ(incidents.size(), 3u);
  ASSERT_EQ(incidents[0].deadlines.size(), 1u);
  const DeadlineChange& late = incidents[0].deadlines[0];
  EXPECT_EQ(late.party, "power-supply");
  EXPECT_EQ(late.rung, v1::RUNG_ACCEPT);
  EXPECT_TRUE(late.missed_after);
  EXPECT_EQ(late.before_ms - late.after_ms, (600 - 90) * 1000);
  EXPECT_EQ(late.reached_ms - incidents[0].opened_at_ms, 100 * 1000);
  EXPECT_FALSE(incidents[1].Differs());
}

TEST(ReplayTest, WithoutTheWordsWhatDependsOnThemIsOnlyNamed) {
  v1::SiteSet with = County();
  ClauseOf(with, "power-2022", "4.2")->mutable_duty(0)->set_party("telecom");
  const auto erased = Replayed(with, [](const v1::IncidentState& incident, const std::string& sealed) {
    if (incident.id() == 2) return absl::StatusOr<std::string>(absl::FailedPreconditionError("destroyed"));
    return Clear(incident, sealed);
  });
  ASSERT_EQ(erased.size(), 3u);
  EXPECT_EQ(erased[1].told, Told::kErased);
  EXPECT_TRUE(erased[1].undecided);
  EXPECT_FALSE(erased[1].Differs());
  EXPECT_FALSE(erased[0].undecided);

  const auto without = Replayed(with, [](const v1::IncidentState&, const std::string&) {
    return absl::StatusOr<std::string>(absl::NotFoundError("no key"));
  });
  ASSERT_EQ(without.size(), 3u);
  for (const ReplayedIncident& one : without) EXPECT_EQ(one.told, Told::kNoKey) << one.id;
  EXPECT_TRUE(without[1].undecided);
}

TEST(ReplayTest, WhereNoClauseAsksForWordsErasedOnesDoNotMatter) {
  v1::SiteSet old = County();
  for (v1::Agreement& agreement : *old.mutable_agreement()) {
    for (v1::Clause& clause : *agreement.mutable_clause()) {
      for (v1::Condition& when : *clause.mutable_when()) {
        when.clear_any_word();
        when.clear_any_of();
        when.clear_none_of();
      }
    }
  }
  std::vector<v1::Record> records;
  const absl::Status played = scenarios::Play(
      "replay", "at 0s 110 reports \"断线\" as r1 category accident.power in town-qingshi danger no\n", old, &records);
  ASSERT_TRUE(played.ok()) << std::string(played.message());
  v1::SiteSet with = old;
  ClauseOf(with, "power-2022", "4.1")->mutable_duty(0)->set_role(v1::SUPPORT);
  Replay replay(routing::Site::CompileAdopted(with), [](const v1::IncidentState&, const std::string&) {
    return absl::StatusOr<std::string>(absl::FailedPreconditionError("destroyed"));
  });
  for (const v1::Record& record : records) replay.See(record);
  const auto incidents = replay.Finish();
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0].told, Told::kErased);
  EXPECT_FALSE(incidents[0].undecided);
  EXPECT_FALSE(incidents[0].duties.empty());
}

}  // namespace
}  // namespace liandong::core
