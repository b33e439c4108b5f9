// What has a small ladder of its own, SEEN and then ACCEPTED or REFUSED: an escalation to somebody else, an offered
// incident, a disputed one, a return that waits for review.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/ack_steps.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

absl::Status OfferEnded() {
  return Refuse(absl::StatusCode::kFailedPrecondition, "OFFER_ENDED", "this offer has lapsed or was answered",
                "该移交已失效或已答复", "delivery_id");
}

// Somebody has taken up what another was late with: the climb rests, and goes on if the rung is still missed after a
// while.
void EscalationTaken(Draft& draft, const v1::DeliveryState& delivery) {
  const v1::DutyState* duty = draft.FindDuty(delivery.duty_id());
  if (duty == nullptr || duty->next_step_ms() == 0) return;
  const uint32_t wait_s = std::max(draft.site().settings().escalation_wait_s(), limits::kEscalationRestS);
  draft.Duty(duty->id()).set_next_step_ms(draft.now() + int64_t{wait_s} * 1000);
}

void TellRefusal(Draft& draft, const AckCommand& command, const v1::DeliveryState& delivery) {
  v1::FeedbackNote note = Note(draft, "TRANSFER_REFUSED", delivery.party());
  note.set_reason(command.ack.reason());
  if (!command.sealed_note.empty()) {
    note.set_sealed_note(command.sealed_note);
    note.set_sealed_incident(delivery.incident_id());
  }
  TellReporters(draft, delivery.incident_id(), note, delivery.party());
}

absl::Status AnswerDispute(Draft& draft, const AckCommand& command, const v1::DeliveryState& delivery,
                           v1::Acknowledged* what) {
  const v1::IncidentState& incident = draft.Incident(delivery.incident_id());
  if (incident.dispute_until_ms() == 0 || incident.status() != v1::OPEN) return OfferEnded();
  if (command.ack.state() == v1::ACCEPTED) {
    what->set_dispute_settled(SettleDispute(draft, incident.id(), delivery.party()));
    return absl::OkStatus();
  }
  TellRefusal(draft, command, delivery);
  const bool from = incident.dispute_from_delivery() == delivery.id();
  const v1::DeliveryState* other =
      draft.FindDelivery(from ? incident.dispute_to_delivery() : incident.dispute_from_delivery());
  // Neither will: there is nothing left to wait for.
  if (other != nullptr && other->person() == v1::REFUSED)
    what->set_dispute_settled(SettleDispute(draft, incident.id(), ""));
  return absl::OkStatus();
}

absl::Status AnswerTransfer(Draft& draft, const AckCommand& command, const v1::DeliveryState& delivery,
                            v1::Acknowledged* what) {
  v1::IncidentState& incident = draft.Incident(delivery.incident_id());
  if (delivery.id() == incident.dispute_from_delivery() || delivery.id() == incident.dispute_to_delivery())
    return AnswerDispute(draft, command, delivery, what);
  if (incident.transfer_delivery() != delivery.id() || incident.status() != v1::OPEN) return OfferEnded();
  incident.set_transfer_delivery(0);
  incident.set_transfer_until_ms(0);
  if (command.ack.state() == v1::REFUSED) {
    TellRefusal(draft, command, delivery);
    what->set_dispute_opened(OpenDispute(draft, incident.id()));
    return absl::OkStatus();
  }
  TakeOn(draft, incident.id(), delivery.party(), delivery.id());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Answer> DecideOffer(Draft& draft, const AckCommand& command) {
  const v1::Acknowledgment& ack = command.ack;
  const v1::DeliveryState before = *draft.FindDelivery(ack.delivery_id());
  if (before.person() == ack.state() || (ack.state() == v1::SEEN && before.person() != v1::ACK_STATE_UNSPECIFIED)) {
    return Answer(AckReplyOf(draft, ack, v1::ALREADY_DONE));
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
  v1::Acknowledged* what = RecordAck(draft, command, before.duty_id(), true);
  Receive(draft, ack.delivery_id(), command.for_another);
  draft.Delivery(ack.delivery_id()).set_person(ack.state());
  draft.record().add_incident_id(before.incident_id());
  if (ack.state() != v1::SEEN && before.kind() == v1::TRANSFER) {
    if (auto s = AnswerTransfer(draft, command, before, what); !s.ok()) return s;
  }
  if (ack.state() != v1::SEEN && before.kind() == v1::RETURN_REQUEST) {
    const bool grant = ack.state() == v1::ACCEPTED;
    if (auto s = ReviewReturn(draft, before.duty_id(), grant, ack.reason(), "", command.sealed_note); !s.ok()) return s;
  }
  if (ack.state() == v1::ACCEPTED && before.kind() == v1::ESCALATION) EscalationTaken(draft, before);
  Settle(draft, before.incident_id());
  return Answer(AckReplyOf(draft, ack, v1::APPLIED));
}

}  // namespace liandong::core
