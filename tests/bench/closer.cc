#include "tests/bench/closer.h"

#include <cstdio>
#include <string>
#include <utility>

#include "tests/bench/course.h"

namespace liandong::bench {

Closer::Closer(std::shared_ptr<adapters::HubClient> command, size_t threads) : desk_(std::move(command)) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

Closer::~Closer() {
  {
    std::lock_guard lock(mu_);
    stopping_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Closer::Accepted(uint64_t incident_id) {
  std::lock_guard lock(mu_);
  if (++accepted_[incident_id] < kAgencies / kKinds) return;
  accepted_.erase(incident_id);
  waiting_.push_back(incident_id);
  changed_.notify_all();
}

size_t Closer::Drain() {
  std::unique_lock lock(mu_);
  changed_.wait(lock, [this] { return waiting_.empty() && under_way_ == 0; });
  return failed_;
}

void Closer::Work() {
  std::unique_lock lock(mu_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    v1::CloseRequest request;
    request.set_incident_id(waiting_.front());
    request.set_reason("DONE");
    waiting_.pop_front();
    ++under_way_;
    lock.unlock();
    const auto reply = desk_.Close(request);
    lock.lock();
    --under_way_;
    if (!reply.ok() && failed_++ == 0)
      std::fprintf(stderr, "close: %s\n", std::string(reply.status().message()).c_str());
    changed_.notify_all();
  }
}

}  // namespace liandong::bench
