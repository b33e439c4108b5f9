#include "adapters/screen/feed_follower.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

// A snapshot holds every part of its index.
Position Whole(uint64_t index) { return {index, std::numeric_limits<uint32_t>::max()}; }

Position Previous(const v1::FeedHeader& header, size_t level) {
  const int at = static_cast<int>(level);
  Position position;
  if (at < header.previous_size()) position.index = header.previous(at);
  if (at < header.previous_part_size()) position.part = header.previous_part(at);
  return position;
}

// Whether an incident is at home in the division that the topic names.
bool LivesIn(const v1::IncidentSummary& summary, absl::string_view topic) {
  const std::string& division = summary.incident().division();
  return absl::StartsWith(topic, division.empty() ? "000000000000" : division);
}

size_t LevelOf(const std::string& area) {
  return std::find(kFeedLevels.begin(), kFeedLevels.end(), area.size()) - kFeedLevels.begin();
}

}  // namespace

void FeedFollower::SetAreas(std::vector<std::string> areas) {
  std::sort(areas.begin(), areas.end());
  if (areas == areas_) return;
  areas_ = std::move(areas);
  last_.clear();
  waiting_.clear();
  synced_ = false;
}

// The strictest word of all areas that the topic is in. One area misses a frame that another has, so all are asked.
FeedFollower::Order FeedFollower::Judge(absl::string_view topic, const v1::FeedHeader& header) const {
  Order order = Order::kRepeat;
  for (const std::string& area : areas_) {
    if (!absl::StartsWith(topic, area)) continue;
    const auto it = last_.find(area);
    const Position last = it == last_.end() ? Position() : it->second;
    if (Position{header.index(), header.part()} <= last) continue;
    if (header.started_ms() != started_ms_ || Previous(header, LevelOf(area)) > last) return Order::kMissed;
    order = Order::kNext;
  }
  return order;
}

void FeedFollower::Missed() {
  if (synced_) ++lost_;
  synced_ = false;
}

void FeedFollower::OnFrame(absl::string_view topic, const v1::FeedHeader& header, const v1::FeedFrame& frame,
                           std::vector<Change>* changes) {
  Waiting one{std::string(topic), header, frame};
  if (synced_) {
    switch (Judge(topic, header)) {
      case Order::kRepeat:
        return;
      case Order::kNext:
        return Take(one, changes);
      case Order::kMissed:
        Missed();
    }
  }
  waiting_.push_back(std::move(one));
  if (waiting_.size() > kFrameQueueMax) waiting_.pop_front();
}

void FeedFollower::Take(const Waiting& one, std::vector<Change>* changes) {
  const Position here{one.header.index(), one.header.part()};
  for (const std::string& area : areas_) {
    if (absl::StartsWith(one.topic, area)) last_[area] = std::max(last_[area], here);
  }
  time_ms_ = std::max(time_ms_, one.frame.time_ms());
  for (const v1::IncidentSummary& summary : one.frame.incident()) {
    view_.Put(summary, here.index, one.frame.time_ms(), changes);
  }
  for (const uint64_t id : one.frame.gone()) {
    // An incident that moved is gone from one division; another frame of the same record has it at its new place.
    const View::Entry* entry = view_.Find(id);
    if (entry != nullptr && entry->told <= here.index && LivesIn(entry->summary, one.topic)) {
      view_.Remove(id, here.index, changes);
    }
  }
}

void FeedFollower::OnHeartbeat(const v1::FeedHeader& header, const v1::FeedHeartbeat& heartbeat) {
  if (!synced_) return;
  if (header.started_ms() != started_ms_) return Missed();
  for (const v1::FeedPosition& latest : heartbeat.latest()) {
    const auto it = last_.find(latest.prefix());
    if (it != last_.end() && Position{latest.index(), latest.part()} > it->second) return Missed();
  }
}

void FeedFollower::OnSnapshot(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms,
                              int64_t started_ms, std::vector<Change>* changes) {
  started_ms_ = started_ms;
  time_ms_ = std::max(time_ms_, time_ms);
  view_.Replace(open, log_index, time_ms, changes);
  for (const std::string& area : areas_) last_[area] = Whole(log_index);
  synced_ = true;
  std::deque<Waiting> waiting;
  waiting.swap(waiting_);
  for (Waiting& one : waiting) {
    if (!synced_) {
      waiting_.push_back(std::move(one));
      continue;
    }
    const Order order = Judge(one.topic, one.header);
    if (order == Order::kNext) Take(one, changes);
    if (order != Order::kMissed) continue;
    Missed();
    // Of another hub: the next snapshot has it, or that hub's log is no more. Kept, it would call for snapshots for
    // ever.
    if (one.header.started_ms() == started_ms_) waiting_.push_back(std::move(one));
  }
}

}  // namespace liandong::screen
