#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/ladder.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

v1::AckReply Reply(const Draft& draft, const v1::Acknowledgment& ack, v1::AckOutcome outcome) {
  v1::AckReply reply;
  reply.set_delivery_id(ack.delivery_id());
  reply.set_state(ack.state());
  reply.set_outcome(outcome);
  reply.set_log_index(outcome == v1::APPLIED ? draft.context().index : draft.state().index());
  return reply;
}

// Acknowledgments to a duty that was merged count for the one it lives on in.
uint64_t Standing(const Draft& draft, uint64_t duty_id) {
  const v1::DutyState* duty = draft.FindDuty(duty_id);
  while (duty != nullptr && duty->status() == v1::DUTY_MERGED_INTO && draft.FindDuty(duty->merged_into()) != nullptr) {
    duty = draft.FindDuty(duty->merged_into());
  }
  return duty == nullptr ? 0 : duty->id();
}

v1::Acknowledged* What(Draft& draft, const AckCommand& command, uint64_t duty_id, bool moved) {
  const v1::Acknowledgment& ack = command.ack;
  v1::Acknowledged* what = nullptr;
  if (command.for_another) {
    draft.record().mutable_acknowledged_for()->set_party(draft.FindDelivery(ack.delivery_id())->party());
    what = draft.record().mutable_acknowledged_for()->mutable_acknowledged();
  } else {
    what = draft.record().mutable_acknowledged();
  }
  what->set_delivery_id(ack.delivery_id());
  what->set_duty_id(duty_id);
  what->set_state(ack.state());
  what->set_reason(ack.reason());
  what->set_deferred_until_ms(ack.deferred_until_ms());
  if (ack.has_counts()) *what->mutable_counts() = ack.counts();
  what->set_sealed_note(command.sealed_note);
  what->set_at_ms(ack.at_ms());
  what->set_unit(ack.unit());
  what->set_moved(moved);
  return what;
}

// Anything a party says of a delivery also says that its system has it; what somebody said by telephone does not, so
// that the delivery stays to be sent. People know by then, so nobody is called because of the system.
void Receive(Draft& draft, uint64_t delivery_id, bool for_another) {
  if (for_another) {
    const uint64_t duty_id = draft.FindDelivery(delivery_id)->duty_id();
    if (duty_id != 0) draft.Duty(duty_id).set_receive_by_ms(0);
    return;
  }
  if (draft.FindDelivery(delivery_id)->received_at_ms() != 0) return;
  v1::DeliveryState& delivery = draft.Delivery(delivery_id);
  delivery.set_received_at_ms(draft.now());
  delivery.set_receive_by_ms(0);
  LinkHeard(draft, delivery.party());
  if (delivery.kind() == v1::FEEDBACK) FeedbackReceived(draft, delivery.incident_id(), delivery.party(), delivery_id);
  if (delivery.duty_id() != 0 && (delivery.kind() == v1::TASK || delivery.kind() == v1::ORDER)) {
    v1::DutyState& duty = draft.Duty(delivery.duty_id());
    duty.set_transport(v1::RECEIVED);
    duty.set_receive_by_ms(0);
    if (duty.climbing() == v1::RUNG_RECEIVE) {
      duty.set_climbing(v1::RUNG_UNSPECIFIED);
      duty.set_next_step_ms(0);
    }
    if (duty.role() == v1::INFORM && duty.status() == v1::DUTY_OPEN) duty.set_status(v1::DUTY_DONE);
  }
  if (delivery.incident_id() != 0) Settle(draft, delivery.incident_id());
}

void StopClimb(v1::DutyState& duty, v1::Rung reached) {
  if (duty.climbing() == v1::RUNG_UNSPECIFIED || duty.climbing() > reached) return;
  duty.set_climbing(v1::RUNG_UNSPECIFIED);
  duty.set_next_step_ms(0);
}

