// What goes out under which topic, and where each frame stands in its areas. Pure but for what it remembers: no
// sockets, no threads; the owner guards it.
#ifndef LIANDONG_HUB_FEED_FRAMER_H_
#define LIANDONG_HUB_FEED_FRAMER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hub/committed_event.h"
#include "liandong/v1/feed.pb.h"

namespace liandong::feed {

// Lengths of the five levels: province, city, county, township, village.
inline constexpr size_t kLevelDigits[] = {2, 4, 6, 9, 12};
// Stands for "place unknown" in topics and areas.
inline constexpr char kUnknownDivision[] = "000000000000";
inline constexpr char kHeartbeatTopic[] = "heartbeat";

// "339921100000/ACTUAL"; an empty division is an unknown one.
std::string TopicOf(std::string_view division, v1::Purpose purpose);
// "heartbeat/339921/": closed by a slash, so that the heartbeat of one area is no prefix of another's.
std::string HeartbeatTopicOf(std::string_view area);

// What a subscriber that asks for topics beginning with `asked` may get when its key may read `areas`: never more than
// both.
std::vector<std::string> Granted(std::string_view asked, const std::vector<std::string>& areas);

// An incident without what is personal or clause-restricted.
v1::IncidentSummary ForTheFeed(const v1::IncidentSummary& summary);

// One frame, not yet encoded: which incidents of the event go out under this topic.
struct Frame {
  std::string topic;
  v1::FeedHeader header;
  std::vector<size_t> incident;  // indexes into the event's
  std::vector<uint64_t> gone;
};

class Framer {
 public:
  explicit Framer(int64_t started_ms) : started_ms_(started_ms) {}

  // An incident that was there before the first event, so that its leaving a division is noticed.
  void Seed(uint64_t incident_id, std::string_view division, v1::Purpose purpose);

  // The frames of one event in the order in which they must go out: first what leaves a division, then what is in one,
  // so that a subscriber to both ends with the incident where it is. Positions move on even when the caller then drops
  // the frames: that is what makes the loss visible.
  std::vector<Frame> Take(const hub::CommittedEvent& event);

  // The heartbeat of an area: where everything stands that was taken so far.
  v1::FeedHeartbeat HeartbeatOf(const std::string& area) const;
  // Of a heartbeat.
  v1::FeedHeader Header() const;

 private:
  struct Position {
    uint64_t index = 0;
    uint32_t part = 0;
  };
  void Place(Frame* frame, uint32_t part);

  const int64_t started_ms_;
  uint64_t index_ = 0;
  std::map<std::string, Position> last_;                 // by prefix
  std::unordered_map<uint64_t, std::string> published_;  // incident -> topic that it was last sent under
};

}  // namespace liandong::feed

#endif  // LIANDONG_HUB_FEED_FRAMER_H_
