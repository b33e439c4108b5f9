#include "security/vault_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/settle_wal.h"

namespace liandong::security {
namespace {

// on-disk value: never renumber.
constexpr char kFormat[] = "1";
constexpr char kFormatName[] = "format";

constexpr char kTables[] =
    "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS data_key(id INTEGER PRIMARY KEY, live INTEGER NOT NULL, wrapped BLOB NOT NULL);";

}  // namespace

// One prepared statement; bound from left to right.
class VaultFile::Statement {
 public:
  Statement(sqlite3* db, const char* sql) : ok_(sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) == SQLITE_OK) {}
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(uint64_t number) {
    if (ok_) ok_ = sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(number)) == SQLITE_OK;
    return *this;
  }
  Statement& Bind(const std::string& bytes) {
    const char* data = bytes.data();
    if (ok_) ok_ = sqlite3_bind_blob64(statement_, ++bound_, data, bytes.size(), SQLITE_TRANSIENT) == SQLITE_OK;
    return *this;
  }
  // True on a row; then the columns may be read. False at the end or on an error, which failed() tells apart.
  bool Step() {
    if (!ok_) return false;
    const int code = sqlite3_step(statement_);
    ok_ = code == SQLITE_ROW || code == SQLITE_DONE;
    return code == SQLITE_ROW;
  }
  void Restart() {
    if (ok_) sqlite3_reset(statement_);
    bound_ = 0;
  }
  bool failed() const { return !ok_; }
  uint64_t Number(int column) const { return static_cast<uint64_t>(sqlite3_column_int64(statement_, column)); }
  std::string Blob(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    return data == nullptr ? std::string()
                           : std::string(data, static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  bool ok_;
  int bound_ = 0;
};

VaultFile::VaultFile(std::string path, sqlite3* db) : path_(std::move(path)), db_(db) {}
VaultFile::~VaultFile() { sqlite3_close(db_); }

std::string VaultKeyAad(uint64_t id) { return absl::StrCat("liandong vault key ", id); }

absl::StatusOr<std::unique_ptr<VaultFile>> VaultFile::Open(const std::string& path) {
  // SQLite gives the WAL the mode of the file, so the file is made first, and narrow.
  const absl::Status created = CreateFileAtomic(path, "", 0600);
  if (!created.ok() && !absl::IsAlreadyExists(created)) return created;
  if (absl::Status mode = CheckPrivateFile(path); !mode.ok()) return mode;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<VaultFile> file(new VaultFile(path, db));
  if (code != SQLITE_OK) return file->Error("opening");
  if (absl::Status status = file->Prepare(); !status.ok()) return status;
  return file;
}

absl::Status VaultFile::Prepare() {
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, kVaultBusyMs);
  const std::pair<const char*, const char*> settings[] = {{"PRAGMA locking_mode=EXCLUSIVE", "exclusive"},
                                                          {"PRAGMA journal_mode=WAL", "wal"},
                                                          {"PRAGMA secure_delete=ON", "1"}};
  for (const auto& [pragma, expected] : settings) {
    const auto answer = Ask(pragma);
    if (!answer.ok()) return answer.status();
    if (*answer != expected) return absl::UnavailableError(absl::StrCat(path_, ": ", pragma, " gave ", *answer));
  }
  if (absl::Status status = Run("PRAGMA synchronous=FULL"); !status.ok()) return status;
  if (absl::Status status = SettleWal(db_, path_); !status.ok()) return status;
  if (absl::Status status = Run(kTables); !status.ok()) return status;
  const auto format = Value(kFormatName);
  if (!format.ok()) return format.status();
  if (!format->has_value()) {
    if (absl::Status status = SetValue(kFormatName, kFormat); !status.ok()) return status;
  } else if (**format != kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(path_,
                                                      ": key store of another format; this version reads format ",
                                                      kFormat, ": start the version that wrote it"));
  }
  return CutWal();
}

