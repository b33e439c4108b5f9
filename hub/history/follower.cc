#include "hub/history/follower.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/history/snapshot.h"
#include "hub/log/records.h"
#include "security/file.h"

namespace liandong::history {

std::string HistoryPath(const std::string& data_dir) { return data_dir + "/history.db"; }

void Follower::Warning(std::string_view line) const {
  if (options_.warn) options_.warn(line);
}

absl::Status Follower::Open(const FoldFactory& make_fold) {
  if (auto status = security::MakeFolder(options_.data_dir, 0700); !status.ok()) return status;
  auto snapshot = LoadNewestSnapshot(options_.data_dir, *log_, options_.warn);
  if (!snapshot.ok()) return snapshot.status();
  auto fold = make_fold(snapshot->has_value() ? &**snapshot : nullptr);
  if (!fold.ok()) return fold.status();
  fold_ = *std::move(fold);
  if (snapshot->has_value()) {
    fold_index_ = (*snapshot)->index();
    fold_link_ = (*snapshot)->link();
  }
  last_snapshot_index_ = fold_index_;
  next_snapshot_index_ = fold_index_ + options_.snapshot_every_records;

  absl::Status status = OpenTables();
  if (absl::IsDataLoss(status)) {
    Warning(absl::StrCat("history.db is built anew from the log (历史库损坏,正在由日志重建): ", status.message()));
    return BeginAnew();
  }
  if (!status.ok()) return status;
  return CheckTablesRestOnLog();
}

absl::Status Follower::OpenTables() {
  auto tables = Tables::Open(HistoryPath(options_.data_dir));
  if (!tables.ok()) return tables.status();
  tables_ = *std::move(tables);
  waiting_bytes_ = 0;
  return absl::OkStatus();
}

absl::Status Follower::CheckTablesRestOnLog() {
  if (tables_->index() == 0) return absl::OkStatus();
  const absl::Status rests = log_->Read(tables_->index(), tables_->link(),
                                        [](const log::CommittedBatch&) { return absl::CancelledError("checked"); });
  if (rests.ok() || absl::IsCancelled(rests)) return absl::OkStatus();
  return absl::Status(rests.code(),
                      absl::StrCat(HistoryPath(options_.data_dir), " does not rest on this log: ", rests.message()));
}

absl::Status Follower::BeginAnew() {
  tables_.reset();
  if (auto status = SetAside(HistoryPath(options_.data_dir)); !status.ok()) return status;
  return OpenTables();
}

uint64_t Follower::position() const { return std::min(fold_index_, tables_ == nullptr ? 0 : tables_->waiting_index()); }

absl::Status Follower::CatchUp(const std::function<void(uint64_t index)>& progress,
                               const std::function<bool()>& interrupted) {
  tables_failed_ = false;
  absl::Status status = tables_ == nullptr ? BeginAnew() : Flush();
  if (!status.ok()) {
    tables_failed_ = true;
    return status;
  }
  const uint64_t from = position();
  const std::string link = from == fold_index_ ? fold_link_ : tables_->waiting_link();
  status = log_->Read(from, link, [&](const log::CommittedBatch& batch) -> absl::Status {
    if (interrupted()) return absl::CancelledError("interrupted");
    const uint64_t before = tables_->index();
    if (auto taken = Take(batch); !taken.ok()) return taken;
    if (tables_->index() != before) progress(tables_->index());
    return absl::OkStatus();
  });
  if (absl::IsCancelled(status)) status = absl::OkStatus();
  if (status.ok()) status = Flush();
  progress(tables_->index());
  return status;
}

absl::Status Follower::Take(const log::CommittedBatch& batch) {
  v1::Batch* parsed = tables_->NewBatch();
  if (auto status = log::ParseBatch(batch, parsed); !status.ok()) return status;
  waiting_bytes_ += batch.bytes.size();
  if (batch.last_index > fold_index_) {
    for (const v1::Record& record : parsed->record()) {
      if (record.index() > fold_index_) fold_->Apply(record);
    }
    fold_index_ = batch.last_index;
    fold_link_ = batch.link;
    bytes_since_snapshot_ += batch.bytes.size();
  }
  if (batch.last_index > tables_->waiting_index()) tables_->Add(parsed, batch.link);
  if (tables_->waiting_records() >= kFoldRecordsMax || waiting_bytes_ >= kFoldBytesMax) {
    if (auto status = Flush(); !status.ok()) return status;
  }
  SnapshotWhenDue();
  return absl::OkStatus();
}

absl::Status Follower::Flush() {
  absl::Status status = tables_->Flush();
  tables_failed_ = !status.ok();
  if (status.ok()) waiting_bytes_ = 0;
  return status;
}

void Follower::SnapshotWhenDue() {
  if (fold_index_ < next_snapshot_index_) return;
  // A large State is not written again before as much has been logged, so that snapshots never cost more than the log.
  const bool cheap = last_snapshot_bytes_ <= std::max(bytes_since_snapshot_, kSnapshotCheapBytes);
  if (!cheap && fold_index_ - last_snapshot_index_ < kSnapshotRecordsMax) return;
  if (auto status = WriteSnapshotNow(); !status.ok()) {
    Warning(absl::StrCat("no snapshot was written (快照写入失败), the next start takes longer: ", status.message()));
  }
  next_snapshot_index_ = fold_index_ + options_.snapshot_every_records;
}

absl::Status Follower::WriteSnapshotNow() {
  if (fold_index_ <= last_snapshot_index_) return absl::OkStatus();
  const auto written = WriteSnapshot(options_.data_dir, fold_index_, fold_->SnapshotBytes(fold_link_), options_.suite);
  if (!written.ok()) return written.status();
  last_snapshot_index_ = fold_index_;
  last_snapshot_bytes_ = *written;
  bytes_since_snapshot_ = 0;
  return absl::OkStatus();
}

}  // namespace liandong::history
