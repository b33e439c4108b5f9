#include "hub/core/storm.h"

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/core/alike.h"
#include "hub/core/decide.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

int64_t Ms(uint32_t s, uint32_t otherwise_s) { return int64_t{s > 0 ? s : otherwise_s} * 1000; }
int64_t WindowMs(const routing::Site& site) { return Ms(site.settings().storm_window_s(), 300); }
int64_t QuietMs(const routing::Site& site) {
  return site.settings().storm_quiet_s() > 0 ? int64_t{site.settings().storm_quiet_s()} * 1000 : WindowMs(site);
}

bool OneEvent(const routing::Site& site, std::string code) {
  while (!code.empty()) {
    const v1::Category* category = site.FindCategory(code);
    if (category != nullptr && category->storm() != v1::ANSWER_UNKNOWN) return category->storm() == v1::YES;
    const size_t dot = code.rfind('.');
    code = dot == std::string::npos ? "" : code.substr(0, dot);
  }
  return false;
}

bool TellsOfDanger(const v1::OpenPart& open) {
  const v1::Counts& counts = open.counts();
  return open.danger_to_life() == v1::YES || counts.dead() > 0 || counts.missing() > 0 || counts.injured() > 0 ||
         counts.trapped() > 0;
}

// Like incidents that opened within the window and gather no flood yet, oldest first.
std::vector<uint64_t> Flood(const State& state, v1::Purpose purpose, const std::string& division,
                            const std::string& category, int64_t now_ms) {
  std::vector<uint64_t> out;
  for (uint64_t id : state.alike().Same(purpose, TownshipDigits(division), category, limits::kStormLookedAt)) {
    const v1::IncidentState* incident = state.FindIncident(id);
    if (incident->opened_at_ms() < now_ms - WindowMs(*state.site())) break;
    if (!incident->has_storm()) out.push_back(id);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

// Every party that has an open duty in it, with that duty: one notice each.
std::map<std::string, uint64_t> Parties(const Draft& draft, const v1::IncidentState& incident) {
  std::map<std::string, uint64_t> out;
  auto add = [&](const v1::IncidentState& one) {
    for (uint64_t id : one.duty()) {
      const v1::DutyState* duty = draft.FindDuty(id);
      if (duty->status() == v1::DUTY_OPEN && !duty->has_statutory()) out.emplace(duty->party(), id);
    }
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = draft.FindIncident(id)) add(*younger);
  }
  return out;
}

void MarkTold(const Draft& draft, v1::StormState& storm) {
  storm.set_told_reports(storm.reports());
  storm.set_told_dangerous(storm.dangerous());
  storm.set_told_ms(draft.now());
  storm.set_next_ms(storm.last_report_ms() + QuietMs(draft.site()));
}

void Tell(Draft& draft, v1::IncidentState& incident, v1::StormChanged* what) {
  v1::StormState& storm = *incident.mutable_storm();
  const uint32_t fresh = storm.reports() - storm.told_reports();
  const std::map<std::string, uint64_t> parties = Parties(draft, incident);
  for (const auto& [party, duty_id] : parties) {
    v1::DeliveryState& update = draft.Queue(party, v1::UPDATE, draft.FindDuty(duty_id)->incident_id(), duty_id);
    update.set_text(absl::StrCat("【集中来电】事件", incident.id(), "同类报告已达", storm.reports(), "起(新增", fresh,
                                 "起),其中危及生命", storm.dangerous(), "起(新增",
                                 storm.dangerous() - storm.told_dangerous(), "起),合并通知"));
    update.set_text_en(absl::StrCat("Storm: incident ", incident.id(), " has ", storm.reports(), " like reports (",
                                    fresh, " new), ", storm.dangerous(), " of them with danger to life (",
                                    storm.dangerous() - storm.told_dangerous(), " new); one notice for all of them"));
  }
  what->set_parties_told(static_cast<uint32_t>(parties.size()));
  MarkTold(draft, storm);
}

void Enter(Draft& draft, v1::IncidentState& incident, v1::StormChanged* what) {
  what->set_phase(v1::STORM_ENTERED);
  v1::StormState& storm = *incident.mutable_storm();
  storm.set_since_ms(draft.now());
  storm.set_last_report_ms(draft.now());
  for (uint64_t id : Flood(draft.state(), incident.purpose(), incident.division(), incident.category(), draft.now())) {
    if (id == incident.id() || !MayMerge(draft, incident.id(), id).ok()) continue;
    MergeInto(draft, incident.id(), id, /*quietly=*/true);
    what->add_merged(id);
  }
  for (const v1::ReportState* report : ReportsOf(draft, incident)) {
    storm.set_reports(storm.reports() + 1);
    if (TellsOfDanger(report->open())) storm.set_dangerous(storm.dangerous() + 1);
  }
  TellReporters(draft, incident.id(), Note(draft, "STORM", ""));
  Tell(draft, incident, what);
}

}  // namespace

