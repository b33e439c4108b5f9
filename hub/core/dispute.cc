// 国办发〔2022〕12号: where it is not clear whose an incident is, the two desks agree; if they do not, who took the
// call first takes it on. Danger to life does not wait for that.
#include "absl/strings/str_cat.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

// Each desk's ACCEPTED of this says: we take it on.
uint64_t AskDesk(Draft& draft, uint64_t incident_id, const std::string& desk, const std::string& other) {
  v1::DeliveryState& delivery = draft.Queue(desk, v1::TRANSFER, incident_id, 0);
  delivery.set_text(absl::StrCat("【责任争议】事件", incident_id, ":请与", PartyName(draft.site(), other),
                                 "三方通话协商。签收即由本单位承办;逾期未一致的,由首接平台先行受理"));
  delivery.set_text_en(absl::StrCat("Dispute: incident ", incident_id, ": agree with ", other,
                                    " who takes it on. ACCEPTED: we do. Without agreement in time who took the call "
                                    "first takes it on"));
  return delivery.id();
}

void TakeBack(Draft& draft, uint64_t incident_id, const std::string& desk, const std::string& holder) {
  v1::DeliveryState& cancel = draft.Queue(desk, v1::CANCEL, incident_id, 0);
  cancel.set_text(absl::StrCat("事件", incident_id, "由", PartyName(draft.site(), holder), "承办,不再需要贵单位答复"));
  cancel.set_text_en(absl::StrCat("Incident ", incident_id, " is with ", holder, "; no answer is needed any more"));
}

// The lead duty of the party in this incident that is open; 0: none.
uint64_t OpenLead(const Draft& draft, const v1::IncidentState& incident, const std::string& party) {
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = draft.FindDuty(id);
    const bool routed = !duty->is_order() && !duty->has_statutory();
    if (duty->party() == party && duty->role() == v1::LEAD && duty->status() == v1::DUTY_OPEN && routed) return id;
  }
  return 0;
}

// By the rule, not by a person's word: a duty that has yet to be accepted and cannot be refused.
void MustTakeOn(Draft& draft, uint64_t incident_id, const std::string& party) {
  const uint64_t standing = OpenLead(draft, draft.Incident(incident_id), party);
  v1::DutyState& duty = standing != 0 ? draft.Duty(standing) : NewUnasked(draft, incident_id, party, v1::LEAD);
  duty.set_binding(v1::FIRST_RECEIVER);
  v1::DeliveryState& delivery = draft.Queue(party, standing != 0 ? v1::UPDATE : v1::TASK, incident_id, duty.id());
  delivery.set_text(absl::StrCat("【首接受理】事件", incident_id, "责任争议未达成一致,由贵单位先行受理"));
  delivery.set_text_en(
      absl::StrCat("Incident ", incident_id, ": the desks did not agree; you took the call first and take it on"));
  if (standing != 0) return;
  delivery.set_receive_by_ms(0);
  duty.set_first_delivery(delivery.id());
}

}  // namespace

void TakeOn(Draft& draft, uint64_t incident_id, const std::string& party, uint64_t delivery_id) {
  v1::DutyState& duty = NewUnasked(draft, incident_id, party, v1::LEAD);
  duty.set_transport(v1::RECEIVED);
  duty.set_receive_by_ms(0);
  duty.set_received_at_ms(draft.now());
  duty.set_accepted_at_ms(draft.now());
  duty.set_person(v1::ACCEPTED);
  duty.add_passed(v1::ACCEPTED);
  // Desks agree on who answers for it, not on who drives out: the field rungs are asked of those who have units.
  Reach(duty, v1::RUNG_ARRIVE);
  duty.set_first_delivery(delivery_id);
  draft.Delivery(delivery_id).set_duty_id(duty.id());
  TakeBaton(draft, incident_id, party);
}

bool OpenDispute(Draft& draft, uint64_t incident_id) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  const uint32_t answer_s = draft.site().settings().dispute_answer_s();
  if (answer_s == 0 || incident.lane() == v1::URGENT || incident.transfer_from() == incident.transfer_to())
    return false;
  const std::string from = incident.transfer_from(), to = incident.transfer_to();
  incident.set_dispute_until_ms(draft.now() + int64_t{answer_s} * 1000);
  incident.set_dispute_from_delivery(AskDesk(draft, incident_id, from, to));
  incident.set_dispute_to_delivery(AskDesk(draft, incident_id, to, from));
  TellReporters(draft, incident_id, Note(draft, "DISPUTED", to), from);
  return true;
}

std::string SettleDispute(Draft& draft, uint64_t incident_id, const std::string& agreed) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  const std::string from = incident.transfer_from(), to = incident.transfer_to();
  // Who took the call first, where it is one of the two; else who held it when it was offered.
  const std::string holder = !agreed.empty() ? agreed : incident.first_party() == to ? to : from;
  const std::string other = holder == from ? to : from;
  const uint64_t answered = holder == from ? incident.dispute_from_delivery() : incident.dispute_to_delivery();
  incident.set_dispute_until_ms(0);
  incident.set_dispute_from_delivery(0);
  incident.set_dispute_to_delivery(0);
  if (agreed.empty()) {
    incident.add_settled_with(other);
    MustTakeOn(draft, incident_id, holder);
    TakeBaton(draft, incident_id, holder);
  } else if (OpenLead(draft, incident, holder) == 0) {
    TakeOn(draft, incident_id, holder, answered);
  } else {
    TakeBaton(draft, incident_id, holder);
  }
  TakeBack(draft, incident_id, other, holder);
  TellReporters(draft, incident_id, Note(draft, "DISPUTE_SETTLED", holder), holder);
  return holder;
}

void EndOffers(Draft& draft, uint64_t incident_id, const std::string& holder) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  const std::string from = incident.transfer_from(), to = incident.transfer_to();
  if (incident.transfer_delivery() != 0) TakeBack(draft, incident_id, to, holder);
  if (incident.dispute_until_ms() > 0) {
    TakeBack(draft, incident_id, from, holder);
    TakeBack(draft, incident_id, to, holder);
  }
  incident.set_transfer_delivery(0);
  incident.set_transfer_until_ms(0);
  incident.set_dispute_until_ms(0);
  incident.set_dispute_from_delivery(0);
  incident.set_dispute_to_delivery(0);
}

}  // namespace liandong::core
