#include "routing/matrix.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "routing/clause_index.h"
#include "routing/coverage.h"
#include "routing/precedence.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";

bool InSubtree(const std::string& code, const std::string& root) {
  return code.starts_with(root) && (code.size() == root.size() || code[root.size()] == '.');
}

enum class Applies : uint8_t { kNo, kSometimes, kAlways };

// Whether a clause applies to incidents of this category; with the alternatives that always do.
Applies ToCategory(const v1::Clause& clause, const std::string& code, std::vector<const v1::Condition*>* always) {
  if (clause.when().empty()) {
    always->push_back(nullptr);
    return Applies::kAlways;
  }
  Applies applies = Applies::kNo;
  for (const v1::Condition& when : clause.when()) {
    bool within =
        when.category().empty() || std::any_of(when.category().begin(), when.category().end(),
                                               [&code](const std::string& root) { return InSubtree(code, root); });
    if (!within) continue;
    v1::Condition rest = when;
    rest.clear_category();
    if (rest.ByteSizeLong() == 0) {
      always->push_back(&when);
      applies = Applies::kAlways;
    } else {
      applies = std::max(applies, Applies::kSometimes);
    }
  }
  return applies;
}

void Enter(const std::string& clause, v1::Role role, bool conditional, MatrixCell* cell) {
  // LEAD is the least number; what always holds counts before what sometimes does.
  auto rank = [](v1::Role asked, bool sometimes) { return std::pair(static_cast<int>(asked), sometimes); };
  if (cell->role == v1::ROLE_UNSPECIFIED || rank(role, conditional) < rank(cell->role, cell->conditional)) {
    *cell = {role, conditional, {clause}};
  } else if (rank(role, conditional) == rank(cell->role, cell->conditional) && cell->clauses.back() != clause) {
    cell->clauses.push_back(clause);
  }
}

std::string RoleZh(v1::Role role) {
  return role == v1::LEAD ? "主责" : role == v1::SUPPORT ? "协办" : role == v1::INFORM ? "告知" : "无";
}

std::string CellZh(const Matrix& matrix, const std::pair<std::string, std::string>& key) {
  auto it = matrix.find(key);
  if (it == matrix.end()) return "无";
  return absl::StrCat(RoleZh(it->second.role), it->second.conditional ? "*" : "");
}

std::string CellEn(const Matrix& matrix, const std::pair<std::string, std::string>& key) {
  auto it = matrix.find(key);
  if (it == matrix.end()) return "none";
  return absl::StrCat(v1::Role_Name(it->second.role), it->second.conditional ? "*" : "");
}

std::string PartyName(const Site& site, const std::string& id) {
  if (id == kTownshipOfIncident) return "属地乡镇（街道）";
  const v1::Party* party = site.FindParty(id);
  return party == nullptr ? id : party->name_zh();
}

// The categories of the set, and the parties that have a duty: as columns, in file order, the township first of the
// townships.
std::vector<std::string> ColumnsOf(const Site& site, const Matrix& matrix) {
  std::set<std::string> used;
  for (const auto& [key, cell] : matrix) used.insert(key.second);
  std::vector<std::string> columns;
  for (const v1::Party& party : site.proto().party()) {
    if (used.count(party.id()) > 0) columns.push_back(party.id());
  }
  if (used.count(kTownshipOfIncident) > 0) columns.emplace_back(kTownshipOfIncident);
  return columns;
}

std::string Html(const std::string& text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

// The 24-hour numbers of a party: its own and those of its posts.
std::string Numbers(const Site& site, const std::string& id) {
  std::vector<std::string> numbers;
  const v1::Party* party = site.FindParty(id);
  if (party != nullptr && !party->phone_24h().empty()) numbers.push_back(party->phone_24h());
  for (const v1::Post& post : site.proto().post()) {
    if (post.party() == id && !post.phone_24h().empty()) {
      numbers.push_back(absl::StrCat(post.title_zh(), " ", post.phone_24h()));
    }
  }
  return numbers.empty() ? "无" : absl::StrJoin(numbers, "；");
}

constexpr char kStyle[] =
    "@page{size:A4 landscape;margin:10mm}body{font:10px 'Noto Sans CJK SC','Microsoft YaHei',sans-serif;margin:0}"
    "h1{font-size:16px;margin:0 0 4px}p{margin:2px 0}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #666;padding:1px 3px;text-align:center}th.r,td.r{text-align:left}"
    "thead{display:table-header-group}tr{page-break-inside:avoid}.l{background:#d33;color:#fff;font-weight:bold}"
    ".s{background:#fe9}.i{background:#def}h2{font-size:13px;margin:8px 0 2px}";

}  // namespace

Matrix MatrixOf(const Site& site, int32_t today) {
  Matrix matrix;
  const ClauseIndex& index = site.clauses();
  for (const std::string& code : CategoryLeaves(site.proto())) {
    std::vector<Applied> always;
    std::vector<uint32_t> sometimes;
    for (uint32_t number = 0; number < index.clauses().size(); ++number) {
      const ClauseIndex::Clause& clause = index.clauses()[number];
      if (today != 0 && (today < clause.from_day || (clause.until_day && today > *clause.until_day))) continue;
      Applied applied;
      applied.clause = number;
      Applies applies = ToCategory(*clause.proto, code, &applied.holding);
      if (applies == Applies::kSometimes) sometimes.push_back(number);
      if (applies != Applies::kAlways) continue;
      applied.certain = applied.holding;
      always.push_back(std::move(applied));
    }
    auto enter = [&](uint32_t number, bool yields, bool conditional) {
      const ClauseIndex::Clause& clause = index.clauses()[number];
      std::string name = absl::StrCat(clause.agreement->id(), "/", clause.proto->id());
      for (const v1::DutySpec& duty : clause.proto->duty()) {
        v1::Role role = yields && duty.role() == v1::LEAD ? v1::SUPPORT : duty.role();
        if (role != v1::ROLE_UNSPECIFIED) Enter(name, role, conditional, &matrix[{code, duty.party()}]);
      }
    };
    std::vector<Outcome> outcome = Resolve(index, code, "", always);
    for (size_t i = 0; i < always.size(); ++i) {
      if (outcome[i].what == Outcome::What::kFires) enter(always[i].clause, outcome[i].yields_to >= 0, false);
    }
    for (uint32_t number : sometimes) enter(number, false, true);
  }
  return matrix;
}

