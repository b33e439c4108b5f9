// 指定主办、协办 (one lead and its helpers, named in one act, that cannot be refused) and 退单审核 at the desk.
#include <set>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

absl::Status NamesOf(const Draft& draft, const v1::AssignIncidentRequest& request) {
  std::set<std::string> seen;
  auto check = [&](const std::string& party, std::string_view field) -> absl::Status {
    const v1::Party* known = draft.site().FindParty(party);
    if (known == nullptr || known->kind() == v1::HUB) {
      return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_PARTY",
                    absl::StrCat("there is no party \"", party, "\" in the site set"), "没有该单位", field);
    }
    if (seen.insert(party).second) return absl::OkStatus();
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  absl::StrCat(std::string(field), ": \"", party, "\" is named twice"), "同一单位重复指定", field);
  };
  if (auto s = check(request.lead(), "lead"); !s.ok()) return s;
  for (const std::string& party : request.support()) {
    if (auto s = check(party, "support"); !s.ok()) return s;
  }
  return absl::OkStatus();
}

uint64_t OpenDutyOf(const Draft& draft, const v1::IncidentState& incident, const std::string& party) {
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = draft.FindDuty(id);
    const bool routed = !duty->is_order() && !duty->has_statutory();
    if (duty->party() == party && duty->status() == v1::DUTY_OPEN && routed) return id;
  }
  return 0;
}

// The party's open duty with this role from now on, or a new one. Returns what was sent.
uint64_t Bind(Draft& draft, uint64_t incident_id, const std::string& party, v1::Role role) {
  const uint64_t standing = OpenDutyOf(draft, *draft.FindIncident(incident_id), party);
  const bool fresh = standing == 0;
  v1::DutyState& duty = fresh ? NewUnasked(draft, incident_id, party, role) : draft.Duty(standing);
  if (duty.return_delivery() != 0) WithdrawReturn(draft, duty);
  duty.set_role(role);
  duty.set_binding(v1::ASSIGNED_BY_COMMAND);
  v1::DeliveryState& delivery = draft.Queue(party, fresh ? v1::TASK : v1::UPDATE, incident_id, duty.id());
  const bool lead = role == v1::LEAD;
  delivery.set_text(
      absl::StrCat("【指定承办】事件", incident_id, ":指挥中心指定贵单位", lead ? "主办" : "协办", ",不得退回"));
  delivery.set_text_en(absl::StrCat("Incident ", incident_id, ": the command centre names you as ",
                                    lead ? "lead" : "helper", "; this cannot be refused"));
  if (fresh) {
    delivery.set_receive_by_ms(0);
    duty.set_first_delivery(delivery.id());
    TellReporters(draft, incident_id, Note(draft, "ASSIGNED", party), party);
  }
  return delivery.id();
}

// Who led so far and is not named helps, or is rid of what it wanted to give back.
void OthersStepBack(Draft& draft, uint64_t incident_id, const std::string& lead, const std::set<std::string>& named) {
  const v1::IncidentState& incident = draft.Incident(incident_id);
  const std::vector<uint64_t> duties(incident.duty().begin(), incident.duty().end());
  for (uint64_t id : duties) {
    const v1::DutyState* found = draft.FindDuty(id);
    if (found->role() != v1::LEAD || found->party() == lead || named.count(found->party()) > 0) continue;
    if (found->is_order() || found->has_statutory()) continue;
    if (found->status() == v1::DUTY_REFUSED) draft.Duty(id).set_next_step_ms(0);  // the command centre has seen to it
    if (found->status() != v1::DUTY_OPEN) continue;
    v1::DutyState& duty = draft.Duty(id);
    if (duty.return_delivery() != 0) {
      WithdrawReturn(draft, duty);
      EndDuty(draft, id, v1::DUTY_REFUSED, "任务已由指挥中心指定其他单位主办",
              "The command centre named another party as lead; your return is granted");
      continue;
    }
    duty.set_role(v1::SUPPORT);
    duty.set_binding(v1::ASSIGNED_BY_COMMAND);
    v1::DeliveryState& update = draft.Queue(duty.party(), v1::UPDATE, incident_id, id);
    update.set_text(
        absl::StrCat("事件", incident_id, "由指挥中心指定", PartyName(draft.site(), lead), "主办,贵单位协办"));
    update.set_text_en(
        absl::StrCat("Incident ", incident_id, ": the command centre named ", lead, " as lead; you help"));
  }
}

}  // namespace

absl::StatusOr<Answer> DecideAssign(Draft& draft, const AssignCommand& command) {
  const v1::AssignIncidentRequest& request = command.request;
  absl::StatusOr<uint64_t> id = OpenIncident(draft, request.incident_id());
  if (!id.ok()) return id.status();
  if (draft.FindIncident(*id)->secret()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED", "a secret incident stays with its named handler",
                  "涉密件仅限指定承办单位", "incident_id");
  }
  if (request.reason().empty() || request.reason().size() > limits::kReasonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                  absl::StrCat("a reason of 1 to ", limits::kReasonBytes, " bytes is required"), "必须填写简短原因",
                  "reason");
  }
  if (auto s = NamesOf(draft, request); !s.ok()) return s;
  v1::IncidentAssigned* what = draft.record().mutable_incident_assigned();
  what->set_lead(request.lead());
  *what->mutable_support() = request.support();
  what->set_reason(request.reason());
  EndOffers(draft, *id, request.lead());
  const std::set<std::string> named(request.support().begin(), request.support().end());
  OthersStepBack(draft, *id, request.lead(), named);
  const uint64_t delivery = Bind(draft, *id, request.lead(), v1::LEAD);
  v1::DutyState& lead = draft.Duty(draft.FindDelivery(delivery)->duty_id());
  auto within = [&](uint32_t s) { return draft.now() + int64_t{s} * 1000; };
  const bool accepted = lead.person() == v1::ACCEPTED || lead.person() == v1::PARTIALLY_ACCEPTED;
  if (!accepted && request.accept_within_s() > 0) lead.set_accept_by_ms(within(request.accept_within_s()));
  if (request.complete_within_s() > 0) lead.set_complete_by_ms(within(request.complete_within_s()));
  for (const std::string& party : named) Bind(draft, *id, party, v1::SUPPORT);
  TakeBaton(draft, *id, request.lead());
  Settle(draft, *id);
  return Answer(ActionOn(draft, *id, delivery));
}

absl::StatusOr<Answer> DecideReview(Draft& draft, const ReviewCommand& command) {
  const v1::ReviewReturnRequest& request = command.request;
  const v1::DutyState* duty = draft.FindDuty(request.duty_id());
  if (duty == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_DUTY",
                  absl::StrCat("there is no open duty ", request.duty_id()), "没有该任务", "duty_id");
  }
  absl::StatusOr<uint64_t> id = OpenIncident(draft, draft.state().Root(duty->incident_id())->id());
  if (!id.ok()) return id.status();
  v1::ReturnReviewed* what = draft.record().mutable_return_reviewed();
  what->set_duty_id(request.duty_id());
  what->set_granted(request.grant());
  what->set_reason(request.reason());
  what->set_to(request.to());
  if (auto s = ReviewReturn(draft, request.duty_id(), request.grant(), request.reason(), request.to()); !s.ok())
    return s;
  Settle(draft, *id);
  return Answer(ActionOn(draft, *id));
}

}  // namespace liandong::core
