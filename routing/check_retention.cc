// Rules of retention: each sound in itself, and every class of sealed fields under one of them, so that nothing is kept
// or destroyed because somebody forgot it.
#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "routing/check.h"
#include "routing/check_text.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

constexpr v1::Field kSealed[] = {v1::PLACE,        v1::DESCRIPTION, v1::CALLER_NAME,
                                 v1::CALLER_PHONE, v1::MEDICAL,     v1::DETAILS};

void CheckRule(const v1::RetentionRule& rule, Findings* out) {
  const std::string what = absl::StrCat("retention ", Quoted(rule.id()));
  const std::string what_zh = absl::StrCat("保存期限 ", Quoted(rule.id()));
  CheckPresent(rule, "basis", rule.basis(), what, what_zh, out);
  if (rule.days() < limits::kRetentionDaysMin || rule.days() > limits::kRetentionDaysMax) {
    out->Error(rule, "days", -1,
               absl::StrCat(what, ": days is ", rule.days(), "; write ", limits::kRetentionDaysMin, " to ",
                            limits::kRetentionDaysMax, " days after the incident's end"),
               absl::StrCat(what_zh, "：days 为 ", rule.days(), "；请写 ", limits::kRetentionDaysMin, " 至 ",
                            limits::kRetentionDaysMax, "，自事件办结起算"));
  }
  for (int i = 0; i < rule.field_size(); ++i) {
    if (std::find(std::begin(kSealed), std::end(kSealed), rule.field(i)) != std::end(kSealed)) continue;
    const std::string name = v1::Field_Name(static_cast<v1::Field>(rule.field(i)));
    out->Error(rule, "field", i,
               absl::StrCat(what, ": ", name,
                            " is not sealed, so no rule can erase it; write PLACE, DESCRIPTION, "
                            "CALLER_NAME, CALLER_PHONE, MEDICAL or DETAILS"),
               absl::StrCat(
                   what_zh, "：", name,
                   " 不加密保存，无法按期销毁；可写 PLACE、DESCRIPTION、CALLER_NAME、CALLER_PHONE、MEDICAL、DETAILS"));
  }
}

}  // namespace

void CheckRetention(const v1::SiteSettings& settings, Findings* findings) {
  CheckCount(settings, "retention", settings.retention_size(), limits::kRetentionRulesMax, "settings", "settings",
             findings);
  std::set<std::string> seen;
  std::set<int> covered;
  for (const v1::RetentionRule& rule : settings.retention()) {
    CheckNewId(rule, "retention", "保存期限", rule.id(), &seen, findings);
    CheckRule(rule, findings);
    covered.insert(rule.field().begin(), rule.field().end());
    if (rule.field().empty()) covered.insert(std::begin(kSealed), std::end(kSealed));
  }
  if (settings.retention().empty()) return;
  std::vector<std::string> missing;
  for (v1::Field field : kSealed) {
    if (covered.count(field) == 0) missing.push_back(v1::Field_Name(field));
  }
  if (missing.empty()) return;
  const std::string names = absl::StrJoin(missing, ", ");
  findings->Error(
      settings, "retention", 0,
      absl::StrCat("settings: no rule of retention says how long ", names,
                   " is kept; add a rule, or one without field, which is for all of them"),
      absl::StrCat("settings：保存期限未规定 ", names, "；请补一条，或写一条不带 field 的规则（适用于全部）"));
}

}  // namespace liandong::routing
