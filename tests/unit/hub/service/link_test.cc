#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "hub/core/limits.h"
#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

v1::Hello HelloWith(uint32_t window, std::optional<uint64_t> urgent_after = std::nullopt) {
  v1::Hello hello;
  hello.set_window(window);
  hello.set_client("test/1");
  if (urgent_after.has_value()) {
    v1::LaneCursor* cursor = hello.add_resume();
    cursor->set_lane(v1::URGENT);
    cursor->set_after_sequence(*urgent_after);
  }
  return hello;
}

TEST(Link, DeliversAndFollowsTheLadders) {
  TestHub hub;
  const Client power = hub.As("power");
  Line line(power.link.get(), HelloWith(0));
  EXPECT_EQ(line.welcome().party(), "power");
  EXPECT_EQ(line.welcome().window(), limits::kWindowDefault);
  EXPECT_EQ(line.welcome().last_size(), 2);

  const v1::Receipt receipt = hub.Report("police-110", Flood("J1"));
  const auto task = line.Next();
  ASSERT_TRUE(task.has_value());
  const v1::Envelope& envelope = task->envelope();
  EXPECT_EQ(envelope.kind(), v1::TASK);
  EXPECT_EQ(envelope.sequence(), 1u);
  EXPECT_EQ(envelope.lane(), v1::URGENT);
  EXPECT_EQ(envelope.purpose(), v1::EXERCISE);
  EXPECT_EQ(envelope.incident_id(), receipt.incident_id());
  EXPECT_FALSE(envelope.resent());
  // Only what the clause discloses.
  ASSERT_EQ(task->body().incident().reports_size(), 1);
  EXPECT_EQ(task->body().incident().reports(0).address(), "河边路7号");
  EXPECT_EQ(task->body().incident().reports(0).caller_phone(), "");
  EXPECT_EQ(task->body().duty().clauses(0).text(), "供电公司主责。");

  const uint64_t id = envelope.delivery_id();
  EXPECT_EQ(line.Acknowledge(id, v1::RECEIVED).outcome(), v1::APPLIED);
  EXPECT_EQ(line.Acknowledge(id, v1::RECEIVED).outcome(), v1::ALREADY_DONE);
  EXPECT_EQ(line.Acknowledge(id, v1::ACCEPTED).outcome(), v1::APPLIED);
  EXPECT_EQ(line.Acknowledge(id, v1::ON_SCENE).outcome(), v1::APPLIED);
  const v1::AckReply backward = line.Acknowledge(id, v1::EN_ROUTE);
  EXPECT_EQ(backward.outcome(), v1::REJECTED);
  EXPECT_EQ(backward.error().reason(), "BACKWARD_STEP");
  EXPECT_EQ(line.Acknowledge(id, v1::REFUSED).error().reason(), "REASON_REQUIRED");
  EXPECT_EQ(line.Acknowledge(999'999, v1::RECEIVED).outcome(), v1::REJECTED);
  EXPECT_TRUE(line.Finish().ok());
}

TEST(Link, APartyAcknowledgesOnlyItsOwnDeliveries) {
  TestHub hub;
  hub.Report("police-110", Flood("J1"));
  const Client power = hub.As("power");
  const Client telecom = hub.As("telecom");
  Line line(power.link.get(), HelloWith(0));
  const auto task = line.Next();
  ASSERT_TRUE(task.has_value());
  v1::AcknowledgeRequest request;
  request.add_acknowledgment()->set_delivery_id(task->envelope().delivery_id());
  request.mutable_acknowledgment(0)->set_state(v1::ACCEPTED);
  Call call;
  v1::AcknowledgeReply reply;
  ASSERT_TRUE(telecom.link->Acknowledge(&call, request, &reply).ok());
  ASSERT_EQ(reply.reply_size(), 1);
  EXPECT_EQ(reply.reply(0).outcome(), v1::REJECTED);
  EXPECT_EQ(reply.reply(0).error().reason(), "NOT_YOUR_DELIVERY");
}

TEST(Link, TheWindowHolds) {
  TestHub hub;
  const Client power = hub.As("power");
  Line line(power.link.get(), HelloWith(4));
  EXPECT_EQ(line.welcome().window(), 4u);
  for (int i = 0; i < 12; ++i) hub.Report("police-110", Flood("W" + std::to_string(i)));
  std::vector<uint64_t> ids;
  for (int i = 0; i < 4; ++i) {
    const auto task = line.Next();
    ASSERT_TRUE(task.has_value());
    EXPECT_EQ(task->envelope().sequence(), static_cast<uint64_t>(i + 1));
    ids.push_back(task->envelope().delivery_id());
  }
  // Nothing is acknowledged: the next thing is a sign of life, not a delivery.
  const auto next = line.Read();
  ASSERT_TRUE(next.has_value());
  EXPECT_TRUE(next->has_heartbeat()) << next->DebugString();
  EXPECT_GT(next->heartbeat().log_index(), 0u);
  EXPECT_EQ(line.Acknowledge(ids[1], v1::RECEIVED).outcome(), v1::APPLIED);
  const auto fifth = line.Next();
  ASSERT_TRUE(fifth.has_value());
  EXPECT_EQ(fifth->envelope().sequence(), 5u);
  const auto after = line.Read();
  ASSERT_TRUE(after.has_value());
  EXPECT_TRUE(after->has_heartbeat()) << after->DebugString();
}

TEST(Link, ResumesAfterTheCursorAndWithWhatIsNotReceived) {
  TestHub hub;
  const Client power = hub.As("power");
  std::vector<uint64_t> ids;
  {
    Line line(power.link.get(), HelloWith(0));
    for (int i = 0; i < 5; ++i) hub.Report("police-110", Flood("R" + std::to_string(i)));
    for (int i = 0; i < 5; ++i) ids.push_back(line.Next()->envelope().delivery_id());
    for (int i : {0, 2}) line.Acknowledge(ids[i], v1::RECEIVED);
  }
  {
    // Everything up to 4 is stored there; 2 and 4 were not acknowledged. They come first, then 5.
    Line line(power.link.get(), HelloWith(0, 4));
    std::vector<uint64_t> got;
    for (int i = 0; i < 3; ++i) {
      const auto delivery = line.Next();
      ASSERT_TRUE(delivery.has_value());
      got.push_back(delivery->envelope().delivery_id());
      EXPECT_EQ(delivery->envelope().resent(), i < 2);
    }
    EXPECT_EQ(got, (std::vector<uint64_t>{ids[1], ids[3], ids[4]}));
  }
  {
    // From the beginning: all of them, with the same ids.
    Line line(power.link.get(), HelloWith(0, 0));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(line.Next()->envelope().delivery_id(), ids[i]);
  }
  hub.Stop();
  hub.Start();
  const Client again = hub.As("power");
  Line line(again.link.get(), HelloWith(0));
  for (int i : {1, 3, 4}) EXPECT_EQ(line.Next()->envelope().delivery_id(), ids[i]);
  // The memory of another hub.
  Line ahead(again.link.get(), HelloWith(0, 1'000));
  const grpc::Status status = ahead.Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(DetailOf(status).reason(), "CURSOR_AHEAD");
}

TEST(Link, ManyThatNeverReadHoldNobodyUp) {
  TestHub hub;
  const Client telecom = hub.As("telecom");
  std::vector<std::unique_ptr<Line>> deaf;
  for (size_t i = 0; i < limits::kStreamsPerParty; ++i) {
    deaf.push_back(std::make_unique<Line>(telecom.link.get(), HelloWith(256)));
  }
  // One more than a party may have.
  Line more(telecom.link.get(), HelloWith(0));
  const grpc::Status refused = more.Finish();
  EXPECT_EQ(refused.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(DetailOf(refused).reason(), "TOO_MANY_STREAMS");
  EXPECT_TRUE(DetailOf(refused).retry());

  const Client power = hub.As("power");
  Line line(power.link.get(), HelloWith(8));
  const Client police = hub.As("police-110");
  Call call;
  const auto stream = police.intake->ReportStream(&call);
  constexpr int kReports = 200;
  for (int i = 0; i < kReports; ++i) {
    v1::ReportRequest request;
    *request.mutable_report() = Flood("N" + std::to_string(i));
    request.mutable_report()->mutable_sealed()->set_address(std::string(1000, 'a'));
    ASSERT_TRUE(stream->Write(request));
    v1::ReportReply reply;
    ASSERT_TRUE(stream->Read(&reply));
  }
  for (int i = 0; i < kReports; ++i) {
    const auto task = line.Next();
    ASSERT_TRUE(task.has_value());
    EXPECT_EQ(task->envelope().sequence(), static_cast<uint64_t>(i + 1));
    EXPECT_EQ(line.Acknowledge(task->envelope().delivery_id(), v1::RECEIVED).outcome(), v1::APPLIED);
  }
  // Whoever reads late gets everything, in order.
  for (int i = 0; i < kReports; ++i) {
    EXPECT_EQ(deaf.front()->Next()->envelope().sequence(), static_cast<uint64_t>(i + 1));
  }
}

TEST(Link, ALineBeginsWithOneHello) {
  TestHub hub;
  const Client power = hub.As("power");
  {
    Call call;
    const auto stream = power.link->Connect(&call);
    v1::LinkUp up;
    up.mutable_acknowledge();
    stream->Write(up);
    v1::LinkDown down;
    EXPECT_FALSE(stream->Read(&down));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    EXPECT_EQ(DetailOf(status).reason(), "HELLO_FIRST");
  }
  {
    // Nor may it stay open without one.
    Call call;
    const auto stream = power.link->Connect(&call);
    v1::LinkDown down;
    EXPECT_FALSE(stream->Read(&down));
    EXPECT_EQ(DetailOf(stream->Finish()).reason(), "HELLO_FIRST");
  }
  Line line(power.link.get(), HelloWith(0));
  v1::LinkUp up;
  up.mutable_hello();
  EXPECT_EQ(line.Ask(up).error().error().reason(), "HELLO_TWICE");
  EXPECT_EQ(line.Ask(v1::LinkUp()).error().error().reason(), "BAD_FIELD");
  // The line goes on.
  v1::LinkUp close;
  close.mutable_close()->set_incident_id(12345);
  close.mutable_close()->set_reason("完成");
  EXPECT_EQ(line.Ask(close).error().error().reason(), "UNKNOWN_INCIDENT");
  EXPECT_TRUE(line.Finish().ok());
}

TEST(Link, TheSameWithoutAStream) {
  TestHub hub;
  const v1::Receipt receipt = hub.Report("police-110", Flood("J1"));
  const Client power = hub.As("power");
  const Client police = hub.As("police-110");
  v1::FetchReply fetched;
  {
    Call call;
    ASSERT_TRUE(power.link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
  }
  ASSERT_EQ(fetched.delivery_size(), 1);
  EXPECT_FALSE(fetched.more());
  v1::AcknowledgeRequest acks;
  for (v1::AckState state : {v1::RECEIVED, v1::SEEN}) {
    v1::Acknowledgment* ack = acks.add_acknowledgment();
    ack->set_delivery_id(fetched.delivery(0).envelope().delivery_id());
    ack->set_state(state);
  }
  {
    Call call;
    v1::AcknowledgeReply reply;
    ASSERT_TRUE(power.link->Acknowledge(&call, acks, &reply).ok());
    ASSERT_EQ(reply.reply_size(), 2);
    EXPECT_EQ(reply.reply(1).outcome(), v1::APPLIED);
  }
  {
    Call call;
    ASSERT_TRUE(power.link->Fetch(&call, v1::FetchRequest(), &fetched).ok());
    EXPECT_EQ(fetched.delivery_size(), 0);
  }
  // Who does not hold it can neither offer nor close it.
  v1::TransferRequest offer;
  offer.set_incident_id(receipt.incident_id());
  offer.set_to("hotline-12345");
  offer.set_reason("属地不符");
  v1::ActionReply done;
  {
    Call call;
    EXPECT_EQ(power.link->Transfer(&call, offer, &done).error_code(), grpc::PERMISSION_DENIED);
  }
  {
    Call call;
    ASSERT_TRUE(police.link->Transfer(&call, offer, &done).ok());
    EXPECT_GT(done.delivery_id(), 0u);
  }
  const Client hotline = hub.As("hotline-12345");
  Line line(hotline.link.get(), HelloWith(0));
  const auto offered = line.Next();
  ASSERT_TRUE(offered.has_value());
  EXPECT_EQ(offered->envelope().kind(), v1::TRANSFER);
  EXPECT_EQ(offered->body().text(), "属地不符");
  EXPECT_EQ(line.Acknowledge(offered->envelope().delivery_id(), v1::ACCEPTED).outcome(), v1::APPLIED);
  v1::CloseRequest close;
  close.set_incident_id(receipt.incident_id());
  close.set_reason("处置完毕");
  {
    Call call;
    EXPECT_EQ(police.link->Close(&call, close, &done).error_code(), grpc::PERMISSION_DENIED);
  }
  Call call;
  EXPECT_TRUE(hotline.link->Close(&call, close, &done).ok());
}

TEST(Link, AStopEndsEveryLineWithAReason) {
  TestHub hub;
  const Client power = hub.As("power");
  Line line(power.link.get(), HelloWith(0));
  hub.Stop();
  const grpc::Status status = line.Finish();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(DetailOf(status).reason(), "STOPPING");
}

}  // namespace
}  // namespace liandong::service
