// What hub/history's tests share: records with changes in them, a State that is small, and a log whose reads can be
// held up or fail.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "hub/history/fold.h"
#include "hub/history/history.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::history {

inline constexpr absl::Duration kLong = absl::Seconds(60);

// Keeps incidents and how many records it saw in this process.
class TinyState {
 public:
  void Apply(const v1::Record& record) {
    EXPECT_EQ(record.index(), index_ + 1);
    index_ = record.index();
    ++applied;
    for (const auto& one : record.changes().incident()) incidents_[one.id()] = one;
    for (const uint64_t id : record.changes().evicted_incident()) incidents_.erase(id);
  }
  std::string SnapshotBytes(std::string_view link) const {
    v1::Snapshot snapshot;
    snapshot.set_format(1);
    snapshot.set_index(index_);
    snapshot.set_link(std::string(link));
    for (const auto& [id, one] : incidents_) *snapshot.add_incident() = one;
    return snapshot.SerializeAsString();
  }
  static absl::StatusOr<TinyState> FromSnapshot(const v1::Snapshot& snapshot) {
    TinyState state;
    state.index_ = snapshot.index();
    for (const auto& one : snapshot.incident()) state.incidents_[one.id()] = one;
    return state;
  }

  inline static std::atomic<uint64_t> applied = 0;

 private:
  uint64_t index_ = 0;
  std::map<uint64_t, v1::IncidentState> incidents_;
};

// Hands through to another log; reads wait while it is closed, and fail when told to.
class GatedLog : public log::EventLog {
 public:
  explicit GatedLog(log::EventLog* real) : real_(real) {}
  void Append(uint64_t first, uint64_t last, std::string bytes, Done done) override {
    real_->Append(first, last, std::move(bytes), std::move(done));
  }
  absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit) override {
    return real_->Read(after_index, link, [&](const log::CommittedBatch& batch) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return batch.first_index < closed_from_; });
      if (!failure_.ok()) return failure_;
      lock.unlock();
      return visit(batch);
    });
  }
  uint64_t last_index() const override { return real_->last_index(); }
  std::string last_link() const override { return real_->last_link(); }
  bool WaitFor(uint64_t after_index, absl::Duration timeout) override { return real_->WaitFor(after_index, timeout); }

  // Batches from this record on are held up.
  void CloseFrom(uint64_t index) {
    std::lock_guard lock(mutex_);
    closed_from_ = index;
    changed_.notify_all();
  }
  void Open() { CloseFrom(UINT64_MAX); }
  void Fail(absl::Status failure) {
    std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }

 private:
  log::EventLog* const real_;
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t closed_from_ = UINT64_MAX;
  absl::Status failure_;
};

// A log, a history on it, and records that number themselves.
class HistoryTest : public ::testing::Test {
 protected:
  void SetUp() override { log_ = log::OpenLog(folder_.path()); }
  void TearDown() override {
    history_.reset();
    log_.reset();
  }

  HistoryOptions Options() {
    HistoryOptions options;
    options.data_dir = folder_.path();
    options.snapshot_every_records = snapshot_every_;
    options.warn = [this](std::string_view line) {
      std::lock_guard lock(warnings_mutex_);
      warnings_ += std::string(line) + "\n";
    };
    return options;
  }
  absl::Status TryStart(log::EventLog* log) {
    auto history = History::Start(Options(), log, FoldOf<TinyState>());
    if (!history.ok()) return history.status();
    history_ = *std::move(history);
    return absl::OkStatus();
  }
  void Start() {
    const auto status = TryStart(log_.get());
    ASSERT_TRUE(status.ok()) << status;
  }
  void StartAndCatchUp() {
    Start();
    ASSERT_TRUE(history_->WaitForIndex(log_->last_index(), kLong)) << history_->status();
  }
  void CatchUp() { ASSERT_TRUE(history_->WaitForIndex(log_->last_index(), kLong)) << history_->status(); }
  void StopAll() {
    const auto status = history_->Stop();
    EXPECT_TRUE(status.ok()) << status;
    history_.reset();
  }

