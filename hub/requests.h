// What parties ask of the hub, as work for the sequencer: find the incident (in memory or in history), seal what is
// personal, decide, answer when it is durable. Free of gRPC. Each runs on the sequencer's thread; `done` runs on the
// releaser's thread.
#ifndef LIANDONG_HUB_REQUESTS_H_
#define LIANDONG_HUB_REQUESTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/sequencer.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/intake.pb.h"
#include "liandong/v1/link.pb.h"

namespace liandong::hub {

template <typename T>
using Done = std::function<void(absl::StatusOr<T>)>;

// actor.party is the certificate's in all of these. The report passed CheckReport and Normalize.
Work ReportWork(v1::Actor actor, v1::Report report, Done<v1::Receipt> done);
// How many commands so many acknowledgments stand for while they wait.
size_t WeightOf(const v1::AcknowledgeRequest& request);
// Applied in order; one reply each, refusals among them.
Work AcknowledgeWork(v1::Actor actor, v1::AcknowledgeRequest request, Done<v1::AcknowledgeReply> done);
Work TransferWork(v1::Actor actor, v1::TransferRequest request, bool by_desk, Done<v1::ActionReply> done);
Work CloseWork(v1::Actor actor, v1::CloseRequest request, bool by_desk, bool cancel, Done<v1::ActionReply> done);
Work CorrectWork(v1::Actor actor, v1::CorrectIncidentRequest request, Done<v1::ActionReply> done);
Work VerifyWork(v1::Actor actor, uint64_t incident_id, v1::Verification verification, std::string reason,
                Done<v1::ActionReply> done);
Work OrderWork(v1::Actor actor, v1::OrderPartiesRequest request, Done<v1::OrderPartiesReply> done);
Work ReassignWork(v1::Actor actor, v1::ReassignRequest request, Done<v1::ActionReply> done);
Work MergeWork(v1::Actor actor, v1::MergeRequest request, Done<v1::ActionReply> done);
Work SplitWork(v1::Actor actor, v1::SplitRequest request, Done<v1::ActionReply> done);
Work CorrectAckWork(v1::Actor actor, v1::CorrectAcknowledgmentRequest request, Done<v1::ActionReply> done);
// Merges that are only suggested: see hub/core/suggest.h.
Work DismissWork(v1::Actor actor, v1::DismissSuggestionRequest request, Done<v1::ActionReply> done);
Work FileUpwardWork(v1::Actor actor, v1::FileUpwardReportRequest request, Done<v1::ActionReply> done);

// erase_requests.cc. The answer to an erasure comes when the keys are gone; UNAVAILABLE (NOT_DESTROYED) while they are
// not.
Work EraseWork(v1::Actor actor, v1::EraseIncidentRequest request, Done<v1::ActionReply> done);
Work HoldWork(v1::Actor actor, v1::SetLegalHoldRequest request, Done<v1::ActionReply> done);

// Brings an incident back from history, with those it is merged with. NotFound: there is none.
absl::Status Recall(Turn& turn, uint64_t incident_id, std::string why);

// Before a report is located: a flood of like ones may begin with it.
void MaybeBeginStorm(Turn& turn, const std::string& party, const v1::Report& report);
// After a report: compares the incident with the few open ones that may be the same.
void SuggestMerges(Turn& turn, uint64_t incident_id);

Work AssignWork(v1::Actor actor, v1::AssignIncidentRequest request, Done<v1::ActionReply> done);
Work ReviewWork(v1::Actor actor, v1::ReviewReturnRequest request, Done<v1::ActionReply> done);
Work StartResponseWork(v1::Actor actor, v1::StartResponseRequest request, Done<v1::ResponseReply> done);
Work AdjustResponseWork(v1::Actor actor, v1::AdjustResponseRequest request, Done<v1::ResponseReply> done);
Work EndResponseWork(v1::Actor actor, v1::EndResponseRequest request, Done<v1::ResponseReply> done);
Work HandOverWork(v1::Actor actor, v1::HandOverPostRequest request, Done<v1::HandOverPostReply> done);
// actor.told_by names who said so. The request names a delivery, or a duty instead.
Work AcknowledgeForWork(v1::Actor actor, v1::AcknowledgeForRequest request, Done<v1::AckReply> done);
Work NoteWork(v1::Actor actor, v1::AddNoteRequest request, Done<v1::ActionReply> done);
Work AdoptWork(v1::Actor actor, v1::SiteSet site, Done<v1::AdoptSiteSetReply> done);

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_REQUESTS_H_
