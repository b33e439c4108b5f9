// What all browsers look at: the view of the incidents, and the streams that tell of its changes. A change is encoded
// once for each audience, and compressed once.
//
// Thread-safe. Time is given: steady milliseconds for ages, the hub's log time for deadlines and endings.
#ifndef LIANDONG_ADAPTERS_SCREEN_BOARD_H_
#define LIANDONG_ADAPTERS_SCREEN_BOARD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/screen/audience.h"
#include "adapters/screen/event_stream.h"
#include "adapters/screen/feed_follower.h"
#include "adapters/screen/stats.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/feed.pb.h"

namespace liandong::screen {

class Board {
 public:
  struct Numbers {  // for metrics
    uint64_t frames = 0, heartbeats = 0, snapshots = 0, lost = 0, dropped = 0;
    uint64_t events = 0, event_bytes = 0;
    size_t streams = 0, incidents = 0;
    uint64_t log_index = 0;
    int64_t feed_age_ms = 0;
    bool feed_ok = false;
  };

  // `wall_ms` reads the clock for the time_ms of views, `steady_ms` one that never jumps.
  Board(std::function<int64_t()> wall_ms, std::function<int64_t()> steady_ms);

  // From the feed.
  void SetAreas(std::vector<std::string> areas);
  void OnFrame(absl::string_view topic, const v1::FeedHeader& header, const v1::FeedFrame& frame);
  void OnHeartbeat(const v1::FeedHeader& header, const v1::FeedHeartbeat& heartbeat);
  void OnSnapshot(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms,
                  int64_t started_ms);
  bool WantsSnapshot() const;
  // Since the last frame, heartbeat or snapshot.
  int64_t SilenceMs() const;

  // The state of the parties' links, as Desk.Status tells it; only the command centre sees it.
  void SetLinks(const v1::StatusReply& status);
  // The first-response time of the last 30 days, from the hub's history. Before it is known, what this screen has seen.
  void SetMonth(int64_t seconds);

  // The answer to GET /api/view, as it stands; encoded and compressed once for all who ask between two changes.
  std::shared_ptr<const std::string> ViewJson(const Audience& audience, bool gzip);

  // A new stream. `after`: the browser has seen everything before that index; what changed since comes first, or a
  // reset when that cannot be said, so that nothing is lost between a view and the stream. ResourceExhausted: too many.
  absl::StatusOr<std::shared_ptr<EventStream>> Join(const Audience& audience, bool gzip, std::optional<uint64_t> after,
                                                    const std::string& session);
  // Ends the streams of a session that holds no longer.
  void EndSession(const std::string& session);
  std::set<std::string> StreamingSessions() const;
  void EndAll();

  // To be called ten times a second: status, comments, what ended long ago.
  void Tick();

  Numbers numbers() const;

 private:
  struct CachedView {
    uint64_t version = 0;
    std::shared_ptr<const std::string> plain, gzip;
  };

  void Publish(const std::vector<Change>& changes);
  void Send(const Audience& audience, std::string text);
  std::string EventOf(const Change& change, const Audience& audience);
  std::string DeliveriesOf(const Change& change, const Audience& audience);
  std::string StatusJson(const Audience& audience) const;
  std::string StatusEvent(const Audience& audience) const;
  const std::string& WholeJson(uint64_t incident_id, const v1::IncidentSummary& summary);
  int64_t SilenceLocked() const { return steady_ms_() - heard_ms_; }
  bool FeedOk() const;
  std::set<Audience> Audiences() const;
  void DropOver();

  const std::function<int64_t()> wall_ms_, steady_ms_;

  mutable std::mutex mutex_;
  FeedFollower follower_;
  FirstResponses responses_;
  std::vector<std::shared_ptr<EventStream>> streams_;
  std::map<uint64_t, std::string> whole_json_;         // by incident, as the whole audience sees it
  std::map<uint64_t, std::set<uint64_t>> deliveries_;  // incident -> deliveries that clerks were told of
  std::map<Audience, CachedView> views_;
  uint64_t version_ = 0;  // grows with everything that a view shows
  std::string links_json_ = "[]";
  int64_t month_s_ = -1;  // not told yet
  int64_t heard_ms_ = 0;  // steady
  bool ever_heard_ = false;
  int64_t status_ms_ = 0, comment_ms_ = 0;
  Numbers numbers_;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_BOARD_H_
