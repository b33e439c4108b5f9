// Follows the hub's feed: sees by each frame's header whether one was missed, and asks for a snapshot when it was. In
// effect every change comes to the view exactly once, whatever the line drops, doubles or reorders.
//
// Pure; not thread-safe. Invariant: while `synced`, the view is what the hub said up to the last frame taken.
#ifndef LIANDONG_ADAPTERS_SCREEN_FEED_FOLLOWER_H_
#define LIANDONG_ADAPTERS_SCREEN_FEED_FOLLOWER_H_

#include <array>
#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "adapters/screen/view.h"
#include "liandong/v1/feed.pb.h"

namespace liandong::screen {

// Digits of the prefixes that a header's `previous` is about.
inline constexpr std::array<size_t, 5> kFeedLevels = {2, 4, 6, 9, 12};

// Where a frame stands in the feed.
struct Position {
  uint64_t index = 0;
  uint32_t part = 0;
  auto operator<=>(const Position&) const = default;
};

class FeedFollower {
 public:
  // `areas`: the prefixes that the hub grants us, each of one of kFeedLevels' lengths. Another set begins anew.
  void SetAreas(std::vector<std::string> areas);
  const std::vector<std::string>& areas() const { return areas_; }

  // A frame as it came; `changes` gets what is new in the view. A frame of no area of ours is ignored.
  void OnFrame(absl::string_view topic, const v1::FeedHeader& header, const v1::FeedFrame& frame,
               std::vector<Change>* changes);
  // Says whether frames were lost at the end, where no later one tells.
  void OnHeartbeat(const v1::FeedHeader& header, const v1::FeedHeartbeat& heartbeat);
  // The open incidents of all areas, asked for after wants_snapshot() became true.
  void OnSnapshot(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms, int64_t started_ms,
                  std::vector<Change>* changes);
  void Sweep(std::vector<Change>* changes) { view_.Sweep(time_ms_, changes); }

  bool wants_snapshot() const { return !synced_; }
  // Times that frames were missed.
  uint64_t lost() const { return lost_; }
  // Log time of the newest frame or snapshot; what a heartbeat said is not log time.
  int64_t time_ms() const { return time_ms_; }
  const View& view() const { return view_; }

 private:
  struct Waiting {
    std::string topic;
    v1::FeedHeader header;
    v1::FeedFrame frame;
  };
  enum class Order { kNext, kRepeat, kMissed };

  Order Judge(absl::string_view topic, const v1::FeedHeader& header) const;
  void Take(const Waiting& one, std::vector<Change>* changes);
  void Missed();

  std::vector<std::string> areas_;
  View view_;
  bool synced_ = false;
  int64_t started_ms_ = 0;                // of the hub that the positions are about
  std::map<std::string, Position> last_;  // area -> the last frame taken, or the snapshot
  std::deque<Waiting> waiting_;           // came while a snapshot is awaited
  uint64_t lost_ = 0;
  int64_t time_ms_ = 0;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_FEED_FOLLOWER_H_
