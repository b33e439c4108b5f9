// log.db's tables: their making, their checking at opening, one row in, pieces of rows out.
//
// on-disk format 1, never changed in place: a new format gets a new number.
//   meta(key, value): format, created (Unix ms), suite (of the first link)
//   batch(first_index, last_index, link, bytes); the link stands before the bytes so that reading it skips them
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/chain_check.h"
#include "hub/log/event_log.h"
#include "hub/log/sqlite.h"
#include "security/crypto.h"

namespace liandong::log {

inline constexpr int64_t kLogFormat = 1;                  // on-disk value: never renumber
inline constexpr int64_t kLogApplicationId = 0x4C444C47;  // "LDLG", on-disk value

// Makes the tables in an empty file, checks those of any other. FailedPrecondition when the file is no log or of
// another format.
absl::Status PrepareLogFile(Connection& connection, security::Suite suite);
// As above for a file that is only read.
absl::Status CheckLogFile(Connection& connection);

// Thread-safety: one thread at a time.
class BatchReader {
 public:
  static absl::StatusOr<std::unique_ptr<BatchReader>> Open(const std::string& path);

  struct Row {
    uint64_t first_index = 0;
    uint64_t last_index = 0;
    std::string link;
  };
  // The row that holds the record, or else the last row before it; nothing when there is none. Without its bytes.
  absl::StatusOr<std::optional<Row>> FindAtOrBefore(uint64_t index);
  // The row that has `rows` rows after it; nothing when there are fewer.
  absl::StatusOr<std::optional<Row>> FindFromEnd(uint64_t rows);

  // Rows from `first_index` on, at least one when there is one, in one short read transaction.
  absl::StatusOr<std::vector<CommittedBatch>> ReadPiece(uint64_t first_index, size_t batches_max, size_t bytes_max);

  // Where a reader begins that has everything up to `after_index`: after the end of the batch that holds that record,
  // or before that batch when it holds later ones too. `link` as in EventLog::Read.
  absl::StatusOr<ChainWalk> Begin(uint64_t after_index, std::string_view link);

  const std::string& path() const { return connection_.path(); }

 private:
  absl::StatusOr<std::optional<Row>> FindRow(Statement& statement);

  Connection connection_;
  Statement at_or_before_;
  Statement from_end_;
  Statement from_;
};

}  // namespace liandong::log
