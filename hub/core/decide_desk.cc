#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/ladder.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

void MarkCorrected(v1::IncidentState& incident, v1::IncidentCorrected* what, const std::string& field) {
  what->add_field(field);
  if (std::find(incident.corrected().begin(), incident.corrected().end(), field) == incident.corrected().end())
    incident.add_corrected(field);
}

absl::StatusOr<std::set<std::string>> Addressees(const Draft& draft, const v1::OrderPartiesRequest& request) {
  std::set<std::string> out(request.party().begin(), request.party().end());
  if (request.all_townships()) out.insert(draft.site().townships().begin(), draft.site().townships().end());
  if (out.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "name at least one party, or all townships",
                  "请指定接收单位", "party");
  }
  for (const std::string& party : out) {
    const v1::Party* known = draft.site().FindParty(party);
    if (!IsAddressee(known)) {
      return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_PARTY",
                    absl::StrCat("there is no party \"", party, "\" in the site set"), "没有该单位", "party");
    }
  }
  return out;
}

// The incident an order belongs to; one of its own when it names none.
absl::StatusOr<uint64_t> IncidentOfOrder(Draft& draft, const v1::OrderPartiesRequest& request) {
  if (request.incident_id() != 0) return OpenIncident(draft, request.incident_id());
  if (request.purpose() == v1::PURPOSE_UNSPECIFIED || !v1::Purpose_IsValid(request.purpose())) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "purpose: must be ACTUAL, EXERCISE or TEST",
                  "必须注明实战、演练或测试", "purpose");
  }
  v1::IncidentState& incident = draft.NewIncident();
  incident.set_status(v1::OPEN);
  incident.set_verification(v1::VERIFIED);
  incident.set_purpose(request.purpose());
  incident.set_lane(request.urgent() ? v1::URGENT : v1::ORDINARY);
  incident.set_danger_to_life(request.urgent() ? v1::YES : v1::NO);
  incident.set_first_party(draft.context().actor.party());
  incident.set_holder(draft.site().settings().command_party());
  incident.set_opened_at_ms(draft.now());
  incident.set_key_id(draft.context().fresh_key_id);
  incident.set_sealed_classes(ClassBit(v1::DESCRIPTION));
  if (draft.site().FindCategory("command.order") != nullptr) incident.set_category("command.order");
  return incident.id();
}

}  // namespace

absl::Status ReasonRequired(const std::string& reason) {
  if (!reason.empty() && reason.size() <= limits::kReasonBytes) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                absl::StrCat("a reason of 1 to ", limits::kReasonBytes, " bytes is required"), "必须填写简短原因",
                "reason");
}

v1::Decision ChangeVerification(Draft& draft, uint64_t incident_id, v1::Verification verification,
                                std::string_view reason) {
  v1::IncidentState& incident = draft.Incident(incident_id);
  incident.set_verification(verification);
  incident.set_revision(incident.revision() + 1);
  if (verification == v1::FALSE_ALARM) {
    CloseIncident(draft, incident_id, v1::CLOSED, "FALSE_ALARM", reason);
    return {};
  }
  TellReporters(draft, incident_id, Note(draft, "VERIFIED", draft.context().actor.party()),
                draft.context().actor.party());
  v1::Decision decision = Route(draft, incident_id, /*changed=*/true);
  Settle(draft, incident_id);
  return decision;
}

absl::StatusOr<Answer> DecideCorrect(Draft& draft, const CorrectCommand& command) {
  const v1::CorrectIncidentRequest& request = command.request;
  absl::StatusOr<uint64_t> id = OpenIncident(draft, request.incident_id());
  if (!id.ok()) return id.status();
  if (auto s = ReasonRequired(request.reason()); !s.ok()) return s;
  if (request.has_category() && draft.site().FindCategory(request.category()) == nullptr) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  absl::StrCat("category: there is no \"", request.category(), "\" in the site's category tree"),
                  "没有该事件类别", "category");
  }
  v1::Report probe;
  probe.set_external_id("x");
  probe.mutable_open()->set_purpose(v1::TEST);
  probe.mutable_open()->set_division(request.division());
  probe.mutable_open()->set_severity(request.severity());
  probe.mutable_open()->set_danger_to_life(request.danger_to_life());
  if (auto s = CheckReport(probe); !s.ok()) return s;
  Normalize(&probe);

  v1::IncidentState& incident = draft.Incident(*id);
  v1::IncidentCorrected* what = draft.record().mutable_incident_corrected();
  what->set_reason(request.reason());
  if (request.has_category()) {
    incident.set_category(request.category());
    MarkCorrected(incident, what, "category");
  }
  if (request.has_severity()) {
    incident.set_severity(request.severity());
    MarkCorrected(incident, what, "severity");
  }
  if (request.has_division()) {
    incident.set_division(probe.open().division());
    MarkCorrected(incident, what, "division");
  }
  if (request.has_danger_to_life()) {
    incident.set_danger_to_life(request.danger_to_life());
    MarkCorrected(incident, what, "danger_to_life");
  }
  if (what->field_size() == 0) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  "nothing to correct: give category, severity, division or danger_to_life", "没有要更正的内容", "");
  }
  Summarize(draft, *id);
  incident.set_revision(incident.revision() + 1);
  v1::FeedbackNote note = Note(draft, "CORRECTED", draft.context().actor.party());
  note.set_person(draft.context().actor.person());
  TellReporters(draft, *id, note);
  *what->mutable_decision() = Route(draft, *id, /*changed=*/true);
  Settle(draft, *id);
  return Answer(ActionOn(draft, *id));
}

