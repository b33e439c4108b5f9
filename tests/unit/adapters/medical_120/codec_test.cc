#include "adapters/medical_120/codec.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/text/reason.h"
#include "tests/unit/adapters/mutate.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

const char kEvent[] =
    R"({"EVENT_INFO":{"SJH":"20240715000001","STATUS":"1","SCLDSJ":"2024-07-15 08:30:05","SCLDHM":"13000000000",)"
    R"("SCSLSJ":"2024-07-15 08:30:09","SCDDY":"赵某","HCYY":"塌方压伤","SJLX":"2","SGLX":1,"SGDJ":"3","XCDZ":"青石乡",)"
    R"("FLAG":"J1","XZBM":"339921","MPDS":"10D04"}})";
const char kVehicle[] = R"({"SJH":"20240715000001","CLBH":"浙A-120-1","CLZT":"3","ZTSJ":"20240715084500"})";

absl::StatusOr<NativeMessage> Decode(std::string_view bytes) {
  return MakeMedical120Codec()->Decode("/120", bytes, Encoding::kAuto);
}
std::string Reason(std::string_view bytes) { return std::string(ReasonOf(Decode(bytes).status())); }

TEST(Medical120Test, DecodesAnEvent) {
  auto event = Decode(kEvent);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->kind, "EVENT_INFO");
  EXPECT_EQ(event->tree["HCYY"], "塌方压伤");
  EXPECT_EQ(event->tree["MPDS"], "10D04");
  EXPECT_EQ(MakeMedical120Codec()->KeyIds(*event), (std::map<std::string, std::string>{{"SJH", "20240715000001"}}));
  EXPECT_EQ(Decode(R"({"SJH":1})")->kind, "EVENT_INFO");
}

TEST(Medical120Test, EveryVehicleStateHasItsName) {
  const char* names[] = {"分配任务", "收到指令", "驶向现场", "到达现场", "病人上车",
                         "到达医院", "途中待命", "站内待命", "不能调用", "暂停调用"};
  for (int code = 0; code < 10; ++code) {
    for (const std::string& text : {std::to_string(code), "\"" + std::to_string(code) + "\""}) {
      auto state = Decode(R"({"CLBH":"1","CLZT":)" + text + "}");
      ASSERT_TRUE(state.ok()) << state.status();
      EXPECT_EQ(state->kind, "vehicle_state");
      EXPECT_EQ(state->tree["_derived"]["state_code"], code);
      EXPECT_EQ(state->tree["_derived"]["state_name"], names[code]);
    }
  }
  EXPECT_EQ(Reason(R"({"CLBH":"1","CLZT":10})"), kReasonBadValue);
  EXPECT_EQ(Reason(R"({"CLBH":"1","CLZT":"到达"})"), kReasonBadValue);
  EXPECT_EQ(Reason(R"({"CLBH":"1","CLZT":{}})"), kReasonWrongType);
}

TEST(Medical120Test, VehicleFieldNamesAreOptions) {
  Medical120Options options;
  options.vehicle_event_field = "eventId";
  options.vehicle_id_field = "carNo";
  options.vehicle_state_field = "state";
  options.vehicle_time_field = "at";
  auto codec = MakeMedical120Codec(options);
  auto state = codec->Decode("", R"({"eventId":"E1","carNo":"7","state":2,"at":"20240715084500"})", Encoding::kAuto);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->tree["_derived"]["state_name"], "驶向现场");
  EXPECT_EQ(codec->KeyIds(*state), (std::map<std::string, std::string>{{"carNo", "7"}, {"eventId", "E1"}}));
}

TEST(Medical120Test, RefusesWhatIsWrong) {
  EXPECT_EQ(Reason(R"({"EVENT_INFO":{"STATUS":"1"}})"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"EVENT_INFO":{"SJH":"1","HCYY":["a"]}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"EVENT_INFO":[]})"), kReasonUnknownKind);
  EXPECT_EQ(Reason(R"({"x":1})"), kReasonUnknownKind);
  EXPECT_EQ(Reason(R"({"SJH":"1","SJH":"2"})"), kReasonDuplicateKey);
}

TEST(Medical120Test, Sturdy) {
  ExpectSturdy(*MakeMedical120Codec(), "", kEvent, "赵某");
  ExpectSturdy(*MakeMedical120Codec(), "", kVehicle, "浙A");
}

}  // namespace
}  // namespace liandong::adapters
