#include "routing/explain.h"

#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace liandong::routing {
namespace {

struct Term {
  std::string_view token;
  const char* zh;
  const char* en;
};

// The conditions, as routing/evaluate.h names them.
constexpr Term kConditions[] = {
    {"effective", "协议有效期", "the agreement's dates"},
    {"category", "事件类别", "category"},
    {"severity_at_least", "事件等级不低于", "severity at least"},
    {"division", "所在区划", "division"},
    {"source", "报告单位", "reporting party"},
    {"any_word", "报告文字含有", "words in the report"},
    {"time", "接报时段", "time of day"},
    {"verified", "核实情况", "verification"},
    {"danger_to_life", "危及生命", "danger to life"},
    {"device_alarm", "设备自动报警", "device alarm"},
    {"channel", "来报渠道", "channel"},
    {"stage", "所处阶段", "stage"},
    {"response_level_at_least", "应急响应级别不低于", "response level at least"},
    {"any_of", "任选条件（any_of）", "any_of"},
    {"none_of", "排除条件（none_of）", "none_of"},
};

// What is unknown when the condition held for that reason, where that has another name.
constexpr Term kFacts[] = {
    {"severity_at_least", "事件等级", "severity"},
    {"any_word", "报告文字", "the report's text"},
};

constexpr Term kValues[] = {
    {"SEVERITY_UNKNOWN", "未知", "unknown"},
    {"GENERAL", "一般", "general"},
    {"LARGE", "较大", "large"},
    {"MAJOR", "重大", "major"},
    {"EXTREME", "特别重大", "extreme"},
    {"ANSWER_UNKNOWN", "未知", "unknown"},
    {"YES", "是", "yes"},
    {"NO", "否", "no"},
    {"ONLY_VERIFIED", "仅限已核实", "verified only"},
    {"ONLY_UNVERIFIED", "仅限未核实", "unverified only"},
    {"VERIFICATION_UNSPECIFIED", "未核实", "unverified"},
    {"UNVERIFIED", "未核实", "unverified"},
    {"VERIFIED", "已核实", "verified"},
    {"WARNING", "监测预警", "warning"},
    {"PREVENTION", "预防", "prevention"},
    {"RESPONSE", "处置救援", "response"},
    {"RECOVERY", "善后恢复", "recovery"},
    {"RESPONSE_LEVEL_UNSPECIFIED", "未启动响应", "no response in force"},
    {"LEVEL_IV", "四级响应", "level IV"},
    {"LEVEL_III", "三级响应", "level III"},
    {"LEVEL_II", "二级响应", "level II"},
    {"LEVEL_I", "一级响应", "level I"},
};

// Those that end with ':' are followed by a party's id.
constexpr Term kNotes[] = {
    {"NO_CLAUSE", "没有条款适用，由指挥中心处置", "no clause applies; the command centre holds it"},
    {"FALSE_ALARM", "已认定为误报，不派发任务", "it is a false alarm; nobody is given a duty"},
    {"SECRET", "标为涉密，只送指定的涉密处理单位", "marked secret; it goes to the named secret handler only"},
    {"TOWNSHIP_UNKNOWN", "所在乡镇不明，乡镇的任务暂由指挥中心承担",
     "the township is not known; its duty goes to the command centre"},
    {"CATEGORY_UNKNOWN", "事件类别不在类别表中，按类别未知处理",
     "the category is not in the site's tree; it counts as unknown"},
    {"OWN_REPORT:", "本单位自己报告的事件，不回送：", "its own report is not sent back to: "},
    {"UNKNOWN_PARTY:", "单位表中没有此单位，其任务未派发：", "no such party, its duty was not given: "},
};

template <size_t n>
const Term* FindTerm(const Term (&terms)[n], std::string_view token) {
  for (const Term& term : terms) {
    if (term.token == token) return &term;
  }
  return nullptr;
}

// One language's way of telling it.
class Teller {
 public:
  Teller(const Site& site, bool zh) : site_(site), zh_(zh) {}

  std::string Tell(const v1::Decision& decision) const {
    std::string out;
    if (decision.site_version() != site_.version()) {
      absl::StrAppend(&out, Say("依据的配置版本：", "Decided with site version "), decision.site_version(),
                      Say("（现行版本 ", " (now in force: "), site_.version(), Say("）", ")"), "\n");
    }
    if (!decision.fired().empty()) absl::StrAppend(&out, Say("适用的条款：", "Clauses that apply:"), "\n");
    for (const v1::Fired& fired : decision.fired()) TellFired(fired, &out);
    if (!decision.near_miss().empty()) {
      absl::StrAppend(&out, Say("只差一项条件、未适用的条款：", "Clauses that missed by one condition:"), "\n");
    }
    for (const v1::NearMiss& miss : decision.near_miss()) TellMiss(miss, &out);
    if (!decision.note().empty()) absl::StrAppend(&out, Say("说明：", "Notes:"), "\n");
    for (const std::string& note : decision.note()) absl::StrAppend(&out, "  - ", NoteText(note), "\n");
    return out;
  }

 private:
  std::string Say(const char* zh, const char* en) const { return zh_ ? zh : en; }
  std::string Say(const Term& term) const { return Say(term.zh, term.en); }
  // The Chinese name where there is no English one.
  std::string Name(const std::string& zh, const std::string& en) const { return zh_ || en.empty() ? zh : en; }

