#include "adapters/cli/view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "adapters/cli/text.h"
#include "adapters/cli/words.h"

namespace liandong::cli {
namespace {

void Line(std::string* out, const std::string& label, const std::string& value) {
  if (!value.empty()) absl::StrAppend(out, "  ", label, ": ", Clean(value), "\n");
}

std::string Category(const v1::IncidentView& incident) {
  if (incident.category().empty()) return "类别待核实 category unknown";
  return absl::StrCat(incident.category_zh(), incident.category_zh().empty() ? "" : " ", incident.category());
}

std::string Place(const v1::IncidentView& incident) {
  if (incident.division().empty()) return "地点待核实 place unknown";
  return incident.division_zh().empty() ? incident.division() : incident.division_zh();
}

std::string Status(const v1::IncidentView& incident) {
  std::string text = Say(incident.status());
  if (incident.merged_into() != 0) absl::StrAppend(&text, " → ", incident.merged_into());
  return text;
}

std::string PointText(const v1::Point& point) {
  if (point.has_wgs84()) return absl::StrFormat("%.6f, %.6f (WGS-84)", point.lat(), point.lng());
  if (point.original_x() == 0 && point.original_y() == 0) return "";
  return absl::StrFormat("%.6f, %.6f (坐标系不明 datum unknown)", point.original_y(), point.original_x());
}

void AppendReport(std::string* out, const v1::ReportView& report) {
  std::string heading = absl::StrCat(report.party(), " ", report.external_id());
  absl::StrAppend(out, "  报送 report ", Clean(heading), " ", Time(report.reported_at_ms()), "\n");
  const auto add = [out](const char* label, const std::string& value) {
    if (!value.empty()) absl::StrAppend(out, "    ", label, ": ", Clean(value), "\n");
  };
  add("描述 description", report.description());
  add("地址 address", report.address());
  add("坐标 point", report.has_point() ? PointText(report.point()) : "");
  add("报警人 caller", report.caller_name());
  add("电话 phone", report.caller_phone());
  add("联系电话 contact", report.contact_phone());
  add("病情 medical", report.medical());
  for (const auto& detail : report.details()) add(Clean(detail.name()).c_str(), detail.value());
}

void AppendIncident(std::string* out, const v1::IncidentView& incident) {
  Line(out, "状态 status", absl::StrCat(Status(incident), "，", Say(incident.verification())));
  Line(out, "类别 category", Category(incident));
  Line(out, "等级 severity", Say(incident.severity()));
  Line(out, "危及生命 danger to life", Say(incident.danger_to_life()));
  Line(out, "地点 place", Place(incident));
  Line(out, "牵头 holder", incident.holder());
  Line(out, "人数 counts", CountsText(incident.counts()));
  Line(out, "待核实 to be verified", absl::StrJoin(incident.unconfirmed(), ", "));
  if (incident.erased_at_ms() != 0) {
    Line(out, "个人信息 personal data",
         absl::StrCat("已依法销毁 destroyed as the law asks，", Time(incident.erased_at_ms())));
  }
  if (incident.held_since_ms() != 0)
    Line(out, "证据保全 kept as evidence", absl::StrCat("自 since ", Time(incident.held_since_ms())));
  for (const auto& report : incident.reports()) AppendReport(out, report);
  for (const auto& withheld : incident.withheld()) {
    std::vector<std::string> clauses;
    for (const auto& clause : withheld.clauses()) clauses.push_back(ClauseText(clause));
    Line(out, withheld.masked() ? "只提供部分 shown in part" : "未提供 withheld",
         absl::StrCat(Say(withheld.field()), clauses.empty() ? "" : "，依据 under ", absl::StrJoin(clauses, ", ")));
  }
}

void AppendFeedback(std::string* out, const v1::FeedbackItem& item) {
  const std::string who = item.party_zh().empty() ? item.party() : item.party_zh();
  std::vector<std::string> parts = {Time(item.at_ms()), who};
  if (item.state() != v1::ACK_STATE_UNSPECIFIED) {
    parts.push_back(Say(item.state()));
  } else {
    parts.push_back(SayToken(item.what()));
  }
  for (const std::string& part : {item.unit(), item.reason(), CountsText(item.counts()), item.note()}) {
    if (!part.empty()) parts.push_back(part);
  }
  absl::StrAppend(out, "  反馈 feedback: ", Clean(absl::StrJoin(parts, " ")), "\n");
}

std::string BindingText(v1::Binding binding) { return binding == v1::BINDING_UNSPECIFIED ? "" : Say(binding); }

void AppendDuty(std::string* out, const v1::DutyView& duty) {
  Line(out, "职责 duty", absl::StrCat(duty.duty_id(), " ", Say(duty.role()), " ", Say(duty.status())));
  Line(out, "不得退回 cannot be refused", BindingText(duty.binding()));
  if (duty.verify_first()) Line(out, "先核实 verify first", "机器报警，请先到现场核实 a machine's alarm: go and see");
  const auto by = [out](const char* label, int64_t ms) {
    if (ms != 0) Line(out, label, Time(ms));
  };
  by("收到期限 receive by", duty.receive_by_ms());
  by("查阅期限 see by", duty.see_by_ms());
  by("受理期限 accept by", duty.accept_by_ms());
  by("出动期限 set out by", duty.en_route_by_ms());
  by("到场期限 arrive by", duty.arrive_by_ms());
  by("办结期限 complete by", duty.complete_by_ms());
  if (duty.has_statutory()) {
    Line(out, "报送依据 source", Clean(duty.statutory().source()));
    Line(out, "报送 file with",
         absl::StrCat("liandong upward file … --rule ", duty.statutory().rule(), " (", Say(duty.statutory().kind()),
                      ")"));
  }
  for (const auto& clause : duty.clauses()) {
    Line(out, "依据 under", absl::StrCat(clause.title(), " ", ClauseText(clause.ref()), " ", clause.text()));
  }
}

void AppendLines(std::string* out, const std::string& text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty()) absl::StrAppend(out, "  ", Clean({line.data(), line.size()}), "\n");
  }
}

