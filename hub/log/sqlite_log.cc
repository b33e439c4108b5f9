#include "hub/log/sqlite_log.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/log/batch_table.h"
#include "hub/log/chain_check.h"
#include "hub/log/checkpointer.h"
#include "hub/log/folder_lock.h"
#include "hub/log/records.h"
#include "hub/log/sqlite.h"
#include "hub/log/sqlite_pool.h"
#include "security/chain.h"
#include "security/file.h"

namespace liandong::log {
namespace {

struct Pending {
  uint64_t first_index = 0;
  uint64_t last_index = 0;
  std::string bytes;
  EventLog::Done done;
};

// An endless timeout would overflow the clock's own arithmetic.
constexpr absl::Duration kWaitMax = absl::Hours(24);

int RememberWalPages(void* pages, sqlite3*, const char*, int in_wal) {
  *static_cast<int*>(pages) = in_wal;
  return SQLITE_OK;
}

}  // namespace

std::string LogPath(const std::string& data_dir) { return data_dir + "/log.db"; }

class SqliteLog::Impl {
 public:
  Impl(SqliteLogOptions options, FolderLock lock)
      : options_(std::move(options)),
        path_(LogPath(options_.data_dir)),
        folder_lock_(std::move(lock)),
        readers_([this] { return BatchReader::Open(path_); }, kIdleReadersMax) {}

  ~Impl();

  absl::Status Open();
  void Append(Pending pending);
  absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit);
  bool WaitFor(uint64_t after_index, absl::Duration timeout);

  uint64_t last_index() const {
    std::lock_guard lock(mutex_);
    return committed_index_;
  }
  std::string last_link() const {
    std::lock_guard lock(mutex_);
    return security::EncodeLink(committed_link_);
  }
  absl::Status status() const {
    std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  absl::Status OpenWriter();
  absl::Status FindEnd();
  void Loop();
  std::vector<Pending> TakeGroup();
  absl::Status Commit(const std::vector<Pending>& group, std::vector<security::ChainLink>& links);
  absl::Status InsertAll(const std::vector<Pending>& group, std::vector<security::ChainLink>& links);
  absl::Status TendWal();
  void Fail(const absl::Status& status);

  const SqliteLogOptions options_;
  const std::string path_;
  FolderLock folder_lock_;
  ReaderPool<BatchReader> readers_;

  // The writer thread's own.
  Connection connection_;
  Statement begin_, insert_, commit_;
  int wal_pages_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable grown_;
  std::deque<Pending> queue_;           // guarded by mutex_
  bool closing_ = false;                // guarded by mutex_
  uint64_t committed_index_ = 0;        // guarded by mutex_
  security::ChainLink committed_link_;  // guarded by mutex_
  absl::Status failure_;                // guarded by mutex_

  std::unique_ptr<Checkpointer> checkpointer_;
  std::thread thread_;
};

SqliteLog::Impl::~Impl() {
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_all();
  grown_.notify_all();
  if (thread_.joinable()) thread_.join();
  // The writer's connection closes last: the last one to close empties the WAL, and a reader could not.
  checkpointer_.reset();
  readers_.Renew();
}

absl::Status SqliteLog::Impl::Open() {
  if (auto status = OpenWriter(); !status.ok()) return status;
  if (auto status = FindEnd(); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(path_, ": ", status.message(),
                                                    " (日志末尾已损坏); restore log.db from a backup or another node"));
  }
  auto checkpointer = Checkpointer::Start(path_, [this](const absl::Status& status) { Fail(status); });
  if (!checkpointer.ok()) return checkpointer.status();
  checkpointer_ = *std::move(checkpointer);
  thread_ = std::thread([this] { Loop(); });
  return absl::OkStatus();
}

