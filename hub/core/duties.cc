#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "hub/core/limits.h"
#include "hub/core/responses.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"
#include "routing/match.h"

namespace liandong::core {
namespace {

bool Reports(const Draft& draft, const v1::IncidentState& incident, const std::string& party) {
  for (const v1::ReportState* report : ReportsOf(draft, incident)) {
    if (report->key().party() == party) return true;
  }
  return false;
}

// Duties of the incident and of those merged into it.
std::vector<uint64_t> DutiesOfAll(const Draft& draft, const v1::IncidentState& incident) {
  std::vector<uint64_t> out(incident.duty().begin(), incident.duty().end());
  for (uint64_t younger : incident.merged()) {
    const v1::IncidentState* one = draft.FindIncident(younger);
    if (one != nullptr) out.insert(out.end(), one->duty().begin(), one->duty().end());
  }
  return out;
}

// It had ended before this record, and this record opens it again.
bool Reopens(const Draft& draft, const v1::IncidentState& incident) {
  const v1::IncidentState* before = draft.state().FindIncident(incident.id());
  const bool ended = before != nullptr && (before->status() == v1::CLOSED || before->status() == v1::CANCELLED);
  return ended && incident.status() == v1::OPEN;
}

// The party's duty in this incident or in one merged into it that still stands: an open one, else the newest; 0: none.
// What ended with an incident stands no more when that opens again, unless it was refused: it is asked anew.
uint64_t StandingDuty(const Draft& draft, const v1::IncidentState& incident, const std::string& party) {
  const bool reopens = Reopens(draft, incident);
  uint64_t newest = 0;
  for (uint64_t id : DutiesOfAll(draft, incident)) {
    const v1::DutyState* duty = draft.FindDuty(id);
    if (duty->party() != party || duty->is_order() || duty->has_statutory()) continue;
    if (duty->status() == v1::DUTY_OPEN) return id;
    if (duty->status() == v1::DUTY_MERGED_INTO || (reopens && duty->status() != v1::DUTY_REFUSED)) continue;
    newest = std::max(newest, id);
  }
  return newest;
}

bool Cites(const v1::DutyState& duty, const v1::ClauseRef& ref) {
  return std::any_of(duty.clause().begin(), duty.clause().end(), [&](const v1::ClauseRef& one) {
    return one.agreement() == ref.agreement() && one.clause() == ref.clause();
  });
}

// The stricter of a standing deadline and a new one. A rung that was met, missed or passed gets no new deadline.
void AskRung(int64_t now_ms, v1::DutyState& duty, v1::Rung rung, uint32_t within_s) {
  const bool missed = std::find(duty.missed().begin(), duty.missed().end(), rung) != duty.missed().end();
  if (missed || within_s == 0 || Reached(duty, rung)) return;
  const int64_t asked = now_ms + int64_t{within_s} * 1000, standing = DeadlineOf(duty, rung);
  SetDeadline(duty, rung, standing == 0 ? asked : std::min(standing, asked));
}

// What the clause asks; else the site's default, where the next rung has a deadline and a later one: of who has nowhere
// to arrive nobody asks when it set out.
uint32_t OrDefault(uint32_t asked_s, uint32_t default_s, uint32_t next_rung_s) {
  if (asked_s > 0) return asked_s;
  return default_s < next_rung_s ? default_s : 0;
}

void Ask(const Draft& draft, const routing::RoutedDuty& asked, v1::DutyState* duty) {
  const bool role_is_fixed = duty->binding() == v1::ASSIGNED_BY_COMMAND;
  if (duty->role() == v1::ROLE_UNSPECIFIED || (asked.role < duty->role() && !role_is_fixed)) duty->set_role(asked.role);
  for (const v1::ClauseRef& ref : asked.clauses) {
    if (!Cites(*duty, ref)) *duty->add_clause() = ref;
  }
  std::set<int> fields(duty->disclose().begin(), duty->disclose().end());
  fields.insert(asked.disclose.begin(), asked.disclose.end());
  duty->clear_disclose();
  for (int field : fields) duty->add_disclose(static_cast<v1::Field>(field));
  AskRungs(draft.site().settings(), draft.now(), asked, *duty);
  for (const auto& step : asked.steps) {
    const bool known =
        std::any_of(duty->step().begin(), duty->step().end(), [&](const auto& one) { return one.to() == step.to(); });
    if (!known) *duty->add_step() = step;
  }
  duty->set_verify_first(duty->verify_first() || asked.verify_first);
}

void Task(Draft& draft, uint64_t incident_id, const routing::RoutedDuty& asked) {
  v1::DutyState& duty = draft.NewDuty(incident_id);
  duty.set_party(asked.party);
  Ask(draft, asked, &duty);
  v1::DeliveryState& delivery = draft.Queue(asked.party, v1::TASK, incident_id, duty.id());
  delivery.set_receive_by_ms(0);  // the duty's own rung watches it
  if (duty.receive_by_ms() == 0)
    duty.set_receive_by_ms(draft.now() + int64_t{draft.site().settings().feedback_receive_s()} * 1000);
  duty.set_first_delivery(delivery.id());
  TellReporters(draft, incident_id, Note(draft, "ASSIGNED", asked.party), asked.party);
}

void Update(Draft& draft, uint64_t duty_id) {
  const v1::DutyState* duty = draft.FindDuty(duty_id);
  draft.Queue(duty->party(), v1::UPDATE, duty->incident_id(), duty_id);
}

routing::Routing SecretRouting(const Draft& draft, const v1::IncidentState& incident) {
  routing::Routing out;
  out.decision.set_site_version(draft.site().version());
  out.decision.add_note("SECRET");
  const v1::Party* reporter = draft.site().FindParty(incident.first_party());
  if (reporter == nullptr || reporter->secret_handler().empty() || reporter->secret_handler() == reporter->id())
    return out;
  routing::RoutedDuty duty = CommandLeads(draft.site().settings());
  duty.party = reporter->secret_handler();
  out.duties.push_back(duty);
  return out;
}

// Whom the command centre named as lead, while it stands; empty: nobody.
std::string AssignedLead(const Draft& draft, const v1::IncidentState& incident) {
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = draft.FindDuty(id);
    const bool stands = duty->status() == v1::DUTY_OPEN || duty->status() == v1::DUTY_DONE;
    if (duty->role() == v1::LEAD && duty->binding() == v1::ASSIGNED_BY_COMMAND && stands) return duty->party();
  }
  return "";
}

}  // namespace

