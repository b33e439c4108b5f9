// A hub without network and disk, for one input: the sequencer with a clock in the hand of the input, a log in memory.
#ifndef LIANDONG_TESTS_FUZZ_ONE_HUB_H_
#define LIANDONG_TESTS_FUZZ_ONE_HUB_H_

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hub/log/event_log.h"
#include "hub/sealer.h"
#include "hub/sequencer.h"
#include "liandong/v1/site.pb.h"

namespace liandong::fuzz {

class HandClock : public hub::Clock {
 public:
  int64_t WallMs() const override { return now_; }
  int64_t MonotonicMs() const override { return now_; }
  void Forward(int64_t ms) { now_ += ms; }

 private:
  std::atomic<int64_t> now_{1'783'900'800'000};
};

// Everything is durable at once.
class MemoryLog : public log::EventLog {
 public:
  void Append(uint64_t first, uint64_t last, std::string bytes, Done done) override;
  absl::Status Read(uint64_t, std::string_view, const Visit& visit) override;
  uint64_t last_index() const override;
  std::string last_link() const override { return "link"; }
  bool WaitFor(uint64_t, absl::Duration) override { return false; }

 private:
  mutable std::mutex mutex_;
  std::vector<log::CommittedBatch> batches_;
};

class OneHub {
 public:
  explicit OneHub(const v1::SiteSet& site);
  ~OneHub();

  // Runs `work` and what was due by then, and waits for what it let out.
  void Do(hub::Work work);
  HandClock& clock() { return clock_; }
  hub::Sequencer& sequencer() { return *sequencer_; }
  log::EventLog& log() { return log_; }
  // Stops the hub and checks that the log gives the same State again.
  void StopAndFold();

 private:
  HandClock clock_;
  MemoryLog log_;
  std::unique_ptr<hub::Sealer> sealer_;
  std::unique_ptr<hub::Sequencer> sequencer_;
};

}  // namespace liandong::fuzz

#endif  // LIANDONG_TESTS_FUZZ_ONE_HUB_H_
