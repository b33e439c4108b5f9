#include "adapters/fire_119/incident_json.h"

#include <gtest/gtest.h>

#include <string>

#include "adapters/text/reason.h"
#include "tests/unit/adapters/mutate.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

const char kIncident[] =
    R"({"warningCode":"W119-1","warningCodeYyj":"Y1","warningDate":"2024-07-15 08:30:05","warningType":"01","warningLevel":2,)"
    R"("warningAddr":"青石乡","warningTel":"13000000000","warningInfo":"民房起火,孙某被困","trappedPerson":1,"wind":3.5,)"
    R"("weather":"雨","units":[{"name":"一中队"}]})";
const char kVehicle[] =
    R"({"warningCode":"W119-1","vehicleCode":"消A-1","vehicleState":22,"stateTime":"20240715084500"})";

absl::StatusOr<NativeMessage> Decode(std::string_view bytes) {
  return MakeFire119IncidentCodec()->Decode("", bytes, Encoding::kAuto);
}
std::string Reason(std::string_view bytes) { return std::string(ReasonOf(Decode(bytes).status())); }

TEST(Fire119IncidentTest, DecodesAnIncident) {
  auto incident = Decode(kIncident);
  ASSERT_TRUE(incident.ok()) << incident.status();
  EXPECT_EQ(incident->kind, "incident");
  EXPECT_EQ(incident->tree["units"][0]["name"], "一中队");
  EXPECT_EQ(MakeFire119IncidentCodec()->KeyIds(*incident),
            (std::map<std::string, std::string>{{"warningCode", "W119-1"}, {"warningCodeYyj", "Y1"}}));
}

TEST(Fire119IncidentTest, VehicleStatesOfTheStandard) {
  for (auto [code, name] : {std::pair{10, "备勤"},
                            {20, "出动"},
                            {21, "途中"},
                            {22, "到场"},
                            {23, "出水"},
                            {24, "停水"},
                            {25, "返队"},
                            {26, "驻防"},
                            {27, "运水"},
                            {30, "训练"}}) {
    auto state = Decode(R"({"vehicleCode":"1","vehicleState":")" + std::to_string(code) + "\"}");
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(state->kind, "vehicle_state");
    EXPECT_EQ(state->tree["_derived"]["state_name"], name);
  }
  EXPECT_EQ(Reason(R"({"vehicleCode":"1","vehicleState":11})"), kReasonBadValue);
  EXPECT_EQ(Reason(R"({"vehicleCode":"1","vehicleState":true})"), kReasonWrongType);
}

TEST(Fire119IncidentTest, RefusesWhatIsWrong) {
  EXPECT_EQ(Reason(R"({"warningCode":{}})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"incident":{"warningAddr":"x"}})"), kReasonMissingField);
  EXPECT_EQ(Reason(R"({"warningCode":"W","warningInfo":[1]})"), kReasonWrongType);
  EXPECT_EQ(Reason(R"({"warningAddr":"x"})"), kReasonUnknownKind);
}

TEST(Fire119IncidentTest, Sturdy) {
  ExpectSturdy(*MakeFire119IncidentCodec(), "", kIncident, "孙某");
  ExpectSturdy(*MakeFire119IncidentCodec(), "", kVehicle, "消A");
}

}  // namespace
}  // namespace liandong::adapters