void MovePerson(Draft& draft, v1::DutyState& duty, const v1::Acknowledgment& ack) {
  duty.set_person(ack.state());
  duty.set_deferred_until_ms(0);
  switch (ack.state()) {
    case v1::DEFERRED: {
      duty.set_accept_by_ms(0);
      duty.set_deferrals(duty.deferrals() + 1);
      duty.set_deferred_until_ms(std::min(ack.deferred_until_ms(), draft.now() + limits::kDeferMsMax));
      StopClimb(duty, v1::RUNG_ACCEPT);
      break;
    }
    case v1::REFUSED: {
      duty.set_status(v1::DUTY_REFUSED);
      duty.set_reason(ack.reason());
      duty.set_climbing(v1::RUNG_ACCEPT);
      // The baton stays where it is and the ladder goes on at once.
      ClimbStep(draft, duty, v1::RUNG_ACCEPT);
      break;
    }
    case v1::ACCEPTED:
    case v1::PARTIALLY_ACCEPTED: {
      duty.set_accept_by_ms(0);
      StopClimb(duty, v1::RUNG_ACCEPT);
      break;
    }
    default:
      break;
  }
}

void MoveField(v1::DutyState& duty, v1::AckState state) {
  duty.set_field(state);
  if (duty.person() < v1::ACCEPTED || duty.person() == v1::DEFERRED)
    duty.set_person(v1::ACCEPTED);  // who has left has taken it on
  duty.set_accept_by_ms(0);
  duty.set_deferred_until_ms(0);
  StopClimb(duty, v1::RUNG_ACCEPT);
  if (state == v1::EN_ROUTE) return;
  duty.set_arrive_by_ms(0);
  StopClimb(duty, v1::RUNG_ARRIVE);
  if (state == v1::ON_SCENE) return;
  duty.set_complete_by_ms(0);
  StopClimb(duty, v1::RUNG_COMPLETE);
  duty.set_status(v1::DUTY_DONE);
}

// The lead that accepts takes the baton, unless a lead has it already.
void MaybeTakeBaton(Draft& draft, const v1::DutyState& duty) {
  if (duty.role() != v1::LEAD || duty.person() != v1::ACCEPTED || duty.is_order()) return;
  const v1::IncidentState* root = draft.state().Root(duty.incident_id());
  for (uint64_t id : root->duty()) {
    const v1::DutyState* other = draft.FindDuty(id);
    if (other->id() != duty.id() && other->role() == v1::LEAD && other->person() == v1::ACCEPTED &&
        other->party() == root->holder() && (other->status() == v1::DUTY_OPEN || other->status() == v1::DUTY_DONE)) {
      return;
    }
  }
  TakeBaton(draft, root->id(), duty.party());
}

void TellOfIt(Draft& draft, const AckCommand& command, const v1::DutyState& duty) {
  v1::FeedbackNote note = Note(draft, "ACK", duty.party());
  note.set_state(command.ack.state());
  note.set_reason(command.ack.reason());
  if (command.ack.has_counts()) *note.mutable_counts() = command.ack.counts();
  if (!command.sealed_note.empty()) {
    note.set_sealed_note(command.sealed_note);
    note.set_sealed_incident(draft.FindDelivery(command.ack.delivery_id())->incident_id());
  }
  note.set_person(draft.context().actor.person());
  note.set_unit(command.ack.unit());
  TellReporters(draft, duty.incident_id(), note, duty.party());
}

