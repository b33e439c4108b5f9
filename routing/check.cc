#include "routing/check.h"

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "routing/calendar_day.h"
#include "routing/check_text.h"
#include "routing/limits.h"
#include "routing/roster.h"
#include "routing/site.h"
#include "routing/statutory.h"

namespace liandong::routing {
namespace {

constexpr size_t kDivisionDigits = 12;
constexpr size_t kTownshipDigits = 9;

bool IsDivisionCode(std::string_view code) {
  return code.size() == kDivisionDigits && code.find_first_not_of("0123456789") == std::string_view::npos;
}

void CheckSettings(const v1::SiteSet& set, const Known& known, Findings* out) {
  const v1::SiteSettings& s = set.settings();
  if (s.name().empty()) {
    out->Error(s, "name", -1, "settings: the county has no name; write name: \"...\"",
               "settings：缺少县名；请写 name: \"...\"");
  }
  static constexpr char kTrustDomainLetters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  if (s.trust_domain().empty() || s.trust_domain().size() > limits::kTrustDomainBytesMax ||
      s.trust_domain().find_first_not_of(kTrustDomainLetters) != std::string::npos) {
    out->Error(s, "trust_domain", -1,
               absl::StrCat("settings: trust_domain ", Quoted(s.trust_domain()),
                            " is not a trust domain; use small letters, digits, '.', '-' and '_', for example "
                            "\"yunxi.liandong.example\""),
               absl::StrCat("settings：trust_domain ", Quoted(s.trust_domain()),
                            " 不是信任域；只能用小写字母、数字、“.”“-”“_”，例如 \"yunxi.liandong.example\""));
  }
  auto command = known.parties.find(s.command_party());
  if (command == known.parties.end()) {
    out->Error(
        s, "command_party", -1,
        absl::StrCat("settings: command_party ", Quoted(s.command_party()), " is not in parties",
                     DidYouMean(s.command_party(), known.party_ids), "; name the party that is the command centre"),
        absl::StrCat("settings：command_party ", Quoted(s.command_party()), " 不在单位表中",
                     DidYouMeanZh(s.command_party(), known.party_ids), "；请写指挥中心的单位编号"));
  } else if (command->second != v1::COMMAND) {
    out->Error(s, "command_party", -1,
               absl::StrCat("settings: command_party ", Quoted(s.command_party()), " is of kind ",
                            v1::PartyKind_Name(command->second), "; it must be of kind COMMAND"),
               absl::StrCat("settings：command_party ", Quoted(s.command_party()), " 的类型是 ",
                            v1::PartyKind_Name(command->second), "；必须是 COMMAND"));
  }
  if (s.utc_offset_minutes() < limits::kUtcOffsetMinutesMin || s.utc_offset_minutes() > limits::kUtcOffsetMinutesMax) {
    out->Error(s, "utc_offset_minutes", -1,
               absl::StrCat("settings: utc_offset_minutes ", s.utc_offset_minutes(),
                            " is no time zone; minutes from -720 to 840, China is 480"),
               absl::StrCat("settings：utc_offset_minutes ", s.utc_offset_minutes(),
                            " 不是时区；单位为分钟，-720 到 840，中国为 480"));
  }
  if (!s.return_reviewer().empty() && known.parties.count(s.return_reviewer()) == 0)
    UnknownId(s, "return_reviewer", -1, "settings", "settings", s.return_reviewer(), known.party_ids, out);
  CheckSecondsFields(s, "settings", "settings", out);
  CheckLadder(s, "settings", "settings",
              {{"lead_receive_s", s.lead_receive_s()},
               {"lead_see_s", s.lead_see_s()},
               {"lead_accept_s", s.lead_accept_s()},
               {"lead_en_route_s", s.lead_en_route_s()},
               {"lead_arrive_s", s.lead_arrive_s()},
               {"lead_complete_s", s.lead_complete_s()}},
              out);
  CheckLadder(s, "settings", "settings",
              {{"support_receive_s", s.support_receive_s()},
               {"support_see_s", s.support_see_s()},
               {"support_accept_s", s.support_accept_s()},
               {"support_en_route_s", s.support_en_route_s()},
               {"support_arrive_s", s.support_arrive_s()},
               {"support_complete_s", s.support_complete_s()}},
              out);
}

void CheckPartyDivision(const v1::Party& party, const Known& known, std::set<std::string>* townships, Findings* out) {
  bool township = party.kind() == v1::TOWNSHIP;
  if (!township && party.division().empty()) return;
  std::string code = party.division();
  if (!IsDivisionCode(code) || (township && Site::Significant(code).size() != kTownshipDigits)) {
    out->Error(party, "division", -1,
               absl::StrCat("party ", Quoted(party.id()), ": division ", Quoted(code),
                            township ? " is not a township's code; write its 12 digits, the last three 000"
                                     : " is not a division code; write 12 digits"),
               absl::StrCat("单位 ", Quoted(party.id()), "：division ", Quoted(code),
                            township ? " 不是乡镇代码；请写 12 位，末三位为 000" : " 不是区划代码；请写 12 位数字"));
    return;
  }
  if (known.divisions.count(code) == 0) {
    out->Error(party, "division", -1,
               absl::StrCat("party ", Quoted(party.id()), ": division ", Quoted(code), " is not in divisions",
                            DidYouMean(code, known.division_codes), "; add it there or mend the code"),
               absl::StrCat("单位 ", Quoted(party.id()), "：division ", Quoted(code), " 不在区划表中",
                            DidYouMeanZh(code, known.division_codes), "；请补入区划表或改正代码"));
  }
  if (township && !townships->insert(code).second) {
    out->Error(
        party, "division", -1,
        absl::StrCat("party ", Quoted(party.id()), ": another township has division ", Quoted(code),
                     " already; each division has one township"),
        absl::StrCat("单位 ", Quoted(party.id()), "：区划 ", Quoted(code), " 已属于另一乡镇；每个区划只能有一个乡镇"));
  }
}

// The key of a party's feed reader, and what it may read. Z85 writes 32 bytes as 40 characters.
void CheckFeed(const v1::Party& party, std::map<std::string, std::string>* keys, Findings* out) {
  static constexpr char kZ85[] =
      "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  const std::string& key = party.feed_key();
  if (!key.empty() && (key.size() != 40 || key.find_first_not_of(kZ85) != std::string::npos)) {
    out->Error(
        party, "feed_key", -1,
        absl::StrCat("party ", Quoted(party.id()),
                     ": feed_key is not a public key of 40 characters; make one with: liandong pki feed-key"),
        absl::StrCat("单位 ", Quoted(party.id()), "：feed_key 不是 40 个字符的公钥；请用 liandong pki feed-key 生成"));
  } else if (auto [it, fresh] = keys->emplace(key, party.id()); !key.empty() && !fresh) {
    out->Error(party, "feed_key", -1,
               absl::StrCat("party ", Quoted(party.id()), ": party ", Quoted(it->second),
                            " has the same feed_key; each program has a key of its own"),
               absl::StrCat("单位 ", Quoted(party.id()), "：feed_key 与单位 ", Quoted(it->second),
                            " 相同；每个程序各用各的密钥"));
  }
  for (int i = 0; i < party.feed_area_size(); ++i) {
    const std::string& area = party.feed_area(i);
    const bool length =
        area.size() == 2 || area.size() == 4 || area.size() == 6 || area.size() == 9 || area.size() == 12;
    if (length && area.find_first_not_of("0123456789") == std::string::npos) continue;
    out->Error(party, "feed_area", i,
               absl::StrCat("party ", Quoted(party.id()), ": feed_area ", Quoted(area),
                            " is not a division prefix; write 2, 4, 6, 9 or 12 digits"),
               absl::StrCat("单位 ", Quoted(party.id()), "：feed_area ", Quoted(area),
                            " 不是区划前缀；请写 2、4、6、9 或 12 位数字"));
  }
}

void CheckParties(const v1::SiteSet& set, const Known& known, Findings* out) {
  std::set<std::string> seen, townships;
  std::map<std::string, std::string> feed_keys;
  for (const v1::Party& party : set.party()) {
    CheckFeed(party, &feed_keys, out);
    CheckNewId(party, "party", "单位", party.id(), &seen, out);
    if (party.kind() == v1::PARTY_KIND_UNSPECIFIED) {
      out->Error(party, "kind", -1,
                 absl::StrCat("party ", Quoted(party.id()),
                              ": no kind; write kind: HOTLINE, AGENCY, TOWNSHIP, COMMAND, SCREEN or HUB"),
                 absl::StrCat("单位 ", Quoted(party.id()),
                              "：缺少类型；请写 kind: HOTLINE、AGENCY、TOWNSHIP、COMMAND、SCREEN 或 HUB"));
    }
    CheckPresent(party, "name_zh", party.name_zh(), absl::StrCat("party ", Quoted(party.id())),
                 absl::StrCat("单位 ", Quoted(party.id())), out);
    CheckPartyDivision(party, known, &townships, out);
    if (!party.secret_handler().empty() && known.parties.count(party.secret_handler()) == 0) {
      UnknownId(party, "secret_handler", -1, absl::StrCat("party ", Quoted(party.id())),
                absl::StrCat("单位 ", Quoted(party.id())), party.secret_handler(), known.party_ids, out);
    }
  }
}

void CheckPosts(const v1::SiteSet& set, const Known& known, Findings* out) {
  std::set<std::string> seen;
  for (const v1::Post& post : set.post()) {
    CheckNewId(post, "post", "岗位", post.id(), &seen, out);
    if (known.parties.count(post.id()) > 0) {
      out->Error(post, "id", -1,
                 absl::StrCat("post ", Quoted(post.id()),
                              ": a party has this id too, and an escalation could mean either; rename the post"),
                 absl::StrCat("岗位 ", Quoted(post.id()), "：与单位编号相同，升级时无法区分；请改岗位编号"));
    }
    if (known.parties.count(post.party()) == 0) {
      UnknownId(post, "party", -1, absl::StrCat("post ", Quoted(post.id())), absl::StrCat("岗位 ", Quoted(post.id())),
                post.party(), known.party_ids, out);
    }
    CheckPresent(post, "title_zh", post.title_zh(), absl::StrCat("post ", Quoted(post.id())),
                 absl::StrCat("岗位 ", Quoted(post.id())), out);
    CheckRoster(post, out);
  }
}

void CheckDivisions(const v1::SiteSet& set, Findings* out) {
  std::set<std::string> seen;
  for (const v1::Division& division : set.division()) {
    std::string what = absl::StrCat("division ", Quoted(division.code()));
    std::string what_zh = absl::StrCat("区划 ", Quoted(division.code()));
    if (!IsDivisionCode(division.code())) {
      out->Error(division, "code", -1,
                 absl::StrCat(what, ": a code has 12 digits; fill up with zeros, for example \"339921100000\""),
                 absl::StrCat(what_zh, "：代码须为 12 位数字，不足补零，例如 \"339921100000\""));
    } else if (!seen.insert(division.code()).second) {
      Duplicate(division, "code", what, what_zh, out);
    }
    CheckPresent(division, "name_zh", division.name_zh(), what, what_zh, out);
    int points = division.outline_size();
    if (points > 0 && points < 3) {
      out->Error(division, "outline", 0, absl::StrCat(what, ": an outline needs 3 points or more"),
                 absl::StrCat(what_zh, "：轮廓至少需要 3 个点"));
    }
    CheckCount(division, "outline", points, limits::kOutlinePointsMax, what, what_zh, out);
    for (const v1::LatLng& point : division.outline()) {
      // Written so that NaN fails too.
      if (std::abs(point.lat()) <= 90 && std::abs(point.lng()) <= 180) continue;
      out->Error(point, "lat", -1, absl::StrCat(what, ": lat is -90 to 90 and lng -180 to 180, degrees WGS-84"),
                 absl::StrCat(what_zh, "：lat 须在 -90 到 90、lng 须在 -180 到 180 之间（度，WGS-84）"));
      break;
    }
  }
}

bool IsCategoryCode(std::string_view code) {
  int depth = 1;
  bool empty_part = true;
  for (char c : code) {
    if (c == '.') {
      if (empty_part) return false;
      empty_part = true;
      ++depth;
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') {
      empty_part = false;
    } else {
      return false;
    }
  }
  return !empty_part && depth <= limits::kCategoryDepthMax && code.size() <= limits::kCodeBytesMax;
}

void CheckCategories(const v1::SiteSet& set, const Known& known, Findings* out) {
  std::set<std::string> seen;
  for (const v1::Category& category : set.category()) {
    const std::string& code = category.code();
    std::string what = absl::StrCat("category ", Quoted(code));
    std::string what_zh = absl::StrCat("类别 ", Quoted(code));
    if (!IsCategoryCode(code)) {
      out->Error(category, "code", -1,
                 absl::StrCat(what, ": a code is small letters, digits, '-' and '_', dotted at most ",
                              limits::kCategoryDepthMax, " deep, for example \"natural.flood\""),
                 absl::StrCat(what_zh, "：代码用小写字母、数字、“-”“_”，以点分级，最多 ", limits::kCategoryDepthMax,
                              " 级，例如 \"natural.flood\""));
    } else if (!seen.insert(code).second) {
      Duplicate(category, "code", what, what_zh, out);
    }
    size_t dot = code.rfind('.');
    if (dot != std::string::npos && known.categories.count(code.substr(0, dot)) == 0) {
      out->Error(category, "code", -1,
                 absl::StrCat(what, ": its parent ", Quoted(code.substr(0, dot)), " is missing; add that category"),
                 absl::StrCat(what_zh, "：缺少上级类别 ", Quoted(code.substr(0, dot)), "；请补上"));
    }
    CheckPresent(category, "name_zh", category.name_zh(), what, what_zh, out);
    CheckCount(category, "external", category.external_size(), limits::kExternalCodesMax, what, what_zh, out);
    for (const v1::ExternalCode& external : category.external()) {
      CheckPresent(external, "scheme", external.scheme(), absl::StrCat(what, ", external"),
                   absl::StrCat(what_zh, "，外部代码"), out);
      CheckPresent(external, "code", external.code(), absl::StrCat(what, ", external"),
                   absl::StrCat(what_zh, "，外部代码"), out);
    }
  }
}

void CheckHolidays(const v1::SiteSet& set, Findings* out) {
  std::set<std::string> seen;
  for (const v1::Holiday& holiday : set.holiday()) {
    std::string what = absl::StrCat("holiday ", Quoted(holiday.date()));
    std::string what_zh = absl::StrCat("节假日 ", Quoted(holiday.date()));
    if (!ParseDay(holiday.date())) {
      out->Error(holiday, "date", -1, absl::StrCat(what, ": is not a day; write \"YYYY-MM-DD\""),
                 absl::StrCat(what_zh, "：不是日期；请写 \"YYYY-MM-DD\""));
    } else if (!seen.insert(holiday.date()).second) {
      Duplicate(holiday, "date", what, what_zh, out);
    }
  }
}

bool CheckSizes(const v1::SiteSet& set, Findings* out) {
  int before = out->errors();
  if (set.ByteSizeLong() > limits::kSetBytesMax) {
    out->Error(set, "", -1, absl::StrCat("the set is larger than ", limits::kSetBytesMax, " bytes; split the site"),
               absl::StrCat("整套配置超过 ", limits::kSetBytesMax, " 字节；请拆分"));
  }
  int clauses = 0;
  for (const v1::Agreement& agreement : set.agreement()) clauses += agreement.clause_size();
  CheckCount(set, "party", set.party_size(), limits::kPartiesMax, "the set", "整套配置", out);
  CheckCount(set, "post", set.post_size(), limits::kPostsMax, "the set", "整套配置", out);
  CheckCount(set, "division", set.division_size(), limits::kDivisionsMax, "the set", "整套配置", out);
  CheckCount(set, "category", set.category_size(), limits::kCategoriesMax, "the set", "整套配置", out);
  CheckCount(set, "holiday", set.holiday_size(), limits::kHolidaysMax, "the set", "整套配置", out);
  CheckCount(set, "agreement", set.agreement_size(), static_cast<int>(limits::kAgreementFilesMax), "the set",
             "整套配置", out);
  CheckCount(set, "agreement", clauses, limits::kClausesMax, "clauses of the set", "整套配置的条款", out);
  return out->errors() == before;
}

// Clauses that override each other, one way or another, in a circle: then nobody could say which of them counts.
void CheckOverrides(const v1::SiteSet& set, Findings* out) {
  std::map<std::string, const v1::Clause*> clauses;
  for (const v1::Agreement& agreement : set.agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      clauses.emplace(absl::StrCat(agreement.id(), "/", clause.id()), &clause);
    }
  }
  std::map<std::string, int>
      reached;  // by how many no longer: what is never taken away stands in a circle or behind one
  for (const auto& [name, clause] : clauses) {
    for (const std::string& other : clause->overrides()) ++reached[other];
  }
  std::vector<std::string> free;
  for (const auto& [name, clause] : clauses) {
    if (reached[name] == 0) free.push_back(name);
  }
  while (!free.empty()) {
    std::string name = std::move(free.back());
    free.pop_back();
    const v1::Clause* clause = clauses[name];
    clauses.erase(name);
    for (const std::string& other : clause->overrides()) {
      if (--reached[other] == 0 && clauses.count(other) > 0) free.push_back(other);
    }
  }
  for (const auto& [name, clause] : clauses) {
    for (int i = 0; i < clause->overrides_size(); ++i) {
      if (clauses.count(clause->overrides(i)) == 0 || clause->overrides(i) == name) continue;
      out->Error(*clause, "overrides", i,
                 absl::StrCat("clause ", Quoted(name), ": overrides ", Quoted(clause->overrides(i)),
                              ", which overrides it in its turn, or is overridden in a circle; remove one of them"),
                 absl::StrCat("条款 ", Quoted(name), "：overrides ", Quoted(clause->overrides(i)),
                              " 与之互相取代，成环；请删去一处"));
    }
  }
}

}  // namespace

