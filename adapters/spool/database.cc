#include "adapters/spool/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/limits.h"

namespace liandong::adapters::spool {
namespace {

absl::Status Error(sqlite3* db, int code) {
  const std::string text = absl::StrCat("spool: ", sqlite3_errstr(code), ": ", db != nullptr ? sqlite3_errmsg(db) : "");
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace

Query::Query(sqlite3* db, sqlite3_stmt* statement) : db_(db), statement_(statement) {
  if (statement == nullptr) status_ = Error(db, sqlite3_errcode(db));
}

Query::Query(Query&& other) noexcept
    : db_(other.db_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_),
      status_(std::move(other.status_)) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::Check(int code) {
  if (status_.ok() && code != SQLITE_OK) status_ = Error(db_, code);
}

Query& Query::Int(int64_t value) {
  if (status_.ok()) Check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}

Query& Query::Blob(std::string_view bytes) {
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  if (status_.ok()) Check(sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::Text(std::string_view text) {
  const char* data = text.data() != nullptr ? text.data() : "";
  if (status_.ok()) {
    Check(sqlite3_bind_text64(statement_, ++bound_, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  return *this;
}

bool Query::Step() {
  if (!status_.ok()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) status_ = Error(db_, code);
  return false;
}

absl::Status Query::Run() {
  while (Step()) {
  }
  return status_;
}

int64_t Query::IntAt(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Query::BytesAt(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path) {
  // SQLite would make the file by the umask; its WAL and index then take the mode of the file.
  // Only a file that is new is opened here: POSIX drops all locks that a process has on a file when it closes any
  // descriptor of it. A second connection would take the first one's, and another process that closes the spool would
  // think itself the last and remove the WAL that is still written.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EEXIST) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": 打不开暂存库 (cannot open the spool): ", std::strerror(errno),
                     "; 请检查目录是否存在、可写 (does the folder exist, is it writable?)"));
  }
  if (fd >= 0) ::close(fd);
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(raw));
  if (code != SQLITE_OK) return Error(raw, code);
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kSpoolBusyMs);
  for (const char* sql :
       {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON", "PRAGMA temp_store=MEMORY"}) {
    if (absl::Status status = database->Exec(sql); !status.ok()) return status;
  }
  return database;
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

absl::Status Database::Exec(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(db_, code);
}

Query Database::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return Query(db_, statement);
}

int Database::Changes() const { return sqlite3_changes(db_); }

}  // namespace liandong::adapters::spool
