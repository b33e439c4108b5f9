#include "hub/log/sqlite.h"

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace liandong::log {

absl::Status SqliteError(sqlite3* handle, const std::string& path, std::string_view step) {
  const int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
  const int system = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  std::string text = absl::StrCat(path, ": ", std::string(step), ": ", sqlite3_errstr(code), " (SQLite ", code);
  if (system != 0) absl::StrAppend(&text, ", ", strerror(system));
  absl::StrAppend(&text, ")");
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(text, "; free space on this disk, then start again"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(text, "; the file is damaged, or no database"));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(absl::StrCat(text, "; another program holds the file: end it"));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return absl::FailedPreconditionError(
          absl::StrCat(text, "; check that the folder exists and that this account may write in it"));
    default:
      return absl::InternalError(absl::StrCat(text, "; check the disk and the system log, then start again"));
  }
}

Statement& Statement::Bind(int parameter, uint64_t value) { return Bind(parameter, static_cast<int64_t>(value)); }

Statement& Statement::Bind(int parameter, int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}

Statement& Statement::BindText(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::BindBlob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    Reset();
    return false;
  }
  // The text names no values, so nothing of a record can slip into an error.
  absl::Status status = SqliteError(sqlite3_db_handle(statement_.get()), path_, sqlite3_sql(statement_.get()));
  Reset();
  return status;
}

absl::Status Statement::Run() {
  while (true) {
    const auto row = Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
  }
}

void Statement::Reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

uint64_t Statement::Number(int column) const { return static_cast<uint64_t>(Signed(column)); }

int64_t Statement::Signed(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string_view Statement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string_view() : std::string_view(static_cast<const char*>(bytes), size);
}

absl::StatusOr<Connection> Connection::Open(const std::string& path, Mode mode, int busy_ms) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == Mode::kCreate) flags |= SQLITE_OPEN_CREATE;
  Connection connection;
  connection.path_ = path;
  sqlite3* handle = nullptr;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  connection.handle_.reset(handle);
  if (result != SQLITE_OK) return SqliteError(handle, path, "opening");
  sqlite3_busy_timeout(handle, busy_ms);
  return connection;
}

absl::Status Connection::Run(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqliteError(handle_.get(), path_, sql);
  }
  return absl::OkStatus();
}

absl::StatusOr<Statement> Connection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    return SqliteError(handle_.get(), path_, sql);
  }
  return Statement(statement, path_);
}

absl::StatusOr<int64_t> Connection::QueryNumber(std::string_view sql) {
  auto statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const auto row = statement->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat(path_, ": no row for: ", std::string(sql)));
  return statement->Signed(0);
}

absl::StatusOr<bool> Connection::CheckpointPassive() {
  int in_wal = 0;
  int moved = 0;
  const int result = sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_wal, &moved);
  // Busy: another connection is at the same work.
  if ((result & 0xff) == SQLITE_BUSY) return false;
  if (result != SQLITE_OK) return SqliteError(handle_.get(), path_, "moving the WAL into the file");
  return in_wal == moved;
}

}  // namespace liandong::log