routing::RoutedDuty CommandLeads(const v1::SiteSettings& settings) {
  routing::RoutedDuty duty;
  duty.party = settings.command_party();
  duty.role = v1::LEAD;
  duty.receive_within_s = settings.lead_receive_s();
  duty.accept_within_s = settings.lead_accept_s();
  duty.disclose = {v1::PLACE,      v1::DESCRIPTION, v1::CALLER_NAME,   v1::CALLER_PHONE,
                   v1::CASUALTIES, v1::MEDICAL,     v1::SOURCE_RECORD, v1::DETAILS};
  return duty;
}

bool Reached(const v1::DutyState& duty, v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return duty.transport() == v1::RECEIVED;
    case v1::RUNG_SEE:
      return duty.person() != v1::ACK_STATE_UNSPECIFIED || duty.field() != v1::ACK_STATE_UNSPECIFIED;
    case v1::RUNG_ACCEPT:
      return duty.person() >= v1::ACCEPTED;
    case v1::RUNG_EN_ROUTE:
      return duty.field() >= v1::EN_ROUTE;
    case v1::RUNG_ARRIVE:
      return duty.field() >= v1::ON_SCENE;
    default:
      return duty.field() >= v1::COMPLETED;
  }
}

void AskRungs(const v1::SiteSettings& site, int64_t now_ms, const routing::RoutedDuty& asked, v1::DutyState& duty) {
  const bool lead = asked.role == v1::LEAD, inform = asked.role == v1::INFORM;
  const uint32_t see_s = inform ? 0 : lead ? site.lead_see_s() : site.support_see_s();
  const uint32_t en_route_s = inform ? 0 : lead ? site.lead_en_route_s() : site.support_en_route_s();
  AskRung(now_ms, duty, v1::RUNG_RECEIVE, asked.receive_within_s);
  AskRung(now_ms, duty, v1::RUNG_SEE, OrDefault(asked.see_within_s, see_s, asked.accept_within_s));
  AskRung(now_ms, duty, v1::RUNG_ACCEPT, asked.accept_within_s);
  AskRung(now_ms, duty, v1::RUNG_EN_ROUTE, OrDefault(asked.en_route_within_s, en_route_s, asked.arrive_within_s));
  AskRung(now_ms, duty, v1::RUNG_ARRIVE, asked.arrive_within_s);
  AskRung(now_ms, duty, v1::RUNG_COMPLETE, asked.complete_within_s);
  const uint32_t remind_s = asked.remind_before_s > 0 ? asked.remind_before_s : site.remind_before_s();
  duty.set_remind_before_s(std::max(duty.remind_before_s(), remind_s));
}

