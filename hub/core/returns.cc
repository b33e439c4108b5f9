// 退单申请 -> 审核 -> 重派 | 驳回: a lead that wants to give its duty back asks for it; until that was reviewed the
// duty stands.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

// What a program says when it could not pass something on: there is nobody to argue with.
constexpr std::string_view kMachineReasons[] = {"EXERCISE_NOT_CARRIED", "PURPOSE_MISMATCH", "NO_OUTBOUND_RULE"};

const std::string& ReviewerOf(const Draft& draft, const v1::DutyState& duty) {
  const v1::SiteSettings& settings = draft.site().settings();
  const std::string& desk = settings.return_reviewer();
  const bool its_own =
      !desk.empty() && desk != duty.party() && draft.state().Root(duty.incident_id())->first_party() == desk;
  return its_own ? desk : settings.command_party();
}

void Unsay(v1::DutyState& duty, v1::AckState state) {
  auto& passed = *duty.mutable_passed();
  passed.erase(std::remove(passed.begin(), passed.end(), state), passed.end());
}

// The reviewer need not answer any more, unless it is who acts.
void TellReviewer(Draft& draft, uint64_t request, std::string_view zh, std::string_view en) {
  const v1::DeliveryState* asked = draft.FindDelivery(request);
  if (asked == nullptr || asked->party() == draft.context().actor.party()) return;
  v1::DeliveryState& cancel = draft.Queue(asked->party(), v1::CANCEL, asked->incident_id(), 0);
  cancel.set_text(absl::StrCat("事件", asked->incident_id(), "的退单申请", std::string(zh)));
  cancel.set_text_en(absl::StrCat("The return asked for in incident ", asked->incident_id(), " ", std::string(en)));
}

void Granted(Draft& draft, uint64_t duty_id, const std::string& to) {
  v1::DutyState& duty = draft.Duty(duty_id);
  v1::FeedbackNote note = Note(draft, "ACK", duty.party());
  note.set_state(v1::REFUSED);
  note.set_reason(duty.reason());
  TellReporters(draft, duty.incident_id(), note, duty.party());
  if (!to.empty()) {
    GiveTo(draft, duty_id, to);
    return;
  }
  duty.set_status(v1::DUTY_REFUSED);
  duty.set_climbing(v1::RUNG_ACCEPT);
  if (duty.step_size() > 0) duty.set_next_step(duty.step_size() - 1);
  ClimbStep(draft, duty, v1::RUNG_ACCEPT);
  const uint64_t root = draft.state().Root(duty.incident_id())->id();
  if (duty.role() == v1::LEAD && draft.FindIncident(root)->holder() == duty.party()) BatonBack(draft, root);
}

void Rejected(Draft& draft, uint64_t duty_id, const std::string& reason, const std::string& sealed_note) {
  v1::DutyState& duty = draft.Duty(duty_id);
  StandAgain(draft, duty);
  duty.set_binding(v1::RETURN_REJECTED);
  v1::DeliveryState& update = draft.Queue(duty.party(), v1::UPDATE, duty.incident_id(), duty_id);
  update.set_text(absl::StrCat("【退单驳回】事件", duty.incident_id(), "的退单申请未获同意,请继续办理。理由:", reason));
  update.set_text_en(absl::StrCat("The return of incident ", duty.incident_id(),
                                  " was rejected; carry the duty out. Reason: ", reason));
  update.set_sealed_text(sealed_note);
  v1::FeedbackNote note = Note(draft, "RETURN_REJECTED", duty.party());
  note.set_reason(reason);
  TellReporters(draft, duty.incident_id(), note, duty.party());
}

}  // namespace

bool ReturnNeedsReview(const Draft& draft, const v1::DutyState& duty, const std::string& reason) {
  const v1::SiteSettings& settings = draft.site().settings();
  const v1::IncidentState* root = draft.state().Root(duty.incident_id());
  if (settings.return_review_s() == 0 || duty.role() != v1::LEAD || root->secret()) return false;
  if (duty.is_order() || duty.has_statutory()) return false;
  if (duty.party() == settings.command_party() || duty.verify_first()) return false;
  // Where life may be in danger nobody waits for a review: the ladder goes on at once.
  if (root->lane() == v1::URGENT) return false;
  return std::find(std::begin(kMachineReasons), std::end(kMachineReasons), reason) == std::end(kMachineReasons);
}

