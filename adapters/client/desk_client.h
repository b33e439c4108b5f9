// The Desk service, for programs of the command centre: one method a call.
//
// Reads are tried again on another hub; acts are not once sent: UNAVAILABLE or DEADLINE_EXCEEDED then says that the act
// may have been done. Thread-safe. Errors as in hub_client.h.
#ifndef LIANDONG_ADAPTERS_CLIENT_DESK_CLIENT_H_
#define LIANDONG_ADAPTERS_CLIENT_DESK_CLIENT_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::adapters {

class DeskClient {
 public:
  explicit DeskClient(std::shared_ptr<HubClient> client, absl::Duration timeout = kClientCallTimeout);

  // A report entered by hand is given its id by the hub where it has none, so it is only tried again with one.
  absl::StatusOr<v1::Receipt> ReportByHand(const v1::ReportByHandRequest& request);
  absl::StatusOr<v1::ActionReply> CorrectIncident(const v1::CorrectIncidentRequest& request);
  absl::StatusOr<v1::ActionReply> VerifyIncident(const v1::VerifyIncidentRequest& request);
  absl::StatusOr<v1::ActionReply> MarkFalseAlarm(const v1::MarkFalseAlarmRequest& request);
  absl::StatusOr<v1::OrderPartiesReply> OrderParties(const v1::OrderPartiesRequest& request);
  absl::StatusOr<v1::ListIncidentsReply> ListIncidents(const v1::ListIncidentsRequest& request);
  absl::StatusOr<v1::ShowIncidentReply> ShowIncident(const v1::ShowIncidentRequest& request);
  absl::StatusOr<v1::ExplainIncidentReply> ExplainIncident(const v1::ExplainIncidentRequest& request);
  absl::StatusOr<v1::ActionReply> Reassign(const v1::ReassignRequest& request);
  absl::StatusOr<v1::ActionReply> Transfer(const v1::TransferRequest& request);
  absl::StatusOr<v1::ActionReply> Close(const v1::CloseRequest& request);
  absl::StatusOr<v1::ActionReply> Cancel(const v1::CloseRequest& request);
  absl::StatusOr<v1::ActionReply> Merge(const v1::MergeRequest& request);
  absl::StatusOr<v1::ActionReply> Split(const v1::SplitRequest& request);
  absl::StatusOr<v1::ActionReply> CorrectAcknowledgment(const v1::CorrectAcknowledgmentRequest& request);
  absl::StatusOr<v1::ActionReply> AssignIncident(const v1::AssignIncidentRequest& request);
  absl::StatusOr<v1::ActionReply> ReviewReturn(const v1::ReviewReturnRequest& request);
  absl::StatusOr<v1::ResponseReply> StartResponse(const v1::StartResponseRequest& request);
  absl::StatusOr<v1::ResponseReply> AdjustResponse(const v1::AdjustResponseRequest& request);
  absl::StatusOr<v1::ResponseReply> EndResponse(const v1::EndResponseRequest& request);
  absl::StatusOr<v1::HandOverPostReply> HandOverPost(const v1::HandOverPostRequest& request);
  absl::StatusOr<v1::ListPostsReply> ListPosts();
  absl::StatusOr<v1::AckReply> AcknowledgeFor(const v1::AcknowledgeForRequest& request);
  absl::StatusOr<v1::ActionReply> AddNote(const v1::AddNoteRequest& request);
  // Both in the name of a person: HubClient::As.
  absl::StatusOr<v1::ActionReply> EraseIncident(const v1::EraseIncidentRequest& request);
  absl::StatusOr<v1::ActionReply> SetLegalHold(const v1::SetLegalHoldRequest& request);
  absl::StatusOr<v1::AdoptSiteSetReply> AdoptSiteSet(const v1::AdoptSiteSetRequest& request);
  absl::StatusOr<v1::ShowSiteSetReply> ShowSiteSet();
  absl::StatusOr<v1::StatusReply> Status();
  absl::StatusOr<v1::ListSuggestionsReply> ListSuggestions(const v1::ListSuggestionsRequest& request);
  absl::StatusOr<v1::ActionReply> DismissSuggestion(const v1::DismissSuggestionRequest& request);
  absl::StatusOr<v1::ListUpwardReportsReply> ListUpwardReports(const v1::ListUpwardReportsRequest& request);
  absl::StatusOr<v1::ActionReply> FileUpwardReport(const v1::FileUpwardReportRequest& request);
  absl::StatusOr<v1::StatsReply> Stats(const v1::StatsRequest& request);

  // Every change from now on, on the calling thread, until on_event returns false or `stop` true (then OK), nothing
  // more can be heard (the error; list again and watch again) or `lifetime` is over (then OK). Not resumable by its
  // nature. `stop` is asked ten times a second, on a thread of its own; it may be null.
  absl::Status Watch(absl::Duration lifetime, const std::function<bool(const v1::WatchEvent&)>& on_event,
                     const std::function<bool()>& stop = nullptr);

 private:
  const std::shared_ptr<HubClient> client_;
  const absl::Duration timeout_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_DESK_CLIENT_H_
