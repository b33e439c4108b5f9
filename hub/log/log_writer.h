// The one that writes into log.db: finds where the log ends, appends groups of batches, each group with one sync. What
// SqliteLog does on its thread and the simulation on a disk that loses what was not synced.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/batch_table.h"
#include "hub/log/event_log.h"
#include "hub/log/sqlite.h"
#include "security/chain.h"
#include "security/crypto.h"

namespace liandong::log {

class LogWriter {
 public:
  struct Batch {
    uint64_t first_index = 0;
    uint64_t last_index = 0;
    std::string bytes;
    EventLog::Done done;  // the caller's; not called here
  };

  // Makes the file when there is none. What is in it is on stable storage afterwards, whoever wrote it. The WAL grows
  // until Checkpoint.
  absl::Status Open(const std::string& path, security::Suite suite);
  // Where the log ends, after checking its last batches.
  absl::Status FindEnd(BatchReader& reader, uint64_t tail_batches_verified);
  // All of them or none, with one sync; `links` gets the chain link after each. A failure is final: nothing more may
  // be written.
  absl::Status Commit(const std::vector<Batch>& group, std::vector<security::ChainLink>& links);

  uint64_t last_index() const { return index_; }
  const security::ChainLink& last_link() const { return link_; }
  int wal_pages() const { return wal_pages_; }
  absl::Status Checkpoint() { return connection_.CheckpointPassive().status(); }

 private:
  absl::Status InsertAll(const std::vector<Batch>& group, std::vector<security::ChainLink>& links);

  std::string path_;
  security::Suite suite_ = security::Suite::kInternational;
  Connection connection_;
  Statement begin_, insert_, commit_;
  int wal_pages_ = 0;
  uint64_t index_ = 0;
  security::ChainLink link_;
};

// EventLog::Read over one reader. `committed`: the last record that may be handed out, asked for each batch; the file
// shows a batch a moment before the log's own last_index does.
absl::Status ReadBatches(BatchReader& reader, uint64_t after_index, std::string_view link, const EventLog::Visit& visit,
                         const std::function<uint64_t()>& committed);

}  // namespace liandong::log
