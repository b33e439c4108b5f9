#include "adapters/cli/audit_html.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "adapters/cli/html.h"
#include "adapters/cli/words.h"
#include "security/crypto.h"

namespace liandong::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kBegin[] = "<script type=\"application/x-liandong-evidence\">";
constexpr char kEnd[] = "</script>";
constexpr char kStyle[] =
    "body{font-family:'Noto Sans CJK SC',sans-serif;font-size:11pt;max-width:190mm;margin:1em auto;color:#000}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3em;text-align:left;"
    "vertical-align:top;word-break:break-all}h1{font-size:16pt}code{font-size:9pt}@page{size:A4;margin:15mm}";
constexpr int kDepthMax = 6;  // records nest less than this

struct Kind {
  const char* field;
  const char* zh;
};
constexpr Kind kKinds[] = {{"hub_started", "枢纽启动"},
                           {"clock_jumped", "时钟跳变"},
                           {"site_set_adopted", "采用协议集"},
                           {"report_recorded", "收到报告"},
                           {"acknowledged", "回执"},
                           {"deadlines_missed", "超时与提醒"},
                           {"incident_corrected", "更正事件"},
                           {"incident_verified", "核实"},
                           {"order_given", "下达指令"},
                           {"transfer_offered", "提出移交"},
                           {"duty_reassigned", "改派"},
                           {"incident_closed", "办结"},
                           {"incidents_merged", "合并"},
                           {"incident_split", "拆分"},
                           {"acknowledgment_corrected", "更正回执"},
                           {"incidents_evicted", "移出内存"},
                           {"incident_recalled", "调回"},
                           {"response_started", "启动响应"},
                           {"response_adjusted", "调整响应"},
                           {"response_ended", "结束响应"},
                           {"incidents_routed", "重新派发"},
                           {"post_handed_over", "交接班"},
                           {"incident_assigned", "指定牵头"},
                           {"return_reviewed", "退回审核"},
                           {"merges_suggested", "建议合并"},
                           {"suggestion_dismissed", "不予合并"},
                           {"storm_changed", "集中来电"},
                           {"upward_report_filed", "信息报送"},
                           {"note_added", "备注"},
                           {"incidents_erased", "个人信息依法销毁"},
                           {"legal_hold_changed", "证据保全"},
                           {"acknowledged_for", "代为回执"}};

// In UTC and whole, so that the page is the same on every machine.
std::string When(int64_t ms) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E3S UTC", absl::FromUnixMillis(ms), absl::UTCTimeZone());
}

std::string ValueText(const Message& message, const FieldDescriptor* field, int at, int depth);

// "name: value; name: value" of what is set. Sealed bytes are named, not shown.
std::string FieldsText(const Message& message, int depth) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  std::vector<std::string> parts;
  for (const FieldDescriptor* field : fields) {
    std::vector<std::string> values;
    if (!field->is_repeated()) values.push_back(ValueText(message, field, -1, depth));
    for (int i = 0; field->is_repeated() && i < message.GetReflection()->FieldSize(message, field); ++i)
      values.push_back(ValueText(message, field, i, depth));
    parts.push_back(absl::StrCat(field->name(), ": ", absl::StrJoin(values, ", ")));
  }
  return absl::StrJoin(parts, "; ");
}

