#include <utility>

#include "liandong/v1/desk.grpc.pb.h"
#include "tests/unit/adapters/client/fake_services.h"

namespace liandong::adapters {

// Answers what a test of the command line needs: incident 7 is there, any other is not.
class FakeDesk final : public v1::Desk::Service {
 public:
  explicit FakeDesk(std::shared_ptr<FakeState> state) : state_(std::move(state)) {}

  grpc::Status ReportByHand(grpc::ServerContext*, const v1::ReportByHandRequest* request, v1::Receipt* reply) override {
    reply->set_external_id("desk-1");
    reply->set_outcome(v1::NEW_INCIDENT);
    reply->set_incident_id(7);
    return Note("ReportByHand", *request);
  }
  grpc::Status CorrectIncident(grpc::ServerContext*, const v1::CorrectIncidentRequest* request,
                               v1::ActionReply* reply) override {
    return Act("CorrectIncident", *request, request->incident_id(), reply);
  }
  grpc::Status VerifyIncident(grpc::ServerContext*, const v1::VerifyIncidentRequest* request,
                              v1::ActionReply* reply) override {
    return Act("VerifyIncident", *request, request->incident_id(), reply);
  }
  grpc::Status MarkFalseAlarm(grpc::ServerContext*, const v1::MarkFalseAlarmRequest* request,
                              v1::ActionReply* reply) override {
    return Act("MarkFalseAlarm", *request, request->incident_id(), reply);
  }
  grpc::Status OrderParties(grpc::ServerContext*, const v1::OrderPartiesRequest* request,
                            v1::OrderPartiesReply* reply) override {
    reply->set_incident_id(7);
    reply->add_delivery_id(41);
    reply->add_delivery_id(42);
    return Note("OrderParties", *request);
  }
  grpc::Status ListIncidents(grpc::ServerContext*, const v1::ListIncidentsRequest* request,
                             v1::ListIncidentsReply* reply) override {
    *reply->add_incident() = MakeSummary();
    return Note("ListIncidents", *request);
  }
  grpc::Status ShowIncident(grpc::ServerContext*, const v1::ShowIncidentRequest* request,
                            v1::ShowIncidentReply* reply) override {
    if (request->incident_id() != 7) return NotThere();
    const v1::IncidentSummary summary = MakeSummary();
    *reply->mutable_incident() = summary.incident();
    *reply->mutable_duty() = summary.duty();
    v1::TimelineEntry* entry = reply->add_timeline();
    entry->set_log_index(12);
    entry->set_text("供电公司受理");
    entry->set_text_en("power-supply accepted");
    return Note("ShowIncident", *request);
  }
  grpc::Status ExplainIncident(grpc::ServerContext*, const v1::ExplainIncidentRequest* request,
                               v1::ExplainIncidentReply* reply) override {
    if (request->incident_id() != 7) return NotThere();
    v1::Explanation* decision = reply->add_decision();
    v1::CitedClause* clause = decision->add_clause();
    clause->mutable_ref()->set_agreement("power-2022");
    clause->mutable_ref()->set_clause("4.2");
    clause->mutable_ref()->set_site_version(3);
    clause->set_title("应急供电联动协议");
    clause->set_text("线路故障危及人身安全时，供电公司应立即处置。");
    v1::NearMiss* miss = decision->mutable_decision()->add_near_miss();
    miss->mutable_clause()->set_agreement("flood-2022");
    miss->mutable_clause()->set_clause("2.1");
    miss->set_condition("category");
    miss->set_wanted("natural.flood");
    miss->set_found("accident.power");
    return Note("ExplainIncident", *request);
  }
  grpc::Status Reassign(grpc::ServerContext*, const v1::ReassignRequest* request, v1::ActionReply* reply) override {
    return Act("Reassign", *request, 7, reply);
  }
  grpc::Status Transfer(grpc::ServerContext*, const v1::TransferRequest* request, v1::ActionReply* reply) override {
    return Act("Transfer", *request, request->incident_id(), reply);
  }
  grpc::Status Close(grpc::ServerContext*, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    return Act("Close", *request, request->incident_id(), reply);
  }
  grpc::Status Cancel(grpc::ServerContext*, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    return Act("Cancel", *request, request->incident_id(), reply);
  }
  grpc::Status Merge(grpc::ServerContext*, const v1::MergeRequest* request, v1::ActionReply* reply) override {
    return Act("Merge", *request, request->older(), reply);
  }
  grpc::Status Split(grpc::ServerContext*, const v1::SplitRequest* request, v1::ActionReply* reply) override {
    return Act("Split", *request, request->incident_id(), reply);
  }
  grpc::Status CorrectAcknowledgment(grpc::ServerContext*, const v1::CorrectAcknowledgmentRequest* request,
                                     v1::ActionReply* reply) override {
    return Act("CorrectAcknowledgment", *request, 7, reply);
  }
  grpc::Status AssignIncident(grpc::ServerContext*, const v1::AssignIncidentRequest* request,
                              v1::ActionReply* reply) override {
    return Act("AssignIncident", *request, request->incident_id(), reply);
  }
  grpc::Status ReviewReturn(grpc::ServerContext*, const v1::ReviewReturnRequest* request,
                            v1::ActionReply* reply) override {
    return Act("ReviewReturn", *request, 7, reply);
  }
  grpc::Status StartResponse(grpc::ServerContext*, const v1::StartResponseRequest* request,
                             v1::ResponseReply* reply) override {
    reply->set_response_id(31);
    return Note("StartResponse", *request);
  }
  grpc::Status AdjustResponse(grpc::ServerContext*, const v1::AdjustResponseRequest* request,
                              v1::ResponseReply* reply) override {
    reply->set_response_id(request->response_id());
    return Note("AdjustResponse", *request);
  }
  grpc::Status EndResponse(grpc::ServerContext*, const v1::EndResponseRequest* request,
                           v1::ResponseReply* reply) override {
    reply->set_response_id(request->response_id());
    return Note("EndResponse", *request);
  }
  grpc::Status HandOverPost(grpc::ServerContext*, const v1::HandOverPostRequest* request,
                            v1::HandOverPostReply* reply) override {
    reply->mutable_post()->set_post(request->post());
    reply->mutable_post()->set_person(request->person());
    reply->mutable_post()->set_handed_over(true);
    return Note("HandOverPost", *request);
  }
  grpc::Status ListPosts(grpc::ServerContext*, const v1::ListPostsRequest*, v1::ListPostsReply* reply) override {
    v1::PostLine* post = reply->add_post();
    post->set_post("power-duty-leader");
    post->set_person("周竹青");
    post->set_phone_24h("0199-555-0129");
    return grpc::Status::OK;
  }
  grpc::Status AdoptSiteSet(grpc::ServerContext*, const v1::AdoptSiteSetRequest* request,
                            v1::AdoptSiteSetReply* reply) override {
    reply->set_version(4);
    return Note("AdoptSiteSet", *request);
  }
  grpc::Status ShowSiteSet(grpc::ServerContext*, const v1::ShowSiteSetRequest*, v1::ShowSiteSetReply* reply) override {
    reply->mutable_site()->set_version(4);
    reply->mutable_site()->add_agreement()->set_id("power-2022");
    return grpc::Status::OK;
  }
  grpc::Status Status(grpc::ServerContext*, const v1::StatusRequest*, v1::StatusReply* reply) override {
    reply->set_log_index(99);
    reply->set_version("0.1.0");
    reply->add_party()->set_party("power-supply");
    reply->add_alarm("磁盘快满了 disk nearly full");
    v1::ResponseState* response = reply->add_response();
    response->set_id(31);
    response->set_level(v1::LEVEL_III);
    response->set_purpose(v1::EXERCISE);
    response->set_matters("防汛");
    response->set_measures("转移危险区人员");
    return grpc::Status::OK;
  }

