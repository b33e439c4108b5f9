#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"
#include "hub/core/storm.h"

namespace liandong::core {
namespace {

v1::Receipt ReceiptOf(const v1::ReportState& report, const v1::RevisionSeen& seen, v1::ReportOutcome outcome,
                      const v1::IncidentState* incident) {
  v1::Receipt receipt;
  receipt.set_external_id(report.key().external_id());
  receipt.set_outcome(outcome);
  receipt.set_incident_id(report.incident_id());
  receipt.set_log_index(seen.log_index());
  receipt.set_recorded_at_ms(seen.recorded_at_ms());
  if (incident != nullptr) {
    receipt.set_incident_revision(incident->revision());
    receipt.set_lane(incident->lane());
  }
  return receipt;
}

// A numbered revision is a repeat only under its own number: the same words under a higher number are an amendment
// back. Without numbers, any content seen before is a repeat.
const v1::RevisionSeen* FindRepeat(const v1::ReportState& known, const ReportCommand& command) {
  for (const auto& seen : known.seen()) {
    if (seen.content_mac() == command.content_mac && seen.revision() == command.report.revision()) return &seen;
  }
  return nullptr;
}

void Remember(Draft& draft, v1::ReportState& report, const ReportCommand& command, v1::ReportOutcome outcome) {
  v1::RevisionSeen* seen = report.add_seen();
  seen->set_revision(command.report.revision());
  seen->set_content_mac(command.content_mac);
  seen->set_log_index(draft.context().index);
  seen->set_recorded_at_ms(draft.now());
  seen->set_outcome(outcome);
  while (report.seen_size() > limits::kRevisionsKept) report.mutable_seen()->DeleteSubrange(0, 1);
}

void Store(Draft& draft, v1::ReportState& report, const ReportCommand& command, v1::ReportOutcome outcome) {
  report.set_revision(command.report.revision());
  *report.mutable_open() = command.report.open();
  report.set_sealed(command.sealed);
  report.set_log_index(draft.context().index);
  report.set_recorded_at_ms(draft.now());
  if (!command.report.actor().person().empty()) report.set_taken_by(command.report.actor().person());
  Remember(draft, report, command, outcome);
}

// What an incident holds decides how long it is kept. Unknown stays unknown: that is the longest.
void AddClasses(Draft& draft, uint64_t incident_id, FieldClasses classes) {
  const FieldClasses known = draft.FindIncident(incident_id)->sealed_classes();
  if (known == 0 || (known & classes) == classes) return;
  draft.Incident(incident_id).set_sealed_classes(known | classes);
}

void AddReporter(v1::IncidentState& incident, const std::string& party) {
  for (const auto& one : incident.reporter()) {
    if (one.party() == party) return;
  }
  incident.add_reporter()->set_party(party);
}

v1::IncidentState& Open(Draft& draft, const std::string& party, const v1::OpenPart& open) {
  v1::IncidentState& incident = draft.NewIncident();
  incident.set_status(v1::OPEN);
  incident.set_verification(v1::UNVERIFIED);
  incident.set_purpose(open.purpose());
  incident.set_lane(LaneOf(&draft.site(), open));
  incident.set_first_party(party);
  incident.set_opened_at_ms(draft.now());
  incident.set_key_id(draft.context().fresh_key_id);
  incident.set_secret(open.secret());
  // 首接负责: the hotline that took the call holds it until somebody has accepted; others have no desk for that.
  const v1::Party* reporter = draft.site().FindParty(party);
  const bool hotline = reporter != nullptr && reporter->kind() == v1::HOTLINE;
  incident.set_holder(hotline || open.secret() ? party : draft.site().settings().command_party());
  return incident;
}

absl::Status CheckPurpose(const Draft& draft, uint64_t incident_id, v1::Purpose purpose) {
  const v1::IncidentState* incident = draft.FindIncident(incident_id);
  if (incident->purpose() == purpose) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "DIFFERENT_PURPOSE",
                absl::StrCat("this record is known as ", v1::Purpose_Name(incident->purpose()), " and cannot become ",
                             v1::Purpose_Name(purpose)),
                "同一记录不能在实战、演练、测试之间改变", "open.purpose");
}

absl::StatusOr<Answer> Revise(Draft& draft, const ReportCommand& command, const v1::ReportState& known) {
  const std::string& party = draft.context().actor.party();
  if (auto s = CheckPurpose(draft, known.incident_id(), command.report.open().purpose()); !s.ok()) return s;
  v1::ReportRecorded* what = draft.record().mutable_report_recorded();
  *what->mutable_key() = known.key();
  what->set_revision(command.report.revision());
  v1::ReportState& report = draft.Report(party, command.report.external_id());
  if (command.report.revision() != 0 && command.report.revision() < known.revision()) {
    what->set_outcome(v1::OLDER_KEPT);
    *what->mutable_older_open() = command.report.open();
    what->set_older_sealed(command.sealed);
    draft.record().add_incident_id(known.incident_id());
    AddClasses(draft, known.incident_id(), command.classes);
    AddClasses(draft, draft.state().Root(known.incident_id())->id(), command.classes);
    Remember(draft, report, command, v1::OLDER_KEPT);
    return Answer(ReceiptOf(report, *report.seen().rbegin(), v1::OLDER_KEPT, draft.FindIncident(known.incident_id())));
  }
  what->set_outcome(v1::REVISED);
  Store(draft, report, command, v1::REVISED);
  const uint64_t own = known.incident_id();
  const v1::IncidentState* root = draft.state().Root(own);
  const uint64_t id = root->id();
  v1::IncidentState& incident = draft.Incident(id);
  const bool reopens = incident.status() == v1::CLOSED || incident.status() == v1::CANCELLED;
  if (reopens) {
    // An amendment of something that has ended needs somebody again: it opens, held by who took it first.
    incident.set_status(v1::OPEN);
    incident.set_closed_at_ms(0);
    incident.set_evict_ms(0);
    if (incident.verification() == v1::FALSE_ALARM) incident.set_verification(v1::UNVERIFIED);
    for (uint64_t younger : incident.merged()) {
      if (draft.FindIncident(younger) != nullptr) draft.Incident(younger).set_evict_ms(0);
    }
  }
  incident.set_revision(incident.revision() + 1);
  AddClasses(draft, own, command.classes);
  AddClasses(draft, id, command.classes);
  if (own != id) draft.Incident(own).set_revision(draft.Incident(own).revision() + 1);
  if (command.report.open().secret()) incident.set_secret(true);
  if (incident.status() == v1::OPEN) {
    Summarize(draft, id);
    if (reopens) BatonBack(draft, id);
    *what->mutable_decision() = Route(draft, id, /*changed=*/true);
    Settle(draft, id);
  }
  return Answer(ReceiptOf(report, *report.seen().rbegin(), v1::REVISED, draft.FindIncident(id)));
}

// Memory is bounded: ordinary new reports are refused first, then urgent ones. What is known already is always taken.
absl::Status RoomFor(const Draft& draft, const v1::OpenPart& open) {
  const bool urgent = LaneOf(&draft.site(), open) == v1::URGENT;
  const size_t bound = urgent ? limits::kIncidentsInMemory / 4 * 5 : limits::kIncidentsInMemory;
  if (draft.state().incidents().size() < bound) return absl::OkStatus();
  return Refuse(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                "too many incidents are open; close what has ended, then try again as told",
                "进行中事件过多,请办结后重试", "", limits::kRetryAfterMs);
}

// Who opens a record of its own for a task of ours names our incident number.
constexpr char kOurNumber[] = "hub";

// The incident of this number, if the party was told of it: nobody joins what it only guesses.
uint64_t IncidentTold(const State& state, const std::string& party, const std::string& number) {
  uint64_t id = 0;
  const v1::IncidentState* incident = absl::SimpleAtoi(number, &id) ? state.FindIncident(id) : nullptr;
  if (incident == nullptr) return 0;
  for (const v1::DeliveryState* delivery : state.DeliveriesOf(id)) {
    if (delivery->party() == party) return id;
  }
  return 0;
}

}  // namespace