std::string ValueText(const Message& message, const FieldDescriptor* field, int at, int depth) {
  const auto* look = message.GetReflection();
  const bool many = at >= 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(many ? look->GetRepeatedInt32(message, field, at) : look->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t value = many ? look->GetRepeatedInt64(message, field, at) : look->GetInt64(message, field);
      const std::string& name = field->name();
      const bool time = name.size() > 3 && name.substr(name.size() - 3) == "_ms" && value > 1'000'000'000'000;
      return time ? When(value) : absl::StrCat(value);
    }
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(many ? look->GetRepeatedUInt32(message, field, at) : look->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(many ? look->GetRepeatedUInt64(message, field, at) : look->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(many ? look->GetRepeatedDouble(message, field, at) : look->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(many ? look->GetRepeatedFloat(message, field, at) : look->GetFloat(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (many ? look->GetRepeatedBool(message, field, at) : look->GetBool(message, field)) ? "是 yes" : "否 no";
    case FieldDescriptor::CPPTYPE_ENUM:
      return SayEnum(*field->enum_type(),
                     many ? look->GetRepeatedEnumValue(message, field, at) : look->GetEnumValue(message, field));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = many ? look->GetRepeatedString(message, field, at) : look->GetString(message, field);
      return field->type() == FieldDescriptor::TYPE_BYTES ? absl::StrCat("(密封 sealed, ", text.size(), " bytes)")
                                                          : text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (depth >= kDepthMax) return "...";
      return absl::StrCat(
          "{",
          FieldsText(many ? look->GetRepeatedMessage(message, field, at) : look->GetMessage(message, field), depth + 1),
          "}");
  }
  return "";
}

// The one field of "what", and what is in it.
std::string WhatText(const v1::Record& record) {
  const auto* field =
      record.GetReflection()->GetOneofFieldDescriptor(record, v1::Record::descriptor()->FindOneofByName("what"));
  if (field == nullptr) return "?";
  std::string name = field->name();
  for (const Kind& kind : kKinds) {
    if (name == kind.field) name = absl::StrCat(kind.zh, " ", name);
  }
  return absl::StrCat("<b>", Escaped(name), "</b><br>",
                      Escaped(FieldsText(record.GetReflection()->GetMessage(record, field), 0)));
}

std::string ActorText(const v1::Actor& actor) {
  std::string out = absl::StrCat(Escaped(actor.party()), "<br>", Escaped(actor.person()));
  if (!actor.role().empty()) absl::StrAppend(&out, " (", Escaped(actor.role()), ")");
  if (!actor.told_by().empty()) absl::StrAppend(&out, "<br>告知人 told by ", Escaped(actor.told_by()));
  return out;
}

std::string Agreements(const audit::CheckedEvidence& checked) {
  std::string out = "<h2>所依据的协议集 Agreements in force</h2><ul>";
  for (const v1::Record& record : checked.site_sets) {
    const v1::SiteSet& site = record.site_set_adopted().site();
    absl::StrAppend(&out, "<li>第 ", site.version(), " 版 version, 记录 record ", record.index(), ", ",
                    When(record.time_ms()), ": ");
    for (const auto& agreement : site.agreement()) {
      absl::StrAppend(&out, Escaped(agreement.title()), " (", Escaped(agreement.id()), "); ");
    }
    out += "</li>";
  }
  return out + "</ul>";
}

}  // namespace

std::string EvidenceHtml(const v1::SignedEvidence& evidence, const audit::CheckedEvidence& checked) {
  const v1::EvidencePackage& package = checked.package;
  const v1::Checkpoint& checkpoint = checked.checkpoint;
  std::string rows;
  for (const v1::Record& record : checked.records) {
    absl::StrAppend(&rows, "<tr><td>", record.index(), "</td><td>", When(record.time_ms()), "</td><td>",
                    ActorText(record.actor()), "</td><td>", WhatText(record), "</td></tr>\n");
  }
  return absl::StrCat(
      "<!doctype html><html lang=zh><meta charset=utf-8><title>事件 ", package.incident_id(),
      " 证据包 evidence</title><style>", kStyle, "</style>\n<h1>事件 ", package.incident_id(),
      " 的证据包 Evidence of incident ", package.incident_id(),
      "</h1>\n<p>本页含全部开放内容；个人信息仍为密封。校验方法：<code>liandong audit check 本文件 --ca ca.crt</code>。"
      "校验前，本页不能证明自身。 This page proves nothing by itself: check it with the command above.</p>\n"
      "<table><tr><th>检查点 checkpoint</th><td>",
      checkpoint.number(), "，覆盖记录 over records 1–", checkpoint.records(),
      "</td></tr><tr><th>签署时间 signed</th><td>", When(checkpoint.wall_ms()),
      "</td></tr><tr><th>默克尔根 Merkle root</th><td><code>", security::Hex(checkpoint.root()),
      "</code></td></tr><tr><th>签署证书 signer's certificate (SHA-256)</th><td><code>",
      Escaped(package.checkpoint().certificate()), "</code></td></tr><tr><th>制作 made</th><td>",
      Escaped(checked.maker), "，", When(package.made_at_ms()), "</td></tr></table>\n", Agreements(checked),
      "<h2>经过 Timeline</h2><table><tr><th>记录 record</th><th>时间 time</th><th>经办 actor</th><th>内容 "
      "what</th></tr>\n",
      rows, "</table>\n", kBegin, absl::Base64Escape(evidence.SerializeAsString()), kEnd, "\n</html>\n");
}

absl::StatusOr<v1::SignedEvidence> EvidenceInHtml(std::string_view html) {
  const size_t begin = html.rfind(kBegin);
  const size_t end = begin == std::string_view::npos ? begin : html.find(kEnd, begin);
  std::string bytes;
  v1::SignedEvidence evidence;
  if (end == std::string_view::npos ||
      !absl::Base64Unescape(std::string(html.substr(begin + sizeof kBegin - 1, end - begin - sizeof kBegin + 1)),
                            &bytes) ||
      !evidence.ParseFromString(bytes)) {
    return absl::DataLossError("文件中没有证据包 this file holds no evidence package, or a damaged one");
  }
  return evidence;
}

}  // namespace liandong::cli
