// Moves the WAL into the database file on a thread of its own, so that no append waits for it.
//
// Thread-safety: every method may be called from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/sqlite.h"

namespace liandong::log {

class Checkpointer {
 public:
  // `failed` is called once, on the checkpoint thread, when a checkpoint fails. The log must stop then: what a failed
  // sync of the file has lost would be written over in the WAL next.
  static absl::StatusOr<std::unique_ptr<Checkpointer>> Start(const std::string& path,
                                                             std::function<void(const absl::Status&)> failed);
  ~Checkpointer();

  // The WAL is long enough.
  void Wake();

 private:
  Checkpointer() = default;
  void Loop();

  Connection connection_;
  std::function<void(const absl::Status&)> failed_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;    // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace liandong::log