absl::StatusOr<Answer> DecideVerify(Draft& draft, const VerifyCommand& command) {
  absl::StatusOr<uint64_t> id = OpenIncident(draft, command.incident_id);
  if (!id.ok()) return id.status();
  if (draft.FindIncident(*id)->verification() == command.verification) return Answer(ActionOn(draft, *id));
  if (command.verification == v1::FALSE_ALARM) {
    if (auto s = ReasonRequired(command.reason); !s.ok()) return s;
  }
  v1::IncidentVerified* what = draft.record().mutable_incident_verified();
  what->set_verification(command.verification);
  *what->mutable_decision() = ChangeVerification(draft, *id, command.verification, command.reason);
  return Answer(ActionOn(draft, *id));
}

absl::StatusOr<Answer> DecideOrder(Draft& draft, const OrderCommand& command) {
  const v1::OrderPartiesRequest& request = command.request;
  absl::StatusOr<std::set<std::string>> parties = Addressees(draft, request);
  if (!parties.ok()) return parties.status();
  if (request.given_by().empty() || request.given_by().size() > limits::kPersonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "given_by: who gave the order is required",
                  "必须注明下令人", "given_by");
  }
  absl::StatusOr<uint64_t> id = IncidentOfOrder(draft, request);
  if (!id.ok()) return id.status();
  v1::OrderGiven* what = draft.record().mutable_order_given();
  what->set_given_by(request.given_by());
  v1::OrderPartiesReply reply;
  reply.set_incident_id(*id);
  reply.set_log_index(draft.context().index);
  const v1::SiteSettings& settings = draft.site().settings();
  for (const std::string& party : *parties) {
    v1::DutyState& duty = draft.NewDuty(*id);
    duty.set_party(party);
    duty.set_role(v1::SUPPORT);
    duty.set_is_order(true);
    duty.set_sealed_text(command.sealed_text);
    duty.set_given_by(request.given_by());
    const uint32_t accept_s = request.accept_within_s() > 0 ? request.accept_within_s() : settings.lead_accept_s();
    if (settings.lead_receive_s() > 0) duty.set_receive_by_ms(draft.now() + int64_t{settings.lead_receive_s()} * 1000);
    if (accept_s > 0) duty.set_accept_by_ms(draft.now() + int64_t{accept_s} * 1000);
    if (request.complete_within_s() > 0) {
      duty.set_complete_by_ms(draft.now() + int64_t{request.complete_within_s()} * 1000);
      what->set_deadline_ms(duty.complete_by_ms());
    }
    if (party != settings.command_party()) duty.add_step()->set_to(settings.command_party());
    v1::DeliveryState& delivery = draft.Queue(party, v1::ORDER, *id, duty.id());
    delivery.set_receive_by_ms(0);
    duty.set_first_delivery(delivery.id());
    what->add_party(party);
    reply.add_delivery_id(delivery.id());
  }
  Settle(draft, *id);
  return Answer(std::move(reply));
}

absl::StatusOr<Answer> DecideReassign(Draft& draft, const ReassignCommand& command) {
  const v1::ReassignRequest& request = command.request;
  const v1::DutyState* old = draft.FindDuty(request.duty_id());
  if (old == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_DUTY",
                  absl::StrCat("there is no open duty ", request.duty_id()), "没有该任务", "duty_id");
  }
  absl::StatusOr<uint64_t> id = OpenIncident(draft, draft.state().Root(old->incident_id())->id());
  if (!id.ok()) return id.status();
  if (auto s = ReasonRequired(request.reason()); !s.ok()) return s;
  if (old->status() != v1::DUTY_OPEN && old->status() != v1::DUTY_REFUSED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DUTY_ENDED",
                  absl::StrCat("this duty has ended as ", v1::DutyStatus_Name(old->status())), "该任务已结束",
                  "duty_id");
  }
  const v1::Party* to = draft.site().FindParty(request.to());
  if (!IsAddressee(to) || request.to() == old->party()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_PARTY", "name another party of the site set",
                  "请指定另一个单位", "to");
  }
  v1::DutyReassigned* what = draft.record().mutable_duty_reassigned();
  what->set_duty_id(old->id());
  what->set_to(request.to());
  what->set_reason(request.reason());
  return Answer(ActionOn(draft, *id, GiveTo(draft, request.duty_id(), request.to())));
}

