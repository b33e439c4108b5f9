#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/statutory.h"

namespace liandong::core {

std::vector<v1::UpwardField> PresentFields(const v1::UpwardFields& fields) {
  const v1::Counts& counts = fields.counts();
  const std::pair<v1::UpwardField, bool> said[] = {
      {v1::UPWARD_UNIT_PROFILE, !fields.unit_profile().empty()},
      {v1::UPWARD_TIME, fields.happened_at_ms() > 0},
      {v1::UPWARD_PLACE, !fields.place().empty()},
      {v1::UPWARD_SCENE, !fields.scene().empty()},
      {v1::UPWARD_COURSE, !fields.course().empty()},
      // 0 is "none" was said; the missing count too, as the law names them.
      {v1::UPWARD_CASUALTIES, counts.has_dead() && counts.has_missing() && counts.has_injured()},
      {v1::UPWARD_LOSS, counts.has_loss_yuan()},
      {v1::UPWARD_MEASURES, !fields.measures().empty()},
      {v1::UPWARD_OTHER, !fields.other().empty()}};
  std::vector<v1::UpwardField> out;
  for (const auto& [field, there] : said) {
    if (there) out.push_back(field);
  }
  return out;
}

std::vector<v1::UpwardField> MissingFields(const google::protobuf::RepeatedField<int>& required,
                                           const std::vector<v1::UpwardField>& present) {
  std::vector<v1::UpwardField> out;
  for (int field : required) {
    if (std::find(present.begin(), present.end(), field) == present.end())
      out.push_back(static_cast<v1::UpwardField>(field));
  }
  return out;
}

std::string FieldZh(v1::UpwardField field) {
  switch (field) {
    case v1::UPWARD_UNIT_PROFILE:
      return "事故发生单位概况";
    case v1::UPWARD_TIME:
      return "发生时间";
    case v1::UPWARD_PLACE:
      return "地点";
    case v1::UPWARD_SCENE:
      return "现场情况";
    case v1::UPWARD_COURSE:
      return "简要经过";
    case v1::UPWARD_CASUALTIES:
      return "伤亡人数(死亡、下落不明、受伤均须填写,没有填0)";
    case v1::UPWARD_LOSS:
      return "初步估计的直接经济损失";
    case v1::UPWARD_MEASURES:
      return "已经采取的措施";
    case v1::UPWARD_OTHER:
      return "其他应当报告的情况(没有填“无”)";
    default:
      return "未知内容";
  }
}

std::string KindZh(v1::UpwardKind kind, uint32_t number) {
  static constexpr const char* kDigits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
  const std::string nth = number > 0 && number <= 10 ? kDigits[number] : absl::StrCat(number);
  switch (kind) {
    case v1::UPWARD_INITIAL:
      return "初报";
    case v1::UPWARD_FOLLOW_UP:
      return absl::StrCat("续报", nth);
    case v1::UPWARD_FINAL:
      return "终报";
    case v1::UPWARD_SUPPLEMENT:
      return absl::StrCat("补报", nth);
    default:
      return "信息报送";
  }
}

std::string KindEn(v1::UpwardKind kind) {
  switch (kind) {
    case v1::UPWARD_INITIAL:
      return "initial";
    case v1::UPWARD_FOLLOW_UP:
      return "follow-up";
    case v1::UPWARD_FINAL:
      return "final";
    case v1::UPWARD_SUPPLEMENT:
      return "supplementary";
    default:
      return "upward";
  }
}

std::string LevelZh(v1::UpwardLevel level) {
  static constexpr const char* kNames[] = {"上级", "事发单位", "乡镇(街道)", "县(市、区)", "市", "省", "国家"};
  return v1::UpwardLevel_IsValid(level) ? kNames[level] : kNames[0];
}

std::string LevelEn(v1::UpwardLevel level) {
  static constexpr const char* kNames[] = {"level above", "unit", "township", "county", "city", "province", "state"};
  return v1::UpwardLevel_IsValid(level) ? kNames[level] : kNames[0];
}

std::string FormZh(v1::UpwardForm form) {
  switch (form) {
    case v1::UPWARD_PHONE:
      return "电话";
    case v1::UPWARD_WRITTEN:
      return "书面";
    case v1::UPWARD_ONLINE:
      return "网络直报";
    default:
      return "不限";
  }
}

std::string UpwardTitle(const std::string& place, const std::string& category, const v1::Counts& counts,
                        const std::string& progress) {
  std::string harm;
  auto add = [&](bool said, uint32_t number, const char* zh) {
    if (said && number > 0) absl::StrAppend(&harm, number, "人", zh);
  };
  add(counts.has_dead(), counts.dead(), "死亡");
  add(counts.has_missing(), counts.missing(), "下落不明");
  add(counts.has_injured(), counts.injured(), "受伤");
  const bool none_said = counts.has_dead() && counts.has_missing() && counts.has_injured();
  if (harm.empty()) harm = none_said ? "无人员伤亡" : "伤亡待核实";
  return absl::StrCat(place.empty() ? "地点待核实" : place, category.empty() ? "突发事件" : category, ",", harm,
                      progress.empty() ? "" : ",", progress);
}

}  // namespace liandong::core