absl::Status SqliteLog::Impl::OpenWriter() {
  auto connection = Connection::Open(path_, Connection::Mode::kCreate, kBusyMs);
  if (!connection.ok()) return connection.status();
  connection_ = *std::move(connection);
  if (auto status = connection_.Run("PRAGMA synchronous=FULL"); !status.ok()) return status;
  if (auto status = PrepareLogFile(connection_, options_.suite); !status.ok()) return status;
  const std::string pragmas = absl::StrCat("PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=", kWalKeptBytes);
  if (auto status = connection_.Run(pragmas.c_str()); !status.ok()) return status;
  sqlite3_wal_hook(connection_.handle(), RememberWalPages, &wal_pages_);
  auto begin = connection_.Prepare("BEGIN IMMEDIATE");
  if (!begin.ok()) return begin.status();
  auto insert = connection_.Prepare("INSERT INTO batch(first_index, last_index, link, bytes) VALUES(?, ?, ?, ?)");
  if (!insert.ok()) return insert.status();
  auto commit = connection_.Prepare("COMMIT");
  if (!commit.ok()) return commit.status();
  begin_ = *std::move(begin);
  insert_ = *std::move(insert);
  commit_ = *std::move(commit);
  // Names of new files last from here on; SQLite syncs the contents.
  return security::SyncFolder(options_.data_dir);
}

// Where the log ends, after checking its last batches.
absl::Status SqliteLog::Impl::FindEnd() {
  committed_link_ = security::GenesisLink(options_.suite);
  auto reader = readers_.Take();
  if (!reader.ok()) return reader.status();
  const auto tail = (*reader)->FindFromEnd(std::max<uint64_t>(options_.tail_batches_verified, 1) - 1);
  if (!tail.ok()) return tail.status();
  const uint64_t from = tail->has_value() ? (*tail)->first_index : 1;
  uint64_t next_row = from;
  auto walk = (*reader)->Begin(from - 1, "");
  if (!walk.ok()) return walk.status();
  while (true) {
    const auto piece = (*reader)->ReadPiece(next_row, kReadBatchesMax, kReadBytesMax);
    if (!piece.ok()) return piece.status();
    for (const CommittedBatch& batch : *piece) {
      if (auto status = walk->Take(batch); !status.ok()) return status;
      if (auto parsed = ParseBatch(batch); !parsed.ok()) return parsed.status();
      next_row = batch.first_index + 1;
    }
    if (piece->empty()) break;
  }
  committed_index_ = walk->index();
  if (committed_index_ > 0) committed_link_ = walk->link();
  return absl::OkStatus();
}

void SqliteLog::Impl::Append(Pending pending) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(pending));
  }
  work_.notify_one();
}

void SqliteLog::Impl::Loop() {
  while (true) {
    std::vector<Pending> group;
    std::vector<security::ChainLink> links;
    absl::Status status;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return closing_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group = TakeGroup();
      status = failure_;
    }
    if (status.ok()) status = Commit(group, links);
    if (status.ok()) {
      {
        std::lock_guard lock(mutex_);
        committed_index_ = group.back().last_index;
        committed_link_ = links.back();
      }
      grown_.notify_all();
    } else {
      Fail(status);
      status = this->status();
    }
    for (size_t i = 0; i < group.size(); ++i) {
      if (group[i].done == nullptr) continue;
      group[i].done(status, status.ok() ? security::EncodeLink(links[i]) : std::string());
    }
    if (status.ok()) status = TendWal();
    if (!status.ok()) Fail(status);
  }
}