absl::Status VaultFile::Error(const char* step) const {
  const int code = db_ == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(db_);
  const std::string text = absl::StrCat(path_, ": ", step, ": ", sqlite3_errstr(code));
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(absl::StrCat(
          path_, ": 密钥库正被另一进程使用 / the key store is in use by another process; stop that one first"));
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return absl::DataLossError(absl::StrCat(text, "; restore the key store from its own backup"));
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
      return absl::UnavailableError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::Status VaultFile::Run(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return absl::OkStatus();
  return Error(sql);
}

absl::StatusOr<std::string> VaultFile::Ask(const char* sql) {
  Statement ask(db_, sql);
  const bool row = ask.Step();
  if (ask.failed()) return Error(sql);
  return row ? ask.Blob(0) : std::string();
}

absl::StatusOr<std::optional<std::string>> VaultFile::Value(const std::string& name) {
  Statement find(db_, "SELECT value FROM meta WHERE name = CAST(?1 AS TEXT)");
  const bool row = find.Bind(name).Step();
  if (find.failed()) return Error("reading a value");
  return row ? std::optional<std::string>(find.Blob(0)) : std::nullopt;
}

absl::Status VaultFile::SetValue(const std::string& name, const std::string& value) {
  Statement set(db_, "INSERT OR REPLACE INTO meta(name, value) VALUES(CAST(?1 AS TEXT), ?2)");
  set.Bind(name).Bind(value).Step();
  return set.failed() ? Error("keeping a value") : absl::OkStatus();
}

absl::Status VaultFile::RemoveValue(const std::string& name) {
  Statement remove(db_, "DELETE FROM meta WHERE name = CAST(?1 AS TEXT)");
  remove.Bind(name).Step();
  return remove.failed() ? Error("removing a value") : absl::OkStatus();
}

absl::StatusOr<uint64_t> VaultFile::HighestId() {
  Statement highest(db_, "SELECT coalesce(max(id), 0) FROM data_key");
  highest.Step();
  if (highest.failed()) return Error("reading the highest id");
  return highest.Number(0);
}

absl::StatusOr<std::optional<VaultRow>> VaultFile::Find(uint64_t id) {
  Statement find(db_, "SELECT id, live, wrapped FROM data_key WHERE id = ?1");
  const bool row = find.Bind(id).Step();
  if (find.failed()) return Error("reading a key");
  if (!row) return std::nullopt;
  return VaultRow{find.Number(0), find.Number(1) != 0, find.Blob(2)};
}

absl::StatusOr<std::vector<VaultRow>> VaultFile::RowsFrom(uint64_t id) {
  Statement list(db_, "SELECT id, live, wrapped FROM data_key WHERE id >= ?1 AND live = 1 ORDER BY id");
  list.Bind(id);
  std::vector<VaultRow> rows;
  while (list.Step()) rows.push_back({list.Number(0), true, list.Blob(2)});
  if (list.failed()) return Error("reading the keys made ahead");
  return rows;
}

absl::StatusOr<std::vector<uint64_t>> VaultFile::LiveIds(uint64_t first, uint64_t last) {
  Statement list(db_, "SELECT id FROM data_key WHERE id BETWEEN ?1 AND ?2 AND live = 1 ORDER BY id");
  list.Bind(first).Bind(last);
  std::vector<uint64_t> ids;
  while (list.Step()) ids.push_back(list.Number(0));
  if (list.failed()) return Error("looking for keys");
  return ids;
}

absl::Status VaultFile::InTransaction(absl::Status body) {
  if (body.ok()) body = Run("COMMIT");
  // Also after a failed COMMIT: a transaction left open would swallow the next one.
  if (!body.ok() && sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  return body;
}

absl::Status VaultFile::Add(const std::vector<VaultRow>& rows) {
  if (absl::Status begin = Run("BEGIN IMMEDIATE"); !begin.ok()) return begin;
  Statement insert(db_, "INSERT INTO data_key(id, live, wrapped) VALUES(?1, ?2, ?3)");
  absl::Status body;
  for (const VaultRow& row : rows) {
    insert.Bind(row.id).Bind(row.live ? 1 : 0).Bind(row.wrapped).Step();
    if (insert.failed()) {
      body = Error("adding keys");
      break;
    }
    insert.Restart();
  }
  return InTransaction(body);
}

absl::Status VaultFile::Erase(const std::vector<uint64_t>& ids) {
  if (absl::Status begin = Run("BEGIN IMMEDIATE"); !begin.ok()) return begin;
  // The same number of bytes, so that SQLite overwrites the cell where it is.
  Statement erase(db_, "UPDATE data_key SET live = 0, wrapped = zeroblob(length(wrapped)) WHERE id = ?1");
  absl::Status body;
  for (const uint64_t id : ids) {
    erase.Bind(id).Step();
    if (erase.failed()) {
      body = Error("erasing a key");
    } else if (sqlite3_changes(db_) == 0) {
      body = absl::NotFoundError(absl::StrCat("data key ", id, " is not in the key store"));
    }
    if (!body.ok()) break;
    erase.Restart();
  }
  return InTransaction(body);
}

absl::Status VaultFile::CutWal() {
  const auto busy = Ask("PRAGMA wal_checkpoint(TRUNCATE)");
  if (!busy.ok()) return busy.status();
  if (*busy != "0") {
    return absl::UnavailableError(absl::StrCat(path_, ": the write-ahead log could not be emptied yet; try again"));
  }
  // SQLite cuts the WAL without a sync, and a power cut could bring its old length back.
  const std::string wal = path_ + "-wal";
  const int file = open(wal.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? absl::OkStatus() : absl::ErrnoToStatus(errno, wal + ": opening");
  const bool synced = fsync(file) == 0;
  const int number = errno;
  close(file);
  return synced ? absl::OkStatus() : absl::ErrnoToStatus(number, wal + ": fsync");
}

}  // namespace liandong::security
