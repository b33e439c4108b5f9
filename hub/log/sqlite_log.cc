#include "hub/log/sqlite_log.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/log/batch_table.h"
#include "hub/log/checkpointer.h"
#include "hub/log/folder_lock.h"
#include "hub/log/log_writer.h"
#include "hub/log/sqlite_pool.h"
#include "security/chain.h"
#include "security/file.h"

namespace liandong::log {
namespace {

using Pending = LogWriter::Batch;

// An endless timeout would overflow the clock's own arithmetic.
constexpr absl::Duration kWaitMax = absl::Hours(24);

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
  void Loop();
  std::vector<Pending> TakeGroup();
  absl::Status TendWal();
  void Fail(const absl::Status& status);

  const SqliteLogOptions options_;
  const std::string path_;
  FolderLock folder_lock_;
  ReaderPool<BatchReader> readers_;

  LogWriter writer_;  // the writer thread's own

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
  if (auto status = writer_.Open(path_, options_.suite); !status.ok()) return status;
  // Names of new files last from here on; SQLite syncs the contents.
  if (auto status = security::SyncFolder(options_.data_dir); !status.ok()) return status;
  auto reader = readers_.Take();
  if (!reader.ok()) return reader.status();
  if (auto status = writer_.FindEnd(**reader, options_.tail_batches_verified); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(path_, ": ", status.message(),
                                                    " (日志末尾已损坏); restore log.db from a backup or another node"));
  }
  committed_index_ = writer_.last_index();
  committed_link_ = writer_.last_link();
  auto checkpointer = Checkpointer::Start(path_, [this](const absl::Status& status) { Fail(status); });
  if (!checkpointer.ok()) return checkpointer.status();
  checkpointer_ = *std::move(checkpointer);
  thread_ = std::thread([this] { Loop(); });
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
    if (status.ok()) status = writer_.Commit(group, links);
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

absl::Status SqliteLog::Impl::TendWal() {
  if (writer_.wal_pages() >= kWalCheckpointPages) checkpointer_->Wake();
  if (writer_.wal_pages() < kWalPagesMax) return absl::OkStatus();
  // Under endless load the checkpoint thread never meets a gap; it has moved nearly all, and here nobody appends.
  return writer_.Checkpoint();
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
  return ReadBatches(**reader, after_index, link, visit, [this] { return last_index(); });
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
