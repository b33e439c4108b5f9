// Reads a hub's data folder from outside: log.db (hub/log/batch_table.h has its form), snapshots. Shares no code with
// what writes them, so that one mistake cannot hide in both.
//
// Thread-safety: one thread for an object. Errors name the file; DataLoss names the record.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace liandong::audit {

struct Row {
  uint64_t first_index = 0, last_index = 0;
  std::string link, bytes;
};

class LogFile {
 public:
  // Of <folder>/log.db; a hub may be running on it.
  static absl::StatusOr<std::unique_ptr<LogFile>> Open(const std::string& folder);
  ~LogFile();

  // False at the end.
  absl::StatusOr<bool> Next(Row* row);

 private:
  LogFile() = default;
  std::string path_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* rows_ = nullptr;
};

struct RecordBytes {
  uint64_t index = 0;
  std::string_view bytes;  // of the batch's bytes
};
// The records of a batch as they are stored. DataLoss when the bytes are no batch of format 1.
absl::StatusOr<std::vector<RecordBytes>> SplitBatch(std::string_view bytes);
// Field 1 of a stored Record; 0 when it has none.
uint64_t IndexOf(std::string_view record_bytes);

struct SnapshotFile {
  std::string path;
  uint64_t index = 0;
  uint32_t suite = 0;
  std::string hash;  // as its header says, and as its bytes have
  std::string link;  // empty unless `whole`
};
// Headers of the folder's snapshots, oldest first. With `whole` the state is read and hashed as well. DataLoss names
// the file that is damaged.
absl::StatusOr<std::vector<SnapshotFile>> ListSnapshots(const std::string& data_dir, bool whole);

}  // namespace liandong::audit