void AppendDecision(std::string* out, const v1::Explanation& explanation) {
  for (const auto& clause : explanation.clause()) {
    absl::StrAppend(out, "  ✓ ", Clean(clause.title()), " ", ClauseText(clause.ref()), "\n    ", Clean(clause.text()),
                    "\n");
  }
  for (const auto& fired : explanation.decision().fired()) {
    if (fired.uncertain_size() == 0) continue;
    absl::StrAppend(out, "  ? ", ClauseText(fired.clause()),
                    "：因情况不明而适用，待核实 held because unknown: ", Clean(absl::StrJoin(fired.uncertain(), ", ")),
                    "\n");
  }
  for (const auto& miss : explanation.decision().near_miss()) {
    absl::StrAppend(out, "  ✗ ", ClauseText(miss.clause()), "：", Clean(miss.condition()), " 要求 wanted ",
                    Clean(miss.wanted()), "，实际 found ", Clean(miss.found()), "\n");
  }
  for (const auto& note : explanation.decision().note()) absl::StrAppend(out, "  · ", Clean(note), "\n");
}

std::string DutyCell(const v1::DutyLine& duty) {
  std::string cell = absl::StrCat(duty.party(), "=",
                                  SayZh(duty.field() != v1::ACK_STATE_UNSPECIFIED    ? duty.field()
                                        : duty.person() != v1::ACK_STATE_UNSPECIFIED ? duty.person()
                                                                                     : duty.transport()));
  if (duty.missed_size() > 0) cell += "!";
  return cell;
}

// "power-duty-leader 周竹青 0199-555-0129；单位 party 0199-555-0101"
std::string ToldNext(const v1::DutyLine& duty) {
  std::vector<std::string> parts;
  for (const std::string& part : {duty.told_next(), duty.on_post(), duty.post_phone_24h()}) {
    if (!part.empty()) parts.push_back(part);
  }
  std::string out = absl::StrJoin(parts, " ");
  if (!duty.phone_24h().empty()) absl::StrAppend(&out, out.empty() ? "" : "；", "单位 party ", duty.phone_24h());
  return out;
}

}  // namespace

std::string PurposeMark(v1::Purpose purpose) {
  return purpose == v1::ACTUAL ? "" : absl::StrCat("【", Say(purpose), "】 ");
}

std::string ClauseText(const v1::ClauseRef& ref) {
  return absl::StrCat(ref.agreement(), " ", ref.clause(), " (第 ", ref.site_version(), " 版 v", ref.site_version(),
                      ")");
}

std::string LadderText(v1::AckState transport, v1::AckState person, v1::AckState field) {
  if (person == v1::ACK_STATE_UNSPECIFIED && field == v1::ACK_STATE_UNSPECIFIED) {
    return transport == v1::RECEIVED ? Say(v1::RECEIVED) : "未收到 not received";
  }
  std::vector<std::string> parts;
  if (person != v1::ACK_STATE_UNSPECIFIED) parts.push_back(Say(person));
  if (field != v1::ACK_STATE_UNSPECIFIED) parts.push_back(Say(field));
  return absl::StrJoin(parts, " / ");
}

std::string IncidentTable(const v1::ListIncidentsReply& reply) {
  if (reply.incident_size() == 0) return "没有事件 no incidents\n";
  std::vector<std::vector<std::string>> rows = {{"编号 id", "状态 status", "道 lane", "等级 severity", "类别 category",
                                                 "地点 place", "牵头 holder", "时间 opened",
                                                 "职责 duties（! 超期 late）"}};
  for (const auto& summary : reply.incident()) {
    const v1::IncidentView& incident = summary.incident();
    std::vector<std::string> duties;
    for (const auto& duty : summary.duty()) duties.push_back(DutyCell(duty));
    rows.push_back({absl::StrCat(incident.incident_id()),
                    absl::StrCat(PurposeMark(incident.purpose()), Status(incident),
                                 summary.has_dispute() ? " 责任争议 disputed" : ""),
                    SayZh(incident.lane()), SayZh(incident.severity()), Category(incident), Place(incident),
                    incident.holder(), Time(incident.opened_at_ms()), absl::StrJoin(duties, " ")});
  }
  std::string out = Table(rows);
  if (reply.more()) {
    const uint64_t last = reply.incident(reply.incident_size() - 1).incident().incident_id();
    absl::StrAppend(&out, "还有更早的 more: --before ", last, "\n");
  }
  return out;
}

