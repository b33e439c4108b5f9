// The command centre of a long measurement: it ends each incident that all its agencies have accepted, so that the
// hub's memory holds what is open and no more. Not earlier: whoever is told of a task that has ended learns nothing of
// it.
#ifndef LIANDONG_TESTS_BENCH_CLOSER_H_
#define LIANDONG_TESTS_BENCH_CLOSER_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapters/client/desk_client.h"

namespace liandong::bench {

// Thread-safe.
class Closer {
 public:
  // `threads` calls at the same time.
  Closer(std::shared_ptr<adapters::HubClient> command, size_t threads);
  ~Closer();  // drops what waits

  void Accepted(uint64_t incident_id);  // by one of its agencies
  // Waits until nothing waits; how many calls failed so far.
  size_t Drain();

 private:
  void Work();

  adapters::DeskClient desk_;
  std::mutex mu_;
  std::condition_variable changed_;
  std::deque<uint64_t> waiting_;
  std::unordered_map<uint64_t, int> accepted_;  // by incident: how many agencies so far
  size_t under_way_ = 0, failed_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace liandong::bench

#endif  // LIANDONG_TESTS_BENCH_CLOSER_H_
