// What can be asked of history.
#include "hub/history/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/hub/history/history_testing.h"

namespace liandong::history {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint64_t> Ids(const absl::StatusOr<std::vector<v1::IncidentState>>& incidents) {
  std::vector<uint64_t> ids;
  EXPECT_TRUE(incidents.ok()) << incidents.status();
  for (const auto& one : *incidents) ids.push_back(one.id());
  return ids;
}

std::vector<uint64_t> Indexes(const absl::StatusOr<std::vector<v1::Record>>& records) {
  std::vector<uint64_t> indexes;
  EXPECT_TRUE(records.ok()) << records.status();
  for (const auto& one : *records) indexes.push_back(one.index());
  return indexes;
}

TEST_F(HistoryTest, AReportIsKnownForEver) {
  Start();
  Append({Opens(1, "police-110", "A"), Opens(2, "fire-119", "A")});
  v1::Record revised;
  revised.add_incident_id(1);
  revised.mutable_report_recorded()->set_outcome(v1::REVISED);
  *revised.mutable_changes()->add_report() = Report(1, "police-110", "A", 7);
  Append({revised});
  Append({Evicts(1)});
  CatchUp();

  auto report = history_->FindReport("police-110", "A");
  ASSERT_TRUE(report.ok() && report->has_value());
  EXPECT_EQ((*report)->revision(), 7u);
  EXPECT_EQ((*report)->incident_id(), 1u);
  EXPECT_EQ((*report)->sealed(), "sealed bytes of A");
  report = history_->FindReport("fire-119", "A");
  ASSERT_TRUE(report.ok() && report->has_value());
  EXPECT_EQ((*report)->incident_id(), 2u);
  report = history_->FindReport("police-110", "B");
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->has_value());
}

TEST_F(HistoryTest, WhatOneTransactionSawTwiceIsThereAsItLastWas) {
  // All before the start, so that one transaction takes them.
  for (uint64_t revision = 1; revision <= 5; ++revision) {
    v1::Record record = Opens(1, "police-110", "A");
    record.mutable_changes()->mutable_report(0)->set_revision(revision);
    record.mutable_changes()->mutable_incident(0)->set_revision(revision);
    Append({record, Opens(1 + revision, "police-110", "B" + std::to_string(revision))});
  }
  StartAndCatchUp();
  EXPECT_EQ((*history_->FindReport("police-110", "A"))->revision(), 5u);
  EXPECT_EQ((*history_->FindIncident(1))->revision(), 5u);
  EXPECT_EQ((*history_->FindReport("police-110", "B3"))->incident_id(), 4u);
}

TEST_F(HistoryTest, AnEvictedIncidentComesBackWhole) {
  Start();
  Append({Opens(1, "police-110", "A"), Opens(2, "fire-119", "B")});
  v1::Record joins;
  joins.add_incident_id(1);
  v1::Changes& changes = *joins.mutable_changes();
  *changes.add_report() = Report(1, "fire-119", "C", 1);
  v1::DutyState& duty = *changes.add_duty();
  duty.set_id(10);
  duty.set_incident_id(1);
  duty.set_status(v1::DUTY_DONE);
  v1::DeliveryState& delivery = *changes.add_delivery();
  delivery.set_id(20);
  delivery.set_incident_id(1);
  delivery.set_received_at_ms(5);
  Append({joins});
  v1::IncidentState closed = Incident(1);
  closed.set_status(v1::CLOSED);
  Append({Changed(closed), Evicts(1)});
  CatchUp();

  const auto whole = history_->LoadIncident(1);
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_EQ(whole->incident_size(), 1);
  EXPECT_EQ(whole->incident(0).status(), v1::CLOSED);
  ASSERT_EQ(whole->duty_size(), 2);
  EXPECT_EQ(whole->duty(1).status(), v1::DUTY_DONE);
  ASSERT_EQ(whole->delivery_size(), 2);
  EXPECT_EQ(whole->delivery(1).received_at_ms(), 5);
  ASSERT_EQ(whole->report_size(), 2);
  EXPECT_EQ(whole->report(0).key().party(), "fire-119");
  EXPECT_EQ(whole->report(1).key().party(), "police-110");
  EXPECT_EQ(whole->evicted_incident_size(), 0);
  EXPECT_EQ(history_->LoadIncident(3).status().code(), absl::StatusCode::kNotFound);
}

// An incident may be erased long after it has left memory: then no newer state of it was ever recorded.
TEST_F(HistoryTest, WhatWasErasedOutOfMemorySaysSo) {
  Start();
  v1::IncidentState closed = Incident(1);
  closed.set_status(v1::CLOSED);
  Append({Opens(1, "police-110", "A"), Opens(2, "police-110", "B"), Changed(closed), Evicts(1)});
  CatchUp();
  EXPECT_EQ((*history_->FindIncident(1))->erased_at_ms(), 0);
  v1::Record erased;
  erased.add_incident_id(1);
  erased.mutable_incidents_erased()->set_rule("all");
  erased.mutable_changes()->add_erased()->set_incident_id(1);
  Append({erased});
  CatchUp();
  const int64_t at_ms = 1000 * static_cast<int64_t>(log_->last_index());
  EXPECT_EQ((*history_->FindIncident(1))->erased_at_ms(), at_ms);
  EXPECT_EQ(history_->LoadIncident(1)->incident(0).erased_at_ms(), at_ms);
  EXPECT_EQ((*history_->FindIncident(2))->erased_at_ms(), 0);
  const auto listed = history_->ListIncidents({}, 0, 10);
  ASSERT_TRUE(listed.ok() && listed->size() == 2);
  EXPECT_EQ((*listed)[0].erased_at_ms(), 0);
  EXPECT_EQ((*listed)[1].erased_at_ms(), at_ms);
}

