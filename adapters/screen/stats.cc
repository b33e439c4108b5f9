#include "adapters/screen/stats.h"

#include <algorithm>

#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

bool Late(const v1::IncidentSummary& summary, int64_t now_ms) {
  for (const v1::DutyLine& duty : summary.duty()) {
    if (duty.status() != v1::DUTY_OPEN) continue;
    if (duty.next_deadline_ms() > 0 && duty.next_deadline_ms() < now_ms) return true;
    // A rung that was missed stays named until it is climbed; its deadline then is that of the next escalation.
    const bool waits_for_person = duty.person() != v1::ACCEPTED && duty.person() != v1::PARTIALLY_ACCEPTED;
    for (const int rung : duty.missed()) {
      if (rung == v1::RUNG_RECEIVE && duty.transport() == v1::ACK_STATE_UNSPECIFIED) return true;
      if (rung == v1::RUNG_ACCEPT && waits_for_person && duty.field() == v1::ACK_STATE_UNSPECIFIED) return true;
      if (rung == v1::RUNG_ARRIVE && duty.field() != v1::ON_SCENE && duty.field() != v1::COMPLETED) return true;
      if (rung == v1::RUNG_COMPLETE && duty.field() != v1::COMPLETED) return true;
    }
  }
  return false;
}

bool Answered(const v1::IncidentSummary& summary) {
  return std::any_of(summary.duty().begin(), summary.duty().end(), [](const v1::DutyLine& duty) {
    return duty.role() != v1::INFORM && (duty.person() == v1::ACCEPTED || duty.person() == v1::PARTIALLY_ACCEPTED ||
                                         duty.field() != v1::ACK_STATE_UNSPECIFIED);
  });
}

int64_t Median(std::vector<int64_t> values) {
  if (values.empty()) return -1;
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Stats Count(const View& view, const Audience& audience, int64_t now_ms) {
  Stats stats;
  for (int i = 0; i < v1::Severity_ARRAYSIZE; ++i) {
    if (v1::Severity_IsValid(i)) stats.per_severity[v1::Severity_Name(i)] = 0;
  }
  for (const auto& [id, entry] : view.entries()) {
    const v1::IncidentView& incident = entry.summary.incident();
    if (incident.status() != v1::OPEN || incident.purpose() != v1::ACTUAL || !audience.Sees(entry.summary)) continue;
    ++stats.open;
    if (Late(audience.whole() ? entry.summary : audience.Cut(entry.summary), now_ms)) ++stats.overdue;
    ++stats.per_severity[v1::Severity_Name(incident.severity())];
    if (!entry.summary.first_party().empty()) ++stats.per_hotline[entry.summary.first_party()];
  }
  return stats;
}

void FirstResponses::OnFrame(const View& view, const std::vector<Change>& changes, int64_t time_ms) {
  for (const Change& change : changes) {
    const View::Entry* entry = change.gone ? nullptr : view.Find(change.incident_id);
    if (entry == nullptr) {
      answered_.erase(change.incident_id);
      continue;
    }
    const v1::IncidentView& incident = entry->summary.incident();
    if (incident.purpose() != v1::ACTUAL || !Answered(entry->summary)) continue;
    if (!answered_.insert(change.incident_id).second) continue;
    responses_.push_back({time_ms, std::max<int64_t>(0, time_ms - incident.opened_at_ms()) / 1000});
    if (responses_.size() > kFirstResponsesMax) responses_.pop_front();
  }
}

void FirstResponses::OnSnapshot(const View& view, const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const View::Entry* entry = change.gone ? nullptr : view.Find(change.incident_id);
    if (entry == nullptr) {
      answered_.erase(change.incident_id);
    } else if (Answered(entry->summary)) {
      answered_.insert(change.incident_id);
    }
  }
}

int64_t FirstResponses::NowS(int64_t now_ms) const {
  std::vector<int64_t> seconds;
  for (auto it = responses_.rbegin(); it != responses_.rend(); ++it) {
    if (it->at_ms < now_ms - kFirstResponseNowMs && seconds.size() >= kFirstResponseNowMin) break;
    seconds.push_back(it->seconds);
  }
  return Median(std::move(seconds));
}

int64_t FirstResponses::LongS(int64_t now_ms) const {
  std::vector<int64_t> seconds;
  for (auto it = responses_.rbegin(); it != responses_.rend(); ++it) {
    if (it->at_ms < now_ms - kFirstResponseLongMs) break;
    seconds.push_back(it->seconds);
  }
  return Median(std::move(seconds));
}

}  // namespace liandong::screen
