#include "hub/service/workers.h"

#include <utility>

#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::service {

Workers::Workers(int threads, size_t waiting_max) : waiting_max_(waiting_max) {
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
  if (queue_.size() >= waiting_max_) {
    return core::Refuse(absl::StatusCode::kResourceExhausted, "OVERLOADED", "too many wait; try again as told",
                        "等待处理的请求过多,请稍后重试", "", limits::kRetryAfterMs);
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