 private:
  static v1::IncidentSummary MakeSummary() {
    v1::IncidentSummary summary;
    summary.mutable_incident()->set_incident_id(7);
    summary.mutable_incident()->set_category("accident.power");
    summary.mutable_incident()->set_category_zh("电力事故");
    summary.mutable_incident()->set_holder("hotline-12345");
    summary.mutable_incident()->set_purpose(v1::EXERCISE);
    v1::DutyLine* duty = summary.add_duty();
    duty->set_duty_id(21);
    duty->set_party("power-supply");
    duty->set_role(v1::LEAD);
    duty->set_person(v1::ACCEPTED);
    return summary;
  }

  static grpc::Status NotThere() {
    FakeError error;
    error.code = grpc::StatusCode::NOT_FOUND;
    error.message = "no such incident";
    error.detail.set_reason("UNKNOWN_INCIDENT");
    error.detail.set_message_zh("没有这个事件");
    return ToGrpc(error);
  }

  grpc::Status Note(const std::string& method, const google::protobuf::Message& request) {
    absl::MutexLock lock(&state_->mutex_);
    ++state_->actions_seen_;
    state_->requests_.push_back(method + "\n" + request.DebugString());
    if (state_->failing_actions_ > 0) {
      --state_->failing_actions_;
      return ToGrpc(state_->action_error_);
    }
    return grpc::Status::OK;
  }

  grpc::Status Act(const std::string& method, const google::protobuf::Message& request, uint64_t incident,
                   v1::ActionReply* reply) {
    if (incident != 7) return NotThere();
    reply->set_incident_id(incident);
    reply->set_incident_revision(2);
    return Note(method, request);
  }

  const std::shared_ptr<FakeState> state_;
};

std::unique_ptr<grpc::Service> MakeFakeDesk(std::shared_ptr<FakeState> state) {
  return std::make_unique<FakeDesk>(std::move(state));
}

}  // namespace liandong::adapters