absl::StatusOr<Answer> OnDuty(Draft& draft, const AckCommand& command, uint64_t duty_id) {
  const v1::Acknowledgment& ack = command.ack;
  absl::StatusOr<Climb> climb = Weigh(*draft.FindDuty(duty_id), ack);
  if (!climb.ok()) return climb.status();
  if (*climb == Climb::kRepeat) return Answer(Reply(draft, ack, v1::ALREADY_DONE));
  What(draft, command, duty_id, *climb == Climb::kMoves);
  Receive(draft, ack.delivery_id(), command.for_another);
  v1::DutyState& duty = draft.Duty(duty_id);
  if (ack.has_counts()) *duty.mutable_counts() = ack.counts();
  if (!ack.unit().empty() && OnFieldLadder(ack.state())) {
    v1::UnitSeen* seen = duty.add_unit();
    seen->set_unit(ack.unit());
    seen->set_state(ack.state());
  }
  draft.record().add_incident_id(duty.incident_id());
  TellOfIt(draft, command, duty);
  if (*climb == Climb::kMoves) {
    if (std::find(duty.passed().begin(), duty.passed().end(), ack.state()) == duty.passed().end())
      duty.add_passed(ack.state());
    if (OnFieldLadder(ack.state())) {
      MoveField(duty, ack.state());
    } else {
      MovePerson(draft, duty, ack);
    }
    MaybeTakeBaton(draft, duty);
  }
  if (duty.verify_first() && (ack.reason() == "VERIFIED" || ack.reason() == "FALSE_ALARM")) {
    ChangeVerification(draft, draft.state().Root(duty.incident_id())->id(),
                       ack.reason() == "VERIFIED" ? v1::VERIFIED : v1::FALSE_ALARM, "核实反馈");
  }
  Settle(draft, duty.incident_id());
  return Answer(Reply(draft, ack, v1::APPLIED));
}

// Somebody has taken up what another was late with: the climb rests, and goes on if the rung is still missed after a
// while.
void EscalationTaken(Draft& draft, const v1::DeliveryState& delivery) {
  const v1::DutyState* duty = draft.FindDuty(delivery.duty_id());
  if (duty == nullptr || duty->next_step_ms() == 0) return;
  const uint32_t wait_s = std::max(draft.site().settings().escalation_wait_s(), limits::kEscalationRestS);
  draft.Duty(duty->id()).set_next_step_ms(draft.now() + int64_t{wait_s} * 1000);
}

absl::Status AnswerTransfer(Draft& draft, const AckCommand& command, const v1::DeliveryState& delivery) {
  v1::IncidentState& incident = draft.Incident(delivery.incident_id());
  if (incident.transfer_delivery() != delivery.id() || incident.status() != v1::OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "OFFER_ENDED", "this offer has lapsed or was answered",
                  "该移交已失效或已答复", "delivery_id");
  }
  incident.set_transfer_delivery(0);
  incident.set_transfer_until_ms(0);
  if (command.ack.state() == v1::REFUSED) {
    v1::FeedbackNote note = Note(draft, "TRANSFER_REFUSED", delivery.party());
    note.set_reason(command.ack.reason());
    if (!command.sealed_note.empty()) {
      note.set_sealed_note(command.sealed_note);
      note.set_sealed_incident(delivery.incident_id());
    }
    TellReporters(draft, incident.id(), note, delivery.party());
    return absl::OkStatus();
  }
  v1::DutyState& duty = draft.NewDuty(incident.id());
  duty.set_party(delivery.party());
  duty.set_role(v1::LEAD);
  duty.set_transport(v1::RECEIVED);
  duty.set_person(v1::ACCEPTED);
  duty.add_passed(v1::ACCEPTED);
  duty.set_first_delivery(delivery.id());
  *duty.mutable_disclose() = draft.site().settings().transfer_disclose();
  const v1::SiteSettings& settings = draft.site().settings();
  if (settings.lead_complete_s() > 0) duty.set_complete_by_ms(draft.now() + int64_t{settings.lead_complete_s()} * 1000);
  duty.add_step()->set_to(settings.command_party());
  draft.Delivery(delivery.id()).set_duty_id(duty.id());
  TakeBaton(draft, incident.id(), delivery.party());
  return absl::OkStatus();
}

