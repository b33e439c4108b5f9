#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "routing/calendar_day.h"
#include "routing/check.h"
#include "routing/check_text.h"
#include "routing/limits.h"
#include "routing/site.h"
#include "routing/words.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";

// What is being checked, and how messages call it.
struct Context {
  const v1::Agreement& agreement;
  const Known& known;
  Findings* out;
  std::string what, what_zh;
};

bool IsDivisionPrefix(const std::string& prefix) {
  size_t n = prefix.size();
  return (n == 2 || n == 4 || n == 6 || n == 9 || n == 12) &&
         prefix.find_first_not_of("0123456789") == std::string::npos;
}

void CheckDivisionPrefix(const Context& c, const v1::Condition& when, int index) {
  const std::string& prefix = when.division(index);
  if (!IsDivisionPrefix(prefix)) {
    c.out->Error(when, "division", index,
                 absl::StrCat(c.what, ": division ", Quoted(prefix), " is not an area; write 2, 4, 6, 9 or 12 digits"),
                 absl::StrCat(c.what_zh, "：division ", Quoted(prefix), " 不是区划前缀；请写 2、4、6、9 或 12 位数字"));
    return;
  }
  std::string area(Site::Significant(prefix));
  // The set is ordered, so that a code within the area, if there is one, is the first not below it.
  auto within = c.known.divisions.lower_bound(area);
  if (within == c.known.divisions.end() || !absl::StartsWith(*within, area)) {
    UnknownId(when, "division", index, c.what, c.what_zh, prefix, c.known.division_codes, c.out);
  }
}

void CheckWindow(const Context& c, const v1::TimeWindow& window) {
  std::optional<int> from = ParseTimeOfDay(window.from()), until = ParseTimeOfDay(window.until());
  bool bad_from = !from || *from == 24 * 60;
  if (bad_from || !until) {
    const std::string& text = bad_from ? window.from() : window.until();
    c.out->Error(window, bad_from ? "from" : "until", -1,
                 absl::StrCat(c.what, ": ", Quoted(text), " is not a time of day; write \"HH:MM\""),
                 absl::StrCat(c.what_zh, "：", Quoted(text), " 不是时刻；请写 \"HH:MM\""));
  } else if (*from == *until) {
    c.out->Error(window, "until", -1,
                 absl::StrCat(c.what, ": the time window is empty; for the whole day leave out time"),
                 absl::StrCat(c.what_zh, "：时段为空；全天请不写 time"));
  }
}

