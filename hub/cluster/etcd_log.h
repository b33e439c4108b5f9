// The log of the active node: etcd orders the batches and keeps them on a majority, the node's own log.db keeps them
// for itself. A batch is done when both have it, etcd first: log.db is never ahead of etcd.
//
// One thread writes: it takes whatever batches wait and writes them in one transaction, which compares the term and the
// head of the log. While log.db syncs them, the next ones are on their way to etcd.
//
// What is read comes from log.db. Invariants and thread-safety: event_log.h. After a failure the process must end;
// Aborted says that another node leads.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "hub/cluster/fence.h"
#include "hub/log/event_log.h"

namespace liandong::cluster {

// Since when log.db has not moved although something waits for it. Thread-safe.
class LocalWait {
 public:
  using Clock = std::chrono::steady_clock;
  void Waits() { since_ = Clock::now().time_since_epoch(); }
  void Nothing() { since_ = std::chrono::nanoseconds(0); }
  // Zero when nothing waits.
  std::chrono::nanoseconds For() const {
    const auto since = since_.load();
    return since.count() == 0 ? since : Clock::now().time_since_epoch() - since;
  }

 private:
  std::atomic<std::chrono::nanoseconds> since_{};
};

class EtcdLog : public log::EventLog {
 public:
  // `local` holds everything that etcd has, of which `head` is the head's value as it stands there. Both outlive this.
  EtcdLog(std::shared_ptr<const Fence> fence, log::EventLog* local, std::string head, std::shared_ptr<LocalWait> wait);
  // Commits what still waits and calls its `done`.
  ~EtcdLog() override;

  void Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) override;
  absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit) override;
  uint64_t last_index() const override;
  std::string last_link() const override;
  bool WaitFor(uint64_t after_index, absl::Duration timeout) override;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::cluster
