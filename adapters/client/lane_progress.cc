#include "adapters/client/lane_progress.h"

#include <algorithm>

#include "adapters/limits.h"

namespace liandong::adapters {

void LaneProgress::Forget() {
  start_ = cursors_ = {};
  recent_.clear();
  order_.clear();
}

bool LaneProgress::IsRepeat(const v1::Envelope& envelope) const {
  if (recent_.contains(envelope.delivery_id())) return true;
  if (envelope.lane() == v1::URGENT) return start_.urgent_named && envelope.sequence() <= start_.urgent;
  return start_.ordinary_named && envelope.sequence() <= start_.ordinary;
}

void LaneProgress::Stored(const v1::Envelope& envelope) {
  if (recent_.insert(envelope.delivery_id()).second) {
    order_.push_back(envelope.delivery_id());
    if (order_.size() > kLinkRecentMax) {
      recent_.erase(order_.front());
      order_.pop_front();
    }
  }
  if (envelope.lane() == v1::URGENT) {
    cursors_.urgent_named = true;
    cursors_.urgent = std::max(cursors_.urgent, envelope.sequence());
  } else {
    cursors_.ordinary_named = true;
    cursors_.ordinary = std::max(cursors_.ordinary, envelope.sequence());
  }
}

}  // namespace liandong::adapters