// mutex_ is held.
std::vector<Pending> SqliteLog::Impl::TakeGroup() {
  std::vector<Pending> group;
  size_t bytes = 0;
  while (!queue_.empty() && group.size() < kGroupBatchesMax && bytes < kGroupBytesMax) {
    bytes += queue_.front().bytes.size();
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

absl::Status SqliteLog::Impl::Commit(const std::vector<Pending>& group, std::vector<security::ChainLink>& links) {
  if (auto status = begin_.Run(); !status.ok()) return status;
  absl::Status status = InsertAll(group, links);
  if (status.ok()) status = commit_.Run();
  // Never tried again: after a failed sync the kernel may have dropped the pages and would report success.
  if (!status.ok() && sqlite3_get_autocommit(connection_.handle()) == 0) connection_.Run("ROLLBACK").IgnoreError();
  return status;
}

absl::Status SqliteLog::Impl::InsertAll(const std::vector<Pending>& group, std::vector<security::ChainLink>& links) {
  // Only this thread writes the two, so reading them without the lock is safe here.
  uint64_t index = committed_index_;
  security::ChainLink link = committed_link_;
  links.reserve(group.size());
  for (const Pending& batch : group) {
    if (batch.first_index != index + 1 || batch.last_index < batch.first_index || batch.bytes.size() > kBatchBytesMax) {
      return absl::InternalError(absl::StrCat(path_, ": a batch of records ", batch.first_index, " to ",
                                              batch.last_index, " (", batch.bytes.size(),
                                              " bytes) was appended after record ", index));
    }
    link = security::Next(options_.suite, link, batch.bytes);
    links.push_back(link);
    const std::string encoded = security::EncodeLink(link);
    insert_.Bind(1, batch.first_index).Bind(2, batch.last_index).BindBlob(3, encoded).BindBlob(4, batch.bytes);
    if (auto status = insert_.Run(); !status.ok()) return status;
    index = batch.last_index;
  }
  return absl::OkStatus();
}

absl::Status SqliteLog::Impl::TendWal() {
  if (wal_pages_ >= kWalCheckpointPages) checkpointer_->Wake();
  if (wal_pages_ < kWalPagesMax) return absl::OkStatus();
  // Under endless load the checkpoint thread never meets a gap; it has moved nearly all, and here nobody appends.
  return connection_.CheckpointPassive().status();
}

void SqliteLog::Impl::Fail(const absl::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (failure_.ok()) {
      failure_ = absl::Status(status.code(), absl::StrCat("the log has stopped (日志已停止写入): ", status.message()));
    }
  }
  grown_.notify_all();
}

absl::Status SqliteLog::Impl::Read(uint64_t after_index, std::string_view link, const Visit& visit) {
  auto reader = readers_.Take();
  if (!reader.ok()) return reader.status();
  auto walk = (*reader)->Begin(after_index, link);
  if (!walk.ok()) return walk.status();
  // Most readers want one batch, or what the log has just grown by; who reads on gets larger pieces.
  size_t batches = 1;
  while (true) {
    const auto piece = (*reader)->ReadPiece(walk->index() + 1, batches, kReadBytesMax);
    if (!piece.ok()) return piece.status();
    if (piece->empty()) return absl::OkStatus();
    for (const CommittedBatch& batch : *piece) {
      if (auto status = walk->Take(batch); !status.ok()) {
        return absl::Status(status.code(), absl::StrCat(path_, ": ", status.message()));
      }
      if (auto status = visit(batch); !status.ok()) return status;
    }
    batches = std::min(batches * 4, kReadBatchesMax);
  }
}

bool SqliteLog::Impl::WaitFor(uint64_t after_index, absl::Duration timeout) {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, absl::ToChronoNanoseconds(std::min(timeout, kWaitMax)),
                  [&] { return committed_index_ > after_index || closing_ || !failure_.ok(); });
  return committed_index_ > after_index;
}

SqliteLog::SqliteLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteLog::~SqliteLog() = default;

absl::StatusOr<std::unique_ptr<SqliteLog>> SqliteLog::Open(const SqliteLogOptions& options) {
  if (auto status = security::MakeFolder(options.data_dir, 0700); !status.ok()) return status;
  auto lock = FolderLock::Take(options.data_dir);
  if (!lock.ok()) return lock.status();
  auto impl = std::make_unique<Impl>(options, *std::move(lock));
  if (auto status = impl->Open(); !status.ok()) return status;
  return std::unique_ptr<SqliteLog>(new SqliteLog(std::move(impl)));
}

void SqliteLog::Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) {
  impl_->Append({first_index, last_index, std::move(bytes), std::move(done)});
}

absl::Status SqliteLog::Read(uint64_t after_index, std::string_view link, const Visit& visit) {
  return impl_->Read(after_index, link, visit);
}

uint64_t SqliteLog::last_index() const { return impl_->last_index(); }
std::string SqliteLog::last_link() const { return impl_->last_link(); }
bool SqliteLog::WaitFor(uint64_t after_index, absl::Duration timeout) { return impl_->WaitFor(after_index, timeout); }
absl::Status SqliteLog::status() const { return impl_->status(); }

}  // namespace liandong::log