std::string IncidentText(const v1::ShowIncidentReply& reply) {
  const v1::IncidentView& incident = reply.incident();
  std::string out = absl::StrCat(PurposeMark(incident.purpose()), "事件 incident ", incident.incident_id(), " (r",
                                 incident.revision(), ")，", Time(incident.opened_at_ms()), "\n");
  AppendIncident(&out, incident);
  if (reply.duty_size() > 0) {
    std::vector<std::vector<std::string>> rows = {{"职责 duty", "单位 party", "角色 role", "状态 status",
                                                   "进度 ladders", "投递 delivery", "期限 deadline", "超期 missed",
                                                   "升级找谁 told next"}};
    for (const auto& duty : reply.duty()) {
      std::vector<std::string> missed;
      for (int rung : duty.missed()) missed.push_back(SayZh(static_cast<v1::Rung>(rung)));
      const bool upward = !duty.statutory_rule().empty();
      rows.push_back({absl::StrCat(duty.duty_id()), duty.party(),
                      upward ? absl::StrCat(Say(duty.upward_kind()), " ", duty.statutory_rule()) : Say(duty.role()),
                      absl::StrCat(Say(duty.status()), duty.reason().empty() ? "" : " ", duty.reason(),
                                   duty.return_requested() ? " 申请退单 return requested" : "",
                                   duty.binding() == v1::BINDING_UNSPECIFIED ? "" : " ", BindingText(duty.binding())),
                      LadderText(duty.transport(), duty.person(), duty.field()), absl::StrCat("#", duty.delivery_id()),
                      Time(duty.next_deadline_ms()), absl::StrJoin(missed, " "), ToldNext(duty)});
    }
    out += Table(rows);
  }
  for (const auto& line : reply.suggestion()) {
    const uint64_t other = line.older() == incident.incident_id() ? line.younger() : line.older();
    absl::StrAppend(&out, "疑似同一事件 may be one with ", other, ": ", line.text(), " / ", line.text_en(), "\n");
  }
  if (incident.report_count() > static_cast<uint32_t>(incident.reports_size()))
    absl::StrAppend(&out, "共 ", incident.report_count(),
                    " 份报告，只显示首份和最新的 reports in all; the first and the newest are shown\n");
  if (reply.has_dispute()) {
    absl::StrAppend(&out, "责任争议 disputed: ", reply.dispute().from(), " / ", reply.dispute().to(), "，",
                    Time(reply.dispute().until_ms()),
                    " 前未一致的由首接平台先行受理 then who took the call first takes it on\n");
  }
  for (const auto& entry : reply.timeline()) {
    absl::StrAppend(&out, Time(entry.time_ms()), "  [", entry.log_index(), "] ", Clean(entry.text()));
    if (!entry.text_en().empty()) absl::StrAppend(&out, " / ", Clean(entry.text_en()));
    if (!entry.note().empty()) absl::StrAppend(&out, "：", Clean(entry.note()));
    out += '\n';
  }
  return out;
}

std::string ExplainText(const v1::ExplainIncidentReply& reply) {
  std::string out;
  for (const auto& explanation : reply.decision()) {
    absl::StrAppend(&out, Time(explanation.time_ms()), "  [", explanation.log_index(), "] 协议集 site set v",
                    explanation.decision().site_version(), "\n");
    AppendLines(&out, explanation.text());
    AppendLines(&out, explanation.text_en());
    // The hub's text names all of this in words; without one (an older record) the parts are shown themselves.
    if (explanation.text().empty()) AppendDecision(&out, explanation);
  }
  return out.empty() ? "没有分派记录 no routing decision\n" : out;
}

std::string DeliveryText(const v1::Delivery& delivery) {
  const v1::Envelope& envelope = delivery.envelope();
  std::string out = absl::StrCat(PurposeMark(envelope.purpose()), Say(envelope.kind()), " #", envelope.delivery_id(),
                                 " ", Say(envelope.lane()), "  ", Time(envelope.queued_at_ms()));
  if (envelope.incident_id() != 0) {
    absl::StrAppend(&out, "  事件 incident ", envelope.incident_id(), " (r", envelope.incident_revision(), ")");
  }
  if (envelope.resent()) out += "  或为重发 may be a resend";
  out += '\n';
  const v1::Body& body = delivery.body();
  Line(&out, "内容 text", body.text());
  Line(&out, "in English", body.text_en());
  if (body.has_incident()) AppendIncident(&out, body.incident());
  if (body.has_duty()) AppendDuty(&out, body.duty());
  for (const auto& item : body.feedback()) AppendFeedback(&out, item);
  return out;
}

}  // namespace liandong::cli
