#include "adapters/spool/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "security/seal.h"
#include "security/settle_wal.h"
#include "security/vault.h"

namespace liandong::adapters {
namespace {

using spool::Database;
using spool::Join;
using spool::Query;

// on-disk format 1.
constexpr char kSchema[] = R"sql(
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbound(row INTEGER PRIMARY KEY, lane INT NOT NULL, kind INT NOT NULL, link TEXT NOT NULL,
  body BLOB NOT NULL, stored_at_ms INT NOT NULL);
CREATE INDEX IF NOT EXISTS inbound_lane ON inbound(lane, row);
CREATE TABLE IF NOT EXISTS repeat(hash BLOB PRIMARY KEY, row INT NOT NULL, id TEXT NOT NULL, at_ms INT NOT NULL)
  WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS repeat_at ON repeat(at_ms);
CREATE TABLE IF NOT EXISTS same(hash BLOB PRIMARY KEY, id TEXT NOT NULL, at_ms INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbound(row INTEGER PRIMARY KEY, link TEXT NOT NULL, lane INT NOT NULL,
  sequence INT NOT NULL, delivery_id INT NOT NULL, queued_at_ms INT NOT NULL, incident_id INT NOT NULL,
  revision INT NOT NULL, duty_id INT NOT NULL,
  state INT NOT NULL,  tries INT NOT NULL, next_try_ms INT NOT NULL, stored_at_ms INT NOT NULL, body BLOB NOT NULL,
  UNIQUE(delivery_id, link, queued_at_ms));
CREATE INDEX IF NOT EXISTS outbound_waiting ON outbound(link, lane, sequence) WHERE state = 0;
CREATE INDEX IF NOT EXISTS outbound_incident ON outbound(link, incident_id) WHERE state = 0;
CREATE INDEX IF NOT EXISTS outbound_duty ON outbound(link, duty_id);
CREATE TABLE IF NOT EXISTS cursor(lane INTEGER PRIMARY KEY, sequence INT NOT NULL);
CREATE TABLE IF NOT EXISTS native(hash BLOB PRIMARY KEY, delivery_id INT NOT NULL, incident_id INT NOT NULL,
  lane INT NOT NULL, at_ms INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parked(row INTEGER PRIMARY KEY, link TEXT NOT NULL, repeat BLOB NOT NULL, body BLOB NOT NULL,
  at_ms INT NOT NULL, quiet INT NOT NULL);
CREATE TABLE IF NOT EXISTS parked_key(hash BLOB NOT NULL, row INT NOT NULL REFERENCES parked(row) ON DELETE CASCADE,
  PRIMARY KEY(hash, row)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS parked_key_row ON parked_key(row);
CREATE TABLE IF NOT EXISTS dead(row INTEGER PRIMARY KEY, kind INT NOT NULL, link TEXT NOT NULL, hash BLOB NOT NULL,
  reason TEXT NOT NULL, context BLOB NOT NULL, body BLOB NOT NULL, body_bytes INT NOT NULL, at_ms INT NOT NULL,
  times INT NOT NULL, resend INT NOT NULL, lane INT NOT NULL, inbound_kind INT NOT NULL, outbound_row INT NOT NULL);
CREATE INDEX IF NOT EXISTS dead_hash ON dead(hash);
)sql";

constexpr std::string_view kFormat = "liandong-spool-1";

absl::StatusOr<std::string> ReadMeta(Database& db, std::string_view name) {
  Query query = db.Prepare("SELECT value FROM meta WHERE name = ?");
  query.Text(name);
  if (query.Step()) return query.BytesAt(0);
  if (!query.status().ok()) return query.status();
  return absl::NotFoundError("spool: no such entry");
}

absl::Status WriteMeta(Database& db, std::string_view name, std::string_view value) {
  return db.Prepare("INSERT OR REPLACE INTO meta(name, value) VALUES(?, ?)").Text(name).Blob(value).Run();
}

absl::StatusOr<uint64_t> ReadNumber(Database& db, std::string_view name) {
  auto text = ReadMeta(db, name);
  if (absl::IsNotFound(text.status())) return 0;
  if (!text.ok()) return text.status();
  return std::stoull(*text);
}

std::string KeyAad(std::string_view uuid) { return Join("liandong spool key ", uuid); }

int64_t WallClockMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct Spool::Write {
  std::function<absl::Status(Database&)> work;
  absl::Status status;
  bool done = false;
};

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(SpoolOptions options) {
  if (!options.now_ms) options.now_ms = WallClockMs;
  std::unique_ptr<Spool> result(new Spool(std::move(options)));
  if (absl::Status status = result->Start(); !status.ok()) return status;
  return result;
}

absl::Status Spool::Start() {
  auto writer = Database::Open(options_.path);
  if (!writer.ok()) return writer.status();
  writer_ = *std::move(writer);
  if (absl::Status status = security::SettleWal(writer_->handle(), options_.path); !status.ok()) return status;
  if (absl::Status status = writer_->Exec(kSchema); !status.ok()) return status;
  if (absl::Status status = LoadMeta(); !status.ok()) return status;
  if (absl::Status status = LoadCounters(); !status.ok()) return status;
  auto reader = Database::Open(options_.path);
  if (!reader.ok()) return reader.status();
  reader_ = *std::move(reader);
  return absl::OkStatus();
}

absl::Status Spool::LoadMeta() {
  if (absl::Status status = writer_->Exec("BEGIN IMMEDIATE"); !status.ok()) return status;
  const absl::Status status = [&]() -> absl::Status {
    auto format = ReadMeta(*writer_, "format");
    if (format.ok() && *format != kFormat) {
      return absl::FailedPreconditionError(
          Join(options_.path, ": 暂存库格式较新,请用更新版本的程序 (a newer spool format: use a newer program)"));
    }
    auto suite = security::SuiteFromNumber(static_cast<uint32_t>(options_.suite));
    if (format.ok()) {
      auto number = ReadNumber(*writer_, "suite");
      if (!number.ok()) return number.status();
      suite = security::SuiteFromNumber(static_cast<uint32_t>(*number));
    } else if (!absl::IsNotFound(format.status())) {
      return format.status();
    }
    if (!suite.ok()) return suite.status();
    options_.suite = *suite;
    auto provider = security::FileKeyProvider::Open(options_.key_file, *suite);
    if (!provider.ok()) return provider.status();
    if (!format.ok()) {
      uuid_ = security::Hex(security::RandomBytes(8));
      data_key_ = security::RandomBytes(security::kKeyBytes);
      auto wrapped = (*provider)->Wrap(KeyAad(uuid_), data_key_);
      if (!wrapped.ok()) return wrapped.status();
      for (const auto& [name, value] : {std::pair<std::string, std::string>("uuid", uuid_),
                                        {"suite", Join(static_cast<int>(*suite))},
                                        {"data_key", *wrapped},
                                        {"format", std::string(kFormat)}}) {
        if (absl::Status written = WriteMeta(*writer_, name, value); !written.ok()) return written;
      }
      return absl::OkStatus();
    }
    auto uuid = ReadMeta(*writer_, "uuid");
    auto wrapped = ReadMeta(*writer_, "data_key");
    auto row = ReadNumber(*writer_, "next_row");
    for (const absl::Status& read : {uuid.status(), wrapped.status(), row.status()}) {
      if (!read.ok()) return read;
    }
    uuid_ = *uuid;
    next_row_ = *row == 0 ? 1 : *row;
    auto key = (*provider)->Unwrap(KeyAad(uuid_), *wrapped);
    if (!key.ok()) {
      return absl::DataLossError(
          Join(options_.key_file, ": 密钥文件与暂存库 ", options_.path,
               " 不匹配,请放回原来的密钥文件 (this key file does not open the spool: put the original key file back)"));
    }
    data_key_ = *std::move(key);
    return absl::OkStatus();
  }();
  if (!status.ok()) {
    writer_->Exec("ROLLBACK").IgnoreError();
    return status;
  }
  return writer_->Exec("COMMIT");
}

absl::Status Spool::LoadCounters() {
  Query query = writer_->Prepare(
      "SELECT (SELECT count(*) FROM inbound) + (SELECT count(*) FROM outbound WHERE state = 0) + "
      "(SELECT count(*) FROM parked), (SELECT coalesce(sum(length(body)), 0) FROM inbound) + "
      "(SELECT coalesce(sum(length(body)), 0) FROM outbound WHERE state = 0) + "
      "(SELECT coalesce(sum(length(body)), 0) FROM parked) + (SELECT coalesce(sum(length(body)), 0) FROM dead), "
      "(SELECT count(*) FROM dead)");
  if (query.Step()) counters_ = {query.UintAt(0), query.UintAt(1), query.UintAt(2)};
  return query.status();
}

Spool::~Spool() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
  security::Wipe(data_key_);
}

absl::Status Spool::Lock() {
  const std::string path = options_.path + ".lock";
  lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0 || ::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        Join(path, ": 另一个适配器正在使用此暂存库 (another adapter is running on this spool)"));
  }
  return absl::OkStatus();
}

absl::Status Spool::Commit(std::function<absl::Status(Database&)> work) {
  Write write{std::move(work), absl::OkStatus(), false};
  std::unique_lock<std::mutex> lock(queue_mutex_);
  queue_.push_back(&write);
  while (!write.done) {
    if (writing_) {
      queue_changed_.wait(lock);
      continue;
    }
    // The first to come writes for all who came while the batch before was synced.
    writing_ = true;
    std::deque<Write*> batch;
    while (!queue_.empty() && batch.size() < kSpoolBatchMax) {
      batch.push_back(queue_.front());
      queue_.pop_front();
    }
    lock.unlock();
    RunBatch(batch);
    lock.lock();
    writing_ = false;
    ++version_;
    for (Write* each : batch) each->done = true;
    queue_changed_.notify_all();
    version_changed_.notify_all();
  }
  return write.status;
}

void Spool::RunBatch(std::deque<Write*>& batch) {
  std::lock_guard<std::mutex> lock(writer_mutex_);
  const uint64_t row_before = next_row_;
  absl::Status whole = writer_->Exec("BEGIN IMMEDIATE");
  for (Write* write : batch) {
    if (!whole.ok()) break;
    whole.Update(writer_->Exec("SAVEPOINT one"));
    if (!whole.ok()) break;
    write->status = write->work(*writer_);
    if (!write->status.ok()) whole.Update(writer_->Exec("ROLLBACK TO one"));
    whole.Update(writer_->Exec("RELEASE one"));
  }
  if (whole.ok() && next_row_ != row_before) whole = WriteMeta(*writer_, "next_row", Join(next_row_));
  if (whole.ok()) whole = writer_->Exec("COMMIT");
  if (whole.ok()) return;
  writer_->Exec("ROLLBACK").IgnoreError();
  for (Write* write : batch) {
    if (write->status.ok()) write->status = whole;
  }
  LoadCounters().IgnoreError();
}

absl::Status Spool::CheckRoom(uint64_t bytes, uint64_t share) const {
  if ((counters_.bytes + bytes) <= options_.bytes_max / 100 * share &&
      counters_.rows < options_.rows_max * share / 100) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("spool: 暂存库已满,请稍后重发 (the spool is full, send again later)");
}

uint64_t Spool::NextRow() { return next_row_++; }

std::string Spool::Seal(std::string_view table, uint64_t row, std::string_view body) const {
  return security::Seal(options_.suite, data_key_, Join("spool/", uuid_, "/", table, "/", row), body);
}

absl::StatusOr<std::string> Spool::OpenBody(std::string_view table, uint64_t row, std::string_view sealed) const {
  auto body = security::Open(data_key_, Join("spool/", uuid_, "/", table, "/", row), sealed);
  if (!body.ok()) {
    return absl::DataLossError(
        Join("spool: ", options_.path, ": ", table, " ", row, ": 记录已损坏 (this record is damaged)"));
  }
  return body;
}

std::string Spool::KeyHash(std::string_view purpose, std::string_view link, std::string_view key) const {
  return security::Mac(options_.suite, data_key_, Join(purpose, "\n", link, "\n", key));
}

absl::StatusOr<std::string> Spool::NewId() {
  std::lock_guard<std::mutex> lock(id_mutex_);
  if (next_id_ >= ids_until_) {
    uint64_t from = 0;
    const absl::Status status = Commit([&](Database& db) -> absl::Status {
      auto used = ReadNumber(db, "ids_until");
      if (!used.ok()) return used.status();
      from = *used == 0 ? 1 : *used;
      return WriteMeta(db, "ids_until", Join(from + kSpoolIdBlock));
    });
    if (!status.ok()) return status;
    next_id_ = from;
    ids_until_ = from + kSpoolIdBlock;
  }
  return Join(uuid_, "-", next_id_++);
}

uint64_t Spool::Version() const {
  std::lock_guard<std::mutex> lock(queue_mutex_);
  return version_;
}

bool Spool::WaitPast(uint64_t version, absl::Duration timeout) const {
  std::unique_lock<std::mutex> lock(queue_mutex_);
  return version_changed_.wait_for(lock, absl::ToChronoMilliseconds(timeout), [&] { return version_ > version; });
}

void Spool::Pause(absl::Duration time, const std::atomic<bool>& stop) const {
  std::unique_lock<std::mutex> lock(queue_mutex_);
  version_changed_.wait_for(lock, absl::ToChronoMilliseconds(time), [&] { return stop.load(); });
}

void Spool::Wake() {
  std::lock_guard<std::mutex> lock(queue_mutex_);
  ++version_;
  version_changed_.notify_all();
}

}  // namespace liandong::adapters
