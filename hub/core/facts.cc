#include <algorithm>

#include "hub/core/counts.h"
#include "hub/core/decide.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

bool Corrected(const v1::IncidentState& incident, std::string_view field) {
  return std::find(incident.corrected().begin(), incident.corrected().end(), field) != incident.corrected().end();
}

bool PeopleHarmed(const v1::Counts& counts) {
  return counts.dead() > 0 || counts.missing() > 0 || counts.injured() > 0 || counts.trapped() > 0;
}

// Somebody said yes; or the kind of incident is dangerous by itself; else what was said, else what the kind says.
v1::Answer Danger(const routing::Site* site, v1::Answer said, const std::string& category, const v1::Counts& counts) {
  const v1::Answer kind = site == nullptr || category.empty() ? v1::ANSWER_UNKNOWN : site->CategoryDanger(category);
  if (said == v1::YES || kind == v1::YES || PeopleHarmed(counts)) return v1::YES;
  if (said == v1::NO || kind == v1::NO) return v1::NO;
  return v1::ANSWER_UNKNOWN;
}

v1::Lane LaneFor(v1::Answer danger, v1::Severity severity) {
  // Unknown counts as yes: a first call often says nothing of it.
  return danger != v1::NO || severity >= v1::MAJOR ? v1::URGENT : v1::ORDINARY;
}

}  // namespace

void Raise(const v1::Counts& from, v1::Counts* to) {
  if (from.has_dead()) to->set_dead(std::max(to->dead(), from.dead()));
  if (from.has_missing()) to->set_missing(std::max(to->missing(), from.missing()));
  if (from.has_injured()) to->set_injured(std::max(to->injured(), from.injured()));
  if (from.has_trapped()) to->set_trapped(std::max(to->trapped(), from.trapped()));
  if (from.has_rescued()) to->set_rescued(std::max(to->rescued(), from.rescued()));
  if (from.has_evacuated()) to->set_evacuated(std::max(to->evacuated(), from.evacuated()));
  if (from.has_loss_yuan()) to->set_loss_yuan(std::max(to->loss_yuan(), from.loss_yuan()));
}

v1::Lane LaneOf(const routing::Site* site, const v1::OpenPart& open) {
  return LaneFor(Danger(site, open.danger_to_life(), open.category(), open.counts()), open.severity());
}

std::vector<const v1::ReportState*> ReportsOf(const Draft& draft, const v1::IncidentState& incident) {
  std::vector<const v1::ReportState*> out;
  auto add = [&](const v1::IncidentState& one) {
    const std::vector<const v1::ReportState*> reports = draft.ReportsOf(one.id());
    out.insert(out.end(), reports.begin(), reports.end());
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = draft.FindIncident(id)) add(*younger);
  }
  return out;
}

void Summarize(Draft& draft, uint64_t incident_id) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  std::string category, division;
  v1::Severity severity = v1::SEVERITY_UNKNOWN;
  v1::Answer said = v1::ANSWER_UNKNOWN;
  v1::Counts counts;
  bool by_device = true;
  bool any = false;
  for (const v1::ReportState* report : ReportsOf(draft, incident)) {
    const v1::OpenPart& open = report->open();
    any = true;
    if (category.empty()) category = open.category();
    if (division.empty()) division = open.division();
    severity = std::max(severity, open.severity());
    if (open.danger_to_life() == v1::YES || (said == v1::ANSWER_UNKNOWN && open.danger_to_life() == v1::NO))
      said = open.danger_to_life();
    Raise(open.counts(), &counts);
    by_device = by_device && open.device_alarm();
    if (incident.channel().empty()) incident.set_channel(open.channel());
  }
  if (!any) return;  // opened by an order: nothing was reported
  if (!Corrected(incident, "category")) incident.set_category(category);
  if (!Corrected(incident, "division")) incident.set_division(division);
  if (!Corrected(incident, "severity")) incident.set_severity(severity);
  *incident.mutable_counts() = counts;
  incident.set_device_alarm(by_device);
  if (!Corrected(incident, "danger_to_life")) {
    incident.set_danger_to_life(Danger(&draft.site(), said, incident.category(), counts));
  }
  if (incident.lane() != v1::URGENT) incident.set_lane(LaneFor(incident.danger_to_life(), incident.severity()));
}

}  // namespace liandong::core
