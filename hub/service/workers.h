// A few threads for what may block: history, files. Neither a gRPC thread nor the sequencer's ever waits for these.
//
// Thread-safety: Run from any thread.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "hub/core/limits.h"

namespace liandong::service {

class Workers {
 public:
  explicit Workers(int threads, size_t waiting_max = limits::kWorkerQueue);
  // Runs what waits, then ends.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // RESOURCE_EXHAUSTED (OVERLOADED) when `waiting_max` wait already; then `job` does not run.
  absl::Status Run(std::function<void()> job);

 private:
  void Loop();

  const size_t waiting_max_;
  absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace liandong::service
