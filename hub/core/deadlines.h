// Deadlines of duties, deliveries and incidents, and the index that makes a look at the clock cost what is due and no
// more.
#ifndef LIANDONG_HUB_CORE_DEADLINES_H_
#define LIANDONG_HUB_CORE_DEADLINES_H_

#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "liandong/v1/record.pb.h"

namespace liandong::core {

// Ordered by time, then life safety first, then rung and id: the order in which late things go out.
struct Due {
  int64_t at_ms = 0;
  bool ordinary = false;  // false sorts first
  v1::Rung rung = v1::RUNG_UNSPECIFIED;
  uint64_t id = 0;  // duty id; delivery id with RUNG_LINK; incident id with TRANSFER, DISPUTE, QUIET_CLOSE and EVICT
  friend auto operator<=>(const Due&, const Due&) = default;
};

// The open deadlines of one entity, at most one a rung. `ordinary`: the lane of its incident.
std::vector<Due> DueOf(const v1::DutyState& duty, bool ordinary);
std::vector<Due> DueOf(const v1::DeliveryState& delivery);
std::vector<Due> DueOf(const v1::IncidentState& incident);

// The next deadline of a duty: what a countdown shows. at_ms 0: none. A reminder is none.
Due NextDue(const v1::DutyState& duty);

// How far up the ladders a rung stands: who has reached one has reached those under it. 0 for what is no rung of a
// duty.
int RungHeight(v1::Rung rung);

// The deadline of one rung of a duty; 0: none, met or missed. The rung must be one of a duty's own.
int64_t DeadlineOf(const v1::DutyState& duty, v1::Rung rung);
void SetDeadline(v1::DutyState& duty, v1::Rung rung, int64_t at_ms);

// The rungs of which a person is reminded, lowest first. Storing is a program's doing: nobody reminds it.
inline constexpr v1::Rung kRemindedRungs[] = {v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE,
                                              v1::RUNG_COMPLETE};
// When the party is reminded of the rung; 0: not at all, or it was.
int64_t ReminderOf(const v1::DutyState& duty, v1::Rung rung);

class DueIndex {
 public:
  void Add(const std::vector<Due>& due);
  void Remove(const std::vector<Due>& due);
  // Up to `max` deadlines at or before now_ms that need a decision, in order. Evictions are not among them.
  std::vector<Due> Until(int64_t now_ms, size_t max) const;
  // Closed incidents that may leave memory at now_ms.
  std::vector<uint64_t> Evictable(int64_t now_ms, size_t max) const;
  // When the next decision is due; INT64_MAX: never.
  int64_t Next() const;
  size_t size() const { return due_.size() + evict_.size(); }
  bool operator==(const DueIndex&) const = default;

 private:
  absl::btree_set<Due> due_;
  absl::btree_set<Due> evict_;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_DEADLINES_H_
