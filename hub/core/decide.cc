#include "hub/core/decide.h"

#include <type_traits>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"

namespace liandong::core {
namespace {

absl::StatusOr<Answer> Leaf(Draft& d, const ReportCommand& c) { return DecideReport(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const AckCommand& c) { return DecideAck(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const TransferCommand& c) { return DecideTransfer(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const CloseCommand& c) { return DecideClose(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const CorrectCommand& c) { return DecideCorrect(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const VerifyCommand& c) { return DecideVerify(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const OrderCommand& c) { return DecideOrder(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const ReassignCommand& c) { return DecideReassign(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const MergeCommand& c) { return DecideMerge(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const SplitCommand& c) { return DecideSplit(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const CorrectAckCommand& c) { return DecideCorrectAck(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const NoteCommand& c) { return DecideNote(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const AdoptCommand& c) { return DecideAdopt(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const StartedCommand& c) { return DecideStarted(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const ClockCommand& c) { return DecideClock(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const DueCommand& c) { return DecideDue(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const EvictCommand& c) { return DecideEvict(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const RecallCommand& c) { return DecideRecall(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const SuggestCommand& c) { return DecideSuggest(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const DismissCommand& c) { return DecideDismiss(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const StormCommand& c) { return DecideStorm(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const FileUpwardCommand& c) { return DecideFileUpward(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const AssignCommand& c) { return DecideAssign(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const ReviewCommand& c) { return DecideReview(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const StartResponseCommand& c) { return DecideStartResponse(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const AdjustResponseCommand& c) { return DecideAdjustResponse(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const EndResponseCommand& c) { return DecideEndResponse(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const HandOverCommand& c) { return DecideHandOver(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const RouteAgainCommand& c) { return DecideRouteAgain(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const EraseCommand& c) { return DecideErase(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const HoldCommand& c) { return DecideHold(d, c); }
absl::StatusOr<Answer> Leaf(Draft& d, const EraseDueCommand& c) { return DecideEraseDue(d, c); }

template <typename T>
constexpr bool kWorksWithoutSite =
    std::is_same_v<T, AdoptCommand> || std::is_same_v<T, StartedCommand> || std::is_same_v<T, ClockCommand>;

}  // namespace

absl::StatusOr<Outcome> Decide(const State& state, const Command& command, const Context& context) {
  return std::visit(
      [&](const auto& one) -> absl::StatusOr<Outcome> {
        if (state.site() == nullptr && !kWorksWithoutSite<std::decay_t<decltype(one)>>) {
          return Refuse(absl::StatusCode::kUnavailable, "NO_SITE_SET",
                        "the hub has no site set yet; adopt one with: liandong agreements adopt DIR",
                        "枢纽尚未启用站点配置,请先执行 liandong agreements adopt", "", 5000);
        }
        Draft draft(state, context);
        absl::StatusOr<Answer> answer = Leaf(draft, one);
        if (!answer.ok()) return answer.status();
        Outcome out;
        out.answer = *std::move(answer);
        if (draft.record().what_case() != v1::Record::WHAT_NOT_SET) out.record = draft.Take();
        return out;
      },
      command);
}

absl::StatusOr<uint64_t> OpenIncident(const Draft& draft, uint64_t incident_id) {
  const v1::IncidentState* incident = draft.FindIncident(incident_id);
  if (incident == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT",
                  absl::StrCat("incident ", incident_id, " is not open here; list them with: liandong incidents"),
                  absl::StrCat("没有进行中的事件 ", incident_id), "incident_id");
  }
  if (incident->status() == v1::MERGED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_MERGED",
                  absl::StrCat("incident ", incident_id, " lives on in ", incident->merged_into(),
                               "; act there, or split it first"),
                  absl::StrCat("事件 ", incident_id, " 已并入 ", incident->merged_into()), "incident_id");
  }
  if (incident->status() != v1::OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INCIDENT_CLOSED",
                  absl::StrCat("incident ", incident_id, " has ended"), absl::StrCat("事件 ", incident_id, " 已结束"),
                  "incident_id");
  }
  const std::string& party = draft.context().actor.party();
  if (incident->secret() && party != incident->holder() && party != incident->first_party()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
                  absl::StrCat("incident ", incident_id, " is secret; only its handler acts on it"),
                  absl::StrCat("事件 ", incident_id, " 为涉密件,仅限指定承办单位"), "incident_id");
  }
  return incident_id;
}

v1::ActionReply ActionOn(const Draft& draft, uint64_t incident_id, uint64_t delivery_id) {
  v1::ActionReply reply;
  reply.set_incident_id(incident_id);
  if (const v1::IncidentState* incident = draft.FindIncident(incident_id))
    reply.set_incident_revision(incident->revision());
  reply.set_log_index(draft.context().index);
  reply.set_delivery_id(delivery_id);
  return reply;
}

}  // namespace liandong::core