// ESCALATION to somebody else and TRANSFER have a small ladder of their own: SEEN, then ACCEPTED or REFUSED.
absl::StatusOr<Answer> OnOffer(Draft& draft, const AckCommand& command) {
  const v1::Acknowledgment& ack = command.ack;
  const v1::DeliveryState before = *draft.FindDelivery(ack.delivery_id());
  if (before.person() == ack.state() || (ack.state() == v1::SEEN && before.person() != v1::ACK_STATE_UNSPECIFIED)) {
    return Answer(Reply(draft, ack, v1::ALREADY_DONE));
  }
  if (ack.state() != v1::SEEN && ack.state() != v1::ACCEPTED && ack.state() != v1::REFUSED) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE",
                  "this delivery takes RECEIVED, SEEN, ACCEPTED or REFUSED", "该消息只接受已接收、已阅、签收或拒绝",
                  "state");
  }
  if (before.person() == v1::ACCEPTED || before.person() == v1::REFUSED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "BACKWARD_STEP", "this delivery was answered already",
                  "该消息已答复", "state");
  }
  What(draft, command, before.duty_id(), true);
  Receive(draft, ack.delivery_id(), command.for_another);
  if (ack.state() != v1::SEEN && before.kind() == v1::TRANSFER) {
    if (auto s = AnswerTransfer(draft, command, before); !s.ok()) return s;
  }
  draft.Delivery(ack.delivery_id()).set_person(ack.state());
  draft.record().add_incident_id(before.incident_id());
  if (ack.state() == v1::ACCEPTED && before.kind() == v1::ESCALATION) EscalationTaken(draft, before);
  Settle(draft, before.incident_id());
  return Answer(Reply(draft, ack, v1::APPLIED));
}

absl::Status MayBeSaidByTelephone(const Draft& draft, const v1::DeliveryState& delivery,
                                  const v1::Acknowledgment& ack) {
  if (ack.state() == v1::RECEIVED) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE",
                  "RECEIVED is said by the party's own system only; SEEN is the least that a person can say",
                  "“已接收”只能由对方系统回执,电话代签请用已阅及以后的状态", "state");
  }
  if (draft.context().actor.told_by().empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "told_by: who said so by telephone is required",
                  "代签必须写明电话中由谁告知", "told_by");
  }
  const v1::IncidentState* root = draft.state().Root(delivery.incident_id());
  return root == nullptr ? absl::OkStatus() : OpenIncident(draft, root->id()).status();
}

}  // namespace

absl::StatusOr<Answer> DecideAck(Draft& draft, const AckCommand& command) {
  const v1::Acknowledgment& ack = command.ack;
  const v1::DeliveryState* delivery = draft.FindDelivery(ack.delivery_id());
  if (delivery == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_DELIVERY",
                  absl::StrCat("delivery ", ack.delivery_id(),
                               " is not open; use the delivery_id of a delivery that you were sent"),
                  "没有该投递编号", "delivery_id");
  }
  if (command.for_another) {
    if (auto s = MayBeSaidByTelephone(draft, *delivery, ack); !s.ok()) return s;
  } else if (delivery->party() != draft.context().actor.party()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_DELIVERY",
                  absl::StrCat("delivery ", ack.delivery_id(), " is not addressed to you"), "该投递不属于本单位",
                  "delivery_id");
  }
  if (ack.state() == v1::RECEIVED) {
    if (delivery->received_at_ms() != 0) return Answer(Reply(draft, ack, v1::ALREADY_DONE));
    What(draft, command, delivery->duty_id(), true);
    if (delivery->incident_id() != 0) draft.record().add_incident_id(delivery->incident_id());
    Receive(draft, ack.delivery_id(), /*for_another=*/false);
    return Answer(Reply(draft, ack, v1::APPLIED));
  }
  const uint64_t duty_id = Standing(draft, delivery->duty_id());
  const bool own_duty = duty_id != 0 && draft.FindDuty(duty_id)->party() == delivery->party();
  // Its own leader hears that the desk refused or that the duty has ended: there is nothing left to climb, only to take
  // note of.
  const bool ended =
      own_duty && delivery->kind() == v1::ESCALATION && draft.FindDuty(duty_id)->status() != v1::DUTY_OPEN;
  if (own_duty && !ended && delivery->kind() != v1::CANCEL &&
      (delivery->kind() != v1::TRANSFER || delivery->person() == v1::ACCEPTED)) {
    return OnDuty(draft, command, duty_id);
  }
  if (delivery->kind() == v1::ESCALATION || delivery->kind() == v1::TRANSFER) return OnOffer(draft, command);
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE", "this kind of delivery takes RECEIVED only",
                "该类消息只需确认接收", "state");
}

}  // namespace liandong::core
