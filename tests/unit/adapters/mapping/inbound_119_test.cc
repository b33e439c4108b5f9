// 119: 警情 records, vehicle states, and the alarms of buildings (GB/T 26875.3).
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "adapters/fire_119/gb26875.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "tests/unit/adapters/mapping/support.h"

namespace liandong::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Inbound119, ARecordBecomesAReport) {
  absl::StatusOr<Mapped> mapped = Link("fire-119-json").Take(R"({"warningCode":"F1","warningCodeYyj":"J77",
      "warningDate":"2026-07-13 02:15:30","warningType":"山体滑坡","warningLevel":"3","warningAddr":"高岙背乡岙底村",
      "warningTel":"13805550005","warningInfo":"山体滑坡压房","warningSource":"110转警","trappedPerson":"三人",
      "mainGroup":"云城站","divisionCode":"339921201","longitude":"119.92690390684172","latitude":"28.45349050424306"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  v1::Report report = mapped->reports[0].report;
  EXPECT_NEAR(report.sealed().point().lat(), 28.4569, 1e-7);
  report.mutable_sealed()->clear_point();
  ExpectText(report, R"(
    external_id: "F1"
    open { purpose: ACTUAL category: "natural.landslide" severity: LARGE division: "339921201000" danger_to_life: YES
           counts { trapped: 3 } reported_at_ms: 1783880130000 channel: "110"
           references { party: "police-110" external_id: "J77" } }
    sealed { caller_phone: "13805550005" address: "高岙背乡岙底村" description: "山体滑坡压房"
             details { name: "被困人员" value: "三人" } details { name: "主管中队" value: "云城站" } }
    actor { way: BY_ADAPTER })");
}

TEST(Inbound119, VehicleStatesClimb) {
  const Link link("fire-119-json");
  const auto state = [&](const std::string& code) {
    return link.Take(R"({"warningCode":"LD17","vehicleCode":"浙消1","vehicleState":")" + code +
                     R"(","stateTime":"2026-07-13 02:20:00"})");
  };
  const std::pair<const char*, v1::AckState> cases[] = {
      {"20", v1::EN_ROUTE}, {"21", v1::EN_ROUTE}, {"22", v1::ON_SCENE}, {"23", v1::PROGRESS}, {"25", v1::COMPLETED}};
  for (const auto& [code, expected] : cases) {
    absl::StatusOr<Mapped> mapped = state(code);
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    ASSERT_EQ(mapped->acks.size(), 1u) << code;
    EXPECT_EQ(mapped->acks[0].ack.state(), expected) << code;
    EXPECT_EQ(mapped->acks[0].ack.unit(), "浙消1");
    EXPECT_EQ(mapped->acks[0].ack.at_ms(), 1783880400000);
    EXPECT_THAT(mapped->acks[0].keys, ElementsAre(DeliveryKey{"warningCode", "LD17"}));
  }
  EXPECT_EQ(state("23")->acks[0].ack.note(), "出水");
  for (const char* code : {"10", "26", "30"}) {
    absl::StatusOr<Mapped> mapped = state(code);
    ASSERT_TRUE(mapped.ok()) << mapped.status();
    EXPECT_TRUE(mapped->empty()) << code;
  }
}

TEST(Inbound119, AVehicleAtNoIncidentSaysNothing) {
  absl::StatusOr<Mapped> mapped = Link("fire-119-json").Take(R"({"vehicleCode":"浙消1","vehicleState":"20"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_TRUE(mapped->empty());
  EXPECT_EQ(mapped->notes.size(), 1u);
}

TEST(Inbound119, TheRecordOfOurTaskAnswersIt) {
  const Link link("fire-119-json");
  absl::StatusOr<Mapped> taken =
      link.Take(R"({"warningCode":"LD17","warningDealStatus":"已受理","mainGroup":"云城站"})");
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_THAT(taken->reports, IsEmpty());
  ExpectText(taken->acks[0].ack, R"(state: ACCEPTED unit: "云城站" actor { way: BY_ADAPTER })");
  absl::StatusOr<Mapped> back =
      link.Take(R"({"warningCode":"LD17","warningDealStatus":"退回","warningStatus":"非火警"})");
  ASSERT_TRUE(back.ok()) << back.status();
  ExpectText(back->acks[0].ack, R"(state: REFUSED reason: "非火警" actor { way: BY_ADAPTER })");
}

TEST(Inbound119, TheirNumberForOurTaskIsLearned) {
  absl::StatusOr<Mapped> mapped = Link("fire-119-json").Take(R"({"warningCode":"F9","warningCodeYyj":"LD17"})");
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->aliases.size(), 1u);
  EXPECT_EQ(mapped->aliases[0].known.Text(), "warningCode=LD17");
  EXPECT_EQ(mapped->aliases[0].also.Text(), "warningCode=F9");
  ExpectText(mapped->reports[0].report.open().references(0), R"(party: "hub" external_id: "17")");
}

// --- GB/T 26875.3 ---

std::vector<nlohmann::json> EventsOf(const std::string& hex) {
  gb26875::FrameReader reader;
  const std::string bytes = absl::HexStringToBytes(absl::StrReplaceAll(hex, {{" ", ""}}));
  EXPECT_EQ(reader.Push(bytes), bytes.size());
  std::optional<gb26875::Reading> reading = reader.Pull();
  EXPECT_TRUE(reading && reading->fault == gb26875::Fault::kNone);
  return reading ? gb26875::Events(reading->frame) : std::vector<nlohmann::json>();
}

