// The counters above the map. Exercises and tests are never in them.
//
// Pure; not thread-safe.
#ifndef LIANDONG_ADAPTERS_SCREEN_STATS_H_
#define LIANDONG_ADAPTERS_SCREEN_STATS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/screen/audience.h"
#include "adapters/screen/view.h"

namespace liandong::screen {

struct Stats {
  uint32_t open = 0;
  uint32_t overdue = 0;                          // open incidents in which somebody is late now
  std::map<std::string, uint32_t> per_hotline;   // by the party that reported first
  std::map<std::string, uint32_t> per_severity;  // by the contract's names, all of them
};

// Of the incidents that this audience sees.
Stats Count(const View& view, const Audience& audience, int64_t now_ms);

// Seconds from an incident's opening to the first party that took it on, as the screen has seen them happen. What
// happened before the screen was started is not in it.
class FirstResponses {
 public:
  // Changes that a frame brought: what is answered now and was not before counts.
  void OnFrame(const View& view, const std::vector<Change>& changes, int64_t time_ms);
  // Changes that a snapshot brought: when they happened is not known.
  void OnSnapshot(const View& view, const std::vector<Change>& changes);

  // Medians, in seconds; -1: none seen. Now: of the last hour, or of the last few when it had fewer.
  int64_t NowS(int64_t now_ms) const;
  int64_t LongS(int64_t now_ms) const;  // of the last 30 days

 private:
  struct Response {
    int64_t at_ms = 0;
    int64_t seconds = 0;
  };
  std::set<uint64_t> answered_;
  std::deque<Response> responses_;  // oldest first
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_STATS_H_