void RequestReturn(Draft& draft, uint64_t duty_id, const std::string& sealed_note, uint64_t sealed_incident) {
  v1::DutyState& duty = draft.Duty(duty_id);
  const std::string reviewer = ReviewerOf(draft, duty);
  v1::DeliveryState& request = draft.Queue(reviewer, v1::RETURN_REQUEST, duty.incident_id(), duty_id);
  request.set_text(absl::StrCat("【退单申请】", PartyName(draft.site(), duty.party()), "申请退回事件",
                                duty.incident_id(), ",理由:", duty.reason(), "。签收即同意退单,拒绝(附理由)即驳回"));
  request.set_text_en(absl::StrCat("Return: ", duty.party(), " asks to give back incident ", duty.incident_id(), ": ",
                                   duty.reason(), ". ACCEPTED grants it, REFUSED with a reason rejects it"));
  if (sealed_incident == duty.incident_id()) request.set_sealed_text(sealed_note);
  duty.set_return_delivery(request.id());
  Reach(duty, v1::RUNG_ACCEPT);
  // A review that does not come is the command centre's matter: the last step of every ladder.
  duty.set_climbing(v1::RUNG_ACCEPT);
  if (duty.step_size() > 0) duty.set_next_step(duty.step_size() - 1);
  duty.set_next_step_ms(draft.now() + int64_t{draft.site().settings().return_review_s()} * 1000);
}

void StandAgain(Draft& draft, v1::DutyState& duty) {
  Unsay(duty, v1::REFUSED);
  duty.set_return_delivery(0);
  duty.set_reason("");
  duty.set_person(v1::SEEN);
  duty.set_climbing(v1::RUNG_UNSPECIFIED);
  duty.set_next_step(0);
  duty.set_next_step_ms(0);
  for (auto* rungs : {duty.mutable_missed(), duty.mutable_reminded()})
    rungs->erase(std::remove(rungs->begin(), rungs->end(), v1::RUNG_ACCEPT), rungs->end());
  const v1::SiteSettings& settings = draft.site().settings();
  const uint32_t accept_s = duty.role() == v1::LEAD ? settings.lead_accept_s() : settings.support_accept_s();
  duty.set_accept_by_ms(accept_s > 0 ? draft.now() + int64_t{accept_s} * 1000 : 0);
}

void WithdrawReturn(Draft& draft, v1::DutyState& duty) {
  const uint64_t request = duty.return_delivery();
  StandAgain(draft, duty);
  TellReviewer(draft, request, "已撤回", "was withdrawn");
}

absl::Status ReviewReturn(Draft& draft, uint64_t duty_id, bool grant, const std::string& reason, const std::string& to,
                          const std::string& sealed_note) {
  const v1::DutyState* duty = draft.FindDuty(duty_id);
  if (duty == nullptr || duty->return_delivery() == 0 || duty->status() != v1::DUTY_OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RETURN_ENDED",
                  absl::StrCat("duty ", duty_id, " asks for no return, or it was reviewed or withdrawn"),
                  "没有待审核的退单申请", "duty_id");
  }
  if ((!grant && reason.empty()) || reason.size() > limits::kReasonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                  absl::StrCat("a rejection needs a reason of 1 to ", limits::kReasonBytes, " bytes"),
                  "驳回必须填写简短理由", "reason");
  }
  const v1::Party* next = draft.site().FindParty(to);
  if (!to.empty() && (!grant || next == nullptr || next->kind() == v1::HUB || to == duty->party())) {
    return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_PARTY",
                  "to: another party of the site set, and only where the return is granted", "请指定另一个单位", "to");
  }
  const uint64_t request = duty->return_delivery();
  TellReviewer(draft, request, grant ? "已同意" : "已驳回", grant ? "was granted" : "was rejected");
  draft.Duty(duty_id).set_return_delivery(0);
  if (grant) {
    Granted(draft, duty_id, to);
  } else {
    Rejected(draft, duty_id, reason, sealed_note);
  }
  return absl::OkStatus();
}

}  // namespace liandong::core
