#include "adapters/client/lane_progress.h"

#include <algorithm>

#include "adapters/limits.h"

namespace liandong::adapters {

void LaneProgress::Welcomed(const v1::Welcome& welcome) {
  bool other_past = false;
  for (const v1::LaneCursor& last : welcome.last()) {
    if (last.lane() == v1::URGENT && cursors_.urgent_named && last.after_sequence() < cursors_.urgent) {
      start_.urgent = cursors_.urgent = 0;
      other_past = true;
    }
    if (last.lane() == v1::ORDINARY && cursors_.ordinary_named && last.after_sequence() < cursors_.ordinary) {
      start_.ordinary = cursors_.ordinary = 0;
      other_past = true;
    }
  }
  if (!other_past) return;
  // Its delivery ids start again as well.
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
