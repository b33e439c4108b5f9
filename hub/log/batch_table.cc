#include "hub/log/batch_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "hub/log/limits.h"

namespace liandong::log {
namespace {

absl::Status MakeTables(Connection& connection, security::Suite suite) {
  // The page size counts only before the first table, and WAL mode is a property of the file.
  if (auto status = connection.Run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"); !status.ok()) return status;
  const std::string sql = absl::StrCat(
      "BEGIN IMMEDIATE;"
      "CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;"
      "CREATE TABLE batch(first_index INTEGER PRIMARY KEY, last_index INTEGER NOT NULL, link BLOB NOT NULL,"
      " bytes BLOB NOT NULL) STRICT;"
      "INSERT INTO meta VALUES('format', ",
      kLogFormat, "), ('created', ", absl::ToUnixMillis(absl::Now()), "), ('suite', ", static_cast<int>(suite),
      ");"
      "PRAGMA application_id=",
      kLogApplicationId, "; COMMIT;");
  return connection.Run(sql.c_str());
}

}  // namespace

absl::Status CheckLogFile(Connection& connection) {
  const auto application = connection.QueryNumber("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*application != kLogApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(connection.path(), ": this is no Liandong log; give another data folder or move the file away"));
  }
  const auto format = connection.QueryNumber("SELECT value FROM meta WHERE key='format'");
  if (!format.ok()) return format.status();
  if (*format != kLogFormat) {
    return absl::FailedPreconditionError(absl::StrCat(connection.path(), ": log format ", *format,
                                                      ", this program reads format ", kLogFormat,
                                                      "; use the release that wrote it or a later one"));
  }
  return absl::OkStatus();
}

absl::Status PrepareLogFile(Connection& connection, security::Suite suite) {
  const auto tables = connection.QueryNumber("SELECT count(*) FROM sqlite_master");
  if (!tables.ok()) return tables.status();
  if (*tables == 0) {
    if (auto status = MakeTables(connection, suite); !status.ok()) return status;
  }
  return CheckLogFile(connection);
}

absl::StatusOr<std::unique_ptr<BatchReader>> BatchReader::Open(const std::string& path) {
  auto connection = Connection::Open(path, Connection::Mode::kReadOnly, kBusyMs);
  if (!connection.ok()) return connection.status();
  auto reader = std::make_unique<BatchReader>();
  reader->connection_ = *std::move(connection);
  auto at_or_before = reader->connection_.Prepare(
      "SELECT first_index, last_index, link FROM batch WHERE first_index <= ? ORDER BY first_index DESC LIMIT 1");
  if (!at_or_before.ok()) return at_or_before.status();
  auto from_end = reader->connection_.Prepare(
      "SELECT first_index, last_index, link FROM batch ORDER BY first_index DESC LIMIT 1 OFFSET ?");
  if (!from_end.ok()) return from_end.status();
  auto from = reader->connection_.Prepare(
      "SELECT first_index, last_index, link, bytes FROM batch WHERE first_index >= ? ORDER BY first_index LIMIT ?");
  if (!from.ok()) return from.status();
  reader->at_or_before_ = *std::move(at_or_before);
  reader->from_end_ = *std::move(from_end);
  reader->from_ = *std::move(from);
  return reader;
}

absl::StatusOr<std::optional<BatchReader::Row>> BatchReader::FindRow(Statement& statement) {
  const auto found = statement.Step();
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  Row row{statement.Number(0), statement.Number(1), std::string(statement.Bytes(2))};
  statement.Reset();
  return row;
}

absl::StatusOr<std::optional<BatchReader::Row>> BatchReader::FindAtOrBefore(uint64_t index) {
  return FindRow(at_or_before_.Bind(1, index));
}

absl::StatusOr<std::optional<BatchReader::Row>> BatchReader::FindFromEnd(uint64_t rows) {
  return FindRow(from_end_.Bind(1, rows));
}

absl::StatusOr<std::vector<CommittedBatch>> BatchReader::ReadPiece(uint64_t first_index, size_t batches_max,
                                                                   size_t bytes_max) {
  std::vector<CommittedBatch> piece;
  size_t bytes = 0;
  from_.Bind(1, first_index).Bind(2, static_cast<uint64_t>(batches_max));
  while (bytes < bytes_max) {
    const auto row = from_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return piece;
    piece.push_back({from_.Number(0), from_.Number(1), std::string(from_.Bytes(3)), std::string(from_.Bytes(2))});
    bytes += piece.back().bytes.size();
  }
  from_.Reset();
  return piece;
}

absl::StatusOr<ChainWalk> BatchReader::Begin(uint64_t after_index, std::string_view link) {
  if (after_index == 0) return ChainWalk();
  auto row = FindAtOrBefore(after_index);
  if (!row.ok()) return row.status();
  const uint64_t last_index = row->has_value() ? (*row)->last_index : 0;
  if (last_index < after_index) {
    return absl::DataLossError(absl::StrCat(path(), ": record ", last_index + 1, " is missing, but record ",
                                            after_index,
                                            " was seen before: the log has lost records; restore log.db from a backup"
                                            " or another node"));
  }
  if (last_index == after_index) {
    if (!link.empty() && link != (*row)->link) {
      return absl::DataLossError(absl::StrCat(path(), ": record ", after_index,
                                              " ends with another chain link than was seen before: the log was"
                                              " changed or exchanged; restore log.db from a backup or another node"));
    }
    return ChainWalk::After(after_index, (*row)->link);
  }
  if (!link.empty()) {
    return absl::DataLossError(absl::StrCat(path(), ": record ", after_index,
                                            " ended a batch when it was seen before, now it does not: the log was"
                                            " changed or exchanged; restore log.db from a backup or another node"));
  }
  const uint64_t first_index = (*row)->first_index;
  if (first_index <= 1) return ChainWalk();
  row = FindAtOrBefore(first_index - 1);
  if (!row.ok()) return row.status();
  if (!row->has_value() || (*row)->last_index != first_index - 1) {
    return absl::DataLossError(absl::StrCat(path(), ": record ", first_index - 1,
                                            " is missing; restore log.db from a backup or another node"));
  }
  return ChainWalk::After(first_index - 1, (*row)->link);
}

}  // namespace liandong::log