Location Locate(const State& state, const std::string& party, const v1::Report& report) {
  if (const v1::ReportState* known = state.FindReport(party, report.external_id()))
    return {known->incident_id(), true, false};
  // A secret record stays by itself: joining would tell the others that it exists.
  if (report.open().secret()) return {};
  auto joinable = [&](uint64_t id) -> uint64_t {
    const v1::IncidentState* root = id == 0 ? nullptr : state.Root(id);
    const bool fits = root != nullptr && root->status() == v1::OPEN && !root->secret() &&
                      root->purpose() == report.open().purpose() &&
                      state.CountReports(root->id()) < limits::kReportsPerIncident;
    return fits ? root->id() : 0;
  };
  for (const auto& ref : report.open().references()) {
    if (ref.party() == kOurNumber) {
      if (uint64_t id = joinable(IncidentTold(state, party, ref.external_id()))) return {id, false, true};
      continue;
    }
    const v1::ReportState* named = state.FindReport(ref.party(), ref.external_id());
    if (uint64_t id = joinable(named == nullptr ? 0 : named->incident_id())) return {id, false, true};
    if (uint64_t id = joinable(state.FindReference(ref.party(), ref.external_id()))) return {id, false, true};
  }
  if (uint64_t id = joinable(state.FindReference(party, report.external_id()))) return {id, false, true};
  if (uint64_t id = joinable(StormFor(state, report.open()))) return {id, false, false, true};
  return {};
}

