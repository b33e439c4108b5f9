// The leaves of Decide: one function a command. Only decide.cc calls them.
#ifndef LIANDONG_HUB_CORE_LEAVES_H_
#define LIANDONG_HUB_CORE_LEAVES_H_

#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "hub/core/draft.h"

namespace liandong::core {

absl::StatusOr<Answer> DecideReport(Draft& draft, const ReportCommand& command);                  // decide_report.cc
absl::StatusOr<Answer> DecideAck(Draft& draft, const AckCommand& command);                        // decide_ack.cc
absl::StatusOr<Answer> DecideTransfer(Draft& draft, const TransferCommand& command);              // decide_holder.cc
absl::StatusOr<Answer> DecideClose(Draft& draft, const CloseCommand& command);                    // decide_holder.cc
absl::StatusOr<Answer> DecideCorrect(Draft& draft, const CorrectCommand& command);                // decide_desk.cc
absl::StatusOr<Answer> DecideVerify(Draft& draft, const VerifyCommand& command);                  // decide_desk.cc
absl::StatusOr<Answer> DecideOrder(Draft& draft, const OrderCommand& command);                    // decide_desk.cc
absl::StatusOr<Answer> DecideReassign(Draft& draft, const ReassignCommand& command);              // decide_desk.cc
absl::StatusOr<Answer> DecideCorrectAck(Draft& draft, const CorrectAckCommand& command);          // decide_desk.cc
absl::StatusOr<Answer> DecideNote(Draft& draft, const NoteCommand& command);                      // decide_holder.cc
absl::StatusOr<Answer> DecideMerge(Draft& draft, const MergeCommand& command);                    // decide_merge.cc
absl::StatusOr<Answer> DecideSplit(Draft& draft, const SplitCommand& command);                    // decide_merge.cc
absl::StatusOr<Answer> DecideAdopt(Draft& draft, const AdoptCommand& command);                    // decide_hub.cc
absl::StatusOr<Answer> DecideStarted(Draft& draft, const StartedCommand& command);                // decide_hub.cc
absl::StatusOr<Answer> DecideClock(Draft& draft, const ClockCommand& command);                    // decide_hub.cc
absl::StatusOr<Answer> DecideEvict(Draft& draft, const EvictCommand& command);                    // decide_hub.cc
absl::StatusOr<Answer> DecideRecall(Draft& draft, const RecallCommand& command);                  // decide_hub.cc
absl::StatusOr<Answer> DecideDue(Draft& draft, const DueCommand& command);                        // decide_due.cc
absl::StatusOr<Answer> DecideAssign(Draft& draft, const AssignCommand& command);                  // decide_assign.cc
absl::StatusOr<Answer> DecideReview(Draft& draft, const ReviewCommand& command);                  // decide_assign.cc
absl::StatusOr<Answer> DecideStartResponse(Draft& draft, const StartResponseCommand& command);    // decide_response.cc
absl::StatusOr<Answer> DecideAdjustResponse(Draft& draft, const AdjustResponseCommand& command);  // decide_response.cc
absl::StatusOr<Answer> DecideEndResponse(Draft& draft, const EndResponseCommand& command);        // decide_response.cc
absl::StatusOr<Answer> DecideRouteAgain(Draft& draft, const RouteAgainCommand& command);          // decide_response.cc
absl::StatusOr<Answer> DecideHandOver(Draft& draft, const HandOverCommand& command);              // decide_posts.cc
absl::StatusOr<Answer> DecideErase(Draft& draft, const EraseCommand& command);                    // decide_erase.cc
absl::StatusOr<Answer> DecideHold(Draft& draft, const HoldCommand& command);                      // decide_erase.cc
absl::StatusOr<Answer> DecideEraseDue(Draft& draft, const EraseDueCommand& command);              // decide_erase.cc
// Acknowledgments of an ESCALATION to somebody else, of an offer and of a return that waits for review.
absl::StatusOr<Answer> DecideOffer(Draft& draft, const AckCommand& command);  // offers.cc

absl::StatusOr<Answer> DecideSuggest(Draft& draft, const SuggestCommand& command);        // suggest.cc
absl::StatusOr<Answer> DecideDismiss(Draft& draft, const DismissCommand& command);        // suggest.cc
absl::StatusOr<Answer> DecideStorm(Draft& draft, const StormCommand& command);            // storm.cc
absl::StatusOr<Answer> DecideFileUpward(Draft& draft, const FileUpwardCommand& command);  // statutory.cc

// Whether two incidents may become one: both open, of one purpose, not secret, not too many reports together.
absl::Status MayMerge(const Draft& draft, uint64_t older, uint64_t younger);
// The younger lives on in the older: duties of the same party join, reporters hear. Writes no `what`. `quietly`: the
// parties get no UPDATE for it.
void MergeInto(Draft& draft, uint64_t older, uint64_t younger, bool quietly = false);
// A person said that these two are not one: neither suggested nor merged by the hub any more.
void MarkDismissed(Draft& draft, uint64_t older, uint64_t younger);

// What State keeps of an ended incident that leaves memory with this record, and of those merged into it.
void Keep(Draft& draft, const v1::IncidentState& root);
// One of those that became one is held, so all are; the root counts as telling what any of them tells.
void ShareClassesAndHold(Draft& draft, uint64_t root);

// REASON_REQUIRED unless it has 1 to limits::kReasonBytes bytes.
absl::Status ReasonRequired(const std::string& reason);

// Changes verification and routes again; a false alarm closes. Shared by the desk and by a verify duty's party.
v1::Decision ChangeVerification(Draft& draft, uint64_t incident_id, v1::Verification verification,
                                std::string_view reason);

// The OPEN incident that a person acts on: found, not ended, not merged away, and not secret from the actor.
absl::StatusOr<uint64_t> OpenIncident(const Draft& draft, uint64_t incident_id);

v1::ActionReply ActionOn(const Draft& draft, uint64_t incident_id, uint64_t delivery_id = 0);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_LEAVES_H_
