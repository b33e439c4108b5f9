// What a person does: each act is one call of the hub in the person's name, and one record with it.
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "adapters/client/account_client.h"
#include "adapters/client/audit_client.h"
#include "adapters/client/desk_client.h"
#include "adapters/client/error.h"
#include "adapters/screen/api.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"
#include "security/crypto.h"

namespace liandong::screen {
namespace {

using adapters::AccountClient;
using adapters::DeskClient;
using adapters::HubClient;

absl::Duration ActTimeout() { return absl::Milliseconds(kActTimeoutMs); }

// Who acts, as far as the screen can say; the hub writes the session's person into the record.
void FillActor(const v1::SessionView& view, v1::Actor* actor) {
  actor->set_person(view.person());
  actor->set_way(v1::BY_SCREEN);
}

template <typename Request>
void FillActorOf(const v1::SessionView& view, Request* request) {
  if constexpr (requires { request->mutable_actor(); }) FillActor(view, request->mutable_actor());
}
void FillActorOf(const v1::SessionView& view, v1::ReportByHandRequest* request) {
  FillActor(view, request->mutable_report()->mutable_actor());
}

using Act = std::function<absl::StatusOr<std::string>(std::shared_ptr<HubClient>, const v1::SessionView&,
                                                      const std::string& body)>;

// The JSON of the request in, the JSON of the reply out.
template <typename Client, typename Request, typename Reply>
Act ActOf(absl::StatusOr<Reply> (Client::*method)(const Request&)) {
  return [method](std::shared_ptr<HubClient> hub, const v1::SessionView& view,
                  const std::string& body) -> absl::StatusOr<std::string> {
    Request request;
    if (absl::Status status = FromJson(body.empty() ? "{}" : body, &request); !status.ok()) return status;
    FillActorOf(view, &request);
    Client client(std::move(hub), ActTimeout());
    const auto reply = (client.*method)(request);
    if (!reply.ok()) return reply.status();
    return ToJson(*reply);
  };
}

absl::Status StatusOfAck(const v1::AckReply& reply) {
  if (reply.outcome() != v1::REJECTED) return absl::OkStatus();
  return adapters::StatusFromDetail(reply.error(), reply.message());
}

// By telephone: the page's form is flat, as a person fills it in; what is not about the call is the acknowledgment.
absl::StatusOr<std::string> AcknowledgeFor(std::shared_ptr<HubClient> hub, const v1::SessionView& view,
                                           const std::string& body) {
  auto form = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  nlohmann::json nested = nlohmann::json::object();
  for (const char* name : {"told_by", "duty_id"}) {
    if (!form.is_object() || !form.contains(name)) continue;
    nested[name] = form[name];
    form.erase(name);
  }
  nested["acknowledgment"] = std::move(form);
  v1::AcknowledgeForRequest request;
  if (absl::Status status = FromJson(nested.dump(), &request); !status.ok()) return status;
  FillActor(view, request.mutable_actor());
  const auto reply = DeskClient(std::move(hub), ActTimeout()).AcknowledgeFor(request);
  if (!reply.ok()) return reply.status();
  if (absl::Status status = StatusOfAck(*reply); !status.ok()) return status;
  return ToJson(*reply);
}

absl::StatusOr<std::string> ListAccounts(std::shared_ptr<HubClient> hub, const v1::SessionView&, const std::string&) {
  const auto reply = AccountClient(std::move(hub), ActTimeout()).List();
  if (!reply.ok()) return reply.status();
  return ToJson(*reply);
}

// What the page is about to print goes into the audit trail first.
absl::StatusOr<std::string> Printed(std::shared_ptr<HubClient> hub, const v1::SessionView&, const std::string& body) {
  v1::NoteRequest request;
  if (absl::Status status = FromJson(body, &request); !status.ok()) return status;
  request.set_kind(v1::TRAIL_PRINT);
  if (absl::Status status = adapters::AuditClient(std::move(hub), ActTimeout()).Note(request); !status.ok()) {
    return status;
  }
  return "{}";
}

const std::map<std::string, Act>& Acts() {
  static const auto* const kActs = new std::map<std::string, Act>{
      {"report", ActOf(&DeskClient::ReportByHand)},
      {"correct", ActOf(&DeskClient::CorrectIncident)},
      {"verify", ActOf(&DeskClient::VerifyIncident)},
      {"false-alarm", ActOf(&DeskClient::MarkFalseAlarm)},
      {"order", ActOf(&DeskClient::OrderParties)},
      {"reassign", ActOf(&DeskClient::Reassign)},
      {"transfer", ActOf(&DeskClient::Transfer)},
      {"close", ActOf(&DeskClient::Close)},
      {"cancel", ActOf(&DeskClient::Cancel)},
      {"merge", ActOf(&DeskClient::Merge)},
      {"split", ActOf(&DeskClient::Split)},
      {"correct-ack", ActOf(&DeskClient::CorrectAcknowledgment)},
      {"note", ActOf(&DeskClient::AddNote)},
      {"dismiss", ActOf(&DeskClient::DismissSuggestion)},
      {"assign", ActOf(&DeskClient::AssignIncident)},
      {"review-return", ActOf(&DeskClient::ReviewReturn)},
      {"response-start", ActOf(&DeskClient::StartResponse)},
      {"response-adjust", ActOf(&DeskClient::AdjustResponse)},
      {"response-end", ActOf(&DeskClient::EndResponse)},
      {"hand-over", ActOf(&DeskClient::HandOverPost)},
      {"upward", ActOf(&DeskClient::FileUpwardReport)},
      {"ack-for", AcknowledgeFor},
      {"printed", Printed},
      {"accounts", ListAccounts},
      {"accounts/create", ActOf(&AccountClient::Create)},
      {"accounts/disable", ActOf(&AccountClient::Disable)},
      {"accounts/reset", ActOf(&AccountClient::ResetPassword)},
      {"accounts/roles", ActOf(&AccountClient::SetRoles)},
  };
  return *kActs;
}

}  // namespace

Api::Answer Api::Act(const Call& call, const SessionPtr& session, absl::string_view name) {
  const auto act = Acts().find(std::string(name));
  if (act == Acts().end()) {
    return Error(Refusal(absl::StatusCode::kNotFound, "NO_SUCH_CALL", "没有这个操作", "no such act"));
  }
  auto json = act->second(As(call, session), session->view, call.body);
  if (!json.ok()) return Refused(json.status(), *session);
  return {200, "application/json", *std::move(json)};
}

Api::Answer Api::Acknowledge(const Call& call, const SessionPtr& session) {
  v1::AcknowledgeRequest request;
  v1::Acknowledgment* ack = request.add_acknowledgment();
  if (absl::Status status = FromJson(call.body, ack); !status.ok()) return Error(status);
  FillActor(session->view, ack->mutable_actor());
  const auto reply = As(call, session)->Acknowledge(request, ActTimeout());
  if (!reply.ok()) return Refused(reply.status(), *session);
  if (reply->reply().empty()) return Error(absl::InternalError("the hub gave no answer to the acknowledgment"));
  const v1::AckReply& one = reply->reply(0);
  if (absl::Status status = StatusOfAck(one); !status.ok()) return Error(status);
  return Json(one);
}

Api::Answer Api::Report(const Call& call, const SessionPtr& session) {
  v1::Report report;
  if (absl::Status status = FromJson(call.body, &report); !status.ok()) return Error(status);
  FillActor(session->view, report.mutable_actor());
  // The page's form has no number of its own.
  if (report.external_id().empty()) {
    report.set_external_id(absl::StrCat("screen-", security::Hex(security::RandomBytes(kReportIdBytes))));
  }
  const auto reply = As(call, session)->Report(report, ActTimeout());
  if (!reply.ok()) return Refused(reply.status(), *session);
  return Json(*reply);
}

}  // namespace liandong::screen
