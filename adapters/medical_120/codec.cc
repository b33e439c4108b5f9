#include "adapters/medical_120/codec.h"

namespace liandong::adapters {
namespace {

const std::map<std::string, std::string>& VehicleStates() {
  static const auto& states = *new std::map<std::string, std::string>{
      {"0", "分配任务"}, {"1", "收到指令"}, {"2", "驶向现场"}, {"3", "到达现场"}, {"4", "病人上车"},
      {"5", "到达医院"}, {"6", "途中待命"}, {"7", "站内待命"}, {"8", "不能调用"}, {"9", "暂停调用"},
  };
  return states;
}

KindRule EventInfo() {
  KindRule rule;
  rule.kind = "EVENT_INFO";
  rule.paths = {"EVENT_INFO"};
  rule.wrappers = {"EVENT_INFO"};
  rule.signatures = {{"SJH"}};
  rule.fields = {
      {"SJH", FieldType::kId, /*required=*/true},
      {"STATUS", FieldType::kCode},
      {"SCLDSJ", FieldType::kTime},
      {"SCLDHM", FieldType::kName},
      {"SCSLSJ", FieldType::kTime},
      {"SCSLRPID", FieldType::kId},
      {"SCDDY", FieldType::kName},
      {"HCYY", FieldType::kText},
      {"SJLX", FieldType::kCode},
      {"SGLX", FieldType::kFlag},
      {"SGDJ", FieldType::kCode},
      {"XCDZ", FieldType::kName},
      {"FLAG", FieldType::kId},
      {"XZBM", FieldType::kCode},
  };
  rule.keys = {"SJH"};
  return rule;
}

KindRule VehicleState(const Medical120Options& options) {
  KindRule rule;
  rule.kind = "vehicle_state";
  rule.paths = {"vehicle_state", "VEHICLE_STATE"};
  rule.wrappers = {"vehicle_state", "VEHICLE_STATE"};
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

std::unique_ptr<Codec> MakeMedical120Codec(Medical120Options options) {
  return std::make_unique<RecordCodec>("medical_120", std::vector<KindRule>{VehicleState(options), EventInfo()},
                                       options.reply);
}

}  // namespace liandong::adapters
