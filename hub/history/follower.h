// The thread's work of History: takes batches from the log into the fold and the tables, and writes snapshots.
//
// Thread-safety: one thread, except where History's own lock is named.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/history/fold.h"
#include "hub/history/history.h"
#include "hub/history/tables.h"
#include "hub/log/event_log.h"

namespace liandong::history {

std::string HistoryPath(const std::string& data_dir);

class Follower {
 public:
  Follower(const HistoryOptions& options, log::EventLog* log) : options_(options), log_(log) {}

  // Newest snapshot and history.db, both checked against the log. DataLoss as History::Start says.
  absl::Status Open(const FoldFactory& make_fold);

  // Takes everything that the log has. `progress` is told how far history.db is, `interrupted` is asked at each batch.
  // After an error `tables_failed()` tells whether history.db or the log is at fault.
  absl::Status CatchUp(const std::function<void(uint64_t index)>& progress, const std::function<bool()>& interrupted);
  bool tables_failed() const { return tables_failed_; }

  // history.db is set aside, and a new one begins at record 1.
  absl::Status BeginAnew();

  // A snapshot of where the fold is, if there is anything newer than the last one.
  absl::Status WriteSnapshotNow();

  uint64_t index() const { return tables_ == nullptr ? 0 : tables_->index(); }
  // Up to here nothing more is to be read from the log.
  uint64_t position() const;
  uint64_t last_snapshot_index() const { return last_snapshot_index_; }

 private:
  absl::Status OpenTables();
  absl::Status CheckTablesRestOnLog();
  absl::Status Take(const log::CommittedBatch& batch);
  absl::Status Flush();
  void SnapshotWhenDue();
  void Warning(std::string_view line) const;

  const HistoryOptions options_;
  log::EventLog* const log_;

  std::unique_ptr<Fold> fold_;
  uint64_t fold_index_ = 0;
  std::string fold_link_;
  uint64_t last_snapshot_index_ = 0;
  uint64_t next_snapshot_index_ = 0;
  size_t last_snapshot_bytes_ = 0;
  size_t bytes_since_snapshot_ = 0;

  std::unique_ptr<Tables> tables_;  // null when a new file could not be made yet
  size_t waiting_bytes_ = 0;
  bool tables_failed_ = false;
};

}  // namespace liandong::history