void CheckCondition(const Context& c, const v1::Condition& when, int depth) {
  if (when.ByteSizeLong() == 0) {
    c.out->Error(when, "", -1,
                 absl::StrCat(c.what, ": an empty when; write a condition in it, or remove it: no when means always"),
                 absl::StrCat(c.what_zh, "：when 为空；请写条件，或删去（不写 when 即始终适用）"));
  }
  for (const char* field : {"category", "division", "source", "any_word", "channel", "stage"}) {
    const auto* descriptor = when.GetDescriptor()->FindFieldByName(field);
    CheckCount(when, field, when.GetReflection()->FieldSize(when, descriptor), limits::kValuesMax, c.what, c.what_zh,
               c.out);
  }
  CheckCount(when, "time", when.time_size(), limits::kTimeWindowsMax, c.what, c.what_zh, c.out);
  for (int i = 0; i < when.category_size(); ++i) {
    if (c.known.categories.count(when.category(i)) > 0) continue;
    UnknownId(when, "category", i, c.what, c.what_zh, when.category(i), c.known.category_codes, c.out);
  }
  for (int i = 0; i < when.division_size(); ++i) CheckDivisionPrefix(c, when, i);
  for (int i = 0; i < when.source_size(); ++i) {
    if (c.known.parties.count(when.source(i)) > 0) continue;
    UnknownId(when, "source", i, c.what, c.what_zh, when.source(i), c.known.party_ids, c.out);
  }
  auto blank = [&](const char* field, int index) {
    c.out->Error(when, field, index, absl::StrCat(c.what, ": ", field, " holds an empty text; write it or remove it"),
                 absl::StrCat(c.what_zh, "：", field, " 为空；请填写或删去"));
  };
  for (int i = 0; i < when.any_word_size(); ++i) {
    if (FoldText(when.any_word(i)).find_first_not_of(" \t\n") == std::string::npos) blank("any_word", i);
  }
  for (int i = 0; i < when.channel_size(); ++i) {
    if (when.channel(i).empty()) blank("channel", i);
  }
  for (const v1::TimeWindow& window : when.time()) CheckWindow(c, window);
  if (depth >= limits::kConditionNestingMax && (when.any_of_size() > 0 || when.none_of_size() > 0)) {
    c.out->Error(
        when, when.any_of_size() > 0 ? "any_of" : "none_of", 0,
        absl::StrCat(c.what, ": conditions nest deeper than ", limits::kConditionNestingMax,
                     "; write several when { ... } instead"),
        absl::StrCat(c.what_zh, "：条件嵌套超过 ", limits::kConditionNestingMax, " 层；请拆成几个并列的 when { ... }"));
    return;
  }
  CheckCount(when, "any_of", when.any_of_size(), limits::kNestedMax, c.what, c.what_zh, c.out);
  CheckCount(when, "none_of", when.none_of_size(), limits::kNestedMax, c.what, c.what_zh, c.out);
  for (const v1::Condition& nested : when.any_of()) CheckCondition(c, nested, depth + 1);
  for (const v1::Condition& nested : when.none_of()) CheckCondition(c, nested, depth + 1);
}

void CheckPrecedence(const Context& c, const v1::Clause& clause) {
  const std::string own = absl::StrCat(c.agreement.id(), "/", clause.id());
  CheckCount(clause, "overrides", clause.overrides_size(), limits::kOverridesMax, c.what, c.what_zh, c.out);
  for (int i = 0; i < clause.overrides_size(); ++i) {
    const std::string& name = clause.overrides(i);
    if (name == own) {
      c.out->Error(clause, "overrides", i, absl::StrCat(c.what, ": overrides itself; remove it"),
                   absl::StrCat(c.what_zh, "：overrides 写的是本条款自己；请删去"));
    } else if (c.known.clauses.count(name) == 0) {
      c.out->Error(clause, "overrides", i,
                   absl::StrCat(c.what, ": overrides ", Quoted(name), ", and there is no such clause",
                                DidYouMean(name, c.known.clause_names), "; write \"agreement-id/clause-id\""),
                   absl::StrCat(c.what_zh, "：overrides ", Quoted(name), " 没有这样的条款",
                                DidYouMeanZh(name, c.known.clause_names), "；请写 \"协议编号/条款编号\""));
    }
  }
  if (clause.fallback() && clause.overrides_size() > 0) {
    c.out->Error(clause, "overrides", 0,
                 absl::StrCat(c.what, ": a fallback gives way to every other clause and overrides none; remove one"),
                 absl::StrCat(c.what_zh, "：兜底条款让位于其他条款，不能同时写 overrides；请删去其一"));
  }
  bool leads = std::any_of(clause.duty().begin(), clause.duty().end(),
                           [](const v1::DutySpec& duty) { return duty.role() == v1::LEAD; });
  if (clause.fallback() && !leads) {
    c.out->Error(clause, "fallback", -1,
                 absl::StrCat(c.what, ": a fallback that gives nobody the LEAD is no net; add a duty with role: LEAD"),
                 absl::StrCat(c.what_zh, "：兜底条款没有主责单位；请加 role: LEAD 的任务"));
  }
  if (clause.auto_merge_score() > limits::kScoreMax) {
    c.out->Error(clause, "auto_merge_score", -1,
                 absl::StrCat(c.what, ": auto_merge_score ", clause.auto_merge_score(), " is more than ",
                              limits::kScoreMax, "; write 1 to 100, or 0 for never"),
                 absl::StrCat(c.what_zh, "：auto_merge_score ", clause.auto_merge_score(), " 超过 ", limits::kScoreMax,
                              "；请写 1 到 100，或 0（从不）"));
  }
}

