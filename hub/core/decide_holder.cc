#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

absl::Status HoldsIt(const Draft& draft, const v1::IncidentState& incident, bool by_desk) {
  if (by_desk || incident.holder() == draft.context().actor.party()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_HOLDER",
                absl::StrCat("incident ", incident.id(),
                             " is held by another party; only its holder or the command centre may do this"),
                absl::StrCat("事件 ", incident.id(), " 不由本单位负责"), "incident_id");
}

}  // namespace

absl::StatusOr<Answer> DecideTransfer(Draft& draft, const TransferCommand& command) {
  absl::StatusOr<uint64_t> id = OpenIncident(draft, command.incident_id);
  if (!id.ok()) return id.status();
  const v1::IncidentState& found = *draft.FindIncident(*id);
  if (auto s = HoldsIt(draft, found, command.by_desk); !s.ok()) return s;
  const v1::Party* to = draft.site().FindParty(command.to);
  if (!IsAddressee(to)) {
    return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_PARTY",
                  absl::StrCat("there is no party \"", command.to, "\" in the site set"), "没有该单位", "to");
  }
  if (command.to == found.holder()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_HOLDER",
                  absl::StrCat("\"", command.to, "\" holds this incident already"), "该单位已是承办单位", "to");
  }
  if (found.dispute_until_ms() > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TRANSFER_PENDING",
                  absl::StrCat("it is disputed between \"", found.transfer_from(), "\" and \"", found.transfer_to(),
                               "\"; wait until they agree or the time is over, or assign it"),
                  "责任争议协商中,请等待结果或指定承办", "incident_id");
  }
  const auto& settled = found.settled_with();
  if (!command.by_desk && std::find(settled.begin(), settled.end(), command.to) != settled.end()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "DISPUTE_SETTLED",
                  absl::StrCat("\"", command.to,
                               "\" did not take it on and the dispute is settled; ask the command "
                               "centre to assign it"),
                  "责任争议已有结果,不得再次移交该单位;请由指挥中心指定", "to");
  }
  const bool put_through = command.way == v1::ONE_KEY || command.way == v1::THREE_WAY;
  if (!v1::TransferWay_IsValid(command.way) || (put_through && found.channel() == "internet")) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  "way: what came from the internet has nobody on the line; push a work order",
                  "互联网渠道事项请推送工单", "way");
  }
  if (found.transfer_delivery() != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "TRANSFER_PENDING",
                  absl::StrCat("it is being offered to \"", found.transfer_to(), "\"; wait for the answer"),
                  "已有移交等待答复", "incident_id");
  }
  if (found.secret()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED", "a secret incident stays with its named handler",
                  "涉密件不得移交", "incident_id");
  }
  v1::DeliveryState& delivery = draft.Queue(command.to, v1::TRANSFER, *id, 0);
  delivery.set_sealed_text(command.sealed_reason);
  const v1::TransferWay way = put_through ? command.way : v1::WORK_ORDER;
  if (put_through) {
    const bool one_key = way == v1::ONE_KEY;
    delivery.set_text(one_key ? "【一键转接】来电人在线,请接听" : "【三方通话】来电人和转出单位在线,请接听");
    delivery.set_text_en(one_key ? "Put through: the caller is on the line"
                                 : "Three-way call: the caller and the other desk are on the line");
  }
  const uint32_t answer_s =
      draft.site().settings().transfer_answer_s() > 0 ? draft.site().settings().transfer_answer_s() : 300;
  v1::IncidentState& incident = draft.Incident(*id);
  incident.set_transfer_delivery(delivery.id());
  incident.set_transfer_from(incident.holder());
  incident.set_transfer_way(way);
  incident.set_transfer_to(command.to);
  incident.set_transfer_until_ms(draft.now() + int64_t{answer_s} * 1000);
  v1::TransferOffered* what = draft.record().mutable_transfer_offered();
  what->set_from(incident.holder());
  what->set_to(command.to);
  what->set_way(way);
  TellReporters(draft, *id, Note(draft, "TRANSFER_OFFERED", command.to), draft.context().actor.party());
  Settle(draft, *id);
  return Answer(ActionOn(draft, *id, delivery.id()));
}

absl::StatusOr<Answer> DecideClose(Draft& draft, const CloseCommand& command) {
  const v1::IncidentState* known = draft.FindIncident(command.incident_id);
  const v1::IncidentStatus wanted = command.cancel ? v1::CANCELLED : v1::CLOSED;
  if (known != nullptr && known->status() == wanted &&
      (command.by_desk || known->holder() == draft.context().actor.party())) {
    return Answer(ActionOn(draft, command.incident_id));  // a repeat
  }
  absl::StatusOr<uint64_t> id = OpenIncident(draft, command.incident_id);
  if (!id.ok()) return id.status();
  if (auto s = HoldsIt(draft, *known, command.by_desk); !s.ok()) return s;
  if (command.reason.empty() || command.reason.size() > limits::kReasonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "REASON_REQUIRED",
                  absl::StrCat("a reason of 1 to ", limits::kReasonBytes, " bytes is required"), "必须填写简短原因",
                  "reason");
  }
  if (!command.cancel) {
    if (auto s = UpwardStillDue(draft, *id); !s.ok()) return s;
  }
  v1::IncidentClosed* what = draft.record().mutable_incident_closed();
  what->set_status(wanted);
  what->set_reason(command.reason);
  CloseIncident(draft, *id, wanted, command.cancel ? "CANCELLED" : "CLOSED", command.reason);
  return Answer(ActionOn(draft, *id));
}

absl::StatusOr<Answer> DecideNote(Draft& draft, const NoteCommand& command) {
  absl::StatusOr<uint64_t> id = OpenIncident(draft, command.incident_id);
  if (!id.ok()) return id.status();
  v1::NoteAdded* what = draft.record().mutable_note_added();
  what->set_incident_id(*id);
  what->set_sealed_text(command.sealed_text);
  // Nothing of the incident changes: its revision stands, and nobody is sent anything.
  draft.record().add_incident_id(*id);
  return Answer(ActionOn(draft, *id));
}

}  // namespace liandong::core
