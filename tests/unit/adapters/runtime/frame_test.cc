// Fire alarms over GB/T 26875.3: no ids of their own, so the spool gives one before the device is answered.
#include "tests/unit/adapters/fire_119/samples.h"
#include "tests/unit/adapters/runtime/fixture.h"
#include "tests/unit/adapters/transport/raw_client.h"

namespace liandong::adapters {
namespace {

class FrameTest : public AdapterTest {
 protected:
  FrameTest() : AdapterTest("fire-119") {}
  void StartAlarms() {
    Start(
        "link { name: \"alarms\" profile: \"profiles/fire-119-gb26875.textproto\" purpose: ACTUAL"
        " tcp { listen: \"127.0.0.1:0\" } }");
  }
  // The command byte of the answer; 0: none came.
  int Answer(const std::string& bytes) {
    RawClient client(AddressOf("alarms"));
    client.Send(bytes);
    const std::string answer = client.Receive(30);
    return answer.size() == 30 ? static_cast<uint8_t>(answer[26]) : 0;
  }
};

TEST_F(FrameTest, AnAlarmIsAcknowledgedAndIsOneReportHoweverOftenItComes) {
  StartAlarms();
  const std::string alarm = gb26875::Hex(gb26875::kSmokeAlarm);
  EXPECT_EQ(Answer(alarm), 3);
  EXPECT_EQ(Answer(alarm), 3);
  StartAlarms();
  EXPECT_EQ(Answer(alarm), 3);
  ASSERT_TRUE(Eventually([&] { return !state_->Reports().empty(); }));
  EXPECT_EQ(Answer(gb26875::Hex(gb26875::kMainPowerFault)), 3);
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 2; }));
  // Two ids for two events. How often each was sent is not asked: a restart may find a receipt under way and send
  // again.
  EXPECT_NE(state_->Reports()[0], state_->Reports()[1]);
}

TEST_F(FrameTest, ADetectorThatRepeatsItselfRevisesItsReport) {
  HubGoes();
  StartAlarms();
  gb26875::FrameReader reader;
  reader.Push(gb26875::Hex(gb26875::kSmokeAlarm));
  gb26875::Frame frame = reader.Pull()->frame;
  EXPECT_EQ(Answer(*gb26875::Encode(frame)), 3);
  // The same detector half a minute later, over a new connection: another serial and another time.
  frame.serial = 0;
  frame.time.minute = static_cast<uint8_t>((frame.time.minute + 1) % 60);
  EXPECT_EQ(Answer(*gb26875::Encode(frame)), 3);
  HubComes();
  ASSERT_TRUE(Eventually([&] { return state_->ReportsSeen() >= 2; }));
  EXPECT_EQ(state_->Reports().size(), 1u);
}

TEST_F(FrameTest, HeartbeatsAreAcknowledgedAndNonsenseIsDeniedAndKept) {
  settings_ = Settings(
      "link { name: \"alarms\" profile: \"profiles/fire-119-gb26875.textproto\" purpose: ACTUAL"
      " tcp { listen: \"127.0.0.1:0\" } }");
  StartAlarms();
  EXPECT_EQ(Answer(gb26875::Hex(gb26875::kHeartbeat)), 3);
  gb26875::FrameReader reader;
  reader.Push(gb26875::Hex(gb26875::kSmokeAlarm));
  gb26875::Frame frame = reader.Pull()->frame;
  frame.adu = std::string("\x02\x05", 2) + std::string(10, 'x');
  EXPECT_EQ(Answer(*gb26875::Encode(frame)), 6);
  EXPECT_THAT(Status(), testing::HasSubstr("liandong_adapter_dead_letters 1"));
  EXPECT_EQ(Answer(gb26875::Hex(gb26875::kSmokeAlarm)), 3);
}

}  // namespace
}  // namespace liandong::adapters
