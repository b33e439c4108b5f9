// Merging links, ids stay: the younger lives on in the older, and a split opens it again.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"
#include "hub/core/suggest.h"

namespace liandong::core {
namespace {

int64_t Sooner(int64_t a, int64_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

// The duty of the incident that asks the same party for the same as `of`; 0: none. Open, or a report upward that was
// made: it tells of the same accident.
uint64_t Counterpart(const Draft& draft, const v1::IncidentState& incident, const v1::DutyState& of) {
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = draft.FindDuty(id);
    const bool stands = duty->status() == v1::DUTY_OPEN || (duty->has_statutory() && duty->status() == v1::DUTY_DONE);
    if (duty->party() == of.party() && stands && !duty->is_order() &&
        duty->statutory().rule() == of.statutory().rule() && duty->statutory().kind() == of.statutory().kind()) {
      return id;
    }
  }
  return 0;
}

// The party's duty in the younger counts with the one in the older from here on; the stricter deadline stays.
// `quietly`: something else tells the party.
void JoinDuties(Draft& draft, uint64_t younger_duty, uint64_t older_duty, bool quietly) {
  v1::DutyState& from = draft.Duty(younger_duty);
  v1::DutyState& to = draft.Duty(older_duty);
  from.set_status(v1::DUTY_MERGED_INTO);
  from.set_merged_into(to.id());
  if (to.person() == v1::ACK_STATE_UNSPECIFIED) to.set_see_by_ms(Sooner(to.see_by_ms(), from.see_by_ms()));
  if (to.field() < v1::EN_ROUTE) to.set_en_route_by_ms(Sooner(to.en_route_by_ms(), from.en_route_by_ms()));
  if (to.person() < v1::ACCEPTED) to.set_accept_by_ms(Sooner(to.accept_by_ms(), from.accept_by_ms()));
  if (to.field() < v1::ON_SCENE) to.set_arrive_by_ms(Sooner(to.arrive_by_ms(), from.arrive_by_ms()));
  if (to.field() < v1::COMPLETED) to.set_complete_by_ms(Sooner(to.complete_by_ms(), from.complete_by_ms()));
  if (to.has_statutory()) {
    to.mutable_statutory()->set_due_ms(Sooner(to.statutory().due_ms(), from.statutory().due_ms()));
  }
  if (from.role() < to.role()) to.set_role(from.role());
  for (const auto& ref : from.clause()) *to.add_clause() = ref;
  for (int field : from.disclose()) {
    if (std::find(to.disclose().begin(), to.disclose().end(), field) == to.disclose().end())
      to.add_disclose(static_cast<v1::Field>(field));
  }
  if (quietly) return;
  v1::DeliveryState& update = draft.Queue(to.party(), v1::UPDATE, to.incident_id(), to.id());
  update.set_text(absl::StrCat("事件", from.incident_id(), "并入事件", to.incident_id(), ",按一项任务办理"));
  update.set_text_en(
      absl::StrCat("Incident ", from.incident_id(), " lives on in ", to.incident_id(), "; both count as one duty"));
}

absl::Status ReasonBound(const std::string& reason) {
  if (reason.size() <= limits::kReasonBytes) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                absl::StrCat("reason has more than ", limits::kReasonBytes, " bytes"), "理由超出长度上限", "reason");
}

}  // namespace

absl::Status MayMerge(const Draft& draft, uint64_t older, uint64_t younger) {
  const v1::IncidentState& a = *draft.FindIncident(older);
  const v1::IncidentState& b = *draft.FindIncident(younger);
  if (a.purpose() != b.purpose()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DIFFERENT_PURPOSE",
                  "an exercise and an actual incident never merge", "实战与演练不得并案", "younger");
  }
  if (a.secret() || b.secret()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED", "a secret incident stays by itself",
                  "涉密件不得并案", "younger");
  }
  if (draft.state().CountReports(older) + draft.state().CountReports(younger) > limits::kReportsPerIncident) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TOO_LARGE", "together they hold too many reports",
                  "并案后报告数超限", "younger");
  }
  return absl::OkStatus();
}

void MergeInto(Draft& draft, uint64_t first, uint64_t second, bool quietly) {
  v1::IncidentState& older = draft.Incident(first);
  v1::IncidentState& younger = draft.Incident(second);
  younger.set_status(v1::MERGED);
  younger.set_merged_into(first);
  younger.set_quiet_close_ms(0);
  younger.set_transfer_delivery(0);
  younger.set_transfer_until_ms(0);
  younger.set_dispute_until_ms(0);
  younger.set_revision(younger.revision() + 1);
  older.set_revision(older.revision() + 1);
  older.add_merged(second);
  for (uint64_t id : younger.merged()) {
    older.add_merged(id);
    draft.Incident(id).set_merged_into(first);
  }
  younger.clear_merged();
  const std::vector<uint64_t> duties(younger.duty().begin(), younger.duty().end());
  for (uint64_t id : duties) {
    const v1::DutyState* duty = draft.FindDuty(id);
    if (duty->status() != v1::DUTY_OPEN || duty->is_order()) continue;
    if (uint64_t standing = Counterpart(draft, older, *duty)) JoinDuties(draft, id, standing, quietly);
  }
  younger.set_holder(older.holder());
  if (younger.lane() == v1::URGENT) older.set_lane(v1::URGENT);
  ShareClassesAndHold(draft, first);
  // Grade, casualties and danger are of both from here on.
  Summarize(draft, first);
  v1::FeedbackNote note = Note(draft, "MERGED", draft.context().actor.party());
  note.set_reason(absl::StrCat(second, "->", first));
  TellReporters(draft, first, note);
  Settle(draft, first);
}

