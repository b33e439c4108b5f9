#include "hub/core/print.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hub/core/steps.h"

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

Words Missed(const v1::DeadlinesMissed& missed, const routing::Site* site) {
  Words out;
  for (const auto& one : missed.missed()) {
    absl::StrAppend(&out.zh, out.zh.empty() ? "" : ";", Name(site, one.late_party()), std::string(RungZh(one.rung())));
    absl::StrAppend(&out.en, out.en.empty() ? "" : "; ", one.late_party(), " ", std::string(RungEn(one.rung())));
    if (one.told().empty()) continue;
    absl::StrAppend(&out.zh, ",升级至", Name(site, one.told()));
    absl::StrAppend(&out.en, ", escalated to ", one.told());
  }
  return out;
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
      return "DEADLINES_MISSED";
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
    case v1::Record::kNoteAdded:
      return "NOTE";
    case v1::Record::kAcknowledgedFor:
      return "ACKNOWLEDGED_FOR";
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

Words Said(const std::string& party, const v1::Acknowledged& what, const routing::Site* site) {
  const std::string unit = what.unit().empty() ? "" : absl::StrCat("(", what.unit(), ")");
  const std::string reason = what.reason().empty() ? "" : absl::StrCat(":", what.reason());
  return {absl::StrCat(Name(site, party), " ", StateZh(what.state()), unit, reason),
          absl::StrCat(party, " ", v1::AckState_Name(what.state()), unit, reason)};
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
      return Said(who, record.acknowledged(), site);
    case v1::Record::kAcknowledgedFor: {
      const Words said = Said(record.acknowledged_for().party(), record.acknowledged_for().acknowledged(), site);
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
    case v1::Record::kTransferOffered:
      return {absl::StrCat(Name(site, record.transfer_offered().from()), " 拟移交 ",
                           Name(site, record.transfer_offered().to())),
              absl::StrCat(record.transfer_offered().from(), " offers it to ", record.transfer_offered().to())};
    case v1::Record::kDutyReassigned:
      return {absl::StrCat("改派 ", Name(site, record.duty_reassigned().to())),
              absl::StrCat("reassigned to ", record.duty_reassigned().to())};
    case v1::Record::kIncidentClosed: {
      const auto& what = record.incident_closed();
      return {absl::StrCat(what.status() == v1::CANCELLED ? "撤销:" : "办结:", what.reason()),
              absl::StrCat(what.status() == v1::CANCELLED ? "cancelled: " : "closed: ", what.reason())};
    }
    case v1::Record::kIncidentsMerged:
      return {absl::StrCat("事件", record.incidents_merged().younger(), "并入", record.incidents_merged().older()),
              absl::StrCat("incident ", record.incidents_merged().younger(), " merged into ",
                           record.incidents_merged().older())};
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
    case v1::Record::WHAT_NOT_SET:
      break;
  }
  return {"未知记录", "unknown record"};
}

}  // namespace liandong::core
