#include <gtest/gtest.h>

#include <set>

#include "adapters/fire_119/gb26875.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "tests/unit/adapters/fire_119/samples.h"

namespace liandong::adapters::gb26875 {
namespace {

TEST(Gb26875FrameTest, EverySampleReadsAndWritesBackExactly) {
  for (const std::string& bytes : AllSamples()) {
    FrameReader reader;
    std::vector<Reading> readings = ReadAll(reader, bytes);
    ASSERT_EQ(readings.size(), 1u);
    ASSERT_EQ(readings[0].fault, Fault::kNone);
    EXPECT_EQ(Encode(readings[0].frame).value(), bytes);
    EXPECT_EQ(reader.buffered(), 0u);
  }
}

TEST(Gb26875FrameTest, HeaderFields) {
  Frame frame = ReadOne(Hex(kSmokeAlarm));
  EXPECT_EQ(frame.serial, 1);
  EXPECT_EQ(frame.version_main, 1);
  EXPECT_EQ(frame.version_user, 1);
  EXPECT_EQ(frame.time, (TimeTag{0x20, 0x3A, 9, 26, 9, 12}));
  EXPECT_EQ(frame.source, 889u);
  EXPECT_EQ(frame.destination, 88888u);
  EXPECT_EQ(frame.command, static_cast<uint8_t>(Command::kSend));
  EXPECT_EQ(frame.adu.size(), 48u);
}

TEST(Gb26875FrameTest, AcknowledgeAndDenyAreTheStandardsFrames) {
  Frame alarm = ReadOne(Hex(kSmokeAlarm));
  TimeTag now{0x23, 0x3A, 9, 26, 9, 12};
  EXPECT_EQ(Encode(MakeAck(alarm, now)).value(), Hex(kSmokeAck));
  EXPECT_EQ(Encode(MakeDeny(alarm, now)).value(), Hex(kSmokeDeny));
  Frame heartbeat = ReadOne(Hex(kHeartbeat));
  EXPECT_TRUE(IsHeartbeat(heartbeat));
  EXPECT_FALSE(IsHeartbeat(heartbeat, Options{.heartbeat = false}));
  EXPECT_FALSE(IsHeartbeat(alarm));
  EXPECT_EQ(Encode(MakeAck(heartbeat, heartbeat.time)).value(), Hex(kHeartbeatAck));
}

TEST(Gb26875FrameTest, ACommandOfTheCentreIsTheStandardsFrame) {
  Frame frame = ReadOne(Hex(kReadDeviceState));
  EXPECT_EQ(ReadDeviceAdu(81).value(), frame.adu);
  EXPECT_EQ(static_cast<uint8_t>(CommandFor(81)), frame.command);
}

TEST(Gb26875FrameTest, EncodeRefusesWhatDoesNotFit) {
  Frame frame;
  frame.command = 2;
  frame.adu = std::string(kGb26875AduBytesMax, 'x');
  EXPECT_EQ(Encode(frame)->size(), 30 + kGb26875AduBytesMax);
  frame.adu += 'x';
  EXPECT_FALSE(Encode(frame).ok());
  frame.adu.clear();
  frame.source = uint64_t{1} << 48;
  EXPECT_FALSE(Encode(frame).ok());
}

TEST(Gb26875FrameTest, TimeTags) {
  // 2012-09-26 09:58:32 +08:00
  EXPECT_EQ(TimeTagToMs({32, 58, 9, 26, 9, 12}, 480), 1348624712000);
  EXPECT_EQ(TimeTagFromMs(1348624712000, 480), (TimeTag{32, 58, 9, 26, 9, 12}));
  for (const TimeTag& bad : {TimeTag{}, TimeTag{60, 0, 0, 1, 1, 24}, TimeTag{0, 60, 0, 1, 1, 24},
                             TimeTag{0, 0, 24, 1, 1, 24}, TimeTag{0, 0, 0, 30, 2, 24}, TimeTag{0, 0, 0, 1, 13, 24},
                             TimeTag{0, 0, 0, 1, 1, 100}, TimeTag{255, 255, 255, 255, 255, 255}}) {
    EXPECT_EQ(TimeTagToMs(bad, 480), std::nullopt);
  }
}

TEST(Gb26875FrameTest, TheDedupKeyTellsRepeatsFromNewAlarms) {
  Frame alarm = ReadOne(Hex(kSmokeAlarm));
  EXPECT_EQ(DedupKey(alarm), DedupKey(ReadOne(Hex(kSmokeAlarm))));
  EXPECT_EQ(DedupKey(alarm).substr(0, 6), "889-1-");
  EXPECT_EQ(DedupKey(alarm).size(), 6u + 16u);
  std::set<std::string> keys = {DedupKey(alarm)};
  Frame other = alarm;
  other.serial = 2;
  keys.insert(DedupKey(other));
  other = alarm;
  other.source = 890;
  keys.insert(DedupKey(other));
  other = alarm;
  other.adu[6] ^= 1;
  keys.insert(DedupKey(other));
  other = alarm;
  other.time.second++;
  keys.insert(DedupKey(other));
  EXPECT_EQ(keys.size(), 5u);
}

TEST(Gb26875FrameTest, DeviationsOfRealDevices) {
  Frame alarm = ReadOne(Hex(kSmokeAlarm));
  for (bool from_command : {false, true}) {
    for (bool exclusive_or : {false, true}) {
      Options options{.checksum_from_command = from_command, .checksum_xor = exclusive_or};
      std::string bytes = Encode(alarm, options).value();
      EXPECT_EQ(ReadOne(bytes, options), alarm);
      EXPECT_EQ(ReadOne(bytes).command == alarm.command, !from_command && !exclusive_or);
    }
  }
  // Independent of Encode: the sum over command byte and ADU only.
  uint8_t sum = 0;
  std::string bytes = Hex(kMainPowerFault);
  for (size_t i = 26; i < bytes.size() - 3; ++i) sum = static_cast<uint8_t>(sum + static_cast<uint8_t>(bytes[i]));
  bytes[bytes.size() - 3] = static_cast<char>(sum);
  EXPECT_EQ(ReadOne(bytes, Options{.checksum_from_command = true}).source, 889u);
}

}  // namespace
}  // namespace liandong::adapters::gb26875