void CheckReminder(const Context& c, const v1::DutySpec& duty) {
  uint32_t longest = std::max({duty.receive_within_s(), duty.see_within_s(), duty.accept_within_s(),
                               duty.en_route_within_s(), duty.arrive_within_s(), duty.complete_within_s()});
  if (longest == 0 || duty.remind_before_s() < longest) return;
  c.out->Warn(
      duty, "remind_before_s", -1,
      absl::StrCat(c.what, ": remind_before_s (", duty.remind_before_s(), ") is not shorter than any deadline (",
                   longest, "), so nobody is ever reminded; make it shorter"),
      absl::StrCat(c.what_zh, "：remind_before_s（", duty.remind_before_s(), " 秒）不短于任何时限（", longest,
                   " 秒），永远不会提醒；请改短"));
}

void CheckEscalation(const Context& c, const v1::DutySpec& duty) {
  CheckCount(duty, "escalate", duty.escalate_size(), limits::kStepsMax, c.what, c.what_zh, c.out);
  std::set<std::string> seen;
  for (int i = 0; i < duty.escalate_size(); ++i) {
    const v1::EscalationStep& step = duty.escalate(i);
    CheckSecondsFields(step, c.what, c.what_zh, c.out);
    if (!c.known.HasTarget(step.to())) {
      UnknownId(step, "to", -1, c.what, c.what_zh, step.to(), c.known.target_ids, c.out);
    } else if (step.to() == duty.party()) {
      c.out->Error(step, "to", -1,
                   absl::StrCat(c.what, ": the escalation is circular: ", Quoted(step.to()),
                                " is the party that is late; name one of its posts or somebody above it"),
                   absl::StrCat(c.what_zh, "：升级成环：", Quoted(step.to()), " 就是逾期单位本身；请写其岗位或上级"));
    } else if (!seen.insert(step.to()).second) {
      c.out->Error(step, "to", -1,
                   absl::StrCat(c.what, ": the escalation is circular: ", Quoted(step.to()),
                                " was told in an earlier step; remove one of them"),
                   absl::StrCat(c.what_zh, "：升级成环：", Quoted(step.to()), " 在前面的步骤已通知；请删去一处"));
    } else if (step.to() == c.known.command_party && i + 1 < duty.escalate_size()) {
      c.out->Error(step, "to", -1,
                   absl::StrCat(c.what, ": the command centre ", Quoted(step.to()),
                                " is always the last step; move it to the end or leave it out"),
                   absl::StrCat(c.what_zh, "：指挥中心 ", Quoted(step.to()), " 总是最后一步；请移到末尾或省去"));
    }
  }
}

bool Signed(const Context& c, const std::string& party) {
  // Townships stand under the county government, not under the paper: "@township" binds them unnamed.
  if (party == kTownshipOfIncident || party == c.known.command_party) return true;
  const auto& signers = c.agreement.party();
  if (std::find(signers.begin(), signers.end(), party) != signers.end()) return true;
  auto kind = c.known.parties.find(party);
  return kind != c.known.parties.end() && kind->second == v1::TOWNSHIP &&
         std::find(signers.begin(), signers.end(), kTownshipOfIncident) != signers.end();
}