  std::string Cite(const v1::ClauseRef& ref) const {
    const v1::Agreement* agreement = site_.FindAgreement(ref.agreement());
    std::string title = agreement == nullptr ? ref.agreement() : absl::StrCat("《", agreement->title(), "》");
    return absl::StrCat(title, Say(" 第 ", " clause "), ref.clause(), Say(" 条", ""));
  }

  // Told as a sentence of its own; false: it missed by one of its conditions.
  bool TellSetAside(const v1::NearMiss& miss, std::string* out) const {
    const bool overridden = miss.condition() == "overrides";
    if (!overridden && miss.condition() != "fallback") return false;
    std::vector<std::string> by = absl::StrSplit(miss.wanted(), absl::MaxSplits('/', 1));
    v1::ClauseRef ref;
    ref.set_agreement(by[0]);
    if (by.size() > 1) ref.set_clause(by[1]);
    absl::StrAppend(out, "  - ", Cite(miss.clause()), Say("：", ": "),
                    overridden ? Say("条件具备，但被取代：", "its conditions hold, but this clause overrides it: ")
                               : Say("兜底条款，已有主责：", "a fallback, and this clause gives a lead: "),
                    Cite(ref), "\n");
    return true;
  }

  void TellFired(const v1::Fired& fired, std::string* out) const {
    const v1::Clause* clause = site_.FindClause(fired.clause());
    absl::StrAppend(out, "  - ", Cite(fired.clause()), Say("：", ": "),
                    clause == nullptr ? Say("（现行配置中已无此条款）", "(no longer in the site)") : clause->text(),
                    "\n");
    if (fired.has_lead_yields_to()) {
      absl::StrAppend(out, Say("    主责让位于更具体的 ", "    Its lead helps instead, for this is more specific: "),
                      Cite(fired.lead_yields_to()), Say("，转为协办", ""), "\n");
    }
    if (fired.uncertain().empty()) return;
    std::vector<std::string> names;
    for (const std::string& token : fired.uncertain()) {
      const Term* fact = FindTerm(kFacts, token);
      names.push_back(fact == nullptr ? ConditionName(token) : Say(*fact));
    }
    absl::StrAppend(
        out, Say("    待核实：", "    To be verified: "), absl::StrJoin(names, Say("、", ", ")),
        Say("（目前不明，先按适用处理，只告知地点）", " (not known yet; taken to apply, and only the place is told)"),
        "\n");
  }

  void TellMiss(const v1::NearMiss& miss, std::string* out) const {
    if (TellSetAside(miss, out)) return;
    if (miss.wanted().empty() && miss.found().empty()) {
      absl::StrAppend(out, "  - ", Cite(miss.clause()), Say("：", ": "), ConditionName(miss.condition()),
                      Say(" 不满足", " does not hold"), "\n");
      return;
    }
    absl::StrAppend(out, "  - ", Cite(miss.clause()), Say("：", ": "), ConditionName(miss.condition()),
                    Say(" 要求 ", ", wanted "), Values(miss.condition(), miss.wanted()));
    if (miss.condition() == "any_word") {
      absl::StrAppend(out, Say("，报告中没有", ", none of them in the reports"));
    } else {
      absl::StrAppend(out, Say("，实际为 ", ", found "), Values(miss.condition(), miss.found()));
    }
    absl::StrAppend(out, "\n");
  }

  std::string ConditionName(const std::string& token) const {
    const Term* term = FindTerm(kConditions, token);
    return term == nullptr ? token : Say(*term);
  }

  // Tokens that were joined with blanks, each as people call it.
  std::string Values(std::string_view condition, const std::string& tokens) const {
    if (condition == "any_word") return absl::StrCat("“", tokens, "”");
    std::vector<std::string> names = absl::StrSplit(tokens, ' ', absl::SkipEmpty());
    for (std::string& name : names) name = Value(condition, name);
    return names.empty() ? Say("（无）", "(none)") : absl::StrJoin(names, Say("、", ", "));
  }

  std::string Value(std::string_view condition, const std::string& token) const {
    if (condition == "category") {
      const v1::Category* category = site_.FindCategory(token);
      return category == nullptr ? token : Name(category->name_zh(), category->name_en());
    }
    if (condition == "source") {
      const v1::Party* party = site_.FindParty(token);
      return party == nullptr ? token : Name(party->name_zh(), party->name_en());
    }
    if (condition == "division") {
      // Conditions and decisions write significant digits; the table has 12.
      constexpr size_t kDivisionDigits = 12;
      std::string code = token;
      if (code.size() < kDivisionDigits) code.resize(kDivisionDigits, '0');
      const v1::Division* division = site_.FindDivision(code);
      return division == nullptr ? token : absl::StrCat(Name(division->name_zh(), division->name_en()), " ", token);
    }
    const Term* term = FindTerm(kValues, token);
    return term == nullptr ? token : Say(*term);
  }

  std::string NoteText(const std::string& note) const {
    size_t colon = note.find(':');
    if (colon == std::string::npos) {
      const Term* term = FindTerm(kNotes, note);
      return term == nullptr ? note : Say(*term);
    }
    const Term* term = FindTerm(kNotes, std::string_view(note).substr(0, colon + 1));
    return term == nullptr ? note : absl::StrCat(Say(*term), Value("source", note.substr(colon + 1)));
  }

  const Site& site_;
  const bool zh_;
};

}  // namespace

std::string ExplainZh(const Site& site, const v1::Decision& decision) { return Teller(site, true).Tell(decision); }
std::string ExplainEn(const Site& site, const v1::Decision& decision) { return Teller(site, false).Tell(decision); }

}  // namespace liandong::routing
