// The log in one SQLite file: <data_dir>/log.db in WAL mode with synchronous=FULL, one row a batch.
//
// One thread writes: it takes whatever batches wait and commits them in one transaction, so that one sync serves all of
// them. A second thread moves the WAL into the database file, so that no append waits for that; the WAL file is kept at
// its size and written over, which syncs about twice as fast as a file that grows. Readers have connections of their
// own and hold each read transaction only for a bounded piece.
//
// A lock on <data_dir>/log.lock keeps a second hub out of the same folder for as long as this object lives.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/log/event_log.h"
#include "hub/log/limits.h"
#include "security/crypto.h"

namespace liandong::log {

struct SqliteLogOptions {
  std::string data_dir;                                     // made (0700) when absent
  security::Suite suite = security::Suite::kInternational;  // of new links; each link names its own
  uint64_t tail_batches_verified = kTailBatchesVerified;    // at opening; VerifyChain does all
};

class SqliteLog : public EventLog {
 public:
  // Makes the log when the folder has none. Errors: FailedPrecondition when another process has the folder or the
  // file is of another format or no log at all; DataLoss, naming the first bad record, when the tail is damaged.
  static absl::StatusOr<std::unique_ptr<SqliteLog>> Open(const SqliteLogOptions& options);

  // Commits what still waits and calls its `done`, then closes. Every Read must have returned.
  ~SqliteLog() override;

  void Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) override;
  absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit) override;
  uint64_t last_index() const override;
  std::string last_link() const override;
  bool WaitFor(uint64_t after_index, absl::Duration timeout) override;

  // OK, or why the log has stopped.
  absl::Status status() const;

 private:
  class Impl;
  explicit SqliteLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The database file of a data folder, for tools that read it without opening the log.
std::string LogPath(const std::string& data_dir);

}  // namespace liandong::log