absl::StatusOr<Answer> DecideReport(Draft& draft, const ReportCommand& command) {
  const std::string& party = draft.context().actor.party();
  const v1::Report& told = command.report;
  if (const v1::ReportState* known = draft.state().FindReport(party, told.external_id())) {
    // A repeat cannot be told from an amendment any more, and neither may bring back what the law had destroyed.
    if (draft.FindIncident(known->incident_id())->erased_at_ms() != 0) return RefuseErased(known->incident_id());
    if (const v1::RevisionSeen* repeat = FindRepeat(*known, command)) {
      return Answer(ReceiptOf(*known, *repeat, v1::REPEATED, draft.state().Root(known->incident_id())));
    }
    return Revise(draft, command, *known);
  }
  const Location location = Locate(draft.state(), party, told);
  const bool fresh = location.incident_id == 0;
  if (fresh) {
    if (auto s = RoomFor(draft, told.open()); !s.ok()) return s;
  }
  v1::IncidentState& incident = fresh ? Open(draft, party, told.open()) : draft.Incident(location.incident_id);
  const v1::ReportOutcome outcome = fresh ? v1::NEW_INCIDENT : v1::JOINED_INCIDENT;
  v1::ReportState& report = draft.Report(party, told.external_id());
  report.set_incident_id(incident.id());
  Store(draft, report, command, outcome);
  report.set_first_index(draft.context().index);
  AddReporter(incident, party);
  if (fresh) incident.set_sealed_classes(command.classes);
  AddClasses(draft, incident.id(), command.classes);
  incident.set_revision(incident.revision() + 1);
  const v1::IncidentState before = incident;
  Summarize(draft, incident.id());
  // In a flood its parties hear at once of what is new, and of the rest by one notice with counts.
  const bool quiet = incident.has_storm() && CountInStorm(draft, incident, before, told.open());

  v1::ReportRecorded* what = draft.record().mutable_report_recorded();
  *what->mutable_key() = report.key();
  what->set_revision(told.revision());
  what->set_outcome(outcome);
  *what->mutable_decision() = Route(draft, incident.id(), /*changed=*/!fresh && !quiet);
  Settle(draft, incident.id());
  return Answer(ReceiptOf(report, report.seen(0), outcome, &incident));
}

}  // namespace liandong::core
