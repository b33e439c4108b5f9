// Reports upward beyond what the county has switched on: follow-ups, the final one, and what moves with a duty.
#include "hub/core/statutory.h"

#include "gtest/gtest.h"
#include "hub/core/deadlines.h"
#include "hub/core/errors.h"
#include "routing/load.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

constexpr int64_t kMinute = 60'000;

v1::SiteSet CountyWithPresets() {
  auto loaded = routing::LoadSiteDir("deploy/county/site");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  for (auto& rule : *loaded->site.mutable_statutory()) {
    if (rule.id() == "preset-follow-up" || rule.id() == "preset-final") rule.set_enabled(true);
  }
  loaded->site.mutable_settings()->add_transfer_disclose(v1::CALLER_PHONE);
  return loaded->site;
}

class StatutoryTest : public testing::Test {
 protected:
  StatutoryTest() : world_(CountyWithPresets()) {}

  uint64_t Accident(const std::string& id, const std::string& party = "fire-119") {
    ReportCommand command;
    command.report.set_external_id(id);
    command.report.mutable_open()->set_purpose(v1::ACTUAL);
    command.report.mutable_open()->set_category("accident.mine");
    command.report.mutable_open()->set_severity(v1::LARGE);
    command.report.mutable_open()->set_division("339921100000");
    command.content_mac = id;
    const auto answer = world_.Do(command, party);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return std::get<v1::Receipt>(*answer).incident_id();
  }

  absl::Status File(uint64_t incident, const std::string& rule, v1::UpwardKind kind = v1::UPWARD_KIND_UNSPECIFIED) {
    FileUpwardCommand command;
    command.request.set_incident_id(incident);
    command.request.set_rule(rule);
    command.request.set_kind(kind);
    command.request.set_form(v1::UPWARD_WRITTEN);
    v1::Counts* counts = command.request.mutable_fields()->mutable_counts();
    counts->set_dead(0), counts->set_missing(0), counts->set_injured(0);
    for (int field = v1::UPWARD_UNIT_PROFILE; field <= v1::UPWARD_OTHER; ++field)
      command.present.push_back(static_cast<v1::UpwardField>(field));
    return world_.Do(command, "command").status();
  }

  // The newest duty of the row; an empty one when there is none.
  v1::DutyState Newest(uint64_t incident, const std::string& rule) const {
    v1::DutyState newest;
    for (uint64_t id : world_.state().FindIncident(incident)->duty()) {
      const v1::DutyState* duty = world_.state().FindDuty(id);
      if (duty->statutory().rule() == rule) newest = *duty;
    }
    return newest;
  }

  scenarios::World world_;
};

TEST_F(StatutoryTest, FollowUpsGoOnUntilTheFinalReport) {
  const uint64_t incident = Accident("a");
  EXPECT_EQ(Newest(incident, "preset-follow-up").id(), 0u);  // nothing follows what was not made
  ASSERT_TRUE(File(incident, "cn-493-11").ok());
  EXPECT_EQ(Newest(incident, "preset-follow-up").statutory().number(), 1u);
  EXPECT_EQ(Newest(incident, "preset-follow-up").complete_by_ms(), world_.now_ms() + 43'200'000);
  EXPECT_EQ(Newest(incident, "preset-final").status(), v1::DUTY_OPEN);
  EXPECT_EQ(Newest(incident, "preset-final").complete_by_ms(), 0);  // no clock
  world_.RunTo(60 * kMinute);
  ASSERT_TRUE(File(incident, "preset-follow-up").ok());
  EXPECT_EQ(Newest(incident, "preset-follow-up").statutory().number(), 2u);
  ASSERT_TRUE(File(incident, "preset-final").ok());
  EXPECT_EQ(Newest(incident, "preset-follow-up").status(), v1::DUTY_CANCELLED);
  ASSERT_TRUE(File(incident, "cn-493-9").ok());
  EXPECT_TRUE(world_.Do(CloseCommand{incident, "处置完毕", true, false}, "command").ok());
  EXPECT_TRUE(world_.CheckReplay().ok());
}

