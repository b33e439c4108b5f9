// Waits between tries: doubling from kClientBackoffMsMin to kClientBackoffMsMax, each shortened by up to a half at
// random, so that many clients that lost the same hub do not come back in step. Not thread-safe.
#ifndef LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_
#define LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_

#include <algorithm>
#include <cstdint>

#include "absl/random/random.h"
#include "absl/time/time.h"
#include "adapters/limits.h"

namespace liandong::adapters {

class Backoff {
 public:
  absl::Duration Next() {
    const int64_t full = next_ms_;
    next_ms_ = std::min(next_ms_ * 2, kClientBackoffMsMax);
    return absl::Milliseconds(absl::Uniform<int64_t>(absl::IntervalClosed, random_, full / 2, full));
  }
  void Reset() { next_ms_ = kClientBackoffMsMin; }

 private:
  absl::BitGen random_;
  int64_t next_ms_ = kClientBackoffMsMin;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_BACKOFF_H_
