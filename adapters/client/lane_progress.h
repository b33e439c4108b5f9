// What a line has stored: where each lane stands, and which deliveries were handed over. Pure; not thread-safe.
#ifndef LIANDONG_ADAPTERS_CLIENT_LANE_PROGRESS_H_
#define LIANDONG_ADAPTERS_CLIENT_LANE_PROGRESS_H_

#include <cstdint>
#include <deque>
#include <unordered_set>

#include "adapters/client/link_session.h"

namespace liandong::adapters {

class LaneProgress {
 public:
  explicit LaneProgress(const LaneCursors& resume) : start_(resume), cursors_(resume) {}

  const LaneCursors& cursors() const { return cursors_; }

  // For a hub with another past (set up anew, or restored from an old backup): its sequences and delivery ids start
  // again, so what is known of them here says nothing any more.
  void Forget();

  // Handed over before: by this object, or before the cursor that it was started with.
  bool IsRepeat(const v1::Envelope& envelope) const;

  void Stored(const v1::Envelope& envelope);

 private:
  LaneCursors start_;
  LaneCursors cursors_;
  std::unordered_set<uint64_t> recent_;
  std::deque<uint64_t> order_;  // of recent_, oldest first
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_LANE_PROGRESS_H_