TEST_F(StatutoryTest, AFollowUpDoesNotKeepAnIncidentOpenButTheFinalReportDoes) {
  const uint64_t incident = Accident("a");
  ASSERT_TRUE(File(incident, "cn-493-9").ok());
  ASSERT_TRUE(File(incident, "cn-493-11").ok());
  const auto refused = world_.Do(CloseCommand{incident, "处置完毕", true, false}, "command");
  EXPECT_EQ(DetailOf(refused.status()).reason(), "UPWARD_REPORT_DUE");
  EXPECT_NE(std::string(refused.status().message()).find("preset-final"), std::string::npos);
  EXPECT_EQ(std::string(refused.status().message()).find("preset-follow-up"), std::string::npos);
}

TEST_F(StatutoryTest, ReassignedTheClockGoesOn) {
  const uint64_t incident = Accident("a");
  const v1::DutyState before = Newest(incident, "cn-493-9");
  world_.RunTo(10 * kMinute);
  ReassignCommand reassign;
  reassign.request.set_duty_id(before.id());
  reassign.request.set_to("resources-bureau");
  reassign.request.set_reason("由主管部门报送");
  ASSERT_TRUE(world_.Do(reassign, "command").ok());
  const v1::DutyState after = Newest(incident, "cn-493-9");
  EXPECT_EQ(after.party(), "resources-bureau");
  EXPECT_EQ(after.complete_by_ms(), before.complete_by_ms());
  EXPECT_EQ(after.statutory().due_ms(), before.statutory().due_ms());
  // Given to somebody else, a duty shows no more than it did.
  EXPECT_TRUE(before.disclose().empty());
  EXPECT_TRUE(after.disclose().empty());
  // It is filed, not accepted or driven to: those rungs must not run out.
  for (v1::Rung rung : {v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE})
    EXPECT_EQ(DeadlineOf(after, rung), 0) << v1::Rung_Name(rung);
}

TEST_F(StatutoryTest, MergedIncidentsAreReportedOnce) {
  const uint64_t first = Accident("a"), second = Accident("b", "police-110");
  ASSERT_TRUE(File(first, "cn-493-11").ok());
  MergeCommand merge;
  merge.request.set_older(first);
  merge.request.set_younger(second);
  ASSERT_TRUE(world_.Do(merge, "command").ok());
  EXPECT_EQ(Newest(second, "cn-493-11").status(), v1::DUTY_MERGED_INTO);
  EXPECT_EQ(DetailOf(File(first, "cn-493-11", v1::UPWARD_INITIAL)).reason(), "NO_UPWARD_DUTY");
}

TEST_F(StatutoryTest, NobodyElseFiles) {
  const uint64_t incident = Accident("a");
  FileUpwardCommand command;
  command.request.set_incident_id(incident);
  command.request.set_rule("cn-493-11");
  command.request.set_form(v1::UPWARD_PHONE);
  EXPECT_EQ(DetailOf(world_.Do(command, "weather-bureau").status()).reason(), "NOT_ALLOWED");
}

TEST(UpwardTitleTest, PlaceKindCasualtiesProgress) {
  v1::Counts counts;
  EXPECT_EQ(UpwardTitle("青石镇", "矿山事故", counts, ""), "青石镇矿山事故,伤亡待核实");
  counts.set_dead(0), counts.set_missing(0), counts.set_injured(0);
  EXPECT_EQ(UpwardTitle("青石镇", "矿山事故", counts, "已处置"), "青石镇矿山事故,无人员伤亡,已处置");
  counts.set_missing(2);
  EXPECT_EQ(UpwardTitle("", "", counts, "正在搜救"), "地点待核实突发事件,2人下落不明,正在搜救");
}

}  // namespace
}  // namespace liandong::core
