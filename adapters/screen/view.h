// What the screen knows of the incidents: the newest value of each, and what changed since a log index, so that a
// browser that comes back gets only that.
//
// Pure; not thread-safe. Invariant: Since(n) names every incident whose value differs from what was told before n.
#ifndef LIANDONG_ADAPTERS_SCREEN_VIEW_H_
#define LIANDONG_ADAPTERS_SCREEN_VIEW_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "liandong/v1/desk.pb.h"

namespace liandong::screen {

struct Change {
  uint64_t log_index = 0;
  uint64_t incident_id = 0;
  bool gone = false;  // no longer in the view

  bool operator==(const Change&) const = default;
};

class View {
 public:
  struct Entry {
    v1::IncidentSummary summary;
    uint64_t told = 0;       // log index of the frame or snapshot that told this value
    uint64_t log_index = 0;  // of the view when it took the value: the newest index that it knew
    int64_t ended_ms = 0;    // log time at which it was first seen ended; 0: open
  };

  // One incident as it is at `log_index`. What is older than what is known is ignored.
  void Put(const v1::IncidentSummary& summary, uint64_t log_index, int64_t time_ms, std::vector<Change>* changes);
  void Remove(uint64_t incident_id, uint64_t log_index, std::vector<Change>* changes);
  // All open incidents as they are now. What is open here and not in the list is gone; what has ended stays until
  // Sweep. An index below the view's means another log (a hub set up anew): everything begins anew, and Since cannot be
  // said.
  void Replace(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms,
               std::vector<Change>* changes);
  // Lets go of what ended kEndedKeptMs ago, and of the oldest beyond kEndedKeptMax.
  void Sweep(int64_t time_ms, std::vector<Change>* changes);

  // For one who was told everything before `log_index` and perhaps not all of it: in order of their log index; nothing:
  // what changed since then cannot be said, fetch everything.
  std::optional<std::vector<Change>> Since(uint64_t log_index) const;

  uint64_t log_index() const { return log_index_; }
  const std::map<uint64_t, Entry>& entries() const { return entries_; }
  const Entry* Find(uint64_t incident_id) const;

 private:
  void Gone(uint64_t incident_id, std::vector<Change>* changes);

  std::map<uint64_t, Entry> entries_;
  std::deque<Change> gone_;  // oldest first
  uint64_t log_index_ = 0;
  uint64_t floor_ = 0;  // Since can answer from here on
  bool begun_ = false;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_VIEW_H_