routing::Facts FactsOf(const Draft& draft, const v1::IncidentState& incident, std::string_view text) {
  routing::Facts facts;
  facts.category = incident.category();
  facts.severity = incident.severity();
  facts.division = incident.division();
  facts.danger_to_life = incident.danger_to_life();
  facts.device_alarm = incident.device_alarm();
  facts.verification = incident.verification();
  facts.channel = incident.channel();
  facts.opened_at_ms = incident.opened_at_ms();
  facts.text = text;
  facts.response_level = ResponseLevelFor(draft.state(), incident);
  for (const v1::ReportState* report : ReportsOf(draft, incident)) {
    const std::string& party = report->key().party();
    if (std::find(facts.sources.begin(), facts.sources.end(), party) == facts.sources.end())
      facts.sources.push_back(party);
    // An incident goes on from stage to stage: the furthest that anybody told of.
    const v1::Stage told = report->open().stage();
    facts.stage = std::max(facts.stage, told == v1::STAGE_UNSPECIFIED ? v1::RESPONSE : told);
  }
  return facts;
}

v1::Decision Route(Draft& draft, uint64_t incident_id, bool changed) {
  return Route(draft, incident_id, changed, draft.context().text);
}

v1::Decision Route(Draft& draft, uint64_t incident_id, bool changed, std::string_view text) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  // Danger to life does not wait for desks to agree.
  if (incident.dispute_until_ms() > 0 && incident.lane() == v1::URGENT) SettleDispute(draft, incident_id, "");
  routing::Routing routing = incident.secret()
                                 ? SecretRouting(draft, incident)
                                 : routing::Match(draft.site(), FactsOf(draft, incident, text), draft.now());
  if (const std::string lead = AssignedLead(draft, incident); !lead.empty()) {
    for (routing::RoutedDuty& asked : routing.duties) {
      if (asked.role != v1::LEAD || asked.party == lead) continue;
      asked.role = v1::SUPPORT;
      routing.decision.add_note(absl::StrCat("LEAD_ASSIGNED:", lead));
    }
  }
  // Parties that have a duty already hear of the change once, whether or not a clause names them again.
  std::set<uint64_t> updates;
  if (changed) {
    for (uint64_t id : DutiesOfAll(draft, incident)) {
      const v1::DutyStatus status = draft.FindDuty(id)->status();
      if (draft.FindDuty(id)->has_statutory()) continue;
      if (status == v1::DUTY_OPEN || status == v1::DUTY_DONE) updates.insert(id);
    }
  }
  bool reporter_leads = false;
  bool led = false;
  for (const routing::RoutedDuty& asked : routing.duties) {
    if (draft.site().FindParty(asked.party) == nullptr) {
      routing.decision.add_note(absl::StrCat("UNKNOWN_PARTY:", asked.party));
      continue;
    }
    const uint64_t standing = StandingDuty(draft, incident, asked.party);
    // Who told it has it: it does not go back to where it came from. A machine's alarm is different: nobody there has
    // looked at it yet.
    const bool nobody_looked = incident.device_alarm() && asked.verify_first;
    if (standing == 0 && !nobody_looked && Reports(draft, incident, asked.party)) {
      routing.decision.add_note(absl::StrCat("OWN_REPORT:", asked.party));
      reporter_leads = reporter_leads || asked.role == v1::LEAD;
      continue;
    }
    led = led || asked.role == v1::LEAD;
    if (standing == 0) {
      // What it had done before the incident was opened again is asked anew, and told once.
      std::erase_if(updates, [&](uint64_t id) {
        const v1::DutyState* duty = draft.FindDuty(id);
        return duty->party() == asked.party && duty->status() == v1::DUTY_DONE;
      });
      Task(draft, incident_id, asked);
      continue;
    }
    const v1::DutyState& duty = *draft.FindDuty(standing);
    const bool asks_more = (asked.role < duty.role() && duty.binding() != v1::ASSIGNED_BY_COMMAND) ||
                           std::any_of(asked.clauses.begin(), asked.clauses.end(),
                                       [&](const v1::ClauseRef& ref) { return !Cites(duty, ref); });
    if (duty.status() == v1::DUTY_OPEN || (duty.status() == v1::DUTY_DONE && !asks_more)) {
      if (asks_more || changed) Ask(draft, asked, &draft.Duty(standing));
      if (asks_more) updates.insert(standing);
    } else if (asks_more) {
      // Refused, withdrawn or done for less than is asked now: what is new is asked anew.
      updates.erase(standing);
      Task(draft, incident_id, asked);
    }
  }
  for (uint64_t id : updates) Update(draft, id);
  const std::string& command = draft.site().settings().command_party();
  const bool has_lead = std::any_of(incident.duty().begin(), incident.duty().end(), [&](uint64_t id) {
    const v1::DutyState* duty = draft.FindDuty(id);
    return duty->role() == v1::LEAD && duty->status() != v1::DUTY_CANCELLED && duty->status() != v1::DUTY_REASSIGNED;
  });
  if (!led && !has_lead && !reporter_leads && !incident.secret()) {
    // No clause says who leads: the command centre holds it until somebody does.
    routing.decision.add_note("COMMAND_HOLDS");
    if (!Reports(draft, incident, command)) Task(draft, incident_id, CommandLeads(draft.site().settings()));
    if (incident.holder() != command) TakeBaton(draft, incident_id, command);
  }
  AddStatutoryDuties(draft, incident_id);
  return routing.decision;
}