// DOMAIN 5.8, with a text of 30 blanks and a zero.
constexpr char kAlarm[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 79 03 00 00 00 00 38 5B 01 00 00 00 30 00 02 02 01 01 01 28 0A 00 02 00 02 00 "
    "20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 00 02 3A 09 1A 09 0C 46 "
    "23 23";
constexpr char kPowerFault[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 79 03 00 00 00 00 38 5B 01 00 00 00 09 00 02 15 01 08 02 3A 09 1A 09 0C 42 23 "
    "23";
constexpr char kHeartbeat[] =
    "40 40 07 00 01 01 0F 1E 0E 14 07 19 AB 45 23 01 00 00 01 00 00 00 00 00 00 00 02 8F 23 23";

absl::StatusOr<Mapped> TakeEvent(const nlohmann::json& event) {
  return Mapper(County("fire-119-gb26875")).Map(NativeMessage{event.at("kind"), event});
}

TEST(Inbound119Gb26875, AFireBitIsAnAlarmThoughTheTestBitIsClear) {
  const std::vector<nlohmann::json> events = EventsOf(kAlarm);
  ASSERT_EQ(events.size(), 1u);
  ASSERT_EQ(events[0].at("normal"), false);
  absl::StatusOr<Mapped> mapped = TakeEvent(events[0]);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  EXPECT_TRUE(mapped->reports[0].id_from_spool);
  EXPECT_EQ(mapped->reports[0].same_as, "889-1-1-10-2");
  EXPECT_EQ(mapped->reports[0].same_within_s, 600u);
  ExpectText(mapped->reports[0].report, R"(
    open { purpose: ACTUAL category: "accident.fire" division: "339921001000" device_alarm: true channel: "fire-alarm"
           occurred_at_ms: 1348624682000 }
    sealed { address: "云城街道人民路18号 云溪大厦" description: "火灾自动报警:感烟火灾探测器 10区2号"
             details { name: "传输装置" value: "889" } details { name: "消防系统" value: "火灾报警系统" }
             details { name: "标记" value: "设备标记: 测试位未置正常" } }
    actor { way: BY_ADAPTER })");
}

TEST(Inbound119Gb26875, AFaultIsAnOrdinaryReport) {
  absl::StatusOr<Mapped> mapped = TakeEvent(EventsOf(kPowerFault).at(0));
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  EXPECT_EQ(mapped->reports[0].same_as, "fault-889");
  const v1::Report& report = mapped->reports[0].report;
  EXPECT_EQ(report.open().category(), "service.fire_facility");
  EXPECT_EQ(report.open().danger_to_life(), v1::NO);
  EXPECT_TRUE(report.open().device_alarm());
}

TEST(Inbound119Gb26875, AnAlarmWithAFaultIsAnAlarm) {
  nlohmann::json event = EventsOf(kAlarm).at(0);
  event["fault"] = true;
  absl::StatusOr<Mapped> mapped = TakeEvent(event);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->reports[0].report.open().category(), "accident.fire");
}

TEST(Inbound119Gb26875, ADeviceThatNobodyRegisteredStillAlarms) {
  nlohmann::json event = EventsOf(kAlarm).at(0);
  event["device"] = "4711";
  absl::StatusOr<Mapped> mapped = TakeEvent(event);
  ASSERT_TRUE(mapped.ok());
  ASSERT_EQ(mapped->reports.size(), 1u);
  EXPECT_EQ(mapped->reports[0].report.open().division(), "");
  EXPECT_EQ(Reasons(*mapped), (std::vector<std::string>{"/device unmapped_value", "/device unmapped_value"}));
}

TEST(Inbound119Gb26875, EverythingElseStaysHere) {
  absl::StatusOr<Mapped> beat = TakeEvent(EventsOf(kHeartbeat).at(0));
  ASSERT_TRUE(beat.ok()) << beat.status();
  EXPECT_TRUE(beat->empty());
  EXPECT_THAT(beat->ignored, HasSubstr("heartbeat"));
  for (const char* kind : {"system_state", "component_state", "component_analog", "operation", "software_version",
                           "system_config", "component_config", "system_time", "device_state", "device_operation",
                           "device_version", "device_config", "device_time", "user_defined"}) {
    absl::StatusOr<Mapped> mapped = TakeEvent({{"kind", kind}, {"device", "889"}, {"alarm", false}});
    ASSERT_TRUE(mapped.ok()) << kind << mapped.status();
    EXPECT_TRUE(mapped->empty()) << kind;
    EXPECT_NE(mapped->ignored, "") << kind;
  }
}

TEST(Inbound119Gb26875, AManualCallIsAnAlarm) {
  absl::StatusOr<Mapped> mapped =
      TakeEvent({{"kind", "device_operation"}, {"device", "890"}, {"alarm", true}, {"operator", 3}});
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  ASSERT_EQ(mapped->reports.size(), 1u);
  EXPECT_EQ(mapped->reports[0].report.open().category(), "accident.fire");
  EXPECT_EQ(mapped->reports[0].same_as, "890-manual");
}

TEST(Inbound119Gb26875, AKindWithoutARuleIsRefusedByName) {
  const absl::Status status = TakeEvent({{"kind", "new_kind"}}).status();
  EXPECT_EQ(ReasonOf(status), kReasonNoRule);
  EXPECT_THAT(std::string(status.message()), HasSubstr("new_kind"));
}

}  // namespace
}  // namespace liandong::adapters