Known::Known(const v1::SiteSet& set) : command_party(set.settings().command_party()) {
  for (const v1::Party& party : set.party()) {
    if (parties.emplace(party.id(), party.kind()).second) party_ids.push_back(party.id());
  }
  target_ids = party_ids;
  for (const v1::Post& post : set.post()) {
    if (posts.emplace(post.id(), post.party()).second) target_ids.push_back(post.id());
  }
  for (const v1::Category& category : set.category()) {
    if (categories.insert(category.code()).second) category_codes.push_back(category.code());
  }
  for (const v1::Division& division : set.division()) {
    if (divisions.insert(division.code()).second) division_codes.push_back(division.code());
  }
  for (const v1::Agreement& agreement : set.agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      std::string name = absl::StrCat(agreement.id(), "/", clause.id());
      if (clauses.insert(name).second) clause_names.push_back(std::move(name));
    }
  }
}

void CheckSet(const v1::SiteSet& set, int64_t now_ms, Findings* findings, int expiry_days) {
  // A set beyond its bounds is not looked into: that alone would be the cost the bounds are there to prevent.
  if (!CheckSizes(set, findings)) return;
  CheckTexts(set, findings);
  Known known(set);
  CheckSettings(set, known, findings);
  CheckParties(set, known, findings);
  CheckPosts(set, known, findings);
  CheckDivisions(set, findings);
  CheckCategories(set, known, findings);
  CheckHolidays(set, findings);
  CheckStatutory(set, known, findings);
  CheckRetention(set.settings(), findings);
  std::set<std::string> seen;
  for (const v1::Agreement& agreement : set.agreement()) {
    CheckNewId(agreement, "agreement", "协议", agreement.id(), &seen, findings);
    CheckAgreement(agreement, known, set.settings().utc_offset_minutes(), now_ms, expiry_days, findings);
  }
  CheckOverrides(set, findings);
}

}  // namespace liandong::routing
