#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/cli/html.h"
#include "adapters/cli/text.h"
#include "adapters/cli/words.h"

namespace liandong::cli {
namespace {

constexpr char kStyle[] =
    "@page{size:A4;margin:25mm 22mm}body{font-family:FangSong,STFangsong,serif;font-size:16pt;line-height:1.7;"
    "max-width:170mm;margin:0 auto;color:#000}h1{font-family:SimHei,sans-serif;font-size:20pt;text-align:center;"
    "margin:.4em 0}.red{color:#c00;text-align:center;font-size:24pt;font-family:SimHei,sans-serif;border-bottom:2px "
    "solid #c00;padding-bottom:.2em}.head{display:flex;justify-content:space-between;font-size:12pt}h2{font-size:16pt;"
    "font-family:SimHei,sans-serif;margin:.6em 0 0}p{margin:0;text-indent:2em;white-space:pre-wrap}.missing{color:#c00}"
    ".drill{border:3px solid #c00;color:#c00;text-align:center;font-size:22pt;font-weight:bold}small{font-size:10pt}";

std::string Number(bool said, uint64_t value, const char* unit) { return said ? absl::StrCat(value, unit) : "待核实"; }

}  // namespace

std::string Escaped(std::string_view text) {
  return absl::StrReplaceAll(std::string(text),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

std::string UpwardHtml(const v1::UpwardReport& report) {
  const v1::UpwardFields& fields = report.fields();
  const v1::Counts& counts = fields.counts();
  const bool made = report.rule().made_at_ms() > 0;
  std::string body;
  if (report.purpose() != v1::ACTUAL)
    absl::StrAppend(&body, "<div class=drill>", report.purpose() == v1::EXERCISE ? "演 练" : "测 试", "</div>");
  absl::StrAppend(&body, "<div class=red>突发事件信息专报</div><div class=head><span>事件编号 ", report.incident_id(),
                  "　", Escaped(SayZh(report.rule().kind())),
                  report.rule().number() > 1 ? absl::StrCat("(", report.rule().number(), ")") : "", "</span><span>",
                  made ? absl::StrCat("报送时间 ", Time(report.rule().made_at_ms())) : "草稿(尚未报送)",
                  "</span></div><h1>", Escaped(report.title()), "</h1>");
  auto section = [&](const char* heading, v1::UpwardField field, const std::string& text) {
    const bool missing = std::find(report.missing().begin(), report.missing().end(), field) != report.missing().end();
    absl::StrAppend(&body, "<h2>", heading, "</h2><p", missing ? " class=missing" : "", ">",
                    text.empty() ? (missing ? "(法定内容,待填)" : "无") : Escaped(text), "</p>");
  };
  section("一、事故发生单位概况", v1::UPWARD_UNIT_PROFILE, fields.unit_profile());
  section("二、发生时间", v1::UPWARD_TIME, fields.happened_at_ms() > 0 ? Time(fields.happened_at_ms()) : "");
  section("三、地点", v1::UPWARD_PLACE, fields.place());
  section("四、现场情况", v1::UPWARD_SCENE, fields.scene());
  section("五、简要经过", v1::UPWARD_COURSE, fields.course());
  section("六、伤亡(含下落不明)人数", v1::UPWARD_CASUALTIES,
          absl::StrCat("死亡", Number(counts.has_dead(), counts.dead(), "人"), ",下落不明",
                       Number(counts.has_missing(), counts.missing(), "人"), ",受伤",
                       Number(counts.has_injured(), counts.injured(), "人")));
  section("七、初步估计的直接经济损失", v1::UPWARD_LOSS, Number(counts.has_loss_yuan(), counts.loss_yuan(), "元"));
  section("八、已经采取的措施", v1::UPWARD_MEASURES, fields.measures());
  section("九、其他应当报告的情况", v1::UPWARD_OTHER, fields.other());
  absl::StrAppend(
      &body, "<hr><small>依据:", Escaped(report.rule().source()), "　报送层级:", Escaped(SayZh(report.rule().to())),
      report.rule().due_ms() > 0 ? absl::StrCat("　时限:", Time(report.rule().due_ms())) : "",
      report.late() ? "　<b class=missing>已逾期</b>" : "", "　责任单位:", Escaped(report.party()), "</small>");
  return absl::StrCat("<!doctype html><html lang=zh-CN><meta charset=utf-8><title>", Escaped(report.title()),
                      "</title><style>", kStyle, "</style><body>", body, "</body></html>\n");
}

}  // namespace liandong::cli
