// Erasing and legal holds over the wire: who may, what a reader gets afterwards, and what stays as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "hub/first_account.h"
#include "liandong/v1/account.grpc.pb.h"
#include "liandong/v1/audit.grpc.pb.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

constexpr char kErased[] = "个人信息已依法销毁";

struct As : public Call {
  explicit As(const std::string& session) {
    if (!session.empty()) AddMetadata("liandong-session", session);
  }
};

class ErasureTest : public testing::Test {
 protected:
  ErasureTest() {
    hub_.Stop();
    for (const char* role : {"agreement_keeper", "duty_officer", "auditor"}) {
      const auto password = hub::CreateFirstAccount(
          hub_.config(), {.account = role, .person = "甲", .party = "command", .roles = {role}});
      EXPECT_TRUE(password.ok()) << password.status();
      first_[role] = *password;
    }
    hub_.Start();
    command_ = hub_.As("command");
  }

  std::string Session(const std::string& account) {
    const auto stub = v1::Account::NewStub(hub_.Channel("command"));
    Call call;
    v1::SignInRequest request;
    request.set_account(account);
    request.set_password(first_[account]);
    v1::SignInReply in;
    EXPECT_TRUE(stub->SignIn(&call, request, &in).ok());
    As changing(in.session());
    v1::ChangePasswordRequest change;
    change.set_old_password(first_[account]);
    change.set_new_password("correct horse");
    v1::ChangePasswordReply changed;
    EXPECT_TRUE(stub->ChangePassword(&changing, change, &changed).ok());
    return in.session();
  }
  // The reason of the refusal; "" when it was done.
  std::string Erase(uint64_t incident, const std::string& session) {
    As call(session);
    v1::EraseIncidentRequest request;
    request.set_incident_id(incident);
    request.set_reason("当事人申请");
    v1::ActionReply reply;
    const grpc::Status status = command_.desk->EraseIncident(&call, request, &reply);
    return status.ok() ? "" : DetailOf(status).reason();
  }
  std::string Hold(uint64_t incident, bool lift, const std::string& session) {
    As call(session);
    v1::SetLegalHoldRequest request;
    request.set_incident_id(incident);
    request.set_lift(lift);
    request.set_reason("立案调查");
    v1::ActionReply reply;
    const grpc::Status status = command_.desk->SetLegalHold(&call, request, &reply);
    return status.ok() ? "" : DetailOf(status).reason();
  }
  v1::ShowIncidentReply Show(uint64_t incident, const std::string& session = "") {
    As call(session);
    v1::ShowIncidentRequest request;
    request.set_incident_id(incident);
    v1::ShowIncidentReply reply;
    const grpc::Status status = command_.desk->ShowIncident(&call, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply;
  }
  std::string Figures() {
    Call call;
    v1::StatsRequest request;
    request.set_from_ms(1);
    request.set_until_ms(INT64_MAX);
    v1::StatsReply reply;
    EXPECT_TRUE(command_.desk->Stats(&call, request, &reply).ok());
    reply.clear_log_index();
    return reply.SerializeAsString();
  }
  uint64_t Reported(const std::string& id) {
    v1::Report report = Flood(id);
    report.mutable_sealed()->set_caller_name("甄隐名");
    return hub_.Report("police-110", report).incident_id();
  }
  void Close(uint64_t incident) {
    Call call, noting;
    v1::AddNoteRequest note;
    note.set_incident_id(incident);
    note.set_text("只写在备注里的话");
    v1::CloseRequest close;
    close.set_incident_id(incident);
    close.set_reason("处置完毕");
    v1::ActionReply done;
    ASSERT_TRUE(command_.desk->AddNote(&noting, note, &done).ok());
    ASSERT_TRUE(command_.desk->Close(&call, close, &done).ok());
  }
  // Everybody stores everything, so that what has ended leaves memory.
  void LeaveMemory() {
    for (const char* party : {"power", "telecom", "police-110", "command", "town-one"}) {
      const Client client = hub_.As(party);
      while (true) {
        Call fetching, saying;
        v1::FetchReply fetched;
        ASSERT_TRUE(client.link->Fetch(&fetching, v1::FetchRequest(), &fetched).ok());
        if (fetched.delivery().empty()) break;
        v1::AcknowledgeRequest acks;
        for (const auto& delivery : fetched.delivery()) {
          v1::Acknowledgment* ack = acks.add_acknowledgment();
          ack->set_delivery_id(delivery.envelope().delivery_id());
          ack->set_state(v1::RECEIVED);
        }
        v1::AcknowledgeReply reply;
        ASSERT_TRUE(client.link->Acknowledge(&saying, acks, &reply).ok());
      }
    }
    ASSERT_TRUE(Eventually([&] {
      Call call;
      v1::StatusReply reply;
      EXPECT_TRUE(command_.desk->Status(&call, v1::StatusRequest(), &reply).ok());
      return reply.incidents_in_memory() == 0;
    }));
  }
  static std::string Notes(const v1::ShowIncidentReply& shown) {
    std::string out;
    for (const auto& entry : shown.timeline()) out += entry.what() + "|" + entry.text() + "|" + entry.note() + "\n";
    return out;
  }

  TestHub hub_;
  std::map<std::string, std::string> first_;
  Client command_;
};

TEST_F(ErasureTest, OnlyWhoKeepsTheAgreementsAndHasSignedInErases) {
  const uint64_t incident = Reported("J1");
  const std::string keeper = Session("agreement_keeper"), officer = Session("duty_officer"),
                    auditor = Session("auditor");
  EXPECT_EQ(Erase(incident, ""), "SESSION_REQUIRED") << "a certificate alone is a program";
  EXPECT_EQ(Erase(incident, officer), "NOT_YOUR_ROLE");
  EXPECT_EQ(Erase(incident, auditor), "NOT_YOUR_ROLE");
  EXPECT_EQ(Hold(incident, false, officer), "NOT_YOUR_ROLE");
  EXPECT_EQ(Hold(incident, false, ""), "SESSION_REQUIRED");
  EXPECT_EQ(Erase(incident, keeper), "INCIDENT_OPEN");
  EXPECT_EQ(Erase(999, keeper), "UNKNOWN_INCIDENT");
  Close(incident);
  EXPECT_EQ(Erase(incident, keeper), "");
  // The auditor sees it in the trail and in the incident.
  EXPECT_GT(Show(incident, auditor).incident().erased_at_ms(), 0);
  As call(auditor);
  v1::TrailRequest request;
  request.set_kind(v1::TRAIL_ERASURE);
  v1::TrailReply trail;
  ASSERT_TRUE(v1::Audit::NewStub(hub_.Channel("command"))->Trail(&call, request, &trail).ok());
  ASSERT_EQ(trail.line_size(), 3) << trail.DebugString();
  EXPECT_EQ(trail.line(0).record().entry().result(), "INCIDENT_OPEN");
  EXPECT_EQ(trail.line(2).record().entry().result(), "OK");
  EXPECT_EQ(trail.line(2).record().entry().account(), "agreement_keeper");
  EXPECT_EQ(trail.line(2).record().entry().object(), "incident " + std::to_string(incident));
}

TEST_F(ErasureTest, WhatIsErasedSaysSoInMemoryAndOutOfIt) {
  const uint64_t incident = Reported("J1");
  Close(incident);
  const std::string keeper = Session("agreement_keeper");
  const std::string figures = Figures();
  EXPECT_THAT(Notes(Show(incident)), testing::HasSubstr("只写在备注里的话"));
  EXPECT_EQ(Show(incident).incident().reports(0).caller_name(), "甄隐名");
  ASSERT_EQ(Erase(incident, keeper), "");
  for (const bool in_memory : {true, false}) {
    SCOPED_TRACE(in_memory);
    const v1::ShowIncidentReply shown = Show(incident);
    EXPECT_GT(shown.incident().erased_at_ms(), 0);
    EXPECT_EQ(shown.incident().reports(0).caller_name() + shown.incident().reports(0).description(), "");
    EXPECT_EQ(shown.incident().reports(0).external_id(), "J1");
    EXPECT_THAT(Notes(shown), testing::Not(testing::HasSubstr("只写在备注里的话")));
    EXPECT_THAT(Notes(shown), testing::HasSubstr(std::string("NOTE|指挥中心 备注|") + kErased));
    EXPECT_THAT(Notes(shown), testing::HasSubstr("ERASED|"));
    EXPECT_EQ(Figures(), figures);
    // The same again, or something new of it.
    Call call;
    v1::ReportRequest late;
    *late.mutable_report() = Flood("J1");
    v1::ReportReply reply;
    EXPECT_EQ(DetailOf(hub_.As("police-110").intake->Report(&call, late, &reply)).reason(), "ERASED");
    EXPECT_EQ(Erase(incident, keeper), "") << "a repeat";
    EXPECT_EQ(Hold(incident, false, keeper), "ERASED");
    if (in_memory) LeaveMemory();
  }
  Call call;
  v1::StatusReply status;
  ASSERT_TRUE(command_.desk->Status(&call, v1::StatusRequest(), &status).ok());
  EXPECT_EQ(status.incidents_in_memory(), 0u) << "a late report of it does not bring it back";
}

TEST_F(ErasureTest, OutOfMemoryItIsHeldAndErasedAndSurvivesARestart) {
  const uint64_t held = Reported("J1"), other = Reported("J2");
  Close(held);
  Close(other);
  LeaveMemory();
  const std::string keeper = Session("agreement_keeper");
  EXPECT_EQ(Hold(held, false, keeper), "");
  EXPECT_EQ(Erase(held, keeper), "UNDER_HOLD");
  EXPECT_EQ(Erase(other, keeper), "");
  LeaveMemory();
  for (const bool restarted : {false, true}) {
    SCOPED_TRACE(restarted);
    EXPECT_GT(Show(held).incident().held_since_ms(), 0);
    EXPECT_EQ(Show(held).incident().erased_at_ms(), 0);
    EXPECT_EQ(Show(held).incident().reports(0).caller_name(), "甄隐名");
    EXPECT_GT(Show(other).incident().erased_at_ms(), 0);
    EXPECT_EQ(Show(other).incident().reports(0).caller_name(), "");
    if (restarted) break;
    hub_.Stop();
    hub_.Start();
    command_ = hub_.As("command");
  }
}

}  // namespace
}  // namespace liandong::service