absl::StatusOr<Answer> DecideCorrectAck(Draft& draft, const CorrectAckCommand& command) {
  const v1::CorrectAcknowledgmentRequest& request = command.request;
  const v1::DutyState* found = draft.FindDuty(request.duty_id());
  if (found == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_DUTY",
                  absl::StrCat("there is no open duty ", request.duty_id()), "没有该任务", "duty_id");
  }
  absl::StatusOr<uint64_t> id = OpenIncident(draft, draft.state().Root(found->incident_id())->id());
  if (!id.ok()) return id.status();
  if (auto s = ReasonRequired(request.reason()); !s.ok()) return s;
  if (found->has_statutory()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "BAD_STATE",
                  "a report upward is no ladder: make it with liandong upward file, or reassign it",
                  "信息报送任务不适用更正回执,请报送或改派", "duty_id");
  }
  const bool person_ok = request.person() == v1::ACK_STATE_UNSPECIFIED || OnPersonLadder(request.person());
  const bool field_ok = request.field() == v1::ACK_STATE_UNSPECIFIED || OnFieldLadder(request.field());
  const bool agree = request.field() == v1::ACK_STATE_UNSPECIFIED || request.person() == v1::ACCEPTED ||
                     request.person() == v1::PARTIALLY_ACCEPTED;
  if (!person_ok || !field_ok || !agree) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_STATE",
                  "person must be a state of the person ladder, field one of the field ladder, and units at work need "
                  "person ACCEPTED",
                  "回执状态组合无效", "person");
  }
  if (found->status() == v1::DUTY_MERGED_INTO || found->status() == v1::DUTY_REASSIGNED ||
      found->status() == v1::DUTY_CANCELLED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DUTY_ENDED",
                  absl::StrCat("this duty has ended as ", v1::DutyStatus_Name(found->status())), "该任务已结束",
                  "duty_id");
  }
  v1::DutyState& duty = draft.Duty(request.duty_id());
  v1::AcknowledgmentCorrected* what = draft.record().mutable_acknowledgment_corrected();
  what->set_duty_id(duty.id());
  what->set_person_was(duty.person());
  what->set_field_was(duty.field());
  what->set_person(request.person());
  what->set_field(request.field());
  what->set_reason(request.reason());
  duty.set_person(request.person());
  duty.set_field(request.field());
  duty.clear_passed();
  duty.clear_unit();  // the same vehicle may arrive again
  if (request.person() != v1::ACCEPTED && request.person() != v1::PARTIALLY_ACCEPTED) duty.set_accepted_at_ms(0);
  if (request.field() < v1::ON_SCENE) duty.set_arrived_at_ms(0);
  if (request.field() != v1::COMPLETED) duty.set_completed_at_ms(0);
  if (request.person() != v1::ACK_STATE_UNSPECIFIED) duty.add_passed(request.person());
  if (request.field() != v1::ACK_STATE_UNSPECIFIED) duty.add_passed(request.field());
  duty.set_status(request.field() == v1::COMPLETED  ? v1::DUTY_DONE
                  : request.person() == v1::REFUSED ? v1::DUTY_REFUSED
                                                    : v1::DUTY_OPEN);
  // The rungs that are open again get their time anew; a climb for them starts over.
  const v1::SiteSettings& settings = draft.site().settings();
  const bool lead = duty.role() == v1::LEAD;
  auto within = [&](bool open, uint32_t s) { return open && s > 0 ? draft.now() + int64_t{s} * 1000 : int64_t{0}; };
  const bool unseen = request.person() == v1::ACK_STATE_UNSPECIFIED;
  duty.set_see_by_ms(within(unseen, lead ? settings.lead_see_s() : settings.support_see_s()));
  duty.set_accept_by_ms(
      within(request.person() < v1::ACCEPTED, lead ? settings.lead_accept_s() : settings.support_accept_s()));
  duty.set_en_route_by_ms(
      within(request.field() < v1::EN_ROUTE, lead ? settings.lead_en_route_s() : settings.support_en_route_s()));
  duty.set_arrive_by_ms(
      within(request.field() < v1::ON_SCENE, lead ? settings.lead_arrive_s() : settings.support_arrive_s()));
  duty.set_complete_by_ms(
      within(request.field() != v1::COMPLETED, lead ? settings.lead_complete_s() : settings.support_complete_s()));
  duty.set_deferred_until_ms(0);
  duty.set_climbing(v1::RUNG_UNSPECIFIED);
  duty.set_next_step(0);
  duty.set_next_step_ms(0);
  duty.clear_missed();
  duty.clear_reminded();
  duty.set_return_delivery(0);
  draft.Queue(duty.party(), v1::UPDATE, duty.incident_id(), duty.id());
  if (draft.FindIncident(*id)->holder() == duty.party() && request.person() != v1::ACCEPTED) BatonBack(draft, *id);
  v1::FeedbackNote note = Note(draft, "CORRECTED", duty.party());
  note.set_state(request.field() != v1::ACK_STATE_UNSPECIFIED ? request.field() : request.person());
  TellReporters(draft, *id, note, duty.party());
  Settle(draft, *id);
  return Answer(ActionOn(draft, *id));
}

}  // namespace liandong::core