void CheckDuty(const Context& c, const v1::DutySpec& duty) {
  bool known = duty.party() == kTownshipOfIncident || c.known.parties.count(duty.party()) > 0;
  if (!known) {
    UnknownId(duty, "party", -1, absl::StrCat(c.what, ", duty"), absl::StrCat(c.what_zh, "，任务"), duty.party(),
              c.known.party_ids, c.out);
  } else if (!Signed(c, duty.party())) {
    c.out->Error(duty, "party", -1,
                 absl::StrCat(c.what, ": ", Quoted(duty.party()),
                              " has a duty but did not sign; add party: ", Quoted(duty.party()), " to agreement ",
                              Quoted(c.agreement.id()), " or give the duty to a party that signed"),
                 absl::StrCat(c.what_zh, "：", Quoted(duty.party()), " 有任务但未签署；请在协议 ",
                              Quoted(c.agreement.id()), " 中加 party: ", Quoted(duty.party()), "，或改由签署单位承担"));
  }
  if (duty.role() == v1::ROLE_UNSPECIFIED) {
    c.out->Error(duty, "role", -1,
                 absl::StrCat(c.what, ": the duty of ", Quoted(duty.party()),
                              " has no role; write role: LEAD, SUPPORT or INFORM"),
                 absl::StrCat(c.what_zh, "：", Quoted(duty.party()),
                              " 的任务没有角色；请写 role: LEAD（主责）、SUPPORT（协办）或 INFORM（告知）"));
  }
  CheckSecondsFields(duty, c.what, c.what_zh, c.out);
  CheckLadder(duty, c.what, c.what_zh,
              {{"receive_within_s", duty.receive_within_s()},
               {"see_within_s", duty.see_within_s()},
               {"accept_within_s", duty.accept_within_s()},
               {"en_route_within_s", duty.en_route_within_s()},
               {"arrive_within_s", duty.arrive_within_s()},
               {"complete_within_s", duty.complete_within_s()}},
              c.out);
  CheckReminder(c, duty);
  CheckEscalation(c, duty);
}

void CheckClause(const v1::Agreement& agreement, const v1::Clause& clause, const Known& known,
                 std::set<std::string>* seen, Findings* out) {
  Context c{agreement, known, out, absl::StrCat("agreement ", Quoted(agreement.id()), " clause ", Quoted(clause.id())),
            absl::StrCat("协议 ", Quoted(agreement.id()), " 条款 ", Quoted(clause.id()))};
  CheckPresent(clause, "id", clause.id(), c.what, c.what_zh, out);
  if (!clause.id().empty() && !seen->insert(clause.id()).second) Duplicate(clause, "id", c.what, c.what_zh, out);
  CheckPresent(clause, "text", clause.text(), c.what, c.what_zh, out);
  CheckCount(clause, "when", clause.when_size(), limits::kConditionsMax, c.what, c.what_zh, out);
  for (const v1::Condition& when : clause.when()) CheckCondition(c, when, 0);
  CheckPrecedence(c, clause);
  if (clause.duty().empty()) {
    out->Error(clause, "", -1,
               absl::StrCat(c.what, ": asks nothing of anybody; add a duty { ... } or remove the clause"),
               absl::StrCat(c.what_zh, "：没有任何任务；请加 duty { ... } 或删去该条款"));
  }
  CheckCount(clause, "duty", clause.duty_size(), limits::kDutiesMax, c.what, c.what_zh, out);
  std::set<std::string> parties;
  for (const v1::DutySpec& duty : clause.duty()) {
    CheckDuty(c, duty);
    if (parties.insert(duty.party()).second) continue;
    out->Warn(duty, "party", -1,
              absl::StrCat(c.what, ": ", Quoted(duty.party()), " has two duties here; they will be merged into one"),
              absl::StrCat(c.what_zh, "：", Quoted(duty.party()), " 在此有两项任务，将合并为一项"));
  }
}

// A day of the agreement, or nothing with an error.
std::optional<int32_t> CheckDay(const v1::Agreement& agreement, const char* field, const std::string& text,
                                Findings* out) {
  std::optional<int32_t> day = ParseDay(text);
  if (!day) {
    out->Error(agreement, field, -1,
               absl::StrCat("agreement ", Quoted(agreement.id()), ": ", field, " ", Quoted(text),
                            " is not a day; write \"YYYY-MM-DD\""),
               absl::StrCat("协议 ", Quoted(agreement.id()), "：", field, " ", Quoted(text),
                            " 不是日期；请写 \"YYYY-MM-DD\""));
  }
  return day;
}

