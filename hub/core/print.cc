#include "hub/core/print.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hub/core/retention.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"
#include "hub/core/suggest.h"

namespace liandong::core {
namespace {

std::string Name(const routing::Site* site, const std::string& party) {
  return site == nullptr || party.empty() ? party : PartyName(*site, party);
}

std::string OutcomeZh(v1::ReportOutcome outcome) {
  switch (outcome) {
    case v1::NEW_INCIDENT:
      return "新建事件";
    case v1::JOINED_INCIDENT:
      return "并入事件";
    case v1::REVISED:
      return "补充更正";
    case v1::OLDER_KEPT:
      return "旧版留存";
    default:
      return "报告";
  }
}

std::string PostTold(const v1::DeadlineMissed& one) {
  if (one.on_post().empty() && one.phone_24h().empty()) return "";
  return absl::StrCat("(", one.on_post(), one.on_post().empty() || one.phone_24h().empty() ? "" : " ", one.phone_24h(),
                      ")");
}

Words Missed(const v1::DeadlinesMissed& missed, const routing::Site* site) {
  Words out;
  auto add = [&](const std::string& zh, const std::string& en) {
    absl::StrAppend(&out.zh, out.zh.empty() ? "" : ";", zh);
    absl::StrAppend(&out.en, out.en.empty() ? "" : "; ", en);
  };
  for (const auto& one : missed.reminded()) {
    add(absl::StrCat("提醒", Name(site, one.party()), ":尚", std::string(RungZh(one.rung()))),
        absl::StrCat(one.party(), " reminded: ", std::string(RungEn(one.rung())), " yet"));
  }
  for (const auto& one : missed.missed()) {
    if (one.rung() == v1::RUNG_DISPUTE) {
      add(absl::StrCat("责任争议期满未达成一致,首接平台先行受理:", Name(site, one.told())),
          absl::StrCat("the desks did not agree in time: ", one.told(), ", who took the call first, takes it on"));
      continue;
    }
    add(absl::StrCat(Name(site, one.late_party()), std::string(RungZh(one.rung()))),
        absl::StrCat(one.late_party(), " ", std::string(RungEn(one.rung()))));
    if (one.dispute_opened()) {
      out.zh += ",责任争议,请两家协商";
      out.en += ", disputed: the two desks have to agree";
    }
    if (one.told().empty()) continue;
    absl::StrAppend(&out.zh, ",升级至", Name(site, one.told()), PostTold(one));
    absl::StrAppend(&out.en, ", escalated to ", one.told(), PostTold(one));
  }
  return out;
}

Words Merged(const v1::IncidentsMerged& what) {
  Words out = {absl::StrCat("事件", what.younger(), "并入", what.older()),
               absl::StrCat("incident ", what.younger(), " merged into ", what.older())};
  if (what.has_by_clause()) {
    absl::StrAppend(&out.zh, ",依 ", what.by_clause().agreement(), " 第", what.by_clause().clause(), "条自动并案");
    absl::StrAppend(&out.en, " by the hub, as clause ", what.by_clause().agreement(), "/", what.by_clause().clause(),
                    " allows");
  }
  if (what.has_suggestion()) {
    const Words why = ExplainSuggestion(what.suggestion());
    absl::StrAppend(&out.zh, "(", why.zh, ")");
    absl::StrAppend(&out.en, " (", why.en, ")");
  }
  return out;
}

Words Suggested(const v1::MergesSuggested& what) {
  if (what.suggestion().empty()) return {"并案建议撤回", "merge suggestions withdrawn"};
  const v1::MergeSuggestion& best = what.suggestion(0);
  const Words why = ExplainSuggestion(best);
  return {absl::StrCat("疑与事件", best.other(), "为同一事件,", why.zh),
          absl::StrCat("may be the same as incident ", best.other(), ", ", why.en)};
}

Words Storm(const v1::StormChanged& what) {
  const std::string zh = absl::StrCat("同类报告", what.reports(), "起,危及生命", what.dangerous(), "起");
  const std::string en = absl::StrCat(what.reports(), " like reports, ", what.dangerous(), " with danger to life");
  if (what.phase() == v1::STORM_ENTERED)
    return {absl::StrCat("进入集中来电模式:", zh), absl::StrCat("storm mode begins: ", en)};
  if (what.phase() == v1::STORM_LEFT)
    return {absl::StrCat("退出集中来电模式:", zh), absl::StrCat("storm mode ends: ", en)};
  return {absl::StrCat("集中来电合并通知", what.parties_told(), "个单位:", zh),
          absl::StrCat("one notice to each of ", what.parties_told(), " parties: ", en)};
}

Words Filed(const v1::UpwardReportFiled& what) {
  return {absl::StrCat("信息报送:", KindZh(what.kind(), what.number()), "(", what.rule(), ",", FormZh(what.form()), ")",
                       what.late() ? ",逾期" : ""),
          absl::StrCat(KindEn(what.kind()), " report upward made (", what.rule(), ")", what.late() ? ", late" : "")};
}

// What an acknowledgment decided beside the ladder.
Words AckOutcomeWords(const v1::Record& record, const v1::Acknowledged& what, const routing::Site* site) {
  Words out;
  if (what.return_requested()) out = {",申请退单,待审核", ", asks to return it: to be reviewed"};
  if (what.dispute_opened()) out = {",责任争议,请两家协商", ", disputed: the two desks have to agree"};
  if (!what.dispute_settled().empty()) {
    out = {absl::StrCat(",责任争议有结果,承办:", Name(site, what.dispute_settled())),
           absl::StrCat(", the dispute is settled: ", what.dispute_settled(), " takes it on")};
  }
  for (const auto& delivery : record.changes().delivery()) {
    if (delivery.id() != what.delivery_id() || delivery.kind() != v1::RETURN_REQUEST) continue;
    if (what.state() == v1::ACCEPTED) out = {",同意退单", ", grants the return"};
    if (what.state() == v1::REFUSED) out = {",驳回退单", ", rejects the return"};
  }
  return out;
}

Words Erased(const v1::IncidentsErased& what, const routing::Site* site) {
  if (what.rule().empty()) {
    return {absl::StrCat(kErasedZh, ":", what.reason()), absl::StrCat(kErasedEn, ": ", what.reason())};
  }
  // The rule as it is now, when it still is; its id and version say which it was.
  std::string basis;
  if (site != nullptr) {
    for (const auto& rule : site->settings().retention()) {
      if (rule.id() == what.rule()) basis = rule.basis();
    }
  }
  return {absl::StrCat(kErasedZh, ",保存期满:", what.rule(), basis.empty() ? "" : ",依据 ", basis),
          absl::StrCat(kErasedEn, ", the term of ", what.rule(), " is over", basis.empty() ? "" : ": ", basis)};
}

std::string LevelZh(v1::ResponseLevel level) {
  static constexpr const char* kLevels[] = {"未定级", "四级", "三级", "二级", "一级"};
  return v1::ResponseLevel_IsValid(level) ? kLevels[level] : "未定级";
}

Words ResponseWords(const v1::Record& record) {
  const bool started = record.has_response_started();
  const v1::ResponseState& now = started ? record.response_started().response() : record.response_adjusted().response();
  return {absl::StrCat(started ? "启动" : "调整为", LevelZh(now.level()), "响应:", now.matters()),
          absl::StrCat(started ? "response started at " : "response adjusted to ", v1::ResponseLevel_Name(now.level()),
                       ": ", now.matters())};
}

}  // namespace

std::string WhatToken(const v1::Record& record) {
  switch (record.what_case()) {
    case v1::Record::kHubStarted:
      return "HUB_STARTED";
    case v1::Record::kClockJumped:
      return "CLOCK_JUMPED";
    case v1::Record::kSiteSetAdopted:
      return "SITE_SET_ADOPTED";
    case v1::Record::kReportRecorded:
      return "REPORT";
    case v1::Record::kAcknowledged:
      return "ACKNOWLEDGED";
    case v1::Record::kDeadlinesMissed:
      return record.deadlines_missed().missed().empty() ? "REMINDED" : "DEADLINES_MISSED";
    case v1::Record::kIncidentCorrected:
      return "CORRECTED";
    case v1::Record::kIncidentVerified:
      return "VERIFIED";
    case v1::Record::kOrderGiven:
      return "ORDER";
    case v1::Record::kTransferOffered:
      return "TRANSFER_OFFERED";
    case v1::Record::kDutyReassigned:
      return "REASSIGNED";
    case v1::Record::kIncidentClosed:
      return "CLOSED";
    case v1::Record::kIncidentsMerged:
      return "MERGED";
    case v1::Record::kIncidentSplit:
      return "SPLIT";
    case v1::Record::kAcknowledgmentCorrected:
      return "ACKNOWLEDGMENT_CORRECTED";
    case v1::Record::kIncidentsEvicted:
      return "EVICTED";
    case v1::Record::kIncidentRecalled:
      return "RECALLED";
    case v1::Record::kMergesSuggested:
      return "MERGES_SUGGESTED";
    case v1::Record::kSuggestionDismissed:
      return "SUGGESTION_DISMISSED";
    case v1::Record::kStormChanged:
      return "STORM";
    case v1::Record::kUpwardReportFiled:
      return "UPWARD_REPORT";
    case v1::Record::kResponseStarted:
      return "RESPONSE_STARTED";
    case v1::Record::kResponseAdjusted:
      return "RESPONSE_ADJUSTED";
    case v1::Record::kResponseEnded:
      return "RESPONSE_ENDED";
    case v1::Record::kIncidentsRouted:
      return "ROUTED_AGAIN";
    case v1::Record::kPostHandedOver:
      return "POST_HANDED_OVER";
    case v1::Record::kIncidentAssigned:
      return "ASSIGNED";
    case v1::Record::kReturnReviewed:
      return "RETURN_REVIEWED";
    case v1::Record::kNoteAdded:
      return "NOTE";
    case v1::Record::kAcknowledgedFor:
      return "ACKNOWLEDGED_FOR";
    case v1::Record::kIncidentsErased:
      return "ERASED";
    case v1::Record::kLegalHoldChanged:
      return record.legal_hold_changed().held() ? "HELD" : "HOLD_LIFTED";
    case v1::Record::WHAT_NOT_SET:
      break;
  }
  return "UNKNOWN";
}

std::string StateZh(v1::AckState state) {
  switch (state) {
    case v1::RECEIVED:
      return "已接收";
    case v1::SEEN:
      return "已阅";
    case v1::ACCEPTED:
      return "已签收";
    case v1::PARTIALLY_ACCEPTED:
      return "部分承接";
    case v1::REFUSED:
      return "拒绝";
    case v1::DEFERRED:
      return "暂缓";
    case v1::EN_ROUTE:
      return "已出动";
    case v1::ON_SCENE:
      return "已到场";
    case v1::COMPLETED:
      return "处置完毕";
    case v1::PROGRESS:
      return "进展";
    default:
      return "未确认";
  }
}

namespace {

Words Said(const v1::Record& record, const std::string& party, const v1::Acknowledged& what,
           const routing::Site* site) {
  const std::string unit = what.unit().empty() ? "" : absl::StrCat("(", what.unit(), ")");
  const std::string reason = what.reason().empty() ? "" : absl::StrCat(":", what.reason());
  const Words more = AckOutcomeWords(record, what, site);
  return {absl::StrCat(Name(site, party), " ", StateZh(what.state()), unit, reason, more.zh),
          absl::StrCat(party, " ", v1::AckState_Name(what.state()), unit, reason, more.en)};
}

}  // namespace

Words InWords(const v1::Record& record, const routing::Site* site) {
  const std::string& who = record.actor().party();
  switch (record.what_case()) {
    case v1::Record::kHubStarted:
      return {absl::StrCat("枢纽启动,中断 ", record.hub_started().outage_ms() / 1000, " 秒"),
              absl::StrCat("hub started after an outage of ", record.hub_started().outage_ms() / 1000, " s")};
    case v1::Record::kClockJumped:
      return {"时钟跳变", "the wall clock jumped"};
    case v1::Record::kSiteSetAdopted:
      return {absl::StrCat("启用站点配置第 ", record.site_set_adopted().site().version(), " 版"),
              absl::StrCat("site set version ", record.site_set_adopted().site().version(), " adopted")};
    case v1::Record::kReportRecorded: {
      const auto& what = record.report_recorded();
      return {absl::StrCat(Name(site, who), " ", OutcomeZh(what.outcome()), " ", what.key().external_id()),
              absl::StrCat(who, " reported ", what.key().external_id(), ": ", v1::ReportOutcome_Name(what.outcome()))};
    }
    case v1::Record::kAcknowledged:
      return Said(record, who, record.acknowledged(), site);
    case v1::Record::kAcknowledgedFor: {
      const v1::AcknowledgedFor& what = record.acknowledged_for();
      const Words said = Said(record, what.party(), what.acknowledged(), site);
      return {absl::StrCat(said.zh, "(电话告知,", Name(site, who), "代录)"),
              absl::StrCat(said.en, " (told by telephone, written down by ", who, ")")};
    }
    case v1::Record::kNoteAdded:
      return {absl::StrCat(Name(site, who), " 备注"), absl::StrCat(who, " added a note")};
    case v1::Record::kDeadlinesMissed:
      return Missed(record.deadlines_missed(), site);
    case v1::Record::kIncidentCorrected:
      return {absl::StrCat("更正 ", absl::StrJoin(record.incident_corrected().field(), ",")),
              absl::StrCat("corrected: ", absl::StrJoin(record.incident_corrected().field(), ", "))};
    case v1::Record::kIncidentVerified: {
      const bool false_alarm = record.incident_verified().verification() == v1::FALSE_ALARM;
      return {false_alarm ? "误报" : "核实", false_alarm ? "false alarm" : "verified"};
    }
    case v1::Record::kOrderGiven:
      return {absl::StrCat(record.order_given().given_by(), " 下达指令,", record.order_given().party_size(), " 个单位"),
              absl::StrCat("order given to ", record.order_given().party_size(), " parties")};
    case v1::Record::kTransferOffered: {
      const auto& what = record.transfer_offered();
      const char* zh = what.way() == v1::ONE_KEY     ? "(一键转接)"
                       : what.way() == v1::THREE_WAY ? "(三方通话)"
                                                     : "(推送工单)";
      const char* en = what.way() == v1::ONE_KEY     ? " (put through)"
                       : what.way() == v1::THREE_WAY ? " (three-way call)"
                                                     : " (work order)";
      return {absl::StrCat(Name(site, what.from()), " 拟移交 ", Name(site, what.to()), zh),
              absl::StrCat(what.from(), " offers it to ", what.to(), en)};
    }
    case v1::Record::kDutyReassigned:
      return {absl::StrCat("改派 ", Name(site, record.duty_reassigned().to())),
              absl::StrCat("reassigned to ", record.duty_reassigned().to())};
    case v1::Record::kIncidentClosed: {
      const auto& what = record.incident_closed();
      return {absl::StrCat(what.status() == v1::CANCELLED ? "撤销:" : "办结:", what.reason()),
              absl::StrCat(what.status() == v1::CANCELLED ? "cancelled: " : "closed: ", what.reason())};
    }
    case v1::Record::kIncidentsMerged:
      return Merged(record.incidents_merged());
    case v1::Record::kIncidentSplit:
      return {absl::StrCat("事件", record.incident_split().incident_id(), "拆分"),
              absl::StrCat("incident ", record.incident_split().incident_id(), " split off")};
    case v1::Record::kAcknowledgmentCorrected:
      return {absl::StrCat("更正回执:", record.acknowledgment_corrected().reason()),
              absl::StrCat("acknowledgment corrected: ", record.acknowledgment_corrected().reason())};
    case v1::Record::kIncidentsEvicted:
      return {"转入历史", "left memory for history"};
    case v1::Record::kIncidentRecalled:
      return {"从历史调回", "recalled from history"};
    case v1::Record::kMergesSuggested:
      return Suggested(record.merges_suggested());
    case v1::Record::kSuggestionDismissed:
      return {absl::StrCat("事件", record.suggestion_dismissed().incident_id(), "与",
                           record.suggestion_dismissed().other(), "不是同一事件"),
              absl::StrCat("incidents ", record.suggestion_dismissed().incident_id(), " and ",
                           record.suggestion_dismissed().other(), " are not one")};
    case v1::Record::kStormChanged:
      return Storm(record.storm_changed());
    case v1::Record::kUpwardReportFiled:
      return Filed(record.upward_report_filed());
    case v1::Record::kResponseStarted:
    case v1::Record::kResponseAdjusted:
      return ResponseWords(record);
    case v1::Record::kResponseEnded:
      return {absl::StrCat("终止响应 ", record.response_ended().id(), ":", record.response_ended().reason()),
              absl::StrCat("response ", record.response_ended().id(), " ended: ", record.response_ended().reason())};
    case v1::Record::kIncidentsRouted:
      return {absl::StrCat("因响应 ", record.incidents_routed().response_id(), " 重新分派"),
              absl::StrCat("routed again because of response ", record.incidents_routed().response_id())};
    case v1::Record::kPostHandedOver: {
      const auto& what = record.post_handed_over();
      return {absl::StrCat("岗位 ", what.post(), " 交接:", what.from(), " 交 ", what.to()),
              absl::StrCat("post ", what.post(), " handed over from ", what.from(), " to ", what.to())};
    }
    case v1::Record::kIncidentAssigned: {
      const auto& what = record.incident_assigned();
      std::vector<std::string> helpers;
      for (const auto& party : what.support()) helpers.push_back(Name(site, party));
      return {absl::StrCat("指定 ", Name(site, what.lead()), " 主办", helpers.empty() ? "" : ",协办 ",
                           absl::StrJoin(helpers, "、"), ":", what.reason()),
              absl::StrCat("assigned: ", what.lead(), " leads", what.support().empty() ? "" : ", helped by ",
                           absl::StrJoin(what.support(), ", "), ": ", what.reason())};
    }
    case v1::Record::kReturnReviewed: {
      const auto& what = record.return_reviewed();
      const std::string to = what.to().empty() ? "" : absl::StrCat(",重派 ", Name(site, what.to()));
      return {
          absl::StrCat(what.granted() ? "同意退单" : "驳回退单", to, what.reason().empty() ? "" : ":", what.reason()),
          absl::StrCat(what.granted() ? "return granted" : "return rejected",
                       what.to().empty() ? "" : absl::StrCat(", given to ", what.to()),
                       what.reason().empty() ? "" : ": ", what.reason())};
    }
    case v1::Record::kIncidentsErased:
      return Erased(record.incidents_erased(), site);
    case v1::Record::kLegalHoldChanged: {
      const auto& what = record.legal_hold_changed();
      return {absl::StrCat(what.held() ? "证据保全:" : "解除证据保全:", what.reason()),
              absl::StrCat(what.held() ? "kept as evidence: " : "legal hold lifted: ", what.reason())};
    }
    case v1::Record::WHAT_NOT_SET:
      break;
  }
  return {"未知记录", "unknown record"};
}

}  // namespace liandong::core
