#include <gtest/gtest.h>

#include <thread>

#include "hub/core/limits.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

TEST(Watch, TellsEveryChangeFromItsBeginningOn) {
  TestHub hub;
  const Client command = hub.As("command");
  Call call;
  const auto stream = command.desk->Watch(&call, v1::WatchRequest());
  stream->WaitForInitialMetadata();
  const v1::Receipt receipt = hub.Report("police-110", Flood("J1"));
  v1::WatchEvent event;
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.what(), "REPORT");
  EXPECT_EQ(event.log_index(), receipt.log_index());
  ASSERT_EQ(event.incident_size(), 1);
  EXPECT_EQ(event.incident(0).incident().incident_id(), receipt.incident_id());
  EXPECT_EQ(event.incident(0).duty_size(), 2);

  v1::CloseRequest close;
  close.set_incident_id(receipt.incident_id());
  close.set_reason("处置完毕");
  v1::ActionReply reply;
  Call second;
  ASSERT_TRUE(command.desk->Close(&second, close, &reply).ok());
  ASSERT_TRUE(stream->Read(&event));
  EXPECT_EQ(event.what(), "CLOSED");
  EXPECT_EQ(event.incident(0).incident().status(), v1::CLOSED);
  call.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
}

TEST(Watch, AWatcherThatDoesNotReadIsEndedAndNobodyWaitsForIt) {
  TestHub hub;
  const Client command = hub.As("command");
  Call call;
  const auto slow = command.desk->Watch(&call, v1::WatchRequest());
  slow->WaitForInitialMetadata();
  const Client police = hub.As("police-110");
  Call second;
  const auto stream = police.intake->ReportStream(&second);
  // Events pile up behind the transport's window, then beyond ours.
  const int count = static_cast<int>(limits::kWatchQueue) * 3;
  std::thread writer([&] {
    for (int i = 0; i < count; ++i) {
      v1::ReportRequest request;
      *request.mutable_report() = Flood("W" + std::to_string(i));
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  v1::ReportReply reply;
  int answered = 0;
  while (stream->Read(&reply)) answered += reply.has_receipt();
  writer.join();
  EXPECT_EQ(answered, count);
  v1::WatchEvent event;
  int events = 0;
  while (slow->Read(&event)) ++events;
  EXPECT_LT(events, count);
  const grpc::Status status = slow->Finish();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_EQ(DetailOf(status).reason(), "WATCH_BEHIND");
}

TEST(Watch, OfASecretIncidentOthersLearnOnlyThatItExists) {
  TestHub hub;
  const Client second = hub.As("command-two");
  Call call;
  const auto stream = second.desk->Watch(&call, v1::WatchRequest());
  stream->WaitForInitialMetadata();
  v1::Report report = Flood("S1");
  report.mutable_open()->set_secret(true);
  hub.Report("police-110", report);
  v1::WatchEvent event;
  ASSERT_TRUE(stream->Read(&event));
  ASSERT_EQ(event.incident_size(), 1);
  EXPECT_TRUE(event.incident(0).incident().secret());
  EXPECT_EQ(event.incident(0).incident().category(), "");
  EXPECT_EQ(event.incident(0).duty_size(), 0);
}

}  // namespace
}  // namespace liandong::service