uint64_t StormFor(const State& state, const v1::OpenPart& open) {
  const std::string township = TownshipDigits(open.division());
  if (township.empty() || open.category().empty()) return 0;
  const std::vector<uint64_t> found = state.storming().Same(open.purpose(), township, open.category(), 1);
  return found.empty() ? 0 : found.front();
}

uint64_t StormBegins(const State& state, const std::string& party, const v1::Report& report, int64_t now_ms) {
  const v1::OpenPart& open = report.open();
  const uint32_t wanted = state.site() == nullptr ? 0 : state.site()->settings().storm_reports();
  if (wanted == 0 || open.secret() || open.category().empty() || TownshipDigits(open.division()).empty()) return 0;
  if (!OneEvent(*state.site(), open.category())) return 0;
  const Location known = Locate(state, party, report);
  if (known.incident_id != 0) return 0;
  const std::vector<uint64_t> flood = Flood(state, open.purpose(), open.division(), open.category(), now_ms);
  return flood.size() + 1 < wanted || flood.empty() ? 0 : flood.front();
}

bool CountInStorm(const Draft& draft, v1::IncidentState& incident, const v1::IncidentState& before,
                  const v1::OpenPart& open) {
  v1::StormState& storm = *incident.mutable_storm();
  storm.set_reports(storm.reports() + 1);
  if (TellsOfDanger(open)) storm.set_dangerous(storm.dangerous() + 1);
  storm.set_last_report_ms(draft.now());
  const bool quiet = incident.lane() == before.lane() && incident.severity() == before.severity() &&
                     incident.danger_to_life() == before.danger_to_life() && incident.category() == before.category() &&
                     incident.division() == before.division() &&
                     incident.counts().SerializeAsString() == before.counts().SerializeAsString();
  if (!quiet) {  // its parties hear of it now, and of all that waited
    MarkTold(draft, storm);
    return false;
  }
  const v1::SiteSettings& settings = draft.site().settings();
  const bool danger_waits = storm.dangerous() > storm.told_dangerous();
  storm.set_next_ms(storm.told_ms() +
                    (danger_waits ? Ms(settings.storm_urgent_notice_s(), 10) : Ms(settings.storm_notice_s(), 60)));
  return true;
}

absl::StatusOr<Answer> DecideStorm(Draft& draft, const StormCommand& command) {
  const v1::IncidentState* found = draft.FindIncident(command.incident_id);
  if (found == nullptr || found->status() != v1::OPEN) return Answer();
  const bool begins = !found->has_storm();
  if (!begins && found->storm().next_ms() > draft.now()) return Answer();
  v1::IncidentState& incident = draft.Incident(command.incident_id);
  v1::StormChanged* what = draft.record().mutable_storm_changed();
  what->set_incident_id(incident.id());
  if (begins) {
    Enter(draft, incident, what);
  } else if (incident.storm().reports() > incident.storm().told_reports()) {
    what->set_phase(v1::STORM_TOLD);
    Tell(draft, incident, what);
  } else {
    what->set_phase(v1::STORM_LEFT);
  }
  what->set_reports(incident.storm().reports());
  what->set_dangerous(incident.storm().dangerous());
  if (what->phase() == v1::STORM_LEFT) incident.clear_storm();
  Settle(draft, incident.id());
  return Answer();
}

}  // namespace liandong::core