std::string MatrixText(const Site& site, const Matrix& matrix) {
  std::string out;
  std::vector<std::string> columns = ColumnsOf(site, matrix);
  for (const std::string& code : CategoryLeaves(site.proto())) {
    absl::StrAppend(&out, site.FindCategory(code)->name_zh(), " ", code, "\n");
    for (v1::Role role : {v1::LEAD, v1::SUPPORT, v1::INFORM}) {
      std::vector<std::string> names;
      for (const std::string& party : columns) {
        auto it = matrix.find({code, party});
        if (it == matrix.end() || it->second.role != role) continue;
        names.push_back(absl::StrCat(PartyName(site, party), it->second.conditional ? "*" : ""));
      }
      if (!names.empty()) absl::StrAppend(&out, "  ", RoleZh(role), "：", absl::StrJoin(names, "、"), "\n");
    }
  }
  absl::StrAppend(&out,
                  "\n* 另有条件（级别、区域、文字等） only under further conditions\n\n24小时电话 24-hour numbers\n");
  for (const std::string& party : columns) {
    if (party != kTownshipOfIncident) {
      absl::StrAppend(&out, "  ", PartyName(site, party), "：", Numbers(site, party), "\n");
    }
  }
  for (const std::string& party : site.townships()) {
    absl::StrAppend(&out, "  ", PartyName(site, party), "：", Numbers(site, party), "\n");
  }
  return out;
}

std::string MatrixHtml(const Site& site, const Matrix& matrix, const std::string& day) {
  std::vector<std::string> columns = ColumnsOf(site, matrix);
  std::string out = absl::StrCat(
      "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>", Html(site.settings().name()),
      "职责矩阵</title><style>", kStyle, "</style><h1>", Html(site.settings().name()), "社会应急联动职责矩阵</h1><p>",
      Html(day), "　主责 LEAD　协办 SUPPORT　告知 INFORM　* 另有条件</p><table><thead><tr><th class=\"r\">类别</th>");
  for (const std::string& party : columns) absl::StrAppend(&out, "<th>", Html(PartyName(site, party)), "</th>");
  absl::StrAppend(&out, "</tr></thead><tbody>\n");
  for (const std::string& code : CategoryLeaves(site.proto())) {
    absl::StrAppend(&out, "<tr><td class=\"r\">", Html(site.FindCategory(code)->name_zh()), "</td>");
    for (const std::string& party : columns) {
      auto it = matrix.find({code, party});
      if (it == matrix.end()) {
        absl::StrAppend(&out, "<td></td>");
        continue;
      }
      const MatrixCell& cell = it->second;
      const char* shade = cell.role == v1::LEAD ? "l" : cell.role == v1::SUPPORT ? "s" : "i";
      absl::StrAppend(&out, "<td class=\"", shade, "\" title=\"", Html(absl::StrJoin(cell.clauses, " ")), "\">",
                      RoleZh(cell.role), cell.conditional ? "*" : "", "</td>");
    }
    absl::StrAppend(&out, "</tr>\n");
  }
  absl::StrAppend(&out, "</tbody></table><h2>24小时值班电话</h2><table><tbody>\n");
  for (const v1::Party& party : site.proto().party()) {
    absl::StrAppend(&out, "<tr><td class=\"r\">", Html(party.name_zh()), "</td><td class=\"r\">",
                    Html(Numbers(site, party.id())), "</td></tr>\n");
  }
  absl::StrAppend(&out, "</tbody></table></html>\n");
  return out;
}

std::vector<std::string> MatrixDiff(const Site& old_site, const Matrix& old_matrix, const Site& new_site,
                                    const Matrix& new_matrix) {
  std::set<std::pair<std::string, std::string>> keys;
  for (const auto& [key, cell] : old_matrix) keys.insert(key);
  for (const auto& [key, cell] : new_matrix) keys.insert(key);
  std::vector<std::string> lines;
  for (const auto& key : keys) {
    std::string before = CellZh(old_matrix, key), after = CellZh(new_matrix, key);
    if (before == after) continue;
    const Site& known = new_site.FindCategory(key.first) != nullptr ? new_site : old_site;
    const Site& party_known = new_site.FindParty(key.second) != nullptr ? new_site : old_site;
    auto it = new_matrix.find(key);
    const MatrixCell& cell = it != new_matrix.end() ? it->second : old_matrix.at(key);
    lines.push_back(absl::StrCat(known.FindCategory(key.first)->name_zh(), " ", key.first, "：",
                                 PartyName(party_known, key.second), " ", key.second, " ", before, " → ", after, " (",
                                 CellEn(old_matrix, key), " -> ", CellEn(new_matrix, key), ")，",
                                 absl::StrJoin(cell.clauses, " ")));
  }
  return lines;
}

}  // namespace liandong::routing