void CheckDates(const v1::Agreement& agreement, int32_t utc_offset_minutes, int64_t now_ms, int expiry_days,
                Findings* out) {
  std::string what = absl::StrCat("agreement ", Quoted(agreement.id()));
  std::string what_zh = absl::StrCat("协议 ", Quoted(agreement.id()));
  std::optional<int32_t> from = CheckDay(agreement, "effective_from", agreement.effective_from(), out);
  if (agreement.effective_until().empty()) return;
  std::optional<int32_t> until = CheckDay(agreement, "effective_until", agreement.effective_until(), out);
  if (from && until && *until < *from) {
    out->Error(agreement, "effective_until", -1,
               absl::StrCat(what, ": ends ", agreement.effective_until(), ", before it begins ",
                            agreement.effective_from(), "; mend one of the dates"),
               absl::StrCat(what_zh, "：截止日 ", agreement.effective_until(), " 早于生效日 ",
                            agreement.effective_from(), "；请改正日期"));
  }
  if (now_ms <= 0 || !until) return;
  int32_t left = *until - LocalDay(now_ms, utc_offset_minutes);
  if (left < 0) {
    out->Warn(
        agreement, "effective_until", -1,
        absl::StrCat(what, ": expired on ", agreement.effective_until(), " and routes nothing; renew or remove it"),
        absl::StrCat(what_zh, "：已于 ", agreement.effective_until(), " 到期，不再派发任务；请续签或移除"));
  } else if (left <= expiry_days) {
    out->Warn(agreement, "effective_until", -1,
              absl::StrCat(what, ": expires on ", agreement.effective_until(), ", in ", left, " days; renew it"),
              absl::StrCat(what_zh, "：将于 ", agreement.effective_until(), " 到期（还有 ", left, " 天）；请续签"));
  }
}

}  // namespace

void CheckAgreement(const v1::Agreement& agreement, const Known& known, int32_t utc_offset_minutes, int64_t now_ms,
                    int expiry_days, Findings* findings) {
  std::string what = absl::StrCat("agreement ", Quoted(agreement.id()));
  std::string what_zh = absl::StrCat("协议 ", Quoted(agreement.id()));
  CheckPresent(agreement, "title", agreement.title(), what, what_zh, findings);
  CheckDates(agreement, utc_offset_minutes, now_ms, expiry_days, findings);
  CheckCount(agreement, "party", agreement.party_size(), limits::kSignersMax, what, what_zh, findings);
  std::set<std::string> signers;
  for (int i = 0; i < agreement.party_size(); ++i) {
    const std::string& party = agreement.party(i);
    if (party != kTownshipOfIncident && known.parties.count(party) == 0) {
      UnknownId(agreement, "party", i, what, what_zh, party, known.party_ids, findings);
    } else if (!signers.insert(party).second) {
      findings->Error(agreement, "party", i, absl::StrCat(what, ": ", Quoted(party), " signs twice; remove one"),
                      absl::StrCat(what_zh, "：", Quoted(party), " 签署两次；请删去一处"));
    }
  }
  if (agreement.party().empty()) {
    findings->Error(agreement, "party", -1, absl::StrCat(what, ": nobody signed; write party: \"...\" for each signer"),
                    absl::StrCat(what_zh, "：没有签署单位；请逐一写 party: \"...\""));
  }
  if (agreement.clause().empty()) {
    findings->Error(agreement, "clause", -1, absl::StrCat(what, ": has no clause; write clause { ... }"),
                    absl::StrCat(what_zh, "：没有条款；请写 clause { ... }"));
  }
  std::set<std::string> ids;
  for (const v1::Clause& clause : agreement.clause()) CheckClause(agreement, clause, known, &ids, findings);
}

}  // namespace liandong::routing