  // One batch with these records; index and time are filled in.
  void Append(std::vector<v1::Record> records) {
    const uint64_t first = log_->last_index() + 1;
    v1::Batch batch;
    batch.set_format(1);
    for (v1::Record& record : records) {
      record.set_index(first + static_cast<uint64_t>(batch.record_size()));
      record.set_time_ms(1000 * static_cast<int64_t>(record.index()));
      *batch.add_record() = std::move(record);
    }
    const uint64_t last = first + static_cast<uint64_t>(batch.record_size()) - 1;
    const auto status = log::AppendAndWait(*log_, first, last, batch.SerializeAsString());
    ASSERT_TRUE(status.ok()) << status;
  }

  // A report of `party` that opens incident `id` with one duty and one delivery of the same id.
  static v1::Record Opens(uint64_t id, const std::string& party, const std::string& external_id) {
    v1::Record record;
    record.add_incident_id(id);
    record.mutable_report_recorded()->set_outcome(v1::NEW_INCIDENT);
    v1::Changes& changes = *record.mutable_changes();
    *changes.add_incident() = Incident(id);
    v1::DutyState& duty = *changes.add_duty();
    duty.set_id(id);
    duty.set_incident_id(id);
    duty.set_party("power-supply");
    v1::DeliveryState& delivery = *changes.add_delivery();
    delivery.set_id(id);
    delivery.set_incident_id(id);
    delivery.set_sequence(id);
    *changes.add_report() = Report(id, party, external_id, 1);
    return record;
  }
  static v1::IncidentState Incident(uint64_t id) {
    v1::IncidentState incident;
    incident.set_id(id);
    incident.set_revision(1);
    incident.set_status(v1::OPEN);
    incident.set_purpose(v1::ACTUAL);
    incident.set_category("natural.flood");
    incident.set_division("339921100000");
    incident.set_holder("police-110");
    incident.set_opened_at_ms(static_cast<int64_t>(id) * 1000);
    return incident;
  }
  static v1::ReportState Report(uint64_t incident_id, const std::string& party, const std::string& external_id,
                                uint64_t revision) {
    v1::ReportState report;
    report.mutable_key()->set_party(party);
    report.mutable_key()->set_external_id(external_id);
    report.set_incident_id(incident_id);
    report.set_revision(revision);
    report.set_sealed("sealed bytes of " + external_id);
    return report;
  }
  static v1::Record Changed(const v1::IncidentState& incident) {
    v1::Record record;
    record.add_incident_id(incident.id());
    record.mutable_incident_closed();
    *record.mutable_changes()->add_incident() = incident;
    return record;
  }
  static v1::Record Evicts(uint64_t id) {
    v1::Record record;
    record.add_incident_id(id);
    record.mutable_incidents_evicted();
    record.mutable_changes()->add_evicted_incident(id);
    return record;
  }
  static std::string ExternalId(uint64_t id) { return "JJD-" + std::to_string(id); }

  void FillIncidents(uint64_t from, uint64_t to) {
    for (uint64_t id = from; id <= to; ++id) Append({Opens(id, "police-110", ExternalId(id))});
  }
  void ExpectIncidents(uint64_t from, uint64_t to) {
    for (uint64_t id = from; id <= to; ++id) {
      const auto report = history_->FindReport("police-110", ExternalId(id));
      ASSERT_TRUE(report.ok()) << report.status();
      ASSERT_TRUE(report->has_value()) << id;
      EXPECT_EQ((*report)->incident_id(), id);
    }
  }
  std::string warnings() {
    std::lock_guard lock(warnings_mutex_);
    return warnings_;
  }

  log::TempFolder folder_;
  uint64_t snapshot_every_ = 1'000'000;
  std::mutex warnings_mutex_;
  std::string warnings_;  // guarded by warnings_mutex_
  std::unique_ptr<log::SqliteLog> log_;
  std::unique_ptr<History> history_;
};

}  // namespace liandong::history