absl::StatusOr<Answer> DecideMerge(Draft& draft, const MergeCommand& command) {
  const v1::MergeRequest& request = command.request;
  const uint64_t first = std::min(request.older(), request.younger()),
                 second = std::max(request.older(), request.younger());
  if (auto s = ReasonBound(request.reason()); !s.ok()) return s;
  if (first == second)
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "name two incidents", "请指定两起事件", "younger");
  if (const v1::IncidentState* known = draft.FindIncident(second); known != nullptr && known->merged_into() == first) {
    return Answer(ActionOn(draft, first));  // a repeat
  }
  absl::StatusOr<uint64_t> older_id = OpenIncident(draft, first);
  if (!older_id.ok()) return older_id.status();
  absl::StatusOr<uint64_t> younger_id = OpenIncident(draft, second);
  if (!younger_id.ok()) return younger_id.status();
  if (auto s = MayMerge(draft, first, second); !s.ok()) return s;
  v1::IncidentsMerged* what = draft.record().mutable_incidents_merged();
  what->set_older(first);
  what->set_younger(second);
  what->set_reason(request.reason());
  if (const v1::MergeSuggestion* suggestion = FindSuggestion(*draft.FindIncident(second), first))
    *what->mutable_suggestion() = *suggestion;
  MergeInto(draft, first, second);
  return Answer(ActionOn(draft, first));
}

absl::StatusOr<Answer> DecideSplit(Draft& draft, const SplitCommand& command) {
  const v1::SplitRequest& request = command.request;
  if (auto s = ReasonBound(request.reason()); !s.ok()) return s;
  const v1::IncidentState* found = draft.FindIncident(request.incident_id());
  if (found == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT",
                  absl::StrCat("incident ", request.incident_id(), " is not in memory"), "没有该事件", "incident_id");
  }
  if (found->status() != v1::MERGED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOT_MERGED",
                  absl::StrCat("incident ", request.incident_id(), " is not merged into another"), "该事件未并案",
                  "incident_id");
  }
  const uint64_t root = found->merged_into();
  absl::StatusOr<uint64_t> open = OpenIncident(draft, root);
  if (!open.ok()) return open.status();
  v1::IncidentSplit* what = draft.record().mutable_incident_split();
  what->set_incident_id(request.incident_id());
  what->set_from(root);
  what->set_reason(request.reason());
  v1::FeedbackNote note = Note(draft, "SPLIT", draft.context().actor.party());
  note.set_reason(absl::StrCat(root, "->", request.incident_id()));
  TellReporters(draft, root, note);
  v1::IncidentState& older = draft.Incident(root);
  v1::IncidentState& younger = draft.Incident(request.incident_id());
  auto& merged = *older.mutable_merged();
  merged.erase(std::remove(merged.begin(), merged.end(), request.incident_id()), merged.end());
  older.set_revision(older.revision() + 1);
  younger.set_revision(younger.revision() + 1);
  younger.set_status(v1::OPEN);
  younger.set_merged_into(0);
  MarkDismissed(draft, root, request.incident_id());
  const int64_t grace_ms =
      int64_t{draft.site().settings().outage_grace_s() > 0 ? draft.site().settings().outage_grace_s() : 60} * 1000;
  for (uint64_t id : younger.duty()) {
    if (draft.FindDuty(id)->status() != v1::DUTY_MERGED_INTO) continue;
    v1::DutyState& duty = draft.Duty(id);
    duty.set_status(v1::DUTY_OPEN);
    duty.set_merged_into(0);
    // Its deadlines stood still while it counted with the other; what fell due meanwhile gets a grace.
    auto later = [&](int64_t at_ms) { return at_ms == 0 ? 0 : std::max(at_ms, draft.now() + grace_ms); };
    for (v1::Rung rung :
         {v1::RUNG_RECEIVE, v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE, v1::RUNG_COMPLETE}) {
      SetDeadline(duty, rung, later(DeadlineOf(duty, rung)));
    }
    draft.Queue(duty.party(), v1::UPDATE, duty.incident_id(), id);
  }
  // Its holder became so by what it led in the other: it may never have heard of this one.
  const bool leads = std::any_of(younger.duty().begin(), younger.duty().end(), [&](uint64_t id) {
    const v1::DutyState* duty = draft.FindDuty(id);
    const bool stands = duty->status() == v1::DUTY_OPEN || duty->status() == v1::DUTY_DONE;
    return stands && duty->role() == v1::LEAD && duty->party() == younger.holder() && duty->accepted_at_ms() > 0;
  });
  if (!leads) BatonBack(draft, request.incident_id());
  Settle(draft, root);
  Settle(draft, request.incident_id());
  return Answer(ActionOn(draft, request.incident_id()));
}

}  // namespace liandong::core
