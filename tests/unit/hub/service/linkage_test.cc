// The linkage procedure as partners meet it: over the wire, and across a restart.
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

v1::SiteSet WithPosts() {
  v1::SiteSet site = SmallCounty();
  v1::Post* power = site.add_post();
  power->set_id("power-leader");
  power->set_party("power");
  power->set_title_zh("供电带班");
  power->set_person("甲");
  power->set_phone_24h("0199-1");
  v1::Post* telecom = site.add_post();
  telecom->set_id("telecom-leader");
  telecom->set_party("telecom");
  telecom->set_title_zh("电信带班");
  telecom->set_person("乙");
  site.mutable_party(4)->set_phone_24h("0199-2");
  v1::DutySpec* duty = site.mutable_agreement(0)->mutable_clause(0)->mutable_duty(0);
  *duty->add_escalate() = duty->escalate(0);
  duty->mutable_escalate(0)->set_to("power-leader");
  return site;
}

class LinkageTest : public testing::Test {
 protected:
  LinkageTest() : hub_(WithPosts()), command_(hub_.As("command")) {}

  template <typename Request, typename Reply>
  grpc::Status Do(const Client& client,
                  grpc::Status (v1::Desk::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                  const Request& request, Reply* reply) {
    Call call;
    return (client.desk.get()->*method)(&call, request, reply);
  }
  v1::DutyLine DutyOf(uint64_t incident_id, const std::string& party) {
    v1::ShowIncidentRequest request;
    request.set_incident_id(incident_id);
    v1::ShowIncidentReply reply;
    EXPECT_TRUE(Do(command_, &v1::Desk::Stub::ShowIncident, request, &reply).ok());
    for (const auto& line : reply.duty()) {
      if (line.party() == party && line.status() == v1::DUTY_OPEN) return line;
    }
    return {};
  }
  v1::StatusReply Status() {
    v1::StatusReply reply;
    EXPECT_TRUE(Do(command_, &v1::Desk::Stub::Status, v1::StatusRequest(), &reply).ok());
    return reply;
  }

  TestHub hub_;
  Client command_;
};

TEST_F(LinkageTest, WhoIsNamedByTheCommandCentreCannotRefuse) {
  const uint64_t id = hub_.Report("police-110", Flood("A1")).incident_id();
  v1::AssignIncidentRequest request;
  request.set_incident_id(id);
  request.set_lead("telecom");
  request.add_support("power");
  request.set_reason("职责交叉");
  v1::ActionReply done;
  ASSERT_TRUE(Do(command_, &v1::Desk::Stub::AssignIncident, request, &done).ok());
  EXPECT_EQ(DutyOf(id, "telecom").role(), v1::LEAD);
  EXPECT_EQ(DutyOf(id, "telecom").binding(), v1::ASSIGNED_BY_COMMAND);
  const v1::DutyLine power = DutyOf(id, "power");
  EXPECT_EQ(power.role(), v1::SUPPORT);
  EXPECT_EQ(power.told_next(), "power-leader");
  EXPECT_EQ(power.on_post(), "甲");
  EXPECT_EQ(power.post_phone_24h(), "0199-1");
  EXPECT_EQ(power.phone_24h(), "0199-2");
  const Client telecom = hub_.As("telecom");
  v1::AcknowledgeRequest acks;
  acks.add_acknowledgment()->set_delivery_id(DutyOf(id, "telecom").delivery_id());
  acks.mutable_acknowledgment(0)->set_state(v1::REFUSED);
  acks.mutable_acknowledgment(0)->set_reason("属地不符");
  v1::AcknowledgeReply reply;
  Call call;
  ASSERT_TRUE(telecom.link->Acknowledge(&call, acks, &reply).ok());
  EXPECT_EQ(reply.reply(0).outcome(), v1::REJECTED);
  EXPECT_EQ(reply.reply(0).error().reason(), "ASSIGNED_BY_COMMAND");
  const grpc::Status refused = Do(telecom, &v1::Desk::Stub::AssignIncident, request, &done);
  EXPECT_EQ(refused.error_code(), grpc::PERMISSION_DENIED);
}

TEST_F(LinkageTest, AResponseIsInTheStatusAndOutlivesARestart) {
  const uint64_t id = hub_.Report("police-110", Flood("R1")).incident_id();
  v1::StartResponseRequest request;
  request.set_level(v1::LEVEL_II);
  request.set_category("natural");
  request.set_purpose(Flood("x").open().purpose());
  request.set_matters("防汛");
  request.set_measures("转移危险区人员");
  request.set_expected_until_ms(absl::ToUnixMillis(absl::Now()) + 24LL * 3600 * 1000);
  v1::ResponseReply started;
  ASSERT_TRUE(Do(command_, &v1::Desk::Stub::StartResponse, request, &started).ok());
  EXPECT_TRUE(Eventually([&] {
    v1::ShowIncidentRequest show;
    show.set_incident_id(id);
    v1::ShowIncidentReply shown;
    if (!Do(command_, &v1::Desk::Stub::ShowIncident, show, &shown).ok()) return false;
    for (const auto& entry : shown.timeline()) {
      if (entry.what() == "ROUTED_AGAIN") return true;
    }
    return false;
  }));
  hub_.Stop();
  hub_.Start();
  command_ = hub_.As("command");
  ASSERT_EQ(Status().response_size(), 1);
  EXPECT_EQ(Status().response(0).id(), started.response_id());
  EXPECT_EQ(Status().response(0).measures(), "转移危险区人员");
  v1::EndResponseRequest end;
  end.set_response_id(started.response_id());
  end.set_reason("雨停");
  ASSERT_TRUE(Do(command_, &v1::Desk::Stub::EndResponse, end, &started).ok());
  EXPECT_EQ(Status().response_size(), 0);
  request.clear_measures();
  EXPECT_EQ(DetailOf(Do(command_, &v1::Desk::Stub::StartResponse, request, &started)).field(), "measures");
}

TEST_F(LinkageTest, APartySeesAndHandsOverItsOwnPosts) {
  const Client power = hub_.As("power"), telecom = hub_.As("telecom");
  v1::ListPostsReply posts;
  ASSERT_TRUE(Do(power, &v1::Desk::Stub::ListPosts, v1::ListPostsRequest(), &posts).ok());
  ASSERT_EQ(posts.post_size(), 1);
  EXPECT_EQ(posts.post(0).person(), "甲");
  v1::HandOverPostRequest request;
  request.set_post("power-leader");
  request.set_person("丙");
  v1::HandOverPostReply reply;
  EXPECT_EQ(DetailOf(Do(telecom, &v1::Desk::Stub::HandOverPost, request, &reply)).reason(), "NOT_ALLOWED");
  ASSERT_TRUE(Do(power, &v1::Desk::Stub::HandOverPost, request, &reply).ok());
  EXPECT_EQ(reply.post().person(), "丙");
  ASSERT_TRUE(Do(command_, &v1::Desk::Stub::ListPosts, v1::ListPostsRequest(), &posts).ok());
  ASSERT_EQ(posts.post_size(), 2);
  EXPECT_EQ(posts.post(0).person(), "丙");
  EXPECT_TRUE(posts.post(0).handed_over());
  EXPECT_EQ(posts.post(0).phone_24h(), "0199-1");
}

}  // namespace
}  // namespace liandong::service