void TakeBaton(Draft& draft, uint64_t incident_id, const std::string& holder) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  if (incident.holder() == holder) return;
  const bool first = incident.holder().empty();
  incident.set_holder(holder);
  for (uint64_t id : incident.merged()) {
    if (draft.FindIncident(id) != nullptr) draft.Incident(id).set_holder(holder);
  }
  if (!first) TellReporters(draft, incident_id, Note(draft, "HOLDER", holder), holder);
}

void EndDuty(Draft& draft, uint64_t duty_id, v1::DutyStatus status, std::string_view text, std::string_view text_en) {
  v1::DutyState& duty = draft.Duty(duty_id);
  duty.set_status(status);
  duty.set_next_step_ms(0);
  if (text.empty()) return;
  v1::DeliveryState& delivery = draft.Queue(duty.party(), v1::CANCEL, duty.incident_id(), duty_id);
  delivery.set_text(std::string(text));
  delivery.set_text_en(std::string(text_en));
}

void CloseIncident(Draft& draft, uint64_t incident_id, v1::IncidentStatus status, std::string_view what,
                   std::string_view reason) {
  v1::FeedbackNote note = Note(draft, what, draft.context().actor.party());
  note.set_reason(std::string(reason));
  TellReporters(draft, incident_id, note);
  std::vector<uint64_t> all(draft.Incident(incident_id).merged().begin(), draft.Incident(incident_id).merged().end());
  all.push_back(incident_id);
  const bool cancelled = status == v1::CANCELLED;
  for (uint64_t id : all) {
    if (draft.FindIncident(id) == nullptr) continue;
    v1::IncidentState& incident = draft.Incident(id);
    const std::vector<uint64_t> duties(incident.duty().begin(), incident.duty().end());
    for (uint64_t duty_id : duties) {
      const v1::DutyStatus was = draft.FindDuty(duty_id)->status();
      if (was == v1::DUTY_OPEN) {
        EndDuty(draft, duty_id, v1::DUTY_CANCELLED,
                absl::StrCat("事件", id, cancelled ? "已撤销" : "已办结", ",任务结束"),
                absl::StrCat("Incident ", id, cancelled ? " is cancelled" : " is closed", "; the duty has ended"));
      } else if (was == v1::DUTY_REFUSED) {
        draft.Duty(duty_id).set_next_step_ms(0);
      }
    }
    incident.set_revision(incident.revision() + 1);
    if (incident.status() == v1::OPEN) incident.set_status(status);
    incident.set_closed_at_ms(draft.now());
    incident.set_quiet_close_ms(0);
    incident.set_transfer_until_ms(0);
    incident.set_transfer_delivery(0);
    incident.set_dispute_until_ms(0);
  }
  Settle(draft, incident_id);
}

