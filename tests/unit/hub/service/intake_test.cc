#include <gtest/gtest.h>

#include <thread>

#include "hub/core/limits.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

grpc::Status Tell(const Client& client, const v1::Report& report, v1::ReportReply* reply) {
  Call call;
  v1::ReportRequest request;
  request.set_tag(7);
  *request.mutable_report() = report;
  return client.intake->Report(&call, request, reply);
}

TEST(Intake, ReceiptRepeatRevisionAndOlder) {
  TestHub hub;
  const Client police = hub.As("police-110");
  v1::Report report = Flood("J1");
  report.set_revision(10);
  v1::ReportReply first;
  ASSERT_TRUE(Tell(police, report, &first).ok());
  EXPECT_EQ(first.tag(), 7u);
  EXPECT_EQ(first.receipt().outcome(), v1::NEW_INCIDENT);
  EXPECT_EQ(first.receipt().lane(), v1::URGENT);
  EXPECT_GT(first.receipt().log_index(), 0u);

  v1::ReportReply again;
  ASSERT_TRUE(Tell(police, report, &again).ok());
  EXPECT_EQ(again.receipt().outcome(), v1::REPEATED);
  EXPECT_EQ(again.receipt().incident_id(), first.receipt().incident_id());
  EXPECT_EQ(again.receipt().log_index(), first.receipt().log_index());

  report.set_revision(11);
  report.mutable_open()->mutable_counts()->set_injured(2);
  v1::ReportReply revised;
  ASSERT_TRUE(Tell(police, report, &revised).ok());
  EXPECT_EQ(revised.receipt().outcome(), v1::REVISED);
  EXPECT_EQ(revised.receipt().incident_id(), first.receipt().incident_id());
  EXPECT_GT(revised.receipt().incident_revision(), first.receipt().incident_revision());

  report.set_revision(9);
  report.mutable_open()->mutable_counts()->set_injured(1);
  v1::ReportReply older;
  ASSERT_TRUE(Tell(police, report, &older).ok());
  EXPECT_EQ(older.receipt().outcome(), v1::OLDER_KEPT);
}

TEST(Intake, APartyReportsOnlyAsItself) {
  TestHub hub;
  v1::Report report = Flood("J1");
  report.mutable_actor()->set_party("hotline-12345");
  report.mutable_actor()->set_person("李四");
  const uint64_t id = hub.Report("police-110", report).incident_id();
  // Another party's record of the same number is another record.
  EXPECT_NE(hub.Report("hotline-12345", Flood("J1")).incident_id(), id);
  Call call;
  v1::ShowIncidentRequest request;
  request.set_incident_id(id);
  v1::ShowIncidentReply shown;
  ASSERT_TRUE(hub.As("command").desk->ShowIncident(&call, request, &shown).ok());
  ASSERT_FALSE(shown.timeline().empty());
  EXPECT_EQ(shown.timeline(0).actor().party(), "police-110");
  EXPECT_EQ(shown.timeline(0).actor().person(), "李四");
  EXPECT_EQ(shown.timeline(0).actor().way(), v1::BY_CLIENT);
}

TEST(Intake, ARefusalNamesTheFieldAndTheReason) {
  TestHub hub;
  const Client police = hub.As("police-110");
  v1::Report report = Flood("J1");
  report.mutable_open()->clear_purpose();
  v1::ReportReply reply;
  grpc::Status status = Tell(police, report, &reply);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf(status).reason(), "BAD_FIELD");
  EXPECT_EQ(DetailOf(status).field(), "open.purpose");
  EXPECT_FALSE(DetailOf(status).message_zh().empty());
  EXPECT_FALSE(DetailOf(status).retry());

  report = Flood("J2");
  report.mutable_sealed()->set_description(std::string(limits::kTextBytes + 1, 'x'));
  status = Tell(police, report, &reply);
  EXPECT_EQ(DetailOf(status).reason(), "TOO_LARGE");

  report = Flood("J3");
  report.mutable_sealed()->set_description(std::string(limits::kRequestBytes, 'x'));
  status = Tell(police, report, &reply);
  EXPECT_EQ(DetailOf(status).reason(), "TOO_LARGE");

  report = Flood("J4");
  report.mutable_actor()->set_person(std::string(limits::kPersonBytes + 1, 'x'));
  EXPECT_EQ(DetailOf(Tell(police, report, &reply)).reason(), "TOO_LARGE");
  EXPECT_TRUE(Tell(police, Flood("J5"), &reply).ok());
}

TEST(Intake, AStreamAnswersInOrderAndGoesOnAfterARefusal) {
  TestHub hub;
  const Client police = hub.As("police-110");
  Call call;
  const auto stream = police.intake->ReportStream(&call);
  // More than may be under way at once, without reading: the hub holds the client back and loses nothing.
  const uint64_t count = limits::kReportsInFlight * 3;
  std::thread writer([&] {
    for (uint64_t i = 1; i <= count; ++i) {
      v1::ReportRequest request;
      request.set_tag(i);
      *request.mutable_report() = Flood("S" + std::to_string(i));
      if (i % 10 == 0) request.mutable_report()->mutable_open()->clear_purpose();
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  v1::ReportReply reply;
  uint64_t answered = 0;
  while (stream->Read(&reply)) {
    ++answered;
    ASSERT_EQ(reply.tag(), answered);
    if (answered % 10 == 0) {
      EXPECT_EQ(reply.error().reason(), "BAD_FIELD");
      EXPECT_FALSE(reply.message().empty());
    } else {
      EXPECT_EQ(reply.receipt().external_id(), "S" + std::to_string(answered));
      EXPECT_EQ(reply.receipt().outcome(), v1::NEW_INCIDENT);
    }
  }
  writer.join();
  EXPECT_EQ(answered, count);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(Intake, AStreamThatIsCancelledHarmsNobody) {
  TestHub hub;
  const Client police = hub.As("police-110");
  for (int round = 0; round < 20; ++round) {
    Call call;
    const auto stream = police.intake->ReportStream(&call);
    for (int i = 0; i < 5; ++i) {
      v1::ReportRequest request;
      *request.mutable_report() = Flood("C" + std::to_string(round * 5 + i));
      stream->Write(request);
    }
    call.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  EXPECT_EQ(hub.Report("police-110", Flood("after")).external_id(), "after");
}

}  // namespace
}  // namespace liandong::service