TEST_F(HistoryTest, DeliveriesAndReferences) {
  Start();
  v1::Record record = Opens(1, "police-110", "A");
  v1::ExternalRef& reference = *record.mutable_changes()->mutable_report(0)->mutable_open()->add_references();
  reference.set_party("hotline-12345");
  reference.set_external_id("FLOW-9");
  v1::DeliveryState& notice = *record.mutable_changes()->add_delivery();
  notice.set_id(77);
  notice.set_kind(v1::NOTICE);
  Append({record});
  CatchUp();
  EXPECT_EQ((*history_->FindDelivery(1))->incident_id(), 1u);
  EXPECT_EQ((*history_->FindDelivery(77))->kind(), v1::NOTICE);
  EXPECT_FALSE(history_->FindDelivery(78)->has_value());
  EXPECT_EQ(*history_->FindReference("hotline-12345", "FLOW-9"), 1u);
  EXPECT_EQ(*history_->FindReference("police-110", "FLOW-9"), 0u);
}

TEST_F(HistoryTest, ATimelineIsPagedAndReadFromTheLog) {
  Start();
  Append({Opens(1, "police-110", "A"), Opens(2, "fire-119", "B"), Changed(Incident(1))});
  v1::Record both = Changed(Incident(2));
  both.add_incident_id(1);
  Append({both});
  Append({Changed(Incident(2)), Evicts(1)});
  CatchUp();
  EXPECT_THAT(Indexes(history_->RecordsOf(1, 100)), ElementsAre(1, 3, 4, 6));
  EXPECT_THAT(Indexes(history_->RecordsOf(1, 2)), ElementsAre(1, 3));
  EXPECT_THAT(Indexes(history_->RecordsOf(1, 2, 3)), ElementsAre(4, 6));
  EXPECT_THAT(Indexes(history_->RecordsOf(9, 100)), IsEmpty());
  const auto records = history_->RecordsOf(2, 1);
  EXPECT_EQ(records->at(0).changes().report(0).key().external_id(), "B");
}

TEST_F(HistoryTest, ListsAreFilteredNewestFirst) {
  Start();
  FillIncidents(1, 6);
  v1::IncidentState closed = Incident(2);
  closed.set_status(v1::CLOSED);
  closed.set_holder("fire-119");
  v1::IncidentState drill = Incident(3);
  drill.set_purpose(v1::EXERCISE);
  drill.set_category("natural");
  v1::IncidentState grave = Incident(4);
  grave.set_severity(v1::MAJOR);
  grave.set_category("naturally-not-below");
  v1::IncidentState elsewhere = Incident(5);
  elsewhere.set_division("339922000000");
  elsewhere.set_severity(v1::GENERAL);
  Append({Changed(closed), Changed(drill), Changed(grave), Changed(elsewhere), Opens(7, "fire-119", "F")});
  CatchUp();

  const auto list = [this](const IncidentFilter& filter, uint64_t before = 0, size_t limit = 100) {
    return Ids(history_->ListIncidents(filter, before, limit));
  };
  IncidentFilter filter;
  EXPECT_THAT(list(filter), ElementsAre(7, 6, 5, 4, 3, 2, 1));
  EXPECT_THAT(list(filter, 0, 2), ElementsAre(7, 6));
  EXPECT_THAT(list(filter, 6, 2), ElementsAre(5, 4));
  filter.status = v1::CLOSED;
  EXPECT_THAT(list(filter), ElementsAre(2));
  filter = {};
  filter.purpose = v1::EXERCISE;
  EXPECT_THAT(list(filter), ElementsAre(3));
  filter = {};
  filter.holder = "fire-119";
  EXPECT_THAT(list(filter), ElementsAre(2));
  filter = {};
  filter.reporter = "fire-119";
  EXPECT_THAT(list(filter), ElementsAre(7));
  filter = {};
  filter.category = "natural";
  EXPECT_THAT(list(filter), ElementsAre(7, 6, 5, 3, 2, 1));
  filter = {};
  filter.division_prefix = "339922";
  EXPECT_THAT(list(filter), ElementsAre(5));
  filter = {};
  filter.severity_at_least = v1::LARGE;
  EXPECT_THAT(list(filter), ElementsAre(7, 6, 4, 3, 2, 1)) << "unknown is not no";
  filter = {};
  filter.opened_from_ms = 3000;
  filter.opened_until_ms = 5000;
  EXPECT_THAT(list(filter), ElementsAre(4, 3));
  filter.status = v1::OPEN;
  filter.purpose = v1::ACTUAL;
  filter.holder = "police-110";
  filter.division_prefix = "3399";
  filter.category = "naturally-not-below";
  EXPECT_THAT(list(filter), ElementsAre(4));
}

TEST_F(HistoryTest, QueriesBesideTheFold) {
  Start();
  constexpr uint64_t kIncidents = 400;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      do {
        const uint64_t there = history_->index();
        if (there == 0) continue;
        // A reader that came while history catches up is told to ask again; every other answer must be whole.
        const auto report = history_->FindReport("police-110", ExternalId(there));
        if (absl::IsUnavailable(report.status())) continue;
        if (!report.ok() || !report->has_value()) ++failures;
        const auto whole = history_->LoadIncident(there);
        if (!whole.ok() || whole->delivery_size() != 1) ++failures;
        const auto timeline = history_->RecordsOf(there, 10);
        if (!timeline.ok() || timeline->size() != 1) ++failures;
        const auto list = history_->ListIncidents({}, 0, 5);
        if (!list.ok() || list->empty()) ++failures;
      } while (!done);
    });
  }
  FillIncidents(1, kIncidents);
  CatchUp();
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
  ExpectIncidents(1, kIncidents);
}

}  // namespace
}  // namespace liandong::history
