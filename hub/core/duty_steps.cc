// Steps on one duty that several decisions share.
#include <algorithm>

#include "hub/core/mask.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

int64_t Within(const Draft& draft, uint32_t s) { return s > 0 ? draft.now() + int64_t{s} * 1000 : 0; }

void SiteTimes(const Draft& draft, v1::DutyState& duty) {
  const v1::SiteSettings& site = draft.site().settings();
  const bool lead = duty.role() == v1::LEAD;
  duty.set_receive_by_ms(Within(draft, lead ? site.lead_receive_s() : site.support_receive_s()));
  duty.set_accept_by_ms(Within(draft, lead ? site.lead_accept_s() : site.support_accept_s()));
  duty.set_arrive_by_ms(Within(draft, lead ? site.lead_arrive_s() : site.support_arrive_s()));
  duty.set_complete_by_ms(Within(draft, lead ? site.lead_complete_s() : site.support_complete_s()));
  const int64_t see = Within(draft, lead ? site.lead_see_s() : site.support_see_s());
  if (see < duty.accept_by_ms()) duty.set_see_by_ms(see);
  const int64_t en_route = Within(draft, lead ? site.lead_en_route_s() : site.support_en_route_s());
  if (en_route < duty.arrive_by_ms()) duty.set_en_route_by_ms(en_route);
  duty.set_remind_before_s(std::max(duty.remind_before_s(), site.remind_before_s()));
}

// Whether these fields show this one, or the whole of what it shows in part.
bool Covers(const google::protobuf::RepeatedField<int>& fields, v1::Field field) {
  const v1::Field whole = WholeOf(field);
  return std::any_of(fields.begin(), fields.end(),
                     [&](int one) { return one == field || (whole != v1::FIELD_UNSPECIFIED && one == whole); });
}

}  // namespace

void Reach(v1::DutyState& duty, v1::Rung rung) {
  for (v1::Rung one :
       {v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_DEFERRED, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE, v1::RUNG_COMPLETE}) {
    if (RungHeight(one) <= RungHeight(rung)) SetDeadline(duty, one, 0);
  }
  if (duty.climbing() == v1::RUNG_UNSPECIFIED || RungHeight(duty.climbing()) > RungHeight(rung)) return;
  duty.set_climbing(v1::RUNG_UNSPECIFIED);
  duty.set_next_step_ms(0);
}

uint64_t GiveTo(Draft& draft, uint64_t old_duty, const std::string& to) {
  const v1::DutyState old = *draft.FindDuty(old_duty);
  v1::DutyState& duty = draft.NewDuty(old.incident_id());
  duty.set_party(to);
  duty.set_role(old.role());
  *duty.mutable_clause() = old.clause();
  // Never more than the old duty showed. The command centre's own duties, and those that rest on no clause, may show
  // more than anybody has signed for: of these, what a transfer may show.
  const v1::SiteSettings& site = draft.site().settings();
  if (old.is_order() || (!old.clause().empty() && old.party() != site.command_party())) {
    *duty.mutable_disclose() = old.disclose();
  } else {
    for (const int field : site.transfer_disclose()) {
      if (Covers(old.disclose(), static_cast<v1::Field>(field))) duty.add_disclose(static_cast<v1::Field>(field));
    }
  }
  *duty.mutable_step() = old.step();
  // What the command centre gives on climbs to it at last: its own duty had nobody to climb to.
  const auto is_command = [&](const v1::EscalationStepState& step) { return step.to() == site.command_party(); };
  if (to != site.command_party() && std::none_of(duty.step().begin(), duty.step().end(), is_command))
    duty.add_step()->set_to(site.command_party());
  duty.set_verify_first(old.verify_first());
  duty.set_is_order(old.is_order());
  duty.set_sealed_text(old.sealed_text());
  duty.set_given_by(old.given_by());
  duty.set_remind_before_s(old.remind_before_s());
  SiteTimes(draft, duty);
  CarryStatutory(old, &duty);
  EndDuty(draft, old_duty, v1::DUTY_REASSIGNED, "任务已改派其他单位", "The duty was given to another party");
  const v1::DeliveryKind kind = duty.has_statutory() ? v1::UPWARD_REPORT : duty.is_order() ? v1::ORDER : v1::TASK;
  v1::DeliveryState& delivery = draft.Queue(to, kind, duty.incident_id(), duty.id());
  delivery.set_receive_by_ms(0);
  duty.set_first_delivery(delivery.id());
  const uint64_t root = draft.state().Root(old.incident_id())->id();
  if (duty.role() == v1::LEAD && draft.FindIncident(root)->holder() == old.party()) BatonBack(draft, root);
  TellReporters(draft, root, Note(draft, "ASSIGNED", to), to);
  return delivery.id();
}

v1::DutyState& NewUnasked(Draft& draft, uint64_t incident_id, const std::string& party, v1::Role role) {
  const v1::SiteSettings& site = draft.site().settings();
  v1::DutyState& duty = draft.NewDuty(incident_id);
  duty.set_party(party);
  duty.set_role(role);
  *duty.mutable_disclose() = site.transfer_disclose();
  SiteTimes(draft, duty);
  if (party != site.command_party()) duty.add_step()->set_to(site.command_party());
  return duty;
}

void BatonBack(Draft& draft, uint64_t incident_id) {
  const v1::Party* first = draft.site().FindParty(draft.FindIncident(incident_id)->first_party());
  const bool hotline = first != nullptr && first->kind() == v1::HOTLINE;
  TakeBaton(draft, incident_id, hotline ? first->id() : draft.site().settings().command_party());
}

}  // namespace liandong::core
