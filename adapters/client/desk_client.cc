#include "adapters/client/desk_client.h"

#include <atomic>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "adapters/client/unary.h"

namespace liandong::adapters {
namespace {

constexpr absl::Duration kWatchLook = absl::Milliseconds(100);

}  // namespace

DeskClient::DeskClient(std::shared_ptr<HubClient> client, absl::Duration timeout)
    : client_(std::move(client)), timeout_(timeout) {}

absl::StatusOr<v1::Receipt> DeskClient::ReportByHand(const v1::ReportByHandRequest& request) {
  const Repeat repeat = request.report().external_id().empty() ? Repeat::kUnsafe : Repeat::kSafe;
  return Unary(*client_, timeout_, repeat, &Hub::desk, &v1::Desk::Stub::ReportByHand, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::CorrectIncident(const v1::CorrectIncidentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::CorrectIncident, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::VerifyIncident(const v1::VerifyIncidentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::VerifyIncident, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::MarkFalseAlarm(const v1::MarkFalseAlarmRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::MarkFalseAlarm, request);
}
absl::StatusOr<v1::OrderPartiesReply> DeskClient::OrderParties(const v1::OrderPartiesRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::OrderParties, request);
}
absl::StatusOr<v1::ListIncidentsReply> DeskClient::ListIncidents(const v1::ListIncidentsRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ListIncidents, request);
}
absl::StatusOr<v1::ShowIncidentReply> DeskClient::ShowIncident(const v1::ShowIncidentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ShowIncident, request);
}
absl::StatusOr<v1::ExplainIncidentReply> DeskClient::ExplainIncident(const v1::ExplainIncidentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ExplainIncident, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::Reassign(const v1::ReassignRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Reassign, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::AssignIncident(const v1::AssignIncidentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::AssignIncident, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::ReviewReturn(const v1::ReviewReturnRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::ReviewReturn, request);
}
absl::StatusOr<v1::ResponseReply> DeskClient::StartResponse(const v1::StartResponseRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::StartResponse, request);
}
absl::StatusOr<v1::ResponseReply> DeskClient::AdjustResponse(const v1::AdjustResponseRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::AdjustResponse, request);
}
absl::StatusOr<v1::ResponseReply> DeskClient::EndResponse(const v1::EndResponseRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::EndResponse, request);
}
absl::StatusOr<v1::HandOverPostReply> DeskClient::HandOverPost(const v1::HandOverPostRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::HandOverPost, request);
}
absl::StatusOr<v1::ListPostsReply> DeskClient::ListPosts() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ListPosts, v1::ListPostsRequest());
}
absl::StatusOr<v1::ActionReply> DeskClient::Transfer(const v1::TransferRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Transfer, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::Close(const v1::CloseRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Close, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::Cancel(const v1::CloseRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Cancel, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::Merge(const v1::MergeRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Merge, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::Split(const v1::SplitRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::Split, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::CorrectAcknowledgment(const v1::CorrectAcknowledgmentRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::CorrectAcknowledgment, request);
}
absl::StatusOr<v1::AckReply> DeskClient::AcknowledgeFor(const v1::AcknowledgeForRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::AcknowledgeFor, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::AddNote(const v1::AddNoteRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::AddNote, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::EraseIncident(const v1::EraseIncidentRequest& request) {
  // Erased again is erased.
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::EraseIncident, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::SetLegalHold(const v1::SetLegalHoldRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::SetLegalHold, request);
}
absl::StatusOr<v1::AdoptSiteSetReply> DeskClient::AdoptSiteSet(const v1::AdoptSiteSetRequest& request) {
  // The same content again is answered "unchanged".
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::AdoptSiteSet, request);
}
absl::StatusOr<v1::ShowSiteSetReply> DeskClient::ShowSiteSet() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ShowSiteSet, v1::ShowSiteSetRequest());
}
absl::StatusOr<v1::StatusReply> DeskClient::Status() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::Status, v1::StatusRequest());
}
absl::StatusOr<v1::ListSuggestionsReply> DeskClient::ListSuggestions(const v1::ListSuggestionsRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ListSuggestions, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::DismissSuggestion(const v1::DismissSuggestionRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::DismissSuggestion, request);
}
absl::StatusOr<v1::ListUpwardReportsReply> DeskClient::ListUpwardReports(const v1::ListUpwardReportsRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::ListUpwardReports, request);
}
absl::StatusOr<v1::ActionReply> DeskClient::FileUpwardReport(const v1::FileUpwardReportRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::desk, &v1::Desk::Stub::FileUpwardReport, request);
}
absl::StatusOr<v1::StatsReply> DeskClient::Stats(const v1::StatsRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::desk, &v1::Desk::Stub::Stats, request);
}

absl::Status DeskClient::Watch(absl::Duration lifetime, const std::function<bool(const v1::WatchEvent&)>& on_event,
                               const std::function<bool()>& stop) {
  Hub& hub = client_->impl().Current();
  const absl::Time until = absl::Now() + lifetime;
  HubClient::Impl::Connect(hub, until, [&stop] { return stop && stop(); });
  grpc::ClientContext context;
  client_->impl().Prepare(&context);
  context.set_deadline(absl::ToChronoTime(until));
  auto reader = hub.desk->Watch(&context, v1::WatchRequest());
  std::atomic<bool> ended = false;
  std::atomic<bool> stopped = false;
  // A blocked Read can only be ended from another thread.
  std::thread look([&] {
    while (stop && !ended) {
      if (stop()) {
        stopped = true;
        context.TryCancel();
        return;
      }
      absl::SleepFor(kWatchLook);
    }
  });
  v1::WatchEvent event;
  while (!stopped && reader->Read(&event)) {
    if (on_event(event)) continue;
    stopped = true;
    context.TryCancel();
  }
  const absl::Status status = StatusFromGrpc(reader->Finish(), hub.target);
  ended = true;
  look.join();
  if (stopped || (absl::IsDeadlineExceeded(status) && absl::Now() >= until)) return absl::OkStatus();
  if (absl::IsUnavailable(status)) client_->impl().Failed(hub);
  return status;
}

}  // namespace liandong::adapters
