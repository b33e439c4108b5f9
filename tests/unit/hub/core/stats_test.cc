// Each figure by hand over a few incidents.
#include "hub/core/stats.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "routing/load.h"

namespace liandong::core {
namespace {

constexpr int64_t kNowMs = 1'783'900'800'000;  // 2026-07-13: the county's agreements are in force

class StatsTest : public testing::Test {
 protected:
  StatsTest() {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    EXPECT_TRUE(loaded.ok());
    site_ = *routing::Site::Compile(loaded->site);
    stats_ = std::make_unique<Stats>(*site_, kNowMs);
  }

  static v1::IncidentState Incident(uint64_t id, const std::string& category, const std::string& hotline) {
    v1::IncidentState incident;
    incident.set_id(id);
    incident.set_status(v1::CLOSED);
    incident.set_purpose(v1::ACTUAL);
    incident.set_category(category);
    incident.set_division("339921100000");
    incident.set_first_party(hotline);
    incident.set_opened_at_ms(1000);
    return incident;
  }
  static v1::DutyState Duty(const std::string& party, int64_t accepted_s) {
    v1::DutyState duty;
    duty.set_party(party);
    duty.set_role(v1::LEAD);
    duty.set_status(v1::DUTY_DONE);
    duty.add_clause()->set_agreement("power-2022");
    duty.set_assigned_at_ms(1000);
    if (accepted_s > 0) duty.set_accepted_at_ms(1000 + accepted_s * 1000);
    return duty;
  }
  // -1: no such figure.
  int64_t Value(const std::string& by, const std::string& key, const std::string& figure) const {
    const v1::StatsFigure* found = Find(by, key, figure);
    return found == nullptr ? -1 : found->value();
  }
  const v1::StatsFigure* Find(const std::string& by, const std::string& key, const std::string& figure) const {
    reply_ = stats_->Reply(2);
    for (const auto& group : reply_.group()) {
      if (group.by() != by || group.key() != key) continue;
      for (const auto& one : group.figure()) {
        if (one.figure() == figure) return &one;
      }
    }
    return nullptr;
  }

  std::shared_ptr<const routing::Site> site_;
  std::unique_ptr<Stats> stats_;
  mutable v1::StatsReply reply_;
};

TEST_F(StatsTest, CountsByClassAreaHotlineAndParty) {
  auto incident = Incident(1, "accident.power.line", "police-110");
  incident.mutable_counts()->set_injured(2);
  auto duty = Duty("power-supply", 30);
  duty.mutable_counts()->set_injured(3);
  stats_->Add(incident, {duty});
  stats_->Add(Incident(2, "accident.power.outage", "hotline-12345"), {Duty("power-supply", 90)});
  EXPECT_EQ(Value("total", "", "incidents"), 2);
  EXPECT_EQ(Value("class", "accident.power", "incidents"), 2);
  EXPECT_EQ(Value("area", "339921100000", "incidents"), 2);
  EXPECT_EQ(Value("hotline", "police-110", "incidents"), 1);
  EXPECT_EQ(Value("total", "", "injured"), 3);  // the highest told
  EXPECT_EQ(Value("party", "power-supply", "duties"), 2);
  EXPECT_EQ(Value("party", "power-supply", "accept_median_s"), 30);
  EXPECT_EQ(Value("party", "power-supply", "accept_p90_s"), 90);
  EXPECT_EQ(Value("total", "", "respond_median_s"), 30);
}

TEST_F(StatsTest, MergedCancelledAndFalseOnesAreNoIncidents) {
  auto merged = Incident(2, "accident.power", "police-110");
  merged.set_status(v1::MERGED);
  merged.set_merged_into(1);
  auto cancelled = Incident(3, "accident.power", "police-110");
  cancelled.set_status(v1::CANCELLED);
  auto wrong = Incident(4, "accident.power", "police-110");
  wrong.set_verification(v1::FALSE_ALARM);
  for (const auto& one : {Incident(1, "accident.power", "police-110"), merged, cancelled, wrong})
    stats_->Add(one, {Duty("power-supply", 10)});
  EXPECT_EQ(Value("total", "", "incidents"), 1);
  EXPECT_EQ(Value("total", "", "cancelled"), 1);
  EXPECT_EQ(Value("total", "", "false_alarms"), 1);
  EXPECT_EQ(Value("party", "power-supply", "duties"), 2);  // the merged one's own duty was worked on
}

TEST_F(StatsTest, LateEscalatedAndRefusedByReason) {
  auto late = Duty("power-supply", 0);
  late.add_missed(v1::RUNG_ACCEPT);
  late.set_next_step(1);
  auto refused = Duty("highway-bureau", 0);
  refused.set_status(v1::DUTY_REFUSED);
  refused.set_reason("属地不符");
  stats_->Add(Incident(1, "accident.power", "police-110"), {late, refused});
  EXPECT_EQ(Value("total", "", "overdue"), 1);
  EXPECT_EQ(Value("party", "power-supply", "escalated"), 1);
  EXPECT_EQ(Value("total", "", "refused"), 1);
  EXPECT_EQ(Value("total", "", "refused:属地不符"), 1);
  EXPECT_EQ(Value("party", "power-supply", "refused"), -1);
}

TEST_F(StatsTest, AGapIsClosedWhenTheAgreementsInForceNameALead) {
  v1::DutyState held = Duty("command", 10);
  held.clear_clause();
  stats_->Add(Incident(1, "accident.power.outage", "police-110"), {held});
  EXPECT_EQ(Value("total", "", "gaps"), 1);
  EXPECT_EQ(Value("total", "", "gaps_closed"), 1);  // the county's agreements name one
}

TEST_F(StatsTest, NamesTheIncidentsBehindAFigure) {
  for (uint64_t id : {7, 5, 9}) stats_->Add(Incident(id, "accident.power", "police-110"), {});
  const v1::StatsFigure* figure = Find("total", "", "incidents");
  ASSERT_NE(figure, nullptr);
  ASSERT_EQ(figure->incident_id_size(), 2);  // as many as asked for
  EXPECT_EQ(figure->incident_id(0), 5u);
  EXPECT_EQ(figure->incident_count(), 3u);
}

TEST_F(StatsTest, EveryFigureHasADefinitionInBothLanguages) {
  for (const auto& one : StatsDefinitions()) {
    EXPECT_FALSE(one.text_zh().empty()) << one.figure();
    EXPECT_FALSE(one.text_en().empty()) << one.figure();
  }
}

}  // namespace
}  // namespace liandong::core
