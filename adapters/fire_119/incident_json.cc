#include "adapters/fire_119/incident_json.h"

namespace liandong::adapters {
namespace {

// GA/T 974.39-2011.
const std::map<std::string, std::string>& VehicleStates() {
  static const auto& states = *new std::map<std::string, std::string>{
      {"10", "备勤"}, {"20", "出动"}, {"21", "途中"}, {"22", "到场"}, {"23", "出水"},
      {"24", "停水"}, {"25", "返队"}, {"26", "驻防"}, {"27", "运水"}, {"30", "训练"},
  };
  return states;
}

KindRule Incident() {
  KindRule rule;
  rule.kind = "incident";
  rule.paths = {"incident", "warning"};
  rule.wrappers = {"incident", "warning"};
  rule.signatures = {{"warningCode"}};
  rule.fields = {
      {"warningCode", FieldType::kId, /*required=*/true},
      {"warningCodeYyj", FieldType::kId},
      {"warningDate", FieldType::kTime},
      {"warningType", FieldType::kCode},
      {"warningLevel", FieldType::kCode},
      {"warningAddr", FieldType::kName},
      {"warningOrgname", FieldType::kName},
      {"warningTel", FieldType::kName},
      {"warningInfo", FieldType::kText},
      {"warningSource", FieldType::kCode},
      {"warningStatus", FieldType::kCode},
      {"warningDealStatus", FieldType::kCode},
      {"dispatchGroup", FieldType::kName},
      {"mainGroup", FieldType::kName},
      {"firstGroup", FieldType::kName},
      {"trappedPerson", FieldType::kName},
      {"weather", FieldType::kName},
      {"wind", FieldType::kName},
  };
  rule.keys = {"warningCode", "warningCodeYyj"};
  return rule;
}

KindRule VehicleState(const Fire119Options& options) {
  KindRule rule;
  rule.kind = "vehicle_state";
  rule.paths = {"vehicle_state", "vehicleState"};
  rule.wrappers = {"vehicle_state", "vehicleState"};
  rule.signatures = {{options.vehicle_id_field, options.vehicle_state_field}};
  rule.fields = {
      {options.vehicle_event_field, FieldType::kId},
      {options.vehicle_id_field, FieldType::kId, /*required=*/true},
      {options.vehicle_state_field, FieldType::kCode, /*required=*/true},
      {options.vehicle_time_field, FieldType::kTime},
  };
  rule.keys = {options.vehicle_event_field, options.vehicle_id_field};
  rule.codes = {{options.vehicle_state_field, "state", VehicleStates(), /*closed=*/true}};
  return rule;
}

}  // namespace

std::unique_ptr<Codec> MakeFire119IncidentCodec(Fire119Options options) {
  return std::make_unique<RecordCodec>("fire_119_incident", std::vector<KindRule>{VehicleState(options), Incident()},
                                       options.reply);
}

}  // namespace liandong::adapters
