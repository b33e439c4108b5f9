#include "adapters/transport/frame_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>

#include "adapters/fire_119/gb26875_adu.h"
#include "tests/unit/adapters/transport/support.h"

namespace liandong::adapters {
namespace {

using gb26875::Command;
using gb26875::Frame;
using testing::ElementsAre;

constexpr uint64_t kDevice = 889;
constexpr uint64_t kCentre = 88888;

Frame Alarm(uint16_t serial, std::string adu = std::string("\x15\x01\x02", 3)) {
  Frame frame;
  frame.serial = serial;
  frame.time = {32, 58, 9, 26, 9, 12};
  frame.source = kDevice;
  frame.destination = kCentre;
  frame.command = static_cast<uint8_t>(Command::kSend);
  frame.adu = std::move(adu);
  return frame;
}

class FrameServerTest : public testing::Test {
 protected:
  void Start(FrameServerOptions options = {}) {
    options.listen = "127.0.0.1:0";
    FrameServer::Handlers handlers;
    handlers.on_frame = [this](const Frame& frame) {
      const std::lock_guard<std::mutex> lock(mutex_);
      serials_.push_back(frame.serial);
      return verdict_.load();
    };
    handlers.on_fault = [this](gb26875::Fault, const std::string&) { ++faults_; };
    auto server = FrameServer::Start(std::move(options), std::move(handlers));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<RawClient>(server_->address());
  }
  void Send(const Frame& frame) { client_->Send(*gb26875::Encode(frame)); }
  // The next whole frame from the server.
  Frame Next() {
    while (true) {
      if (auto reading = reader_.Pull()) {
        EXPECT_EQ(reading->fault, gb26875::Fault::kNone);
        return reading->frame;
      }
      const std::string byte = client_->Receive(1);
      if (byte.empty()) {
        ADD_FAILURE() << "the server closed";
        return {};
      }
      reader_.Push(byte);
    }
  }
  std::vector<uint16_t> Serials() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return serials_;
  }

