// Waits between tries: doubling from kClientBackoffMsMin to the longest one, each shortened by up to a half at
// random, so that many clients that lost the same hub do not come back in step. Not thread-safe.
#ifndef LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_
#define LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/time/time.h"
#include "adapters/limits.h"

namespace liandong::adapters {

class Backoff {
 public:
  // `hubs`: how many are named; see kClientMoveBackoffMsMax.
  explicit Backoff(size_t hubs) : ms_max_(hubs > 1 ? kClientMoveBackoffMsMax : kClientBackoffMsMax) {}

  absl::Duration Next() {
    const int64_t full = next_ms_;
    next_ms_ = std::min(next_ms_ * 2, ms_max_);
    return absl::Milliseconds(absl::Uniform<int64_t>(absl::IntervalClosed, random_, full / 2, full));
  }
  void Reset() { next_ms_ = kClientBackoffMsMin; }

 private:
  const int64_t ms_max_;
  absl::BitGen random_;
  int64_t next_ms_ = kClientBackoffMsMin;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_
