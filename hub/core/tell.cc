#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"
#include "routing/roster.h"

namespace liandong::core {
namespace {

v1::ReporterState* Reporter(v1::IncidentState& incident, const std::string& party) {
  for (auto& one : *incident.mutable_reporter()) {
    if (one.party() == party) return &one;
  }
  return nullptr;
}

void SendWaiting(Draft& draft, uint64_t incident_id, const std::string& party) {
  // Queue may touch the incident's lists: take what waits first.
  v1::DeliveryState& delivery = draft.Queue(party, v1::FEEDBACK, incident_id, 0);
  v1::ReporterState* reporter = Reporter(draft.Incident(incident_id), party);
  delivery.mutable_feedback()->Swap(reporter->mutable_waiting());
  reporter->mutable_waiting()->Clear();
  reporter->set_outstanding_delivery(delivery.id());
}

void TellOne(Draft& draft, uint64_t incident_id, const v1::FeedbackNote& note, std::string_view but) {
  std::vector<std::string> ready;
  for (auto& reporter : *draft.Incident(incident_id).mutable_reporter()) {
    if (reporter.party() == but) continue;
    if (reporter.waiting_size() >= limits::kFeedbackWaiting) {
      // A reporter that has stored nothing for so long gets where things stand, not each step: the oldest is dropped
      // here, and only here; the log and the incident's timeline keep it.
      reporter.mutable_waiting()->DeleteSubrange(0, 1);
    }
    *reporter.add_waiting() = note;
    if (reporter.outstanding_delivery() == 0) ready.push_back(reporter.party());
  }
  for (const std::string& party : ready) SendWaiting(draft, incident_id, party);
}

}  // namespace

bool IsAddressee(const v1::Party* party) {
  return party != nullptr && party->kind() != v1::HUB && party->kind() != v1::SCREEN;
}

std::string PartyName(const routing::Site& site, const std::string& id) {
  const v1::Party* party = site.FindParty(id);
  return party == nullptr || party->name_zh().empty() ? id : party->name_zh();
}

std::string_view RungZh(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return "未接收";
    case v1::RUNG_ACCEPT:
      return "未签收";
    case v1::RUNG_ARRIVE:
      return "未到场";
    case v1::RUNG_COMPLETE:
      return "未办结";
    case v1::RUNG_DEFERRED:
      return "逾期未答复";
    case v1::RUNG_SEE:
      return "未查阅";
    case v1::RUNG_EN_ROUTE:
      return "未出动";
    case v1::RUNG_TRANSFER:
      return "未答复移交";
    case v1::RUNG_DISPUTE:
      return "争议未达成一致";
    default:
      return "超时";
  }
}

std::string_view RungEn(v1::Rung rung) {
  switch (rung) {
    case v1::RUNG_RECEIVE:
      return "not received";
    case v1::RUNG_ACCEPT:
      return "not accepted";
    case v1::RUNG_ARRIVE:
      return "not arrived";
    case v1::RUNG_COMPLETE:
      return "not completed";
    case v1::RUNG_DEFERRED:
      return "put off and not answered";
    case v1::RUNG_SEE:
      return "not seen";
    case v1::RUNG_EN_ROUTE:
      return "not set out";
    case v1::RUNG_TRANSFER:
      return "not answered the offer";
    case v1::RUNG_DISPUTE:
      return "not come to an agreement";
    default:
      return "late";
  }
}

v1::FeedbackNote Note(const Draft& draft, std::string_view what, std::string_view party) {
  v1::FeedbackNote note;
  note.set_at_ms(draft.now());
  note.set_what(std::string(what));
  note.set_party(std::string(party));
  return note;
}

void TellReporters(Draft& draft, uint64_t incident_id, const v1::FeedbackNote& note, std::string_view but) {
  const v1::IncidentState* incident = draft.FindIncident(incident_id);
  const uint64_t root = incident->merged_into() != 0 ? incident->merged_into() : incident_id;
  const v1::IncidentState* base = draft.FindIncident(root);
  if (base == nullptr) base = incident;
  TellOne(draft, base->id(), note, but);
  const std::vector<uint64_t> merged(base->merged().begin(), base->merged().end());
  for (uint64_t id : merged) {
    if (draft.FindIncident(id) != nullptr) TellOne(draft, id, note, but);
  }
}

void FeedbackReceived(Draft& draft, uint64_t incident_id, const std::string& party, uint64_t delivery_id) {
  v1::ReporterState* reporter = Reporter(draft.Incident(incident_id), party);
  if (reporter == nullptr || reporter->outstanding_delivery() != delivery_id) return;
  reporter->set_outstanding_delivery(0);
  if (reporter->waiting_size() > 0) SendWaiting(draft, incident_id, party);
}

