#include "hub/core/deadlines.h"

#include <algorithm>
#include <limits>

namespace liandong::core {

int RungHeight(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return 1;
    case v1::RUNG_SEE:
      return 2;
    case v1::RUNG_ACCEPT:
    case v1::RUNG_DEFERRED:
      return 3;
    case v1::RUNG_EN_ROUTE:
      return 4;
    case v1::RUNG_ARRIVE:
      return 5;
    case v1::RUNG_COMPLETE:
      return 6;
    default:
      return 0;
  }
}

int64_t DeadlineOf(const v1::DutyState& duty, v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return duty.receive_by_ms();
    case v1::RUNG_SEE:
      return duty.see_by_ms();
    case v1::RUNG_ACCEPT:
      return duty.accept_by_ms();
    case v1::RUNG_EN_ROUTE:
      return duty.en_route_by_ms();
    case v1::RUNG_ARRIVE:
      return duty.arrive_by_ms();
    case v1::RUNG_COMPLETE:
      return duty.complete_by_ms();
    case v1::RUNG_DEFERRED:
      return duty.deferred_until_ms();
    case v1::RUNG_ESCALATION:
      return duty.next_step_ms();
    default:
      return 0;
  }
}

void SetDeadline(v1::DutyState& duty, v1::Rung rung, int64_t at_ms) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return duty.set_receive_by_ms(at_ms);
    case v1::RUNG_SEE:
      return duty.set_see_by_ms(at_ms);
    case v1::RUNG_ACCEPT:
      return duty.set_accept_by_ms(at_ms);
    case v1::RUNG_EN_ROUTE:
      return duty.set_en_route_by_ms(at_ms);
    case v1::RUNG_ARRIVE:
      return duty.set_arrive_by_ms(at_ms);
    case v1::RUNG_COMPLETE:
      return duty.set_complete_by_ms(at_ms);
    case v1::RUNG_DEFERRED:
      return duty.set_deferred_until_ms(at_ms);
    case v1::RUNG_ESCALATION:
      return duty.set_next_step_ms(at_ms);
    default:
      return;
  }
}

int64_t ReminderOf(const v1::DutyState& duty, v1::Rung rung) {
  const int64_t by_ms = DeadlineOf(duty, rung);
  const int64_t before_ms = int64_t{duty.remind_before_s()} * 1000;
  // A rung that is no longer than its reminder would be reminded of the moment it begins.
  if (by_ms == 0 || before_ms == 0 || by_ms - before_ms <= duty.assigned_at_ms()) return 0;
  const bool told = std::find(duty.reminded().begin(), duty.reminded().end(), rung) != duty.reminded().end();
  return told ? 0 : by_ms - before_ms;
}

std::vector<Due> DueOf(const v1::DutyState& duty, bool ordinary) {
  std::vector<Due> out;
  auto add = [&](int64_t at_ms, v1::Rung rung) {
    if (at_ms > 0) out.push_back({at_ms, ordinary, rung, duty.id()});
  };
  // A refused duty has no rungs of its own any more, but its climb goes on until somebody has taken it up.
  if (duty.status() == v1::DUTY_OPEN) {
    for (v1::Rung rung : {v1::RUNG_RECEIVE, v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE,
                          v1::RUNG_COMPLETE, v1::RUNG_DEFERRED}) {
      add(DeadlineOf(duty, rung), rung);
    }
    int64_t remind_ms = 0;
    for (v1::Rung rung : kRemindedRungs) {
      const int64_t at_ms = ReminderOf(duty, rung);
      if (at_ms > 0 && (remind_ms == 0 || at_ms < remind_ms)) remind_ms = at_ms;
    }
    add(remind_ms, v1::RUNG_REMINDER);
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
  if (incident.dispute_until_ms() > 0)
    out.push_back({incident.dispute_until_ms(), ordinary, v1::RUNG_DISPUTE, incident.id()});
  if (incident.quiet_close_ms() > 0)
    out.push_back({incident.quiet_close_ms(), ordinary, v1::RUNG_QUIET_CLOSE, incident.id()});
  if (incident.evict_ms() > 0) out.push_back({incident.evict_ms(), ordinary, v1::RUNG_EVICT, incident.id()});
  return out;
}

Due NextDue(const v1::DutyState& duty) {
  Due next;
  for (const Due& due : DueOf(duty, false)) {
    if (due.rung == v1::RUNG_REMINDER) continue;
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
