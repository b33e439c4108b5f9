// The leaves of Decide: one function a command. Only decide.cc calls them.
#ifndef LIANDONG_HUB_CORE_LEAVES_H_
#define LIANDONG_HUB_CORE_LEAVES_H_

#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "hub/core/draft.h"

namespace liandong::core {

absl::StatusOr<Answer> DecideReport(Draft& draft, const ReportCommand& command);          // decide_report.cc
absl::StatusOr<Answer> DecideAck(Draft& draft, const AckCommand& command);                // decide_ack.cc
absl::StatusOr<Answer> DecideTransfer(Draft& draft, const TransferCommand& command);      // decide_holder.cc
absl::StatusOr<Answer> DecideClose(Draft& draft, const CloseCommand& command);            // decide_holder.cc
absl::StatusOr<Answer> DecideCorrect(Draft& draft, const CorrectCommand& command);        // decide_desk.cc
absl::StatusOr<Answer> DecideVerify(Draft& draft, const VerifyCommand& command);          // decide_desk.cc
absl::StatusOr<Answer> DecideOrder(Draft& draft, const OrderCommand& command);            // decide_desk.cc
absl::StatusOr<Answer> DecideReassign(Draft& draft, const ReassignCommand& command);      // decide_desk.cc
absl::StatusOr<Answer> DecideCorrectAck(Draft& draft, const CorrectAckCommand& command);  // decide_desk.cc
absl::StatusOr<Answer> DecideNote(Draft& draft, const NoteCommand& command);              // decide_holder.cc
absl::StatusOr<Answer> DecideMerge(Draft& draft, const MergeCommand& command);            // decide_merge.cc
absl::StatusOr<Answer> DecideSplit(Draft& draft, const SplitCommand& command);            // decide_merge.cc
absl::StatusOr<Answer> DecideAdopt(Draft& draft, const AdoptCommand& command);            // decide_hub.cc
absl::StatusOr<Answer> DecideStarted(Draft& draft, const StartedCommand& command);        // decide_hub.cc
absl::StatusOr<Answer> DecideClock(Draft& draft, const ClockCommand& command);            // decide_hub.cc
absl::StatusOr<Answer> DecideEvict(Draft& draft, const EvictCommand& command);            // decide_hub.cc
absl::StatusOr<Answer> DecideRecall(Draft& draft, const RecallCommand& command);          // decide_hub.cc
absl::StatusOr<Answer> DecideDue(Draft& draft, const DueCommand& command);                // decide_due.cc

// Changes verification and routes again; a false alarm closes. Shared by the desk and by a verify duty's party.
v1::Decision ChangeVerification(Draft& draft, uint64_t incident_id, v1::Verification verification,
                                std::string_view reason);

// The OPEN incident that a person acts on: found, not ended, not merged away, and not secret from the actor.
absl::StatusOr<uint64_t> OpenIncident(const Draft& draft, uint64_t incident_id);

v1::ActionReply ActionOn(const Draft& draft, uint64_t incident_id, uint64_t delivery_id = 0);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_LEAVES_H_
