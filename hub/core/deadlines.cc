#include "hub/core/deadlines.h"

#include <limits>

namespace liandong::core {

std::vector<Due> DueOf(const v1::DutyState& duty, bool ordinary) {
  std::vector<Due> out;
  auto add = [&](int64_t at_ms, v1::Rung rung) {
    if (at_ms > 0) out.push_back({at_ms, ordinary, rung, duty.id()});
  };
  // A refused duty has no rungs of its own any more, but its climb goes on until somebody has taken it up.
  if (duty.status() == v1::DUTY_OPEN) {
    add(duty.receive_by_ms(), v1::RUNG_RECEIVE);
    add(duty.accept_by_ms(), v1::RUNG_ACCEPT);
    add(duty.arrive_by_ms(), v1::RUNG_ARRIVE);
    add(duty.complete_by_ms(), v1::RUNG_COMPLETE);
    add(duty.deferred_until_ms(), v1::RUNG_DEFERRED);
  }
  if (duty.status() == v1::DUTY_OPEN || duty.status() == v1::DUTY_REFUSED)
    add(duty.next_step_ms(), v1::RUNG_ESCALATION);
  return out;
}

std::vector<Due> DueOf(const v1::DeliveryState& delivery) {
  if (delivery.receive_by_ms() == 0 || delivery.received_at_ms() != 0) return {};
  return {{delivery.receive_by_ms(), delivery.lane() != v1::URGENT, v1::RUNG_LINK, delivery.id()}};
}

std::vector<Due> DueOf(const v1::IncidentState& incident) {
  std::vector<Due> out;
  const bool ordinary = incident.lane() != v1::URGENT;
  if (incident.transfer_until_ms() > 0)
    out.push_back({incident.transfer_until_ms(), ordinary, v1::RUNG_TRANSFER, incident.id()});
  if (incident.quiet_close_ms() > 0)
    out.push_back({incident.quiet_close_ms(), ordinary, v1::RUNG_QUIET_CLOSE, incident.id()});
  if (incident.evict_ms() > 0) out.push_back({incident.evict_ms(), ordinary, v1::RUNG_EVICT, incident.id()});
  return out;
}

Due NextDue(const v1::DutyState& duty) {
  Due next;
  for (const Due& due : DueOf(duty, false)) {
    if (next.at_ms == 0 || due < next) next = due;
  }
  return next;
}

void DueIndex::Add(const std::vector<Due>& due) {
  for (const Due& one : due) (one.rung == v1::RUNG_EVICT ? evict_ : due_).insert(one);
}

void DueIndex::Remove(const std::vector<Due>& due) {
  for (const Due& one : due) (one.rung == v1::RUNG_EVICT ? evict_ : due_).erase(one);
}

std::vector<Due> DueIndex::Until(int64_t now_ms, size_t max) const {
  std::vector<Due> out;
  for (const Due& one : due_) {
    if (one.at_ms > now_ms || out.size() >= max) break;
    out.push_back(one);
  }
  return out;
}

std::vector<uint64_t> DueIndex::Evictable(int64_t now_ms, size_t max) const {
  std::vector<uint64_t> out;
  for (const Due& one : evict_) {
    if (one.at_ms > now_ms || out.size() >= max) break;
    out.push_back(one.id);
  }
  return out;
}

int64_t DueIndex::Next() const { return due_.empty() ? std::numeric_limits<int64_t>::max() : due_.begin()->at_ms; }

}  // namespace liandong::core