  std::mutex mutex_;
  std::vector<uint16_t> serials_;
  std::atomic<FrameVerdict> verdict_{FrameVerdict::kAck};
  std::atomic<int> faults_{0};
  gb26875::FrameReader reader_;
  std::unique_ptr<FrameServer> server_;
  std::unique_ptr<RawClient> client_;
};

TEST_F(FrameServerTest, AGoodFrameIsAcknowledgedToItsSender) {
  Start();
  Send(Alarm(7));
  const Frame ack = Next();
  EXPECT_EQ(ack.command, static_cast<uint8_t>(Command::kAck));
  EXPECT_EQ(ack.serial, 7);
  EXPECT_EQ(ack.destination, kDevice);
  EXPECT_EQ(ack.source, kCentre);
  EXPECT_THAT(server_->Devices(), ElementsAre(kDevice));
}

TEST_F(FrameServerTest, FramesInPiecesAndTogetherComeInOrder) {
  Start();
  std::string bytes;
  for (uint16_t i = 0; i < 50; ++i) bytes += *gb26875::Encode(Alarm(i));
  for (size_t at = 0; at < 200; ++at) ASSERT_TRUE(client_->Send(bytes.substr(at, 1)));
  ASSERT_TRUE(client_->Send(bytes.substr(200)));
  for (uint16_t i = 0; i < 50; ++i) EXPECT_EQ(Next().serial, i);
  std::vector<uint16_t> expected(50);
  for (uint16_t i = 0; i < 50; ++i) expected[i] = i;
  EXPECT_EQ(Serials(), expected);
}

TEST_F(FrameServerTest, BadFramesAreDeniedAndTheNextGoodOneGetsThrough) {
  Start();
  std::string broken = *gb26875::Encode(Alarm(3));
  broken[28] ^= 1;  // the checksum is wrong now
  client_->Send("garbage before");
  client_->Send(broken);
  Send(Alarm(4));
  const Frame deny = Next();
  EXPECT_EQ(deny.command, static_cast<uint8_t>(Command::kDeny));
  EXPECT_EQ(deny.serial, 3);
  const Frame ack = Next();
  EXPECT_EQ(ack.command, static_cast<uint8_t>(Command::kAck));
  EXPECT_EQ(ack.serial, 4);
  EXPECT_THAT(Serials(), ElementsAre(4));
  EXPECT_GE(faults_.load(), 1);
}

TEST_F(FrameServerTest, AHostileLengthIsDeniedAtOnce) {
  Start();
  std::string hostile = *gb26875::Encode(Alarm(5));
  hostile[24] = '\xff';
  hostile[25] = '\xff';
  client_->Send(hostile);
  EXPECT_EQ(Next().command, static_cast<uint8_t>(Command::kDeny));
  Send(Alarm(6));
  EXPECT_EQ(Next().serial, 6);
}

TEST_F(FrameServerTest, AFrameThatNeverEndsIsGivenUpAndWhatFollowedItCounts) {
  FrameServerOptions options;
  options.incomplete_ms = 100;
  Start(options);
  // The header claims more than comes, and swallows the good frame behind it.
  std::string claiming = *gb26875::Encode(Alarm(8, std::string(900, 'x')));
  client_->Send(claiming.substr(0, 40) + *gb26875::Encode(Alarm(9)));
  const Frame first = Next();
  EXPECT_EQ(first.command, static_cast<uint8_t>(Command::kDeny));
  const Frame second = Next();
  EXPECT_EQ(second.command, static_cast<uint8_t>(Command::kAck));
  EXPECT_EQ(second.serial, 9);
}

TEST_F(FrameServerTest, WithoutAVerdictTheDeviceIsLeftToSendAgain) {
  Start();
  verdict_ = FrameVerdict::kNone;
  Send(Alarm(1));
  EXPECT_TRUE(Eventually([&] { return Serials().size() == 1; }));
  verdict_ = FrameVerdict::kDeny;
  Send(Alarm(2));
  const Frame answer = Next();
  EXPECT_EQ(answer.command, static_cast<uint8_t>(Command::kDeny));
  EXPECT_EQ(answer.serial, 2);
}

TEST_F(FrameServerTest, WhoSendsNoFrameMakesRoomForADevice) {
  FrameServerOptions options;
  options.connections_max = 2;
  Start(options);
  Send(Alarm(1));
  EXPECT_EQ(Next().serial, 1) << "this one is a device";
  RawClient silent(server_->address());
  silent.Send("@@");
  RawClient late(server_->address());
  late.Send(*gb26875::Encode(Alarm(2)));
  EXPECT_EQ(silent.ReceiveAll(), "");
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(late.Receive(30).size(), 30u) << "it is acknowledged";
  RawClient third(server_->address());
  EXPECT_EQ(third.ReceiveAll(), "") << "devices are not disturbed";
  Send(Alarm(3));
  EXPECT_EQ(Next().serial, 3);
}

TEST_F(FrameServerTest, ASilentConnectionIsClosed) {
  FrameServerOptions options;
  options.idle_ms = 100;
  Start(options);
  EXPECT_EQ(client_->ReceiveAll(), "");
  EXPECT_TRUE(client_->closed());
}

TEST_F(FrameServerTest, ACommandIsRepeatedUntilItIsAnswered) {
  FrameServerOptions options;
  options.answer_ms = 50;
  Start(options);
  Send(Alarm(1));
  Next();
  std::promise<absl::Status> done;
  server_->SendCommand(kDevice, Command::kControl, *gb26875::InspectDutyAdu(10),
                       [&](const absl::Status& status) { done.set_value(status); });
  const Frame first = Next();
  const Frame second = Next();
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.source, kCentre);
  EXPECT_EQ(first.destination, kDevice);
  Send(gb26875::MakeAck(second, second.time));
  EXPECT_TRUE(done.get_future().get().ok());
}

TEST_F(FrameServerTest, ACommandWithoutAnswerFailsAfterThreeTries) {
  FrameServerOptions options;
  options.answer_ms = 20;
  Start(options);
  Send(Alarm(1));
  Next();
  std::promise<absl::Status> done;
  server_->SendCommand(kDevice, Command::kControl, *gb26875::InspectDutyAdu(10),
                       [&](const absl::Status& status) { done.set_value(status); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(done.get_future().get()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Next().command, static_cast<uint8_t>(Command::kControl));
  std::promise<absl::Status> gone;
  server_->SendCommand(1, Command::kControl, "", [&](const absl::Status& status) { gone.set_value(status); });
  EXPECT_TRUE(absl::IsUnavailable(gone.get_future().get()));
}

TEST_F(FrameServerTest, PeriodicCommandsGoToEachDevice) {
  FrameServerOptions options;
  options.periodic.push_back({20, "clock", [](const gb26875::TimeTag& now) {
                                return std::make_pair(Command::kControl, gb26875::SyncClockAdu(now));
                              }});
  Start(options);
  Send(Alarm(1));
  EXPECT_EQ(Next().command, static_cast<uint8_t>(Command::kAck));
  const Frame clock = Next();
  EXPECT_EQ(clock.command, static_cast<uint8_t>(Command::kControl));
  EXPECT_EQ(clock.adu[0], 90);
}

TEST_F(FrameServerTest, OnlyLoopbackOrNamedRanges) {
  FrameServerOptions options;
  options.listen = "0.0.0.0:0";
  EXPECT_TRUE(absl::IsInvalidArgument(FrameServer::Start(options, {}).status()));
  options.allow_plain = *AddressRanges::Parse({"10.1.2.0/24"});
  EXPECT_TRUE(FrameServer::Start(options, {}).ok());
}

}  // namespace
}  // namespace liandong::adapters
