// For the people of the command centre. Acts go straight to the sequencer with the person's name; reads to DeskReader.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/core/decide.h"
#include "hub/requests.h"
#include "hub/service/adopt.h"
#include "hub/service/desk_reader.h"
#include "hub/service/desk_watch.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/desk.grpc.pb.h"
#include "security/crypto.h"

namespace liandong::service {
namespace {

using Reactor = grpc::ServerUnaryReactor;

// Unique for ever within the party: nobody has to invent one at the telephone.
std::string IdByHand() {
  return absl::StrCat("hand-", absl::ToUnixMillis(absl::Now()), "-", security::Hex(security::RandomBytes(4)));
}

class DeskService final : public v1::Desk::CallbackService {
 public:
  DeskService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate), reader_(parts) {}

  Reactor* ReportByHand(Context* context, const v1::ReportByHandRequest* request, v1::Receipt* reply) override {
    return Unary(gate_, context, "/liandong.v1.Desk/ReportByHand", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::Receipt> done) -> absl::Status {
                   v1::Report report = request->report();
                   if (report.external_id().empty()) report.set_external_id(IdByHand());
                   if (auto status = core::CheckReport(report); !status.ok()) return status;
                   core::Normalize(&report);
                   absl::StatusOr<v1::Actor> actor = caller.ActorFrom(report.actor());
                   if (!actor.ok()) return actor.status();
                   return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct,
                                                      hub::ReportWork(*std::move(actor), std::move(report), done));
                 });
  }

  Reactor* CorrectIncident(Context* context, const v1::CorrectIncidentRequest* request,
                           v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/CorrectIncident", *request, reply,
               [&](auto actor, auto done) { return hub::CorrectWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* VerifyIncident(Context* context, const v1::VerifyIncidentRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/VerifyIncident", *request, reply, [&](auto actor, auto done) {
      return hub::VerifyWork(std::move(actor), request->incident_id(), v1::VERIFIED, "", std::move(done));
    });
  }
  Reactor* MarkFalseAlarm(Context* context, const v1::MarkFalseAlarmRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/MarkFalseAlarm", *request, reply, [&](auto actor, auto done) {
      return hub::VerifyWork(std::move(actor), request->incident_id(), v1::FALSE_ALARM, request->reason(),
                             std::move(done));
    });
  }
  Reactor* OrderParties(Context* context, const v1::OrderPartiesRequest* request,
                        v1::OrderPartiesReply* reply) override {
    return Act(context, "/liandong.v1.Desk/OrderParties", *request, reply,
               [&](auto actor, auto done) { return hub::OrderWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* Reassign(Context* context, const v1::ReassignRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Reassign", *request, reply,
               [&](auto actor, auto done) { return hub::ReassignWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* Transfer(Context* context, const v1::TransferRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Transfer", *request, reply, [&](auto actor, auto done) {
      return hub::TransferWork(std::move(actor), *request, /*by_desk=*/true, std::move(done));
    });
  }
  Reactor* Close(Context* context, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Close", *request, reply, [&](auto actor, auto done) {
      return hub::CloseWork(std::move(actor), *request, /*by_desk=*/true, /*cancel=*/false, std::move(done));
    });
  }
  Reactor* Cancel(Context* context, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Cancel", *request, reply, [&](auto actor, auto done) {
      return hub::CloseWork(std::move(actor), *request, /*by_desk=*/true, /*cancel=*/true, std::move(done));
    });
  }
  Reactor* Merge(Context* context, const v1::MergeRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Merge", *request, reply,
               [&](auto actor, auto done) { return hub::MergeWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* Split(Context* context, const v1::SplitRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/Split", *request, reply,
               [&](auto actor, auto done) { return hub::SplitWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* CorrectAcknowledgment(Context* context, const v1::CorrectAcknowledgmentRequest* request,
                                 v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/CorrectAcknowledgment", *request, reply,
               [&](auto actor, auto done) { return hub::CorrectAckWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* AcknowledgeFor(Context* context, const v1::AcknowledgeForRequest* request, v1::AckReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Desk/AcknowledgeFor", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::AckReply> done) -> absl::Status {
                   v1::Actor given = request->actor();
                   given.set_told_by(request->told_by());
                   given.set_way(v1::BY_TELEPHONE);
                   absl::StatusOr<v1::Actor> actor = caller.ActorFrom(given);
                   if (!actor.ok()) return actor.status();
                   return parts_.sequencer->SubmitFor(
                       caller.party(), hub::Priority::kAct,
                       hub::AcknowledgeForWork(*std::move(actor), *request, std::move(done)));
                 });
  }
  Reactor* AddNote(Context* context, const v1::AddNoteRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/AddNote", *request, reply,
               [&](auto actor, auto done) { return hub::NoteWork(std::move(actor), *request, std::move(done)); });
  }

  Reactor* AssignIncident(Context* context, const v1::AssignIncidentRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/AssignIncident", *request, reply,
               [&](auto actor, auto done) { return hub::AssignWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* ReviewReturn(Context* context, const v1::ReviewReturnRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/ReviewReturn", *request, reply,
               [&](auto actor, auto done) { return hub::ReviewWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* StartResponse(Context* context, const v1::StartResponseRequest* request, v1::ResponseReply* reply) override {
    return Act(context, "/liandong.v1.Desk/StartResponse", *request, reply, [&](auto actor, auto done) {
      return hub::StartResponseWork(std::move(actor), *request, std::move(done));
    });
  }
  Reactor* AdjustResponse(Context* context, const v1::AdjustResponseRequest* request,
                          v1::ResponseReply* reply) override {
    return Act(context, "/liandong.v1.Desk/AdjustResponse", *request, reply, [&](auto actor, auto done) {
      return hub::AdjustResponseWork(std::move(actor), *request, std::move(done));
    });
  }
  Reactor* EndResponse(Context* context, const v1::EndResponseRequest* request, v1::ResponseReply* reply) override {
    return Act(context, "/liandong.v1.Desk/EndResponse", *request, reply, [&](auto actor, auto done) {
      return hub::EndResponseWork(std::move(actor), *request, std::move(done));
    });
  }
  Reactor* HandOverPost(Context* context, const v1::HandOverPostRequest* request,
                        v1::HandOverPostReply* reply) override {
    return Act(context, "/liandong.v1.Desk/HandOverPost", *request, reply,
               [&](auto actor, auto done) { return hub::HandOverWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* EraseIncident(Context* context, const v1::EraseIncidentRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/EraseIncident", *request, reply,
               [&](auto actor, auto done) { return hub::EraseWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* SetLegalHold(Context* context, const v1::SetLegalHoldRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/SetLegalHold", *request, reply,
               [&](auto actor, auto done) { return hub::HoldWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* ListPosts(Context* context, const v1::ListPostsRequest* request, v1::ListPostsReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ListPosts", *request, reply, &DeskReader::Posts);
  }

  Reactor* AdoptSiteSet(Context* context, const v1::AdoptSiteSetRequest* request,
                        v1::AdoptSiteSetReply* reply) override {
    return Unary(
        gate_, context, "/liandong.v1.Desk/AdoptSiteSet", *request, reply,
        [&](const Caller& caller, hub::Done<v1::AdoptSiteSetReply> done) -> absl::Status {
          absl::StatusOr<v1::Actor> actor = caller.ActorFrom(request->actor());
          if (!actor.ok()) return actor.status();
          return Adopt(parts_, *std::move(actor), request->site(), std::move(done));
        },
        limits::kSiteSetBytes);
  }

  Reactor* ListIncidents(Context* context, const v1::ListIncidentsRequest* request,
                         v1::ListIncidentsReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ListIncidents", *request, reply, &DeskReader::List);
  }
  Reactor* ShowIncident(Context* context, const v1::ShowIncidentRequest* request,
                        v1::ShowIncidentReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ShowIncident", *request, reply, &DeskReader::Show);
  }
  Reactor* ExplainIncident(Context* context, const v1::ExplainIncidentRequest* request,
                           v1::ExplainIncidentReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ExplainIncident", *request, reply, &DeskReader::Explain);
  }
  Reactor* Status(Context* context, const v1::StatusRequest* request, v1::StatusReply* reply) override {
    return Read(context, "/liandong.v1.Desk/Status", *request, reply, &DeskReader::Status);
  }

  Reactor* DismissSuggestion(Context* context, const v1::DismissSuggestionRequest* request,
                             v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/DismissSuggestion", *request, reply,
               [&](auto actor, auto done) { return hub::DismissWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* FileUpwardReport(Context* context, const v1::FileUpwardReportRequest* request,
                            v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Desk/FileUpwardReport", *request, reply,
               [&](auto actor, auto done) { return hub::FileUpwardWork(std::move(actor), *request, std::move(done)); });
  }
  Reactor* ListSuggestions(Context* context, const v1::ListSuggestionsRequest* request,
                           v1::ListSuggestionsReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ListSuggestions", *request, reply, &DeskReader::Suggestions);
  }
  Reactor* ListUpwardReports(Context* context, const v1::ListUpwardReportsRequest* request,
                             v1::ListUpwardReportsReply* reply) override {
    return Read(context, "/liandong.v1.Desk/ListUpwardReports", *request, reply, &DeskReader::UpwardReports);
  }
  Reactor* Stats(Context* context, const v1::StatsRequest* request, v1::StatsReply* reply) override {
    return Read(context, "/liandong.v1.Desk/Stats", *request, reply, &DeskReader::Stats);
  }

  Reactor* ShowSiteSet(Context* context, const v1::ShowSiteSetRequest* request, v1::ShowSiteSetReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Desk/ShowSiteSet", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::ShowSiteSetReply> done) -> absl::Status {
                   v1::ShowSiteSetReply answer;
                   *answer.mutable_site() = caller.site().proto();
                   answer.set_log_index(parts_.sequencer->committed_index());
                   done(std::move(answer));
                   return absl::OkStatus();
                 });
  }

  grpc::ServerWriteReactor<v1::WatchEvent>* Watch(Context* context, const v1::WatchRequest*) override {
    absl::StatusOr<Caller> caller = Admit(gate_, *context, "/liandong.v1.Desk/Watch");
    if (!caller.ok()) return new Refused<grpc::ServerWriteReactor<v1::WatchEvent>>(caller.status());
    return BeginWatch(parts_, *std::move(caller));
  }

 private:
  template <typename Request, typename Reply, typename Make>
  Reactor* Act(Context* context, std::string_view method, const Request& request, Reply* reply, Make make) {
    return Unary(gate_, context, method, request, reply,
                 [&](const Caller& caller, hub::Done<Reply> done) -> absl::Status {
                   absl::StatusOr<v1::Actor> actor = caller.ActorFrom(request.actor());
                   if (!actor.ok()) return actor.status();
                   return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct,
                                                      make(*std::move(actor), std::move(done)));
                 });
  }

  template <typename Request, typename Reply>
  Reactor* Read(Context* context, std::string_view method, const Request& request, Reply* reply,
                absl::Status (DeskReader::*read)(const Caller&, const Request&, hub::Done<Reply>)) {
    return Unary(gate_, context, method, request, reply, [&](const Caller& caller, hub::Done<Reply> done) {
      return (reader_.*read)(caller, request, std::move(done));
    });
  }

  const Parts& parts_;
  const Gate& gate_;
  DeskReader reader_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeDeskService(const Parts& parts, const Gate& gate) {
  return std::make_shared<DeskService>(parts, gate);
}

}  // namespace liandong::service
