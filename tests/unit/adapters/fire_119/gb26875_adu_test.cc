#include "adapters/fire_119/gb26875_adu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/text/encoding.h"
#include "adapters/text/reason.h"
#include "tests/unit/adapters/fire_119/samples.h"

namespace liandong::adapters::gb26875 {
namespace {

using nlohmann::json;

const char kTime[] = "0F 1E 0E 14 07 19";  // 2025-07-20 14:30:15

Frame Upload(std::string_view adu_hex, uint8_t command = 2) {
  Frame frame = ReadOne(Hex(kSmokeAlarm));
  frame.command = command;
  frame.adu = Hex(adu_hex);
  return frame;
}

json One(const Frame& frame) {
  Decoded decoded = DecodeAdu(frame);
  EXPECT_TRUE(decoded.status.ok()) << decoded.status;
  EXPECT_EQ(decoded.events.size(), 1u);
  return decoded.events.empty() ? json() : decoded.events[0];
}

bool HasNote(const json& event, std::string_view text) {
  return std::any_of(event["notes"].begin(), event["notes"].end(),
                     [&](const json& note) { return note.get<std::string>().find(text) != std::string::npos; });
}

std::string Spaced(std::string_view bytes) {
  return absl::BytesToHexString(absl::string_view(bytes.data(), bytes.size()));
}

// A component state object: smoke detector, zone 2, number 2.
std::string Component(uint16_t state, std::string_view text31) {
  std::string padded(text31.substr(0, 31));
  padded.resize(31, '\0');
  return absl::StrCat("01 01 28 02 00 02 00 ",
                      Spaced(std::string{static_cast<char>(state & 255), static_cast<char>(state >> 8)}),
                      Spaced(padded), kTime);
}

TEST(Gb26875AduTest, TheSmokeAlarmOfTheDomainReference) {
  json event = One(ReadOne(Hex(kSmokeAlarm)));
  EXPECT_EQ(event["kind"], "component_state");
  EXPECT_EQ(event["type"], 2);
  EXPECT_EQ(event["device"], "889");
  EXPECT_EQ(event["serial"], 1);
  EXPECT_EQ(event["solicited"], false);
  EXPECT_EQ(event["system_type"], 1);
  EXPECT_EQ(event["system_name"], "火灾报警系统");
  EXPECT_EQ(event["component_type"], 40);
  EXPECT_EQ(event["component_name"], "感烟火灾探测器");
  EXPECT_EQ(event["zone"], 10);
  EXPECT_EQ(event["number"], 2);
  EXPECT_EQ(event["component_address"], 0x0002000A);
  EXPECT_EQ(event["state"], 2);
  EXPECT_EQ(event["fire"], true);
  EXPECT_EQ(event["fault"], false);
  EXPECT_EQ(event["text"], "");
  EXPECT_EQ(event["frame_time"], "2012-09-26T09:58:32+08:00");
}

TEST(Gb26875AduTest, AFireBitIsAnAlarmWhateverTheTestBitSays) {
  json test = One(Upload("02 01 " + Component(0x0002, "")));
  EXPECT_EQ(test["fire"], true);
  EXPECT_EQ(test["alarm"], true);
  EXPECT_EQ(test["normal"], false);
  EXPECT_TRUE(HasNote(test, "设备标记: 测试位未置正常"));
  json normal = One(Upload("02 01 " + Component(0x0003, "")));
  EXPECT_EQ(normal["alarm"], true);
  EXPECT_TRUE(normal["notes"].empty());
  EXPECT_EQ(One(Upload("02 01 " + Component(0x0004, "")))["alarm"], false);
  EXPECT_EQ(One(Upload(absl::StrCat("01 01 01 01 02 00 ", kTime)))["alarm"], true);
  EXPECT_EQ(One(Upload(absl::StrCat("15 01 02 ", kTime)))["alarm"], true);
}

TEST(Gb26875AduTest, EveryStateBitHasItsName) {
  const char* component[] = {"normal",  "fire",     "fault",   "shielded",   "supervised",
                             "started", "feedback", "delayed", "power_fault"};
  for (size_t bit = 0; bit < 16; ++bit) {
    json event = One(Upload("02 01 " + Component(static_cast<uint16_t>(1u << bit), "")));
    for (size_t i = 0; i < std::size(component); ++i) EXPECT_EQ(event[component[i]], i == bit) << bit;
    EXPECT_EQ(HasNote(event, "保留位"), bit > 8);
  }
  const char* system[] = {"normal",
                          "fire",
                          "fault",
                          "shielded",
                          "supervised",
                          "started",
                          "feedback",
                          "delayed",
                          "main_power_fault",
                          "backup_power_fault",
                          "bus_fault",
                          "manual",
                          "config_changed",
                          "reset"};
  for (size_t bit = 0; bit < 16; ++bit) {
    json event = One(Upload(absl::StrCat(
        "01 01 01 02 ", Spaced(std::string{static_cast<char>(1u << bit & 255), static_cast<char>(1u << bit >> 8)}),
        kTime)));
    for (size_t i = 0; i < std::size(system); ++i) EXPECT_EQ(event[system[i]], i == bit) << bit;
    EXPECT_EQ(HasNote(event, "保留位"), bit > 13);
  }
  const char* device[] = {"normal",        "fire",      "fault", "main_power_fault", "backup_power_fault",
                          "channel_fault", "line_fault"};
  for (size_t bit = 0; bit < 8; ++bit) {
    json event = One(Upload(absl::StrCat("15 01 ", Spaced(std::string(1, static_cast<char>(1u << bit))), kTime)));
    for (size_t i = 0; i < std::size(device); ++i) EXPECT_EQ(event[device[i]], i == bit) << bit;
    EXPECT_EQ(HasNote(event, "保留位"), bit > 6);
  }
}

TEST(Gb26875AduTest, DeviceStateAndItsReply) {
  json fault = One(ReadOne(Hex(kMainPowerFault)));
  EXPECT_EQ(fault["kind"], "device_state");
  EXPECT_EQ(fault["main_power_fault"], true);
  EXPECT_EQ(fault["alarm"], false);
  EXPECT_EQ(fault["solicited"], false);
  EXPECT_EQ(One(ReadOne(Hex(kDeviceStateReply)))["solicited"], true);
}

TEST(Gb26875AduTest, SystemStateAndHeartbeat) {
  json system = One(ReadOne(Hex(kSystemFire)));
  EXPECT_EQ(system["kind"], "system_state");
  EXPECT_EQ(system["device"], "19088811");
  EXPECT_EQ(system["fire"], true);
  EXPECT_EQ(system["normal"], true);
  EXPECT_EQ(system["time"], "2025-07-20T14:30:15+08:00");
  json heartbeat = One(ReadOne(Hex(kHeartbeat)));
  EXPECT_EQ(heartbeat["kind"], "heartbeat");
  EXPECT_EQ(heartbeat["alarm"], false);
  EXPECT_FALSE(DecodeAdu(ReadOne(Hex(kHeartbeat)), {.heartbeat = false}).status.ok());
  EXPECT_TRUE(DecodeAdu(ReadOne(Hex(kSmokeAck))).status.ok());
  EXPECT_TRUE(Events(ReadOne(Hex(kSmokeAck))).empty());
}

TEST(Gb26875AduTest, TextsAreGb18030PaddedWithZeroOrBlanks) {
  std::string text = FromUtf8("3号楼2层走廊", Encoding::kGb18030).value();
  EXPECT_EQ(One(Upload("02 01 " + Component(3, text)))["text"], "3号楼2层走廊");
  EXPECT_EQ(One(Upload("02 01 " + Component(3, text + std::string(31, ' '))))["text"], "3号楼2层走廊");
  EXPECT_EQ(One(Upload("02 01 " + Component(3, text + std::string(1, '\0') + "rest")))["text"], "3号楼2层走廊");
  // 31 bytes cut a sixteenth character in half.
  std::string longer = FromUtf8("一二三四五六七八九十一二三四五六", Encoding::kGb18030).value();
  json cut = One(Upload("02 01 " + Component(3, longer)));
  EXPECT_EQ(cut["text"], "一二三四五六七八九十一二三四五");
  EXPECT_TRUE(HasNote(cut, "不完整"));
  json bad = One(Upload("02 01 " + Component(3, "\xFF\xFF" + text)));
  EXPECT_TRUE(HasNote(bad, "无效的 GB18030"));
  EXPECT_EQ(bad["fire"], true);
  EXPECT_NE(bad["text"].get<std::string>().find("3号楼"), std::string::npos);
}

TEST(Gb26875AduTest, AnImpossibleTimeIsNotedAndNotFatal) {
  Frame frame = Upload("15 01 02 FF FF FF FF FF FF");
  frame.time = {};
  json event = One(frame);
  EXPECT_EQ(event["alarm"], true);
  EXPECT_FALSE(event.contains("time"));
  EXPECT_FALSE(event.contains("frame_time"));
  EXPECT_TRUE(HasNote(event, "发生时间无效: 255-255-255 255:255:255"));
  EXPECT_TRUE(HasNote(event, "数据包时间标签无效: 00-00-00 00:00:00"));
}

TEST(Gb26875AduTest, TheOtherUploads) {
  json analog = One(Upload(absl::StrCat("03 01 01 01 1E 01 00 05 00 03 FD 00 ", kTime)));
  EXPECT_EQ(analog["kind"], "component_analog");
  EXPECT_EQ(analog["component_name"], "感温火灾探测器");
  EXPECT_EQ(analog["analog_name"], "温度");
  EXPECT_EQ(analog["value"], 25.3);
  EXPECT_EQ(analog["unit"], "℃");
  EXPECT_EQ(analog["raw"], 253);
  EXPECT_TRUE(analog["notes"].empty());
  json cold = One(Upload(absl::StrCat("03 01 01 01 1E 01 00 05 00 03 00 80 ", kTime)));
  EXPECT_EQ(cold["value"], -3276.8);
  EXPECT_TRUE(HasNote(cold, "超出"));
  json own = One(Upload(absl::StrCat("03 01 01 01 1E 01 00 05 00 C8 01 00 ", kTime)));
  EXPECT_EQ(own["analog_name"], "用户自定义");
  EXPECT_FALSE(own.contains("value"));

  json operation = One(Upload(absl::StrCat("04 01 01 01 05 07 ", kTime)));
  EXPECT_EQ(operation["kind"], "operation");
  EXPECT_EQ(operation["reset"], true);
  EXPECT_EQ(operation["mute"], false);
  EXPECT_EQ(operation["manual_alarm"], true);
  EXPECT_EQ(operation["operator"], 7);
  EXPECT_EQ(operation["alarm"], true);
  json version = One(Upload("05 01 01 02 03 04"));
  EXPECT_EQ(version["kind"], "software_version");
  EXPECT_EQ(version["major"], 3);
  EXPECT_EQ(version["minor"], 4);
  json system_config = One(Upload("06 01 01 02 04 BD E2 B7 C5"));
  EXPECT_EQ(system_config["kind"], "system_config");
  EXPECT_EQ(system_config["text"], "解放");
  json component_config = One(Upload("07 01 01 01 28 02 00 03 00" + Spaced(std::string(31, ' '))));
  EXPECT_EQ(component_config["kind"], "component_config");
  EXPECT_EQ(component_config["number"], 3);
  json system_time = One(Upload(absl::StrCat("08 01 01 02 ", kTime)));
  EXPECT_EQ(system_time["kind"], "system_time");
  EXPECT_EQ(system_time["time"], "2025-07-20T14:30:15+08:00");
  json duty = One(Upload(absl::StrCat("18 01 20 09 ", kTime)));
  EXPECT_EQ(duty["kind"], "device_operation");
  EXPECT_EQ(duty["duty_answered"], true);
  EXPECT_EQ(duty["operator"], 9);
  EXPECT_EQ(duty["alarm"], false);
  EXPECT_EQ(One(Upload("19 01 01 02"))["kind"], "device_version");
  json device_config = One(Upload("1A 01 02 41 42"));
  EXPECT_EQ(device_config["kind"], "device_config");
  EXPECT_EQ(device_config["text"], "AB");
  EXPECT_EQ(One(Upload(absl::StrCat("1C 01 ", kTime)))["kind"], "device_time");
  json user = One(Upload("C8 01 AA BB"));
  EXPECT_EQ(user["kind"], "user_defined");
  EXPECT_EQ(user["raw"], "aabb");
}

TEST(Gb26875AduTest, SeveralObjectsGiveSeveralEvents) {
  std::string adu = "02 03 ";
  for (int i = 0; i < 3; ++i) adu += Component(static_cast<uint16_t>(i == 1 ? 3 : 1), "");
  Decoded decoded = DecodeAdu(Upload(adu));
  ASSERT_TRUE(decoded.status.ok()) << decoded.status;
  ASSERT_EQ(decoded.events.size(), 3u);
  EXPECT_EQ(decoded.events[0]["fire"], false);
  EXPECT_EQ(decoded.events[1]["fire"], true);
  Decoded configs = DecodeAdu(Upload("06 02 01 01 01 41 01 02 00"));
  EXPECT_TRUE(configs.status.ok()) << configs.status;
  EXPECT_EQ(configs.events.size(), 2u);
}

TEST(Gb26875AduTest, ACutAduGivesItsWholeObjectsAndAnError) {
  std::string adu = Hex("02 02 " + Component(3, "") + Component(5, ""));
  Frame frame = Upload("");
  for (size_t cut = 0; cut < adu.size(); ++cut) {
    frame.adu = adu.substr(0, cut);
    if (cut == 0) continue;  // a heartbeat
    Decoded decoded = DecodeAdu(frame);
    EXPECT_EQ(ReasonOf(decoded.status), kReasonBadAdu) << cut;
    EXPECT_EQ(decoded.events.size(), cut >= 48 ? 1u : 0u) << cut;
  }
}

TEST(Gb26875AduTest, BadAdusAreErrors) {
  for (const std::string& bad :
       {std::string("02"), std::string("02 00"), absl::StrCat("15 02 02 ", kTime, " 02 ", kTime),
        absl::StrCat("15 01 02 ", kTime, " 00"), std::string("09 01 00"), std::string("51 01 00"),
        std::string("FF 01 00"), std::string("06 01 01 01 FF 41"), std::string("1A 01"),
        std::string("01 FF 01 01 02 00")}) {
    Decoded decoded = DecodeAdu(Upload(bad));
    EXPECT_EQ(ReasonOf(decoded.status), kReasonBadAdu) << bad;
  }
  // Too many objects, but readable: the alarms in them count.
  EXPECT_EQ(DecodeAdu(Upload(absl::StrCat("15 02 02 ", kTime, " 02 ", kTime))).events.size(), 2u);
}

TEST(Gb26875AduTest, TableNames) {
  EXPECT_EQ(SystemTypeName(23), "消防电源");
  EXPECT_EQ(SystemTypeName(2), "保留");
  EXPECT_EQ(SystemTypeName(127), "保留");
  EXPECT_EQ(SystemTypeName(128), "用户自定义");
  EXPECT_EQ(ComponentTypeName(23), "手动火灾报警按钮");
  EXPECT_EQ(ComponentTypeName(2), "保留");
  EXPECT_EQ(ComponentTypeName(255), "用户自定义");
}

TEST(Gb26875AduTest, CommandsOfTheCentre) {
  TimeTag time{15, 30, 14, 20, 7, 25};
  EXPECT_EQ(ReadSystemsAdu(61, {{1, 2}, {11, 3}}).value(), Hex("3D 02 01 02 0B 03"));
  EXPECT_EQ(ReadSystemsAdu(66, {{1, 2}}).value(), Hex("42 01 01 02"));
  EXPECT_EQ(ReadComponentsAdu(62, {{{1, 1}, 0x0002000A}}).value(), Hex("3E 01 01 01 0A 00 02 00"));
  EXPECT_EQ(ReadOperationsAdu({1, 1}, 5, time).value(), Hex(absl::StrCat("40 01 01 01 05 ", kTime)));
  EXPECT_EQ(ReadDeviceAdu(88).value(), Hex("58 01 00"));
  EXPECT_EQ(ReadDeviceOperationsAdu(9, time).value(), Hex(absl::StrCat("54 01 09 ", kTime)));
  EXPECT_EQ(InitializeDeviceAdu(), Hex("59 01 00"));
  EXPECT_EQ(SyncClockAdu(time), Hex(absl::StrCat("5A 01 ", kTime)));
  EXPECT_EQ(InspectDutyAdu(10).value(), Hex("5B 01 0A"));
  EXPECT_EQ(CommandFor(91), Command::kControl);
  EXPECT_EQ(CommandFor(90), Command::kControl);
  EXPECT_EQ(CommandFor(89), Command::kControl);
  EXPECT_EQ(CommandFor(61), Command::kRequest);

  EXPECT_FALSE(ReadSystemsAdu(61, {}).ok());
  EXPECT_TRUE(ReadSystemsAdu(61, std::vector<SystemRef>(102)).ok());
  EXPECT_FALSE(ReadSystemsAdu(61, std::vector<SystemRef>(103)).ok());
  EXPECT_FALSE(ReadSystemsAdu(66, std::vector<SystemRef>(4)).ok());
  EXPECT_FALSE(ReadSystemsAdu(62, {{1, 1}}).ok());
  EXPECT_FALSE(ReadComponentsAdu(62, std::vector<ComponentRef>(23)).ok());
  EXPECT_TRUE(ReadComponentsAdu(63, std::vector<ComponentRef>(63)).ok());
  EXPECT_FALSE(ReadComponentsAdu(67, std::vector<ComponentRef>(27)).ok());
  EXPECT_FALSE(ReadComponentsAdu(61, {{{1, 1}, 1}}).ok());
  EXPECT_FALSE(ReadOperationsAdu({1, 1}, 103, time).ok());
  EXPECT_FALSE(ReadDeviceOperationsAdu(0, time).ok());
  EXPECT_FALSE(ReadDeviceAdu(87).ok());
  EXPECT_FALSE(InspectDutyAdu(0).ok());
}

TEST(Gb26875AduTest, AnyAduIsReadWithoutHarm) {
  std::mt19937 random(3);
  const uint8_t types[] = {1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, 61, 91, 128, 255};
  Frame frame = Upload("");
  for (int i = 0; i < 5000; ++i) {
    frame.adu.resize(random() % 200);
    for (char& c : frame.adu) c = static_cast<char>(random());
    if (!frame.adu.empty()) frame.adu[0] = static_cast<char>(types[random() % std::size(types)]);
    if (frame.adu.size() > 1) frame.adu[1] = static_cast<char>(random() % 5);
    Decoded decoded = DecodeAdu(frame);
    for (const json& event : decoded.events) {
      EXPECT_NO_THROW(event.dump());
      EXPECT_TRUE(event["alarm"].is_boolean());
      if (event.contains("fire")) {
        EXPECT_EQ(event["alarm"], event["fire"]);
      }
    }
  }
}

}  // namespace
}  // namespace liandong::adapters::gb26875
