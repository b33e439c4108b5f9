#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

class DeskTest : public testing::Test {
 protected:
  DeskTest() : command_(hub_.As("command")), power_(hub_.As("power")) {}

  template <typename Request, typename Reply>
  grpc::Status Do(grpc::Status (v1::Desk::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                  const Request& request, Reply* reply) {
    Call call;
    return (command_.desk.get()->*method)(&call, request, reply);
  }
  v1::ShowIncidentReply Show(uint64_t id) {
    v1::ShowIncidentRequest request;
    request.set_incident_id(id);
    v1::ShowIncidentReply reply;
    const grpc::Status status = Do(&v1::Desk::Stub::ShowIncident, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply;
  }
  v1::DutyLine DutyOf(uint64_t incident_id, const std::string& party) {
    const v1::ShowIncidentReply shown = Show(incident_id);
    for (const auto& line : shown.duty()) {
      if (line.party() == party && line.status() == v1::DUTY_OPEN) return line;
    }
    return {};
  }
  std::string TimelineNote(uint64_t incident_id, const std::string& what) {
    const v1::ShowIncidentReply shown = Show(incident_id);
    for (const auto& entry : shown.timeline()) {
      if (entry.what() == what) return entry.note();
    }
    return "(no such entry)";
  }

  TestHub hub_;
  Client command_;
  Client power_;
};

TEST_F(DeskTest, ReportByHandIsGivenAnId) {
  v1::ReportByHandRequest request;
  *request.mutable_report() = Flood("");
  v1::Receipt first, second;
  ASSERT_TRUE(Do(&v1::Desk::Stub::ReportByHand, request, &first).ok());
  ASSERT_TRUE(Do(&v1::Desk::Stub::ReportByHand, request, &second).ok());
  EXPECT_NE(first.external_id(), "");
  EXPECT_NE(first.external_id(), second.external_id());
  EXPECT_NE(first.incident_id(), second.incident_id());
  EXPECT_EQ(Show(first.incident_id()).incident().reports(0).party(), "command");
}

TEST_F(DeskTest, ListsNewestFirstInPages) {
  for (int i = 1; i <= 7; ++i) {
    v1::Report report = Flood("L" + std::to_string(i));
    if (i % 2 == 0) report.mutable_open()->set_division("339921101000");
    hub_.Report("police-110", report);
  }
  v1::ListIncidentsRequest request;
  request.set_limit(3);
  std::vector<uint64_t> ids;
  v1::ListIncidentsReply reply;
  do {
    reply.Clear();
    ASSERT_TRUE(Do(&v1::Desk::Stub::ListIncidents, request, &reply).ok());
    for (const auto& one : reply.incident()) ids.push_back(one.incident().incident_id());
    request.set_before_incident_id(ids.back());
  } while (reply.more());
  EXPECT_EQ(ids, (std::vector<uint64_t>{7, 6, 5, 4, 3, 2, 1}));
  v1::ListIncidentsRequest only;
  only.set_division("339921101");
  ASSERT_TRUE(Do(&v1::Desk::Stub::ListIncidents, only, &reply).ok());
  EXPECT_EQ(reply.incident_size(), 3);
  EXPECT_EQ(reply.incident(0).duty_size(), 2);
  EXPECT_GT(reply.incident(0).next_deadline_ms(), 0);
  only.set_purpose(v1::ACTUAL);
  ASSERT_TRUE(Do(&v1::Desk::Stub::ListIncidents, only, &reply).ok());
  EXPECT_EQ(reply.incident_size(), 0);
}

TEST_F(DeskTest, ShowsTheTimelineWithItsNotes) {
  const uint64_t id = hub_.Report("police-110", Flood("J1")).incident_id();
  v1::AcknowledgeRequest acks;
  v1::Acknowledgment* ack = acks.add_acknowledgment();
  ack->set_delivery_id(DutyOf(id, "power").delivery_id());
  ack->set_state(v1::ACCEPTED);
  ack->set_note("抢修二班出发");
  ack->mutable_actor()->set_person("陈七");
  Call call;
  v1::AcknowledgeReply reply;
  ASSERT_TRUE(power_.link->Acknowledge(&call, acks, &reply).ok());

  const v1::ShowIncidentReply shown = Show(id);
  EXPECT_EQ(shown.incident().holder(), "power");
  EXPECT_EQ(shown.incident().reports(0).caller_phone(), "13800001111");
  EXPECT_EQ(shown.incident().category_zh(), "洪涝");
  ASSERT_GE(shown.timeline_size(), 2);
  EXPECT_EQ(shown.timeline(0).what(), "REPORT");
  const auto& last = shown.timeline(shown.timeline_size() - 1);
  EXPECT_EQ(last.what(), "ACKNOWLEDGED");
  EXPECT_EQ(last.actor().party(), "power");
  EXPECT_EQ(last.actor().person(), "陈七");
  EXPECT_EQ(last.note(), "抢修二班出发");
  EXPECT_NE(last.text(), "");
  EXPECT_NE(last.text_en(), "");

  v1::ShowIncidentRequest none;
  none.set_incident_id(999);
  v1::ShowIncidentReply nothing;
  const grpc::Status missing = Do(&v1::Desk::Stub::ShowIncident, none, &nothing);
  EXPECT_EQ(missing.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(DetailOf(missing).reason(), "UNKNOWN_INCIDENT");
}

TEST_F(DeskTest, ExplainsWithTheWordsOfTheClauses) {
  const uint64_t id = hub_.Report("police-110", Flood("J1")).incident_id();
  // The clause is written anew, then the incident is routed again: each decision cites its own words.
  v1::AdoptSiteSetRequest adopt;
  *adopt.mutable_site() = SmallCounty();
  adopt.mutable_site()->mutable_agreement(0)->mutable_clause(0)->set_text("供电公司十分钟内主责。");
  v1::AdoptSiteSetReply adopted;
  ASSERT_TRUE(Do(&v1::Desk::Stub::AdoptSiteSet, adopt, &adopted).ok());
  EXPECT_EQ(adopted.version(), 2u);
  v1::CorrectIncidentRequest correct;
  correct.set_incident_id(id);
  correct.set_severity(v1::MAJOR);
  correct.set_reason("现场核定");
  v1::ActionReply done;
  ASSERT_TRUE(Do(&v1::Desk::Stub::CorrectIncident, correct, &done).ok());

  v1::ExplainIncidentRequest request;
  request.set_incident_id(id);
  v1::ExplainIncidentReply reply;
  ASSERT_TRUE(Do(&v1::Desk::Stub::ExplainIncident, request, &reply).ok());
  ASSERT_EQ(reply.decision_size(), 2);
  ASSERT_EQ(reply.decision(0).clause_size(), 2);
  EXPECT_EQ(reply.decision(0).clause(0).text(), "供电公司主责。");
  EXPECT_EQ(reply.decision(0).clause(0).ref().site_version(), 1u);
  EXPECT_EQ(reply.decision(1).clause(0).text(), "供电公司十分钟内主责。");
  EXPECT_EQ(reply.decision(1).clause(0).title(), "防汛合作协议");
  EXPECT_NE(reply.decision(0).text(), "");
  EXPECT_NE(reply.decision(0).text_en(), "");
}

TEST_F(DeskTest, OrdersAllTownships) {
  v1::OrderPartiesRequest order;
  order.set_all_townships(true);
  order.set_text("立即巡查地质灾害点");
  order.set_given_by("张县长");
  order.set_purpose(v1::EXERCISE);
  order.set_urgent(true);
  v1::OrderPartiesReply reply;
  ASSERT_TRUE(Do(&v1::Desk::Stub::OrderParties, order, &reply).ok());
  EXPECT_EQ(reply.delivery_id_size(), 2);
  const Client town = hub_.As("town-two");
  Line line(town.link.get(), v1::Hello());
  const auto got = line.Next();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->envelope().kind(), v1::ORDER);
  EXPECT_EQ(got->body().text(), "立即巡查地质灾害点");
  EXPECT_EQ(TimelineNote(reply.incident_id(), "ORDER"), "立即巡查地质灾害点");
  order.clear_text();
  const grpc::Status status = Do(&v1::Desk::Stub::OrderParties, order, &reply);
  EXPECT_EQ(DetailOf(status).reason(), "BAD_FIELD");
  EXPECT_EQ(DetailOf(status).field(), "text");
}

TEST_F(DeskTest, VerifiesAndMarksFalseAlarms) {
  const uint64_t one = hub_.Report("police-110", Flood("J1")).incident_id();
  v1::VerifyIncidentRequest verify;
  verify.set_incident_id(one);
  v1::ActionReply done;
  ASSERT_TRUE(Do(&v1::Desk::Stub::VerifyIncident, verify, &done).ok());
  EXPECT_EQ(Show(one).incident().verification(), v1::VERIFIED);
  const uint64_t two = hub_.Report("police-110", Flood("J2")).incident_id();
  v1::MarkFalseAlarmRequest mark;
  mark.set_incident_id(two);
  mark.set_reason("误报");
  ASSERT_TRUE(Do(&v1::Desk::Stub::MarkFalseAlarm, mark, &done).ok());
  EXPECT_EQ(Show(two).incident().verification(), v1::FALSE_ALARM);
}

TEST_F(DeskTest, ReassignsTransfersClosesAndCancels) {
  const uint64_t id = hub_.Report("police-110", Flood("J1")).incident_id();
  v1::ActionReply done;
  v1::ReassignRequest reassign;
  reassign.set_duty_id(DutyOf(id, "telecom").duty_id());
  reassign.set_to("town-one");
  reassign.set_reason("电信基站自保");
  ASSERT_TRUE(Do(&v1::Desk::Stub::Reassign, reassign, &done).ok());
  EXPECT_GT(DutyOf(id, "town-one").duty_id(), 0u);
  v1::TransferRequest transfer;
  transfer.set_incident_id(id);
  transfer.set_to("hotline-12345");
  transfer.set_reason("属地不符");
  ASSERT_TRUE(Do(&v1::Desk::Stub::Transfer, transfer, &done).ok());
  EXPECT_EQ(TimelineNote(id, "TRANSFER_OFFERED"), "属地不符");
  v1::CloseRequest close;
  close.set_incident_id(id);
  close.set_reason("处置完毕");
  close.mutable_actor()->set_person("值班员甲");
  close.mutable_actor()->set_way(v1::BY_SCREEN);
  ASSERT_TRUE(Do(&v1::Desk::Stub::Close, close, &done).ok());
  const v1::ShowIncidentReply shown = Show(id);
  EXPECT_EQ(shown.incident().status(), v1::CLOSED);
  const auto& last = shown.timeline(shown.timeline_size() - 1);
  EXPECT_EQ(last.what(), "CLOSED");
  EXPECT_EQ(last.actor().person(), "值班员甲");
  EXPECT_EQ(last.actor().way(), v1::BY_SCREEN);
  const grpc::Status again = Do(&v1::Desk::Stub::Close, close, &done);
  EXPECT_TRUE(again.ok() || DetailOf(again).reason() == "INCIDENT_CLOSED" ||
              DetailOf(again).reason() == "UNKNOWN_INCIDENT")
      << again.error_message();
  const uint64_t two = hub_.Report("police-110", Flood("J2")).incident_id();
  close.set_incident_id(two);
  ASSERT_TRUE(Do(&v1::Desk::Stub::Cancel, close, &done).ok());
  EXPECT_EQ(Show(two).incident().status(), v1::CANCELLED);
}

TEST_F(DeskTest, MergesAndSplits) {
  const uint64_t older = hub_.Report("police-110", Flood("J1")).incident_id();
  const uint64_t younger = hub_.Report("hotline-12345", Flood("H1")).incident_id();
  v1::MergeRequest merge;
  merge.set_older(older);
  merge.set_younger(younger);
  merge.set_reason("同一处积水");
  v1::ActionReply done;
  ASSERT_TRUE(Do(&v1::Desk::Stub::Merge, merge, &done).ok());
  EXPECT_EQ(Show(younger).incident().merged_into(), older);
  EXPECT_EQ(Show(older).incident().reports_size(), 2);
  merge.set_reason(std::string(300, 'x'));
  EXPECT_EQ(DetailOf(Do(&v1::Desk::Stub::Merge, merge, &done)).reason(), "TOO_LARGE");
  v1::SplitRequest split;
  split.set_incident_id(younger);
  split.set_reason("两处");
  ASSERT_TRUE(Do(&v1::Desk::Stub::Split, split, &done).ok());
  EXPECT_EQ(Show(younger).incident().status(), v1::OPEN);
}

TEST_F(DeskTest, CorrectsAMistakenAcknowledgment) {
  const uint64_t id = hub_.Report("police-110", Flood("J1")).incident_id();
  v1::AcknowledgeRequest acks;
  acks.add_acknowledgment()->set_delivery_id(DutyOf(id, "power").delivery_id());
  acks.mutable_acknowledgment(0)->set_state(v1::ACCEPTED);
  Call call;
  v1::AcknowledgeReply reply;
  ASSERT_TRUE(power_.link->Acknowledge(&call, acks, &reply).ok());
  v1::CorrectAcknowledgmentRequest correct;
  correct.set_duty_id(DutyOf(id, "power").duty_id());
  correct.set_person(v1::SEEN);
  v1::ActionReply done;
  EXPECT_EQ(DetailOf(Do(&v1::Desk::Stub::CorrectAcknowledgment, correct, &done)).reason(), "REASON_REQUIRED");
  correct.set_reason("点错");
  ASSERT_TRUE(Do(&v1::Desk::Stub::CorrectAcknowledgment, correct, &done).ok());
  EXPECT_EQ(DutyOf(id, "power").person(), v1::SEEN);
}

TEST_F(DeskTest, AdoptsASiteSetWholeOrNotAtAll) {
  v1::ShowSiteSetReply shown;
  ASSERT_TRUE(Do(&v1::Desk::Stub::ShowSiteSet, v1::ShowSiteSetRequest(), &shown).ok());
  EXPECT_EQ(shown.site().version(), 1u);
  v1::AdoptSiteSetRequest request;
  *request.mutable_site() = shown.site();
  v1::AdoptSiteSetReply reply;
  ASSERT_TRUE(Do(&v1::Desk::Stub::AdoptSiteSet, request, &reply).ok());
  EXPECT_TRUE(reply.unchanged());
  EXPECT_EQ(reply.version(), 1u);

  request.mutable_site()->mutable_agreement(0)->mutable_clause(0)->mutable_duty(0)->set_party("nobody");
  const grpc::Status refused = Do(&v1::Desk::Stub::AdoptSiteSet, request, &reply);
  EXPECT_EQ(refused.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf(refused).reason(), "BAD_SITE_SET");

  // A new party comes in, an old one is out: at once, its open line too.
  const Client leaving = hub_.As("town-two");
  Line line(leaving.link.get(), v1::Hello());
  ASSERT_EQ(line.welcome().party(), "town-two");
  *request.mutable_site() = shown.site();
  for (auto& party : *request.mutable_site()->mutable_party()) {
    if (party.id() == "town-two") party.set_id("town-three");
  }
  ASSERT_TRUE(Do(&v1::Desk::Stub::AdoptSiteSet, request, &reply).ok());
  EXPECT_EQ(reply.version(), 2u);
  EXPECT_EQ(DetailOf(line.Finish()).reason(), "UNKNOWN_PARTY");
  Call call;
  v1::FetchReply fetched;
  EXPECT_TRUE(hub_.As("town-three").link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
  Call second;
  EXPECT_EQ(DetailOf(hub_.As("town-two").link->Fetch(&second, v1::FetchRequest(), &fetched)).reason(), "UNKNOWN_PARTY");
  // And it holds after a restart, whatever the directory says.
  hub_.Stop();
  hub_.Start();
  command_ = hub_.As("command");
  ASSERT_TRUE(Do(&v1::Desk::Stub::ShowSiteSet, v1::ShowSiteSetRequest(), &shown).ok());
  EXPECT_EQ(shown.site().version(), 2u);
}

TEST_F(DeskTest, StatusTellsHowTheHubIs) {
  hub_.Report("police-110", Flood("J1"));
  Line line(power_.link.get(), v1::Hello());
  ASSERT_TRUE(line.Next().has_value());
  v1::StatusReply reply;
  ASSERT_TRUE(Do(&v1::Desk::Stub::Status, v1::StatusRequest(), &reply).ok());
  EXPECT_EQ(reply.version(), "test");
  EXPECT_EQ(reply.open_incidents(), 1u);
  EXPECT_EQ(reply.site_version(), 1u);
  EXPECT_EQ(reply.chain_link().size(), 33u);
  EXPECT_GT(reply.started_at_ms(), 0);
  EXPECT_EQ(reply.alarm_size(), 0) << reply.DebugString();
  bool found = false;
  for (const auto& party : reply.party()) {
    if (party.party() != "power") continue;
    found = true;
    EXPECT_EQ(party.streams(), 1u);
    EXPECT_EQ(party.outstanding_urgent(), 1u);
    EXPECT_EQ(party.urgent_sequence(), 1u);
    EXPECT_GT(party.last_heard_ms(), 0);
  }
  EXPECT_TRUE(found);
  line.Finish();
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(Do(&v1::Desk::Stub::Status, v1::StatusRequest(), &reply).ok());
    for (const auto& party : reply.party()) {
      if (party.party() == "power") return party.streams() == 0;
    }
    return false;
  }));
  // A certificate that ends soon is an alarm.
  security::IssueOptions soon;
  soon.days = 7;
  soon.replace = true;
  soon.ip_addresses = {"127.0.0.1"};
  ASSERT_TRUE(security::Issue(hub_.folder() + "/pki", "hub", soon).ok());
  ASSERT_TRUE(Do(&v1::Desk::Stub::Status, v1::StatusRequest(), &reply).ok());
  ASSERT_EQ(reply.alarm_size(), 1) << reply.DebugString();
  EXPECT_NE(reply.alarm(0).find("证书"), std::string::npos);
}

}  // namespace
}  // namespace liandong::service
