#include "hub/history/tables.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/history/limits.h"

namespace liandong::history {
namespace {

constexpr char kSchema[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT;"
    "CREATE TABLE incident(id INTEGER PRIMARY KEY, opened_at_ms INTEGER NOT NULL, closed_at_ms INTEGER NOT NULL,"
    " status INTEGER NOT NULL, category TEXT NOT NULL, severity INTEGER NOT NULL, division TEXT NOT NULL,"
    " purpose INTEGER NOT NULL, holder TEXT NOT NULL, state BLOB NOT NULL) STRICT;"
    "CREATE INDEX incident_status ON incident(status);"
    "CREATE TABLE duty(id INTEGER PRIMARY KEY, incident_id INTEGER NOT NULL, state BLOB NOT NULL) STRICT;"
    "CREATE INDEX duty_incident ON duty(incident_id);"
    "CREATE TABLE delivery(id INTEGER PRIMARY KEY, incident_id INTEGER NOT NULL, state BLOB NOT NULL) STRICT;"
    "CREATE INDEX delivery_incident ON delivery(incident_id);"
    "CREATE TABLE report(party TEXT NOT NULL, external_id TEXT NOT NULL, incident_id INTEGER NOT NULL,"
    " log_index INTEGER NOT NULL, state BLOB NOT NULL, UNIQUE(party, external_id)) STRICT;"
    "CREATE INDEX report_incident ON report(incident_id, party);"
    "CREATE TABLE reference_of(party TEXT NOT NULL, external_id TEXT NOT NULL, incident_id INTEGER NOT NULL,"
    " PRIMARY KEY(party, external_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE record_of(incident_id INTEGER NOT NULL, record_index INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
    " what INTEGER NOT NULL, PRIMARY KEY(incident_id, record_index)) STRICT, WITHOUT ROWID;";

absl::Status MakeTables(log::Connection& connection) {
  if (auto status = connection.Run("PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"); !status.ok()) return status;
  const std::string sql = absl::StrCat("BEGIN IMMEDIATE;", kSchema, "INSERT INTO meta VALUES('format', ",
                                       kHistoryFormat, "), ('record_index', 0), ('link', x'');",
                                       "PRAGMA application_id=", kHistoryApplicationId, "; COMMIT;");
  return connection.Run(sql.c_str());
}

absl::Status CheckFile(log::Connection& connection) {
  const auto application = connection.QueryNumber("PRAGMA application_id");
  if (!application.ok()) return application.status();
  if (*application != kHistoryApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(connection.path(), ": this is no Liandong history; move the file away"));
  }
  const auto format = connection.QueryNumber("SELECT value FROM meta WHERE key='format'");
  if (!format.ok()) return format.status();
  if (*format != kHistoryFormat) {
    return absl::DataLossError(
        absl::StrCat(connection.path(), ": history format ", *format, ", this program writes format ", kHistoryFormat));
  }
  return absl::OkStatus();
}

template <typename Message>
std::string_view Encode(const Message& message, std::string& buffer) {
  buffer.clear();
  message.AppendToString(&buffer);
  return buffer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tables>> Tables::Open(const std::string& path) {
  auto connection = log::Connection::Open(path, log::Connection::Mode::kCreate, kBusyMs);
  if (!connection.ok()) return connection.status();
  std::unique_ptr<Tables> tables(new Tables());
  tables->connection_ = *std::move(connection);
  const auto count = tables->connection_.QueryNumber("SELECT count(*) FROM sqlite_master");
  if (!count.ok()) return count.status();
  if (*count == 0) {
    if (auto status = MakeTables(tables->connection_); !status.ok()) return status;
  }
  if (auto status = CheckFile(tables->connection_); !status.ok()) return status;
  if (auto status = tables->Prepare(); !status.ok()) return status;
  return tables;
}

absl::Status Tables::Prepare() {
  // NORMAL: a power loss may take back the last transactions, never half of one; the log gives them again.
  const std::string pragmas = absl::StrCat(
      "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=", kWalCheckpointPages);
  if (auto status = connection_.Run(pragmas.c_str()); !status.ok()) return status;
  const struct {
    log::Statement* statement;
    const char* sql;
  } statements[] = {
      {&put_incident_, "REPLACE INTO incident VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
      {&put_duty_, "REPLACE INTO duty VALUES(?, ?, ?)"},
      {&put_delivery_, "REPLACE INTO delivery VALUES(?, ?, ?)"},
      {&put_report_, "REPLACE INTO report VALUES(?, ?, ?, ?, ?)"},
      {&put_reference_, "REPLACE INTO reference_of VALUES(?, ?, ?)"},
      {&put_record_of_, "REPLACE INTO record_of VALUES(?, ?, ?, ?)"},
      {&put_meta_,
       "UPDATE meta SET value = CASE key WHEN 'record_index' THEN ? ELSE ? END"
       " WHERE key IN ('record_index', 'link')"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = connection_.Prepare(sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  auto meta = connection_.Prepare(
      "SELECT (SELECT value FROM meta WHERE key='record_index'), (SELECT value FROM meta WHERE key='link')");
  if (!meta.ok()) return meta.status();
  const auto row = meta->Step();
  if (!row.ok()) return row.status();
  index_ = waiting_index_ = meta->Number(0);
  link_ = waiting_link_ = std::string(meta->Bytes(1));
  return absl::OkStatus();
}

v1::Batch* Tables::NewBatch() { return google::protobuf::Arena::CreateMessage<v1::Batch>(&arena_); }

void Tables::Add(const v1::Batch* batch, std::string_view link) {
  batches_.push_back(batch);
  for (const v1::Record& record : batch->record()) {
    if (record.index() <= waiting_index_) continue;
    waiting_index_ = record.index();
    ++waiting_records_;
    const v1::Changes& changes = record.changes();
    for (const auto& one : changes.incident()) incidents_[one.id()] = &one;
    for (const auto& one : changes.duty()) duties_[one.id()] = &one;
    for (const auto& one : changes.delivery()) deliveries_[one.id()] = &one;
    for (const auto& one : changes.report()) {
      // The key's text must outlive the entry, so the entry is made anew with the newer message's.
      const std::pair<std::string_view, std::string_view> key(one.key().party(), one.key().external_id());
      reports_.erase(key);
      reports_.emplace(key, &one);
    }
  }
  waiting_link_ = std::string(link);
}

absl::Status Tables::Flush() {
  if (waiting_index_ == index_) {
    Forget();
    return absl::OkStatus();
  }
  absl::Status status = connection_.Run("BEGIN IMMEDIATE");
  if (status.ok()) status = WriteWaiting();
  if (status.ok()) status = connection_.Run("COMMIT");
  if (!status.ok()) {
    if (sqlite3_get_autocommit(connection_.handle()) == 0) connection_.Run("ROLLBACK").IgnoreError();
    return status;
  }
  index_ = waiting_index_;
  link_ = waiting_link_;
  Forget();
  return absl::OkStatus();
}

void Tables::Forget() {
  incidents_.clear();
  duties_.clear();
  deliveries_.clear();
  reports_.clear();
  batches_.clear();
  waiting_records_ = 0;
  arena_.Reset();
}

absl::Status Tables::WriteWaiting() {
  if (auto status = WriteEntities(); !status.ok()) return status;
  if (auto status = WriteRecordsOf(); !status.ok()) return status;
  return put_meta_.Bind(1, waiting_index_).BindBlob(2, waiting_link_).Run();
}

absl::Status Tables::WriteEntities() {
  std::string buffer;
  for (const auto& [id, one] : incidents_) {
    put_incident_.Bind(1, id).Bind(2, one->opened_at_ms()).Bind(3, one->closed_at_ms());
    put_incident_.Bind(4, static_cast<int64_t>(one->status())).BindText(5, one->category());
    put_incident_.Bind(6, static_cast<int64_t>(one->severity())).BindText(7, one->division());
    put_incident_.Bind(8, static_cast<int64_t>(one->purpose())).BindText(9, one->holder());
    if (auto status = put_incident_.BindBlob(10, Encode(*one, buffer)).Run(); !status.ok()) return status;
  }
  for (const auto& [id, one] : duties_) {
    put_duty_.Bind(1, id).Bind(2, one->incident_id()).BindBlob(3, Encode(*one, buffer));
    if (auto status = put_duty_.Run(); !status.ok()) return status;
  }
  for (const auto& [id, one] : deliveries_) {
    put_delivery_.Bind(1, id).Bind(2, one->incident_id()).BindBlob(3, Encode(*one, buffer));
    if (auto status = put_delivery_.Run(); !status.ok()) return status;
  }
  for (const auto& [key, one] : reports_) {
    put_report_.BindText(1, key.first).BindText(2, key.second).Bind(3, one->incident_id()).Bind(4, one->log_index());
    if (auto status = put_report_.BindBlob(5, Encode(*one, buffer)).Run(); !status.ok()) return status;
    for (const v1::ExternalRef& reference : one->open().references()) {
      put_reference_.BindText(1, reference.party()).BindText(2, reference.external_id()).Bind(3, one->incident_id());
      if (auto status = put_reference_.Run(); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Tables::WriteRecordsOf() {
  for (const v1::Batch* batch : batches_) {
    for (const v1::Record& record : batch->record()) {
      if (record.index() <= index_) continue;
      for (const uint64_t incident_id : record.incident_id()) {
        put_record_of_.Bind(1, incident_id).Bind(2, record.index()).Bind(3, record.time_ms());
        if (auto status = put_record_of_.Bind(4, static_cast<int64_t>(record.what_case())).Run(); !status.ok()) {
          return status;
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status SetAside(const std::string& path) {
  std::error_code error;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string file = path + suffix;
    if (!std::filesystem::exists(file, error)) continue;
    // The WAL belongs to its database by name; without one, an old WAL must not stay for the new file either.
    std::filesystem::rename(file, absl::StrCat(path, ".bad", suffix), error);
    if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat(file, ": moving it aside"));
  }
  return absl::OkStatus();
}

}  // namespace liandong::history
