// Rows of statutory.textproto: sound in themselves, and the national ones as the law has them.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "routing/check_text.h"
#include "routing/limits.h"
#include "routing/statutory.h"

namespace liandong::routing {
namespace {

// A field of a locked row that differs from the law: its name and what it must be; empty: none does.
struct Difference {
  std::string field, must_be;
};

Difference DiffersFrom(const v1::StatutoryRule& rule, const v1::StatutoryRule& law) {
  if (!rule.locked()) return {"locked", "true"};
  if (!rule.enabled()) return {"enabled", "true"};
  if (rule.source() != law.source()) return {"source", Quoted(law.source())};
  if (!rule.category().empty()) return {"category", "absent (Category.accident_law says what it covers)"};
  if (rule.severity_at_least() != law.severity_at_least()) return {"severity_at_least", "absent"};
  if (rule.from() != law.from()) return {"from", v1::UpwardLevel_Name(law.from())};
  if (rule.to() != law.to()) return {"to", v1::UpwardLevel_Name(law.to())};
  if (!rule.form().empty()) return {"form", "absent"};
  if (rule.kind() != law.kind()) return {"kind", v1::UpwardKind_Name(law.kind())};
  if (rule.within_s() != law.within_s()) return {"within_s", absl::StrCat(law.within_s())};
  for (int field : law.required()) {
    if (std::find(rule.required().begin(), rule.required().end(), field) == rule.required().end())
      return {"required", absl::StrCat("given with ", v1::UpwardField_Name(static_cast<v1::UpwardField>(field)))};
  }
  if (rule.supplement_days() != law.supplement_days()) return {"supplement_days", absl::StrCat(law.supplement_days())};
  if (rule.supplement_days_short() != law.supplement_days_short())
    return {"supplement_days_short", absl::StrCat(law.supplement_days_short())};
  return {};
}

void CheckLocked(const v1::SiteSet& set, Findings* out) {
  // Where the set says that the law covers something: what a missing row is reported at.
  const google::protobuf::Message* covered = nullptr;
  for (const v1::Category& category : set.category()) {
    const bool by_law =
        category.accident_law() == v1::ACCIDENT_LAW_493 || category.accident_law() == v1::ACCIDENT_LAW_493_SHORT;
    if (by_law && covered == nullptr) covered = &category;
  }
  if (covered == nullptr && set.statutory_size() > 0) covered = &set.statutory(0);
  if (covered == nullptr) return;
  for (const v1::StatutoryRule& law : LockedRules()) {
    auto row = std::find_if(set.statutory().begin(), set.statutory().end(),
                            [&](const v1::StatutoryRule& one) { return one.id() == law.id(); });
    if (row == set.statutory().end()) {
      out->Error(*covered, "", -1,
                 absl::StrCat("the national row ", Quoted(law.id()),
                              " is missing; copy it from deploy/county/site/statutory.textproto into this site's "
                              "statutory.textproto: ",
                              law.source()),
                 absl::StrCat("缺少国家规定的报送时限 ", Quoted(law.id()),
                              "；请从 deploy/county/site/statutory.textproto 复制到本站点的 statutory.textproto：",
                              law.source()));
      continue;
    }
    const Difference difference = DiffersFrom(*row, law);
    if (difference.field.empty()) continue;
    out->Error(*row, difference.field, -1,
               absl::StrCat("statutory ", Quoted(law.id()), ": ", difference.field, " must be ", difference.must_be,
                            ": this row is national law and locked; a stricter local rule is a row of its own"),
               absl::StrCat("报送时限 ", Quoted(law.id()), "：", difference.field, " 必须为 ", difference.must_be,
                            "；此行为国家规定，不得改动；更严的地方规定请另写一行"));
  }
}

void CheckRule(const v1::StatutoryRule& rule, const Known& known, Findings* out) {
  const std::string what = absl::StrCat("statutory ", Quoted(rule.id()));
  const std::string what_zh = absl::StrCat("报送时限 ", Quoted(rule.id()));
  CheckPresent(rule, "title", rule.title(), what, what_zh, out);
  CheckPresent(rule, "source", rule.source(), what, what_zh, out);
  for (int i = 0; i < rule.category_size(); ++i) {
    if (known.categories.count(rule.category(i)) == 0)
      UnknownId(rule, "category", i, what, what_zh, rule.category(i), known.category_codes, out);
  }
  if (rule.party() != "@command" && rule.party() != "@lead" && known.parties.count(rule.party()) == 0)
    UnknownId(rule, "party", -1, what, what_zh, rule.party(), known.party_ids, out);
  for (const v1::EscalationStep& step : rule.escalate()) {
    if (!known.HasTarget(step.to())) UnknownId(step, "to", -1, what, what_zh, step.to(), known.target_ids, out);
  }
  CheckCount(rule, "escalate", rule.escalate_size(), limits::kStepsMax, what, what_zh, out);
  CheckSecondsFields(rule, what, what_zh, out);
  auto bad = [&](const char* field, const char* en, const char* zh) {
    out->Error(rule, field, -1, absl::StrCat(what, ": ", en), absl::StrCat(what_zh, "：", zh));
  };
  const bool any_level = rule.from() == v1::UPWARD_LEVEL_UNSPECIFIED || rule.to() == v1::UPWARD_LEVEL_UNSPECIFIED;
  if (any_level || rule.to() <= rule.from())
    bad("to", "from and to must be set, to above from, for example UPWARD_COUNTY to UPWARD_CITY",
        "须写 from 和 to，且 to 高于 from，例如 UPWARD_COUNTY 到 UPWARD_CITY");
  if (rule.kind() == v1::UPWARD_KIND_UNSPECIFIED || rule.kind() == v1::UPWARD_SUPPLEMENT)
    bad("kind", "kind must be UPWARD_INITIAL, UPWARD_FOLLOW_UP or UPWARD_FINAL",
        "kind 须为 UPWARD_INITIAL、UPWARD_FOLLOW_UP 或 UPWARD_FINAL");
  if (rule.within_s() == 0 && rule.kind() != v1::UPWARD_FINAL)
    bad("within_s", "a clock needs within_s, in seconds", "缺少时限；请写 within_s，单位为秒");
  const bool national = std::any_of(LockedRules().begin(), LockedRules().end(),
                                    [&](const v1::StatutoryRule& law) { return law.id() == rule.id(); });
  if (rule.locked() && !national)
    bad("locked", "only the national rows are locked; leave locked out here", "仅国家规定可锁定；请删去 locked");
}

}  // namespace

void CheckStatutory(const v1::SiteSet& set, const Known& known, Findings* findings) {
  CheckCount(set, "statutory", set.statutory_size(), limits::kStatutoryRulesMax, "the set", "整套配置", findings);
  std::set<std::string> seen;
  for (const v1::StatutoryRule& rule : set.statutory()) {
    CheckNewId(rule, "statutory", "报送时限", rule.id(), &seen, findings);
    CheckRule(rule, known, findings);
  }
  CheckLocked(set, findings);
}

}  // namespace liandong::routing
