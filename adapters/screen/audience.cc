#include "adapters/screen/audience.h"

#include <algorithm>

namespace liandong::screen {

bool Audience::Sees(const v1::IncidentSummary& summary) const {
  if (whole()) return true;
  return std::any_of(summary.duty().begin(), summary.duty().end(),
                     [this](const v1::DutyLine& duty) { return duty.party() == party_; });
}

v1::IncidentSummary Audience::Cut(const v1::IncidentSummary& summary) const {
  if (whole()) return summary;
  v1::IncidentSummary cut;
  *cut.mutable_incident() = summary.incident();
  for (const v1::DutyLine& duty : summary.duty()) {
    if (duty.party() != party_) continue;
    *cut.add_duty() = duty;
    if (duty.next_deadline_ms() == 0) continue;
    const bool sooner = cut.next_deadline_ms() == 0 || duty.next_deadline_ms() < cut.next_deadline_ms();
    if (sooner) cut.set_next_deadline_ms(duty.next_deadline_ms());
  }
  return cut;
}

}  // namespace liandong::screen
