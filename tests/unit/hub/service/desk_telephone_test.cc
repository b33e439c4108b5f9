// What the command centre writes down for somebody else, and notes.
#include <gtest/gtest.h>

#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

class TelephoneTest : public testing::Test {
 protected:
  TelephoneTest() : command_(hub_.As("command")), power_(hub_.As("power")) {
    incident_ = hub_.Report("police-110", Flood("J1")).incident_id();
  }

  v1::AckReply Say(v1::AcknowledgeForRequest request) {
    Call call;
    v1::AckReply reply;
    status_ = command_.desk->AcknowledgeFor(&call, request, &reply);
    return reply;
  }
  v1::AcknowledgeForRequest For(const std::string& party, v1::AckState state) {
    v1::AcknowledgeForRequest request;
    request.set_duty_id(Duty(party).duty_id());
    request.mutable_acknowledgment()->set_state(state);
    request.set_told_by("李站长");
    request.mutable_actor()->set_person("张三");
    return request;
  }
  v1::ShowIncidentReply Show() {
    Call call;
    v1::ShowIncidentRequest request;
    request.set_incident_id(incident_);
    v1::ShowIncidentReply reply;
    EXPECT_TRUE(command_.desk->ShowIncident(&call, request, &reply).ok());
    return reply;
  }
  v1::DutyLine Duty(const std::string& party) {
    const auto shown = Show();
    for (const auto& line : shown.duty()) {
      if (line.party() == party) return line;
    }
    return {};
  }

  TestHub hub_;
  Client command_, power_;
  uint64_t incident_ = 0;
  grpc::Status status_;
};

TEST_F(TelephoneTest, MovesTheLadderAndTheBatonAndNamesWhoSaidSo) {
  auto request = For("power", v1::ACCEPTED);
  request.mutable_acknowledgment()->set_note("两辆抢修车");
  EXPECT_EQ(Say(request).outcome(), v1::APPLIED) << status_.error_message();
  EXPECT_EQ(Duty("power").person(), v1::ACCEPTED);
  const auto shown = Show();
  EXPECT_EQ(shown.incident().holder(), "power") << "a lead that accepts takes the baton, by telephone too";
  const auto& entry = *shown.timeline().rbegin();
  EXPECT_EQ(entry.what(), "ACKNOWLEDGED_FOR");
  EXPECT_EQ(entry.actor().party(), "command");
  EXPECT_EQ(entry.actor().person(), "张三");
  EXPECT_EQ(entry.actor().told_by(), "李站长");
  EXPECT_EQ(entry.actor().way(), v1::BY_TELEPHONE);
  EXPECT_EQ(entry.note(), "两辆抢修车");
  EXPECT_NE(entry.text().find("供电公司"), std::string::npos) << entry.text();
  EXPECT_EQ(Say(request).outcome(), v1::ALREADY_DONE);
}

TEST_F(TelephoneTest, ThePartysOwnSystemIsStillSentTheTask) {
  EXPECT_EQ(Say(For("power", v1::ACCEPTED)).outcome(), v1::APPLIED);
  EXPECT_EQ(Duty("power").transport(), v1::ACK_STATE_UNSPECIFIED);
  Call call;
  v1::FetchReply fetched;
  ASSERT_TRUE(power_.link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
  ASSERT_GE(fetched.delivery_size(), 1);
  EXPECT_EQ(fetched.delivery(0).envelope().kind(), v1::TASK);
  EXPECT_EQ(fetched.delivery(0).body().duty().person(), v1::ACCEPTED);
  // And the party goes on from there.
  Call acknowledging;
  v1::AcknowledgeRequest acks;
  acks.add_acknowledgment()->set_delivery_id(fetched.delivery(0).envelope().delivery_id());
  acks.mutable_acknowledgment(0)->set_state(v1::ON_SCENE);
  v1::AcknowledgeReply acked;
  ASSERT_TRUE(power_.link->Acknowledge(&acknowledging, acks, &acked).ok());
  EXPECT_EQ(acked.reply(0).outcome(), v1::APPLIED);
  EXPECT_EQ(Duty("power").transport(), v1::RECEIVED);
}

TEST_F(TelephoneTest, WhatIsRefused) {
  EXPECT_EQ(Say(For("power", v1::RECEIVED)).outcome(), v1::ACK_OUTCOME_UNSPECIFIED);
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_STATE");
  auto nobody = For("power", v1::ACCEPTED);
  nobody.clear_told_by();
  (void)Say(nobody);
  EXPECT_EQ(DetailOf(status_).reason(), "BAD_FIELD");
  auto unknown = For("power", v1::ACCEPTED);
  unknown.set_duty_id(9999);
  (void)Say(unknown);
  EXPECT_EQ(DetailOf(status_).reason(), "UNKNOWN_DUTY");
  ASSERT_EQ(Say(For("power", v1::ON_SCENE)).outcome(), v1::APPLIED);
  (void)Say(For("power", v1::REFUSED));
  EXPECT_FALSE(status_.ok()) << "a ladder only goes forward, whoever says so";
}

TEST_F(TelephoneTest, NotesStandInTheTimelineAndChangeNothing) {
  const uint64_t revision = Show().incident().revision();
  Call call;
  v1::AddNoteRequest request;
  request.set_incident_id(incident_);
  request.set_text("王大爷行动不便,已请邻居照看");
  request.mutable_actor()->set_person("张三");
  v1::ActionReply reply;
  ASSERT_TRUE(command_.desk->AddNote(&call, request, &reply).ok());
  const auto shown = Show();
  EXPECT_EQ(shown.incident().revision(), revision);
  EXPECT_EQ(shown.timeline().rbegin()->note(), request.text());
  EXPECT_EQ(shown.timeline().rbegin()->text().find("王大爷"), std::string::npos);
  for (const char* text : {"", "x"}) {
    Call again;
    request.set_text(text);
    request.set_incident_id(text[0] == 0 ? incident_ : 9999);
    EXPECT_EQ(DetailOf(command_.desk->AddNote(&again, request, &reply)).reason(),
              text[0] == 0 ? "BAD_FIELD" : "UNKNOWN_INCIDENT");
  }
}

}  // namespace
}  // namespace liandong::service
