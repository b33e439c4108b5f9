#include "hub/service/workers.h"

#include <utility>

#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::service {

Workers::Workers(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

Workers::~Workers() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status Workers::Run(std::function<void()> job) {
  absl::MutexLock lock(&mu_);
  if (queue_.size() >= limits::kWorkerQueue) {
    return core::Refuse(absl::StatusCode::kResourceExhausted, "OVERLOADED", "too many reads wait; try again as told",
                        "查询过多,请稍后重试", "", limits::kRetryAfterMs);
  }
  queue_.push_back(std::move(job));
  return absl::OkStatus();
}

void Workers::Loop() {
  while (true) {
    std::function<void()> job;
    {
      absl::MutexLock lock(&mu_);
      auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !queue_.empty() || stopping_; };
      mu_.Await(absl::Condition(&ready));
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

}  // namespace liandong::service
