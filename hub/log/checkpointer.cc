#include "hub/log/checkpointer.h"

#include <utility>

#include "hub/log/limits.h"

namespace liandong::log {

absl::StatusOr<std::unique_ptr<Checkpointer>> Checkpointer::Start(const std::string& path,
                                                                  std::function<void(const absl::Status&)> failed) {
  auto connection = Connection::Open(path, Connection::Mode::kReadWrite, kBusyMs);
  if (!connection.ok()) return connection.status();
  if (auto status = connection->Run("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"); !status.ok()) {
    return status;
  }
  std::unique_ptr<Checkpointer> checkpointer(new Checkpointer());
  checkpointer->connection_ = *std::move(connection);
  checkpointer->failed_ = std::move(failed);
  checkpointer->thread_ = std::thread([raw = checkpointer.get()] { raw->Loop(); });
  return checkpointer;
}

Checkpointer::~Checkpointer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Checkpointer::Wake() {
  {
    std::lock_guard lock(mutex_);
    if (wanted_) return;
    wanted_ = true;
  }
  wake_.notify_one();
}

void Checkpointer::Loop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return wanted_ || stopping_; });
      if (stopping_) return;
    }
    // Appends go on meanwhile, so something is left after each pass, less each time; the WAL is begun anew by the first
    // append that finds nothing left.
    for (int pass = 0; pass < kCheckpointPassesMax; ++pass) {
      const auto done = connection_.CheckpointPassive();
      if (!done.ok()) {
        failed_(done.status());
        return;
      }
      if (*done) break;
    }
    std::lock_guard lock(mutex_);
    wanted_ = false;
  }
}

}  // namespace liandong::log
