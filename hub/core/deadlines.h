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
  uint64_t id = 0;  // duty id; delivery id with RUNG_LINK; incident id with TRANSFER, QUIET_CLOSE and EVICT
  friend auto operator<=>(const Due&, const Due&) = default;
};

// The open deadlines of one entity, at most one a rung. `ordinary`: the lane of its incident.
std::vector<Due> DueOf(const v1::DutyState& duty, bool ordinary);
std::vector<Due> DueOf(const v1::DeliveryState& delivery);
std::vector<Due> DueOf(const v1::IncidentState& incident);

// The next deadline of a duty: what a countdown shows. at_ms 0: none.
Due NextDue(const v1::DutyState& duty);

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
