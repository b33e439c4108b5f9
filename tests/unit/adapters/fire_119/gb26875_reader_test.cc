#include <gtest/gtest.h>

#include <random>

#include "adapters/fire_119/gb26875.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "tests/unit/adapters/fire_119/samples.h"

namespace liandong::adapters::gb26875 {
namespace {

std::vector<Frame> Good(const std::vector<Reading>& readings) {
  std::vector<Frame> frames;
  for (const Reading& reading : readings) {
    if (reading.fault == Fault::kNone) frames.push_back(reading.frame);
  }
  return frames;
}

std::vector<Reading> Faults(const std::vector<Reading>& readings) {
  std::vector<Reading> faults;
  for (const Reading& reading : readings) {
    if (reading.fault != Fault::kNone) faults.push_back(reading);
  }
  return faults;
}

std::string Joined() {
  std::string all;
  for (const std::string& bytes : AllSamples()) all += bytes;
  return all;
}

TEST(FrameReaderTest, JoinedPacketsInPiecesOfEverySize) {
  std::string all = Joined();
  for (size_t piece = 1; piece <= all.size(); ++piece) {
    FrameReader reader;
    std::vector<Reading> readings = ReadAll(reader, all, piece);
    ASSERT_EQ(Good(readings).size(), AllSamples().size()) << piece;
    EXPECT_TRUE(Faults(readings).empty());
    EXPECT_EQ(reader.PendingAt(), std::nullopt);
  }
}

TEST(FrameReaderTest, ATruncatedFrameWaitsAndCanBeGivenUp) {
  std::string bytes = Hex(kSmokeAlarm);
  for (size_t cut = 2; cut < bytes.size(); ++cut) {
    FrameReader reader;
    EXPECT_TRUE(ReadAll(reader, bytes.substr(0, cut)).empty()) << cut;
    EXPECT_EQ(reader.PendingAt(), std::optional<uint64_t>(0));
    std::optional<Reading> given_up = reader.GiveUp();
    ASSERT_TRUE(given_up.has_value());
    EXPECT_EQ(given_up->fault, Fault::kTruncated);
    EXPECT_EQ(given_up->deny, cut >= 27);
    if (given_up->deny) {
      EXPECT_EQ(given_up->frame.source, 889u);
    }
    EXPECT_FALSE(reader.Pull().has_value());
    // The connection goes on with whole frames.
    std::vector<Reading> after = ReadAll(reader, bytes);
    ASSERT_EQ(after.size(), 1u) << cut;
    EXPECT_EQ(after[0].fault, Fault::kNone);
  }
}

TEST(FrameReaderTest, GivingUpFreesWhatACorruptLengthHeldBack) {
  std::string corrupt = Hex(kHeartbeat);
  corrupt[24] = '\xE8';
  corrupt[25] = '\x03';  // 1000 bytes that never come
  FrameReader reader;
  std::string stream = corrupt + Hex(kSmokeAlarm) + Hex(kSystemFire);
  EXPECT_TRUE(ReadAll(reader, stream).empty());
  ASSERT_TRUE(reader.PendingAt().has_value());
  EXPECT_EQ(reader.GiveUp()->fault, Fault::kTruncated);
  std::vector<Reading> rest;
  while (auto reading = reader.Pull()) rest.push_back(*reading);
  ASSERT_EQ(Good(rest).size(), 2u);
  EXPECT_EQ(Good(rest)[0].source, 889u);
  EXPECT_TRUE(Faults(rest).empty());
  EXPECT_FALSE(reader.GiveUp().has_value());
}

TEST(FrameReaderTest, ResynchronisesAfterGarbage) {
  FrameReader reader;
  std::string garbage = "GET / HTTP/1.1\r\nHost: x@@@\r\n\r\n";
  std::vector<Reading> readings = ReadAll(reader, garbage + Hex(kSmokeAlarm) + "xyz" + Hex(kHeartbeat));
  ASSERT_EQ(Good(readings).size(), 2u);
  EXPECT_EQ(Good(readings)[0].adu.size(), 48u);
  size_t skipped = 0;
  for (const Reading& fault : Faults(readings)) {
    if (fault.fault == Fault::kGarbage) {
      EXPECT_FALSE(fault.deny);
      skipped += fault.skipped;
    }
  }
  EXPECT_GE(skipped, 3u);
}

TEST(FrameReaderTest, AnExtraStartByteIsGarbage) {
  FrameReader reader;
  std::vector<Reading> readings = ReadAll(reader, "@" + Hex(kSmokeAlarm));
  ASSERT_EQ(Good(readings).size(), 1u);
}

TEST(FrameReaderTest, EachBadFrameGivesOneDeniableFault) {
  struct Damage {
    size_t at;
    char value;
    Fault fault;
  };
  std::string good = Hex(kSmokeAlarm);
  for (const Damage& damage :
       {Damage{good.size() - 3, '\x00', Fault::kChecksum}, Damage{40, '\x01', Fault::kChecksum},
        Damage{good.size() - 1, '\x24', Fault::kEnd}, Damage{good.size() - 2, '\x00', Fault::kEnd},
        Damage{26, '\x00', Fault::kCommand}, Damage{26, '\x07', Fault::kCommand}, Damage{26, '\xFF', Fault::kCommand},
        Damage{25, '\x05', Fault::kLength}, Damage{25, '\xFF', Fault::kLength}}) {
    std::string bad = good;
    bad[damage.at] = damage.value;
    FrameReader reader;
    std::vector<Reading> readings = ReadAll(reader, bad + Hex(kSystemFire), 7);
    std::vector<Reading> deniable;
    for (const Reading& fault : Faults(readings)) {
      if (fault.deny) deniable.push_back(fault);
    }
    ASSERT_EQ(deniable.size(), 1u) << damage.at << FaultName(deniable.empty() ? Fault::kNone : deniable[0].fault);
    EXPECT_EQ(deniable[0].fault, damage.fault) << FaultName(deniable[0].fault);
    Frame deny = MakeDeny(deniable[0].frame, TimeTag{0x23, 0x3A, 9, 26, 9, 12});
    EXPECT_EQ(Encode(deny).value(), Hex(kSmokeDeny));
    ASSERT_EQ(Good(readings).size(), 1u) << damage.at;
    EXPECT_EQ(Good(readings)[0].serial, 8);
  }
}

TEST(FrameReaderTest, TwoBadFramesInARowGiveTwoFaults) {
  std::string bad = Hex(kSmokeAlarm);
  bad[bad.size() - 3] ^= 1;
  std::string other = Hex(kMainPowerFault);
  other[other.size() - 3] ^= 1;
  FrameReader reader;
  std::vector<Reading> faults = Faults(ReadAll(reader, bad + other));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[0].fault, Fault::kChecksum);
  EXPECT_EQ(faults[1].fault, Fault::kChecksum);
}

TEST(FrameReaderTest, BrokenAnswersAreNotAnswered) {
  for (const char* text : {kSmokeAck, kSmokeDeny}) {
    std::string bad = Hex(text);
    bad[bad.size() - 3] ^= 1;
    FrameReader reader;
    std::vector<Reading> faults = Faults(ReadAll(reader, bad));
    ASSERT_EQ(faults.size(), 1u);
    EXPECT_EQ(faults[0].fault, Fault::kChecksum);
    EXPECT_FALSE(faults[0].deny);
  }
}

TEST(FrameReaderTest, AWholeFrameInsideABrokenOneIsFound) {
  // The first frame lost its tail on the line; the next one follows at once.
  std::string cut = Hex(kMainPowerFault).substr(0, 30);
  FrameReader reader;
  std::vector<Reading> readings = ReadAll(reader, cut + Hex(kSmokeAlarm));
  ASSERT_EQ(Good(readings).size(), 1u);
  EXPECT_EQ(Good(readings)[0], ReadOne(Hex(kSmokeAlarm)));
  ASSERT_EQ(Faults(readings).size(), 1u);
  EXPECT_EQ(Faults(readings)[0].fault, Fault::kEnd);
}

TEST(FrameReaderTest, StartAndEndMarksInsideTheContentAreContent) {
  Frame frame = ReadOne(Hex(kSmokeAlarm));
  frame.adu = "\x02\x01@@##@@##";
  FrameReader reader;
  std::vector<Reading> readings = ReadAll(reader, Encode(frame).value() + Encode(frame).value(), 3);
  ASSERT_EQ(Good(readings).size(), 2u);
  EXPECT_EQ(Good(readings)[1].adu, frame.adu);
  EXPECT_TRUE(Faults(readings).empty());
}

TEST(FrameReaderTest, ALineOfStartMarksDoesNotMultiply) {
  FrameReader reader;
  std::string hostile(200000, '@');
  std::vector<Reading> readings = ReadAll(reader, hostile, 5000);
  EXPECT_TRUE(Good(readings).empty());
  // One deny (30 bytes) for each header (27 bytes) at most.
  EXPECT_LE(readings.size(), hostile.size() / 27 + 1);
  EXPECT_LE(reader.buffered(), 27u);
}

TEST(FrameReaderTest, TheBufferIsBounded) {
  FrameReader reader;
  std::string flood(1 << 20, 'x');
  EXPECT_EQ(reader.Push(flood), kGb26875BufferBytesMax);
  EXPECT_EQ(reader.Push(flood), 0u);
  while (reader.Pull()) {
  }
  EXPECT_GE(reader.Push(flood), kGb26875BufferBytesMax - 1100);
  EXPECT_LE(reader.buffered(), kGb26875BufferBytesMax);
}

TEST(FrameReaderTest, DamagedStreamsNeverStopTheReader) {
  std::mt19937 random(26875);
  std::string sentinel = Hex(kSystemFire);
  size_t good = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string stream = Joined();
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      size_t at = random() % stream.size();
      switch (random() % 3) {
        case 0:
          stream[at] = static_cast<char>(random());
          break;
        case 1:
          stream.erase(at, 1 + random() % 40);
          break;
        default:
          stream.insert(at, stream.substr(random() % stream.size(), random() % 40));
      }
    }
    FrameReader reader;
    std::vector<Reading> readings = ReadAll(reader, stream, 1 + random() % 100);
    for (const Reading& reading : readings) {
      if (reading.fault != Fault::kNone) continue;
      ++good;
      EXPECT_LE(reading.frame.adu.size(), kGb26875AduBytesMax);
      Decoded decoded = DecodeAdu(reading.frame);
      EXPECT_TRUE(!decoded.events.empty() || !decoded.status.ok() || reading.frame.command == 3 ||
                  reading.frame.command == 6);
    }
    // Whatever came before: after the pending piece is given up, the next whole frame is read.
    for (int tries = 0; tries < 4000 && reader.GiveUp(); ++tries) {
      while (reader.Pull()) {
      }
    }
    std::vector<Reading> after = ReadAll(reader, sentinel);
    ASSERT_FALSE(Good(after).empty()) << i;
    EXPECT_EQ(Good(after).back().serial, 8);
  }
  EXPECT_GT(good, 10000u);
}

}  // namespace
}  // namespace liandong::adapters::gb26875
