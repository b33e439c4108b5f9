#include "routing/statutory.h"

#include <algorithm>

namespace liandong::routing {
namespace {

v1::StatutoryRule Locked(const char* id, const char* source, v1::UpwardLevel from, v1::UpwardLevel to,
                         uint32_t within_s) {
  v1::StatutoryRule rule;
  rule.set_id(id);
  rule.set_source(source);
  rule.set_locked(true);
  rule.set_enabled(true);
  rule.set_from(from);
  rule.set_to(to);
  rule.set_kind(v1::UPWARD_INITIAL);
  rule.set_within_s(within_s);
  for (v1::UpwardField field :
       {v1::UPWARD_UNIT_PROFILE, v1::UPWARD_TIME, v1::UPWARD_PLACE, v1::UPWARD_SCENE, v1::UPWARD_COURSE,
        v1::UPWARD_CASUALTIES, v1::UPWARD_LOSS, v1::UPWARD_MEASURES, v1::UPWARD_OTHER}) {
    rule.add_required(field);
  }
  rule.set_supplement_days(30);
  rule.set_supplement_days_short(7);
  return rule;
}

bool Within(std::string_view code, std::string_view subtree) {
  return code == subtree ||
         (code.size() > subtree.size() && code.substr(0, subtree.size()) == subtree && code[subtree.size()] == '.');
}

}  // namespace

v1::AccidentLaw AccidentLawOf(const Site& site, std::string_view category) {
  while (!category.empty()) {
    const v1::Category* found = site.FindCategory(category);
    if (found != nullptr && found->accident_law() != v1::ACCIDENT_LAW_UNSET) return found->accident_law();
    const size_t dot = category.rfind('.');
    category = dot == std::string_view::npos ? std::string_view() : category.substr(0, dot);
  }
  return v1::ACCIDENT_LAW_UNSET;
}

const v1::StatutoryRule* FindStatutoryRule(const Site& site, std::string_view id) {
  for (const v1::StatutoryRule& rule : site.proto().statutory()) {
    if (rule.id() == id) return &rule;
  }
  return nullptr;
}

bool Applies(const Site& site, const v1::StatutoryRule& rule, std::string_view category, v1::Severity severity) {
  if (!rule.enabled() || category.empty()) return false;
  if (severity != v1::SEVERITY_UNKNOWN && severity < rule.severity_at_least()) return false;
  if (rule.category().empty()) {
    const v1::AccidentLaw law = AccidentLawOf(site, category);
    return law == v1::ACCIDENT_LAW_493 || law == v1::ACCIDENT_LAW_493_SHORT;
  }
  return std::any_of(rule.category().begin(), rule.category().end(),
                     [&](const std::string& subtree) { return Within(category, subtree); });
}

const std::vector<v1::StatutoryRule>& LockedRules() {
  static const auto* const kRules = new std::vector<v1::StatutoryRule>{
      Locked("cn-493-9", "《生产安全事故报告和调查处理条例》(国务院令第493号)第九条、第十二条、第十三条",
             v1::UPWARD_UNIT, v1::UPWARD_COUNTY, 3600),
      Locked("cn-493-11", "《生产安全事故报告和调查处理条例》(国务院令第493号)第十条、第十一条、第十二条、第十三条",
             v1::UPWARD_COUNTY, v1::UPWARD_CITY, 7200)};
  return *kRules;
}

}  // namespace liandong::routing
