#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/ack_steps.h"
#include "hub/core/errors.h"
#include "hub/core/ladder.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"

namespace liandong::core {

v1::AckReply AckReplyOf(const Draft& draft, const v1::Acknowledgment& ack, v1::AckOutcome outcome) {
  v1::AckReply reply;
  reply.set_delivery_id(ack.delivery_id());
  reply.set_state(ack.state());
  reply.set_outcome(outcome);
  reply.set_log_index(outcome == v1::APPLIED ? draft.context().index : draft.state().index());
  return reply;
}

v1::Acknowledged* RecordAck(Draft& draft, const AckCommand& command, uint64_t duty_id, bool moved) {
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
  if (delivery.duty_id() != 0 &&
      (delivery.kind() == v1::TASK || delivery.kind() == v1::ORDER || delivery.kind() == v1::UPWARD_REPORT)) {
    v1::DutyState& duty = draft.Duty(delivery.duty_id());
    duty.set_transport(v1::RECEIVED);
    if (duty.received_at_ms() == 0) duty.set_received_at_ms(draft.now());
    duty.set_receive_by_ms(0);
    if (duty.climbing() == v1::RUNG_RECEIVE) {
      duty.set_climbing(v1::RUNG_UNSPECIFIED);
      duty.set_next_step_ms(0);
    }
    if (duty.role() == v1::INFORM && duty.status() == v1::DUTY_OPEN) duty.set_status(v1::DUTY_DONE);
  }
  if (delivery.incident_id() != 0) Settle(draft, delivery.incident_id());
}

namespace {

// Acknowledgments to a duty that was merged count for the one it lives on in.
uint64_t Standing(const Draft& draft, uint64_t duty_id) {
  const v1::DutyState* duty = draft.FindDuty(duty_id);
  while (duty != nullptr && duty->status() == v1::DUTY_MERGED_INTO && draft.FindDuty(duty->merged_into()) != nullptr) {
    duty = draft.FindDuty(duty->merged_into());
  }
  return duty == nullptr ? 0 : duty->id();
}

void Refused(Draft& draft, v1::DutyState& duty, const AckCommand& command) {
  duty.set_reason(command.ack.reason());
  if (ReturnNeedsReview(draft, duty, duty.reason())) {
    const uint64_t incident_id = draft.FindDelivery(command.ack.delivery_id())->incident_id();
    RequestReturn(draft, duty.id(), command.sealed_note, incident_id);
    draft.record().mutable_acknowledged()->set_return_requested(true);
    return;
  }
  duty.set_status(v1::DUTY_REFUSED);
  duty.set_climbing(v1::RUNG_ACCEPT);
  // The baton stays where it is and the ladder goes on at once.
  ClimbStep(draft, duty, v1::RUNG_ACCEPT);
}

void MovePerson(Draft& draft, v1::DutyState& duty, const AckCommand& command) {
  const v1::Acknowledgment& ack = command.ack;
  if (duty.return_delivery() != 0) WithdrawReturn(draft, duty);
  duty.set_person(ack.state());
  duty.set_deferred_until_ms(0);
  switch (ack.state()) {
    case v1::DEFERRED:
      duty.set_deferrals(duty.deferrals() + 1);
      Reach(duty, v1::RUNG_ACCEPT);
      duty.set_deferred_until_ms(std::min(ack.deferred_until_ms(), draft.now() + limits::kDeferMsMax));
      break;
    case v1::REFUSED:
      Refused(draft, duty, command);
      break;
    case v1::ACCEPTED:
    case v1::PARTIALLY_ACCEPTED:
      Reach(duty, v1::RUNG_ACCEPT);
      break;
    default:
      Reach(duty, v1::RUNG_SEE);
      break;
  }
}

void MoveField(Draft& draft, v1::DutyState& duty, v1::AckState state) {
  if (duty.return_delivery() != 0) WithdrawReturn(draft, duty);
  duty.set_field(state);
  if (duty.person() < v1::ACCEPTED || duty.person() == v1::DEFERRED)
    duty.set_person(v1::ACCEPTED);  // who has left has taken it on
  Reach(duty, state == v1::EN_ROUTE ? v1::RUNG_EN_ROUTE : state == v1::ON_SCENE ? v1::RUNG_ARRIVE : v1::RUNG_COMPLETE);
  if (state == v1::COMPLETED) duty.set_status(v1::DUTY_DONE);
}

// A duty that must be taken on is not refused; who gave it so is told by the reason.
absl::Status MayRefuse(const v1::DutyState& duty) {
  switch (duty.binding()) {
    case v1::ASSIGNED_BY_COMMAND:
      return Refuse(absl::StatusCode::kFailedPrecondition, "ASSIGNED_BY_COMMAND",
                    "the command centre named you for this duty: it cannot be refused", "指挥中心指定承办,不得退回",
                    "state");
    case v1::RETURN_REJECTED:
      return Refuse(absl::StatusCode::kFailedPrecondition, "RETURN_REJECTED",
                    "your return was reviewed and rejected: the duty stands", "退单申请已被驳回,请继续办理", "state");
    case v1::FIRST_RECEIVER:
      return Refuse(absl::StatusCode::kFailedPrecondition, "FIRST_RECEIVER",
                    "the desks did not agree and you took the call first: the duty is yours",
                    "责任争议未达成一致,由首接平台先行受理,不得退回", "state");
    default:
      return absl::OkStatus();
  }
}

// When a rung was first reached: what the party says, as far as it can be true, else now.
void Stamp(const Draft& draft, const v1::Acknowledgment& ack, v1::DutyState& duty) {
  const bool plausible = ack.at_ms() >= duty.assigned_at_ms() && ack.at_ms() <= draft.now();
  const int64_t at_ms = plausible ? ack.at_ms() : draft.now();
  const bool taken_on =
      ack.state() == v1::ACCEPTED || ack.state() == v1::PARTIALLY_ACCEPTED || OnFieldLadder(ack.state());
  if (taken_on && duty.accepted_at_ms() == 0) duty.set_accepted_at_ms(at_ms);
  if ((ack.state() == v1::ON_SCENE || ack.state() == v1::COMPLETED) && duty.arrived_at_ms() == 0)
    duty.set_arrived_at_ms(at_ms);
  if (ack.state() == v1::COMPLETED) duty.set_completed_at_ms(at_ms);
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
  // Whoever takes it on ends what desks could not agree on.
  if (root->dispute_until_ms() > 0) EndOffers(draft, root->id(), duty.party());
  TakeBaton(draft, root->id(), duty.party());
}

void TellOfIt(Draft& draft, const AckCommand& command, const v1::DutyState& duty) {
  const bool asks = command.ack.state() == v1::REFUSED && ReturnNeedsReview(draft, duty, command.ack.reason());
  v1::FeedbackNote note = Note(draft, asks ? "RETURN_REQUESTED" : "ACK", duty.party());
  if (!asks) note.set_state(command.ack.state());
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
  if (draft.FindDuty(duty_id)->has_statutory() && OnFieldLadder(ack.state())) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FILE_UPWARD_REPORT",
                  "a report upward is made by filing it with what the law asks for: liandong upward file",
                  "信息报送须填报法定内容后完成,请使用 liandong upward file", "state");
  }
  if (ack.state() == v1::REFUSED && draft.FindDuty(duty_id)->status() == v1::DUTY_OPEN) {
    if (auto s = MayRefuse(*draft.FindDuty(duty_id)); !s.ok()) return s;
  }
  absl::StatusOr<Climb> climb = Weigh(*draft.FindDuty(duty_id), ack);
  if (!climb.ok()) return climb.status();
  if (*climb == Climb::kRepeat) return Answer(AckReplyOf(draft, ack, v1::ALREADY_DONE));
  RecordAck(draft, command, duty_id, *climb == Climb::kMoves);
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
      MoveField(draft, duty, ack.state());
    } else {
      MovePerson(draft, duty, command);
    }
    Stamp(draft, ack, duty);
    MaybeTakeBaton(draft, duty);
  }
  if (ack.has_counts()) AddStatutoryDuties(draft, draft.state().Root(duty.incident_id())->id());
  // Whoever verifies later than another, or after the end, is heard as a note: it neither tasks anybody for what is
  // over nor ends what another has seen to be true.
  if (duty.verify_first() && (ack.reason() == "VERIFIED" || ack.reason() == "FALSE_ALARM")) {
    const v1::IncidentState* root = draft.FindIncident(draft.state().Root(duty.incident_id())->id());
    if (root->status() == v1::OPEN && root->verification() == v1::UNVERIFIED)
      ChangeVerification(draft, root->id(), ack.reason() == "VERIFIED" ? v1::VERIFIED : v1::FALSE_ALARM, "核实反馈");
  }
  Settle(draft, duty.incident_id());
  return Answer(AckReplyOf(draft, ack, v1::APPLIED));
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
    if (delivery->received_at_ms() != 0) return Answer(AckReplyOf(draft, ack, v1::ALREADY_DONE));
    RecordAck(draft, command, delivery->duty_id(), true);
    if (delivery->incident_id() != 0) draft.record().add_incident_id(delivery->incident_id());
    Receive(draft, ack.delivery_id(), /*for_another=*/false);
    return Answer(AckReplyOf(draft, ack, v1::APPLIED));
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
  if (delivery->kind() == v1::ESCALATION || delivery->kind() == v1::TRANSFER || delivery->kind() == v1::RETURN_REQUEST)
    return DecideOffer(draft, command);
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE", "this kind of delivery takes RECEIVED only",
                "该类消息只需确认接收", "state");
}

}  // namespace liandong::core
