#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/cli/html.h"
#include "adapters/cli/text.h"
#include "adapters/cli/words.h"

namespace liandong::cli {
namespace {

constexpr char kStyle[] =
    "@page{size:A4 landscape;margin:12mm}body{font-family:sans-serif;font-size:11pt;margin:1em auto;max-width:270mm}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}th,td{border:1px solid #999;padding:2px 6px;"
    "text-align:left;vertical-align:top}td.n{text-align:right}.ids{font-size:8pt;color:#555;word-break:break-all}"
    "h2{page-break-after:avoid}tr{page-break-inside:avoid}";

std::string ByZh(const std::string& by) {
  static const auto* const kNames = new std::map<std::string, std::string>{
      {"total", "合计"}, {"class", "按类别"}, {"area", "按区域"}, {"hotline", "按首报热线"}, {"party", "按责任单位"}};
  const auto it = kNames->find(by);
  return it == kNames->end() ? by : it->second;
}

// "refused:属地不符" is explained by "refused".
const v1::StatsDefinition* DefinitionOf(const v1::StatsReply& reply, const std::string& figure) {
  const std::string token = figure.substr(0, figure.find(':'));
  for (const auto& one : reply.definition()) {
    if (one.figure() == token) return &one;
  }
  return nullptr;
}

std::string NameOf(const v1::StatsReply& reply, const std::string& figure) {
  const v1::StatsDefinition* definition = DefinitionOf(reply, figure);
  const size_t colon = figure.find(':');
  if (definition == nullptr) return figure;
  return colon == std::string::npos ? definition->name_zh()
                                    : absl::StrCat(definition->name_zh(), ":", figure.substr(colon + 1));
}

std::string UnitOf(const v1::StatsReply& reply, const std::string& figure) {
  const v1::StatsDefinition* definition = DefinitionOf(reply, figure);
  return definition == nullptr ? "" : definition->unit();
}

std::string Ids(const v1::StatsFigure& figure) {
  std::string out;
  for (uint64_t id : figure.incident_id()) absl::StrAppend(&out, out.empty() ? "" : " ", id);
  const uint32_t shown = static_cast<uint32_t>(figure.incident_id_size());
  if (figure.incident_count() > shown) absl::StrAppend(&out, " … 另有 and ", figure.incident_count() - shown, " more");
  return out;
}

// RFC 4180; what a spreadsheet would take for a formula is kept as text.
std::string Cell(const std::string& text) {
  const bool formula = !text.empty() && std::string("=+-@").find(text[0]) != std::string::npos;
  return absl::StrCat("\"", formula ? "'" : "", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Period(const v1::StatsReply& reply) {
  return absl::StrCat(Time(reply.from_ms()), " – ", Time(reply.until_ms()));
}

}  // namespace

std::string StatsHtml(const v1::StatsReply& reply) {
  std::string body = absl::StrCat("<h1>联动统计</h1><p>", Escaped(Period(reply)), "　截至日志第 ", reply.log_index(),
                                  " 条记录。仅含实战事件;演练、测试一律不计。</p>");
  std::string by;
  for (const auto& group : reply.group()) {
    if (group.by() != by) absl::StrAppend(&body, "<h2>", Escaped(ByZh(by = group.by())), "</h2>");
    absl::StrAppend(&body, "<h3>", Escaped(group.name_zh()),
                    group.key().empty() ? "" : absl::StrCat(" <small>", Escaped(group.key()), "</small>"),
                    "</h3><table><tr><th>指标<th>数值<th>单位<th>样本<th>事件编号</tr>");
    for (const auto& figure : group.figure()) {
      absl::StrAppend(&body, "<tr><td>", Escaped(NameOf(reply, figure.figure())), "<td class=n>", figure.value(),
                      "<td>", Escaped(UnitOf(reply, figure.figure())), "<td class=n>",
                      figure.of() > 0 ? absl::StrCat(figure.of()) : "", "<td class=ids>", Escaped(Ids(figure)),
                      "</tr>");
    }
    absl::StrAppend(&body, "</table>");
  }
  absl::StrAppend(&body, "<h2>指标定义</h2><table>");
  for (const auto& one : reply.definition()) {
    absl::StrAppend(&body, "<tr><td>", Escaped(one.name_zh()), "<td>", Escaped(one.text_zh()), "<td>",
                    Escaped(one.text_en()), "</tr>");
  }
  return absl::StrCat("<!doctype html><html lang=zh-CN><meta charset=utf-8><title>联动统计 ", Escaped(Period(reply)),
                      "</title><style>", kStyle, "</style><body>", body, "</table></body></html>\n");
}

std::string StatsCsv(const v1::StatsReply& reply) {
  std::string out =
      "\xEF\xBB\xBF"
      "by,key,name,figure,figure_name,definition,value,unit,of,incident_count,incident_ids\r\n";
  for (const auto& group : reply.group()) {
    for (const auto& figure : group.figure()) {
      const v1::StatsDefinition* definition = DefinitionOf(reply, figure.figure());
      absl::StrAppend(&out, Cell(group.by()), ",", Cell(group.key()), ",", Cell(group.name_zh()), ",");
      absl::StrAppend(&out, Cell(figure.figure()), ",", Cell(NameOf(reply, figure.figure())), ",",
                      Cell(definition == nullptr ? "" : definition->text_zh()), ",");
      absl::StrAppend(&out, figure.value(), ",", Cell(UnitOf(reply, figure.figure())), ",", figure.of(), ",");
      absl::StrAppend(&out, figure.incident_count(), ",", Cell(Ids(figure)), "\r\n");
    }
  }
  return out;
}

std::string StatsText(const v1::StatsReply& reply) {
  std::string out = absl::StrCat(Period(reply), "  仅实战 actual only\n");
  std::vector<std::vector<std::string>> rows = {
      {"分组 by", "名称 name", "指标 figure", "数值 value", "单位 unit", "事件 incidents"}};
  for (const auto& group : reply.group()) {
    for (const auto& figure : group.figure()) {
      rows.push_back({ByZh(group.by()), group.name_zh(), NameOf(reply, figure.figure()), absl::StrCat(figure.value()),
                      UnitOf(reply, figure.figure()), absl::StrCat(figure.incident_count())});
    }
  }
  absl::StrAppend(&out, Table(rows), "\n");
  for (const auto& one : reply.definition()) absl::StrAppend(&out, one.name_zh(), ": ", one.text_zh(), "\n");
  return out;
}

}  // namespace liandong::cli