Target WhoIsTold(const State& state, const routing::Site& site, const std::string& party_or_post, int64_t now_ms) {
  Target out;
  out.party = site.PartyOfTarget(party_or_post);
  if (out.party == nullptr) return out;
  out.phone_24h = out.party->phone_24h();
  out.post = site.FindPost(party_or_post);
  if (out.post == nullptr) return out;
  const int32_t offset = site.settings().utc_offset_minutes();
  const v1::PostState* taken_over = state.FindPost(party_or_post);
  out.handed_over = taken_over != nullptr && (taken_over->until_ms() == 0 || now_ms < taken_over->until_ms());
  const routing::OnPost roster = routing::WhoIsOnPost(*out.post, offset, now_ms);
  out.person = out.handed_over ? taken_over->person() : roster.person;
  std::string phone = out.handed_over ? taken_over->phone_24h() : roster.phone_24h;
  if (phone.empty()) phone = out.post->phone_24h();
  if (!phone.empty()) out.phone_24h = std::move(phone);
  return out;
}

std::string ClimbStep(Draft& draft, v1::DutyState& duty, v1::Rung rung, v1::DeadlineMissed* told, bool quietly) {
  duty.set_next_step_ms(0);
  if (static_cast<int>(duty.next_step()) >= duty.step_size()) return "";
  const v1::EscalationStepState& step = duty.step(duty.next_step());
  const routing::Site& site = draft.site();
  const std::string to = step.to();
  const Target target = WhoIsTold(draft.state(), site, to, draft.now());
  const uint32_t wait_s = step.wait_s() > 0                         ? step.wait_s()
                          : site.settings().escalation_wait_s() > 0 ? site.settings().escalation_wait_s()
                                                                    : 300;
  duty.set_next_step(duty.next_step() + 1);
  if (static_cast<int>(duty.next_step()) < duty.step_size())
    duty.set_next_step_ms(draft.now() + int64_t{wait_s} * 1000);
  if (told != nullptr) {
    told->set_on_post(target.person);
    told->set_phone_24h(target.phone_24h);
  }
  if (quietly || target.party == nullptr) return to;
  const v1::Party* late = site.FindParty(duty.party());
  const std::string phone = late == nullptr ? "" : late->phone_24h();
  const bool waits = duty.return_delivery() != 0;
  const bool refused = duty.status() == v1::DUTY_REFUSED;
  v1::DeliveryState& delivery = draft.Queue(target.party->id(), v1::ESCALATION, duty.incident_id(), duty.id());
  std::string for_zh, for_en;
  if (target.post != nullptr) {
    delivery.set_post(to);
    delivery.set_post_person(target.person);
    delivery.set_post_phone(target.phone_24h);
    const std::string& title_en = target.post->title_en().empty() ? to : target.post->title_en();
    for_zh = absl::StrCat("。请", target.post->title_zh(), target.person, "处理,岗位24小时电话 ",
                          target.phone_24h.empty() ? "未登记" : target.phone_24h);
    for_en = absl::StrCat("; for ", title_en, target.person.empty() ? "" : absl::StrCat(" (", target.person, ")"),
                          ", on ", target.phone_24h.empty() ? "no number on file" : target.phone_24h);
  }
  delivery.set_text(absl::StrCat("【升级】", PartyName(site, duty.party()),
                                 waits     ? "申请退单,未审核"
                                 : refused ? "拒绝承担"
                                           : std::string(RungZh(rung)),
                                 ":事件", duty.incident_id(), ",24小时电话 ", phone.empty() ? "未登记" : phone,
                                 for_zh));
  delivery.set_text_en(absl::StrCat("Escalation: ", duty.party(),
                                    waits     ? " asks to return its duty and nobody has reviewed it"
                                    : refused ? " refused"
                                              : absl::StrCat(" has ", std::string(RungEn(rung))),
                                    ", incident ", duty.incident_id(), ", 24 h telephone ",
                                    phone.empty() ? "not on file" : phone, for_en));
  return to;
}

void AlarmLink(Draft& draft, const std::string& party) {
  const std::string command = draft.site().settings().command_party();
  if (party == command || draft.FindParty(party)->link_alarm_delivery() != 0) return;
  const v1::Party* late = draft.site().FindParty(party);
  v1::DeliveryState& notice = draft.QueueNotice(command, v1::URGENT, v1::ACTUAL);
  notice.set_text(absl::StrCat("【线路】", PartyName(draft.site(), party), "未按时接收消息,请电话联系:",
                               late == nullptr || late->phone_24h().empty() ? "未登记" : late->phone_24h()));
  notice.set_text_en(absl::StrCat("Link: ", party, " has not stored its messages in time; call it by telephone"));
  v1::PartyState& state = draft.Party(party);
  state.set_link_alarm_delivery(notice.id());
  state.set_link_alarm_since_ms(draft.now());
}

void LinkHeard(Draft& draft, const std::string& party) {
  if (draft.FindParty(party)->link_alarm_delivery() == 0) return;
  v1::PartyState& state = draft.Party(party);
  state.set_link_alarm_delivery(0);
  state.set_link_alarm_since_ms(0);
}

}  // namespace liandong::core