void Settle(Draft& draft, uint64_t incident_id) {
  const v1::IncidentState* found = draft.FindIncident(incident_id);
  if (found == nullptr) return;
  if (found->merged_into() != 0 && draft.FindIncident(found->merged_into()) != nullptr) {
    Settle(draft, found->merged_into());
    return;
  }
  std::vector<uint64_t> all(found->merged().begin(), found->merged().end());
  all.push_back(incident_id);
  bool waiting = false;   // something is open
  bool unstored = false;  // something was not stored by its party
  bool lead_done = false, lead_refused = false;
  for (uint64_t id : all) {
    const v1::IncidentState* incident = draft.FindIncident(id);
    if (incident == nullptr) continue;
    for (uint64_t duty_id : incident->duty()) {
      const v1::DutyState* duty = draft.FindDuty(duty_id);
      const bool climbs = duty->next_step_ms() > 0 && duty->status() != v1::DUTY_MERGED_INTO;
      waiting = waiting || duty->status() == v1::DUTY_OPEN || climbs;
      waiting = waiting || (duty->has_statutory() && duty->status() == v1::DUTY_REFUSED);
      if (duty->role() != v1::LEAD) continue;
      lead_done = lead_done || duty->status() == v1::DUTY_DONE;
      lead_refused = lead_refused || duty->status() == v1::DUTY_REFUSED;
    }
    unstored = unstored || draft.HasUnstored(id);
  }
  const v1::SiteSettings& settings = draft.site().settings();
  int64_t quiet = 0;
  if (found->status() == v1::OPEN) {
    // What the lead refused is nobody's until a person has seen to it.
    const bool quiet_may_run =
        !waiting && found->transfer_until_ms() == 0 && found->dispute_until_ms() == 0 && (lead_done || !lead_refused);
    if (quiet_may_run && settings.quiet_close_s() > 0) quiet = draft.now() + int64_t{settings.quiet_close_s()} * 1000;
  }
  if (quiet != found->quiet_close_ms()) draft.Incident(incident_id).set_quiet_close_ms(quiet);
  if (found->status() == v1::OPEN) return;
  if (unstored) {  // all leave memory together, or none
    for (uint64_t id : all) {
      if (draft.FindIncident(id) != nullptr && draft.FindIncident(id)->evict_ms() != 0)
        draft.Incident(id).set_evict_ms(0);
    }
    return;
  }
  const uint32_t wait_s = settings.evict_after_s() > 0 ? settings.evict_after_s() : 600;
  for (uint64_t id : all) {
    if (draft.FindIncident(id) != nullptr && draft.FindIncident(id)->evict_ms() == 0) {
      draft.Incident(id).set_evict_ms(draft.now() + int64_t{wait_s} * 1000);
    }
  }
}

}  // namespace liandong::core
