#include "adapters/cli/words.h"

#include <google/protobuf/descriptor.h>

#include <array>
#include <cstring>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace liandong::cli {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;

struct Word {
  const char* name;  // of the enum value
  const char* zh;
};

constexpr Word kWords[] = {
    {"ACTUAL", "实战"},
    {"EXERCISE", "演练"},
    {"TEST", "测试"},
    {"SEVERITY_UNKNOWN", "待核实"},
    {"GENERAL", "一般"},
    {"LARGE", "较大"},
    {"MAJOR", "重大"},
    {"EXTREME", "特别重大"},
    {"URGENT", "急"},
    {"ORDINARY", "平"},
    {"LEAD", "主责"},
    {"SUPPORT", "协办"},
    {"INFORM", "告知"},
    {"ANSWER_UNKNOWN", "不明"},
    {"YES", "是"},
    {"NO", "否"},
    {"RECEIVED", "收到"},
    {"SEEN", "已阅"},
    {"ACCEPTED", "受理"},
    {"PARTIALLY_ACCEPTED", "部分受理"},
    {"REFUSED", "退回"},
    {"DEFERRED", "暂缓"},
    {"EN_ROUTE", "出发"},
    {"ON_SCENE", "到场"},
    {"COMPLETED", "办结"},
    {"PROGRESS", "进展"},
    {"ACK_STATE_UNSPECIFIED", "-"},
    {"APPLIED", "已记录"},
    {"ALREADY_DONE", "此前已记录"},
    {"REJECTED", "未予记录"},
    {"TASK", "任务"},
    {"UPDATE", "更新"},
    {"CANCEL", "取消"},
    {"FEEDBACK", "反馈"},
    {"ORDER", "指令"},
    {"ESCALATION", "催办"},
    {"TRANSFER", "移交"},
    {"NOTICE", "通知"},
    {"UPWARD_REPORT", "信息报送"},
    {"UPWARD_INITIAL", "初报"},
    {"UPWARD_FOLLOW_UP", "续报"},
    {"UPWARD_FINAL", "终报"},
    {"UPWARD_SUPPLEMENT", "补报"},
    {"TRAIL_ACCOUNT", "账号"},
    {"TRAIL_DENIED", "拒绝"},
    {"TRAIL_CONFIGURATION", "配置"},
    {"TRAIL_VIEW", "查看"},
    {"TRAIL_EXPORT", "导出"},
    {"TRAIL_PRINT", "打印"},
    {"TRAIL_READ", "查轨迹"},
    {"TRAIL_HUB", "枢纽"},
    {"TRAIL_ERASURE", "销毁与保全"},
    {"UPWARD_PHONE", "电话"},
    {"UPWARD_WRITTEN", "书面"},
    {"UPWARD_ONLINE", "网络直报"},
    {"UPWARD_UNIT", "事发单位"},
    {"UPWARD_TOWNSHIP", "乡镇"},
    {"UPWARD_COUNTY", "县"},
    {"UPWARD_CITY", "市"},
    {"UPWARD_PROVINCE", "省"},
    {"UPWARD_STATE", "国家"},
    {"UPWARD_UNIT_PROFILE", "单位概况"},
    {"UPWARD_TIME", "时间"},
    {"UPWARD_PLACE", "地点"},
    {"UPWARD_SCENE", "现场情况"},
    {"UPWARD_COURSE", "简要经过"},
    {"UPWARD_CASUALTIES", "伤亡人数"},
    {"UPWARD_LOSS", "经济损失"},
    {"UPWARD_MEASURES", "措施"},
    {"UPWARD_OTHER", "其他"},
    {"REMINDER", "提醒"},
    {"RETURN_REQUEST", "退单申请"},
    {"ONE_KEY", "一键转接"},
    {"WORK_ORDER", "推送工单"},
    {"THREE_WAY", "三方通话"},
    {"LEVEL_IV", "四级"},
    {"LEVEL_III", "三级"},
    {"LEVEL_II", "二级"},
    {"LEVEL_I", "一级"},
    {"ASSIGNED_BY_COMMAND", "指定承办"},
    {"RETURN_REJECTED", "退单驳回"},
    {"FIRST_RECEIVER", "首接受理"},
    {"OPEN", "处置中"},
    {"CLOSED", "办结"},
    {"CANCELLED", "撤销"},
    {"MERGED", "已并案"},
    {"UNVERIFIED", "未核实"},
    {"VERIFIED", "已核实"},
    {"FALSE_ALARM", "误报"},
    {"DUTY_OPEN", "进行中"},
    {"DUTY_DONE", "完成"},
    {"DUTY_REFUSED", "已退回"},
    {"DUTY_CANCELLED", "已取消"},
    {"DUTY_REASSIGNED", "已改派"},
    {"DUTY_MERGED_INTO", "已并入"},
    {"NEW_INCIDENT", "新事件"},
    {"JOINED_INCIDENT", "并入已有事件"},
    {"REVISED", "已更新并重新分派"},
    {"REPEATED", "重复报送，已有回执"},
    {"OLDER_KEPT", "版本较旧，仅存档"},
    {"RUNG_RECEIVE", "接收"},
    {"RUNG_ACCEPT", "受理"},
    {"RUNG_ARRIVE", "到场"},
    {"RUNG_COMPLETE", "办结"},
    {"RUNG_ESCALATION", "催办"},
    {"RUNG_SEE", "查阅"},
    {"RUNG_EN_ROUTE", "出动"},
    {"RUNG_DEFERRED", "暂缓答复"},
    {"PLACE", "地点"},
    {"DESCRIPTION", "描述"},
    {"CALLER_NAME", "报警人"},
    {"CALLER_PHONE", "电话"},
    {"CALLER_NAME_MASKED", "报警人（部分）"},
    {"CALLER_PHONE_MASKED", "电话（部分）"},
    {"CASUALTIES", "伤亡"},
    {"MEDICAL", "病情"},
    {"SOURCE_RECORD", "原单号"},
    {"DETAILS", "其他字段"},
    {"HOTLINE", "热线"},
    {"AGENCY", "单位"},
    {"TOWNSHIP", "乡镇街道"},
    {"COMMAND", "指挥中心"},
    {"HUB", "枢纽"},
    // FeedbackItem.what, where it is no enum's word
    {"ASSIGNED", "已派"},
    {"HOLDER", "牵头变更"},
    {"SPLIT", "已拆分"},
    {"EXPIRED", "超期"},
    {"CORRECTED", "已更正"},
    {"STORM", "集中来电，合并处理"},
    {"DISPUTED", "责任争议"},
    {"DISPUTE_SETTLED", "争议已定"},
    {"RETURN_REQUESTED", "申请退单"},
};

struct Mend {
  const char* reason;
  const char* zh;
  const char* en;
};

constexpr Mend kMends[] = {
    {"NOT_YOUR_DELIVERY", "核对编号：只能签收发给本单位的件", "check the id: a party answers only its own deliveries"},
    {"UNKNOWN_DELIVERY", "用 liandong watch 查看本单位收到的编号", "see the ids that came to you with: liandong watch"},
    {"BACKWARD_STEP", "状态只能向前；点错了请指挥中心用 liandong correct --duty 更正",
     "a state only moves forward; a mistake is corrected by the command centre: liandong correct --duty"},
    {"REASON_REQUIRED", "加上 --reason 写明原因", "add --reason"},
    {"UNKNOWN_INCIDENT", "用 liandong incidents --all 查看事件编号", "list the ids with: liandong incidents --all"},
    {"UNKNOWN_DUTY", "用 liandong show 事件编号 查看职责编号", "see the duty ids with: liandong show INCIDENT"},
    {"NOT_HOLDER", "只有牵头单位或指挥中心能做；用 liandong show 查看牵头单位",
     "only the holder or the command centre may; see the holder with: liandong show"},
    {"ALREADY_HOLDER", "对方已是牵头单位，不必再移交", "that party holds it already: nothing to do"},
    {"UNKNOWN_PARTY", "用 liandong agreements show 查看单位代号", "list party ids with: liandong agreements show"},
    {"INCIDENT_CLOSED", "事件已结束；有新情况请重新报送", "the incident has ended; report anew what is new"},
    {"INCIDENT_OPEN", "先办结事件，再销毁", "close the incident first"},
    {"UNDER_HOLD", "证据保全中；须先解除：liandong incident hold --lift",
     "kept as evidence; lift it first with: liandong incident hold --lift"},
    {"NOT_DESTROYED", "已记录，枢纽会重试；请检查枢纽磁盘", "it is recorded and tried again; look at the hub's disk"},
    {"BAD_FIELD", "按所指字段改正后重发", "mend the field named and send again"},
    {"TOO_LARGE", "缩短内容后重发", "shorten it and send again"},
    {"OVERLOADED", "枢纽繁忙，稍后自动或人工重发", "the hub is busy: send the same again later"},
    {"UNAVAILABLE", "稍后重发", "send the same again later"},
    {"NO_SITE_SET", "先由指挥中心采用协议集：liandong agreements adopt 目录",
     "the command centre first adopts a site set: liandong agreements adopt DIR"},
    {"BAD_SITE_SET", "先用 liandong agreements check 目录 查错", "find the faults with: liandong agreements check DIR"},
    {"NOT_NOTED", "请检查枢纽磁盘后重试；未经审计记录的内容不予显示", "look at the hub's disk and try again"},
    {"REVOKED", "证书已被吊销，请重新申领", "the certificate was revoked: ask for a new one"},
    {"NOT_ALLOWED", "本单位的证书无此权限，请由指挥中心操作",
     "this certificate may not do that; ask the command centre"},
    {"DUTY_ENDED", "该职责已结束，不再需要回复", "the duty has ended: no answer is needed any more"},
    {"ASSIGNED_BY_COMMAND", "指挥中心指定承办，不得退回：请受理", "the command centre named you: accept it"},
    {"RETURN_REJECTED", "退单已被驳回：请受理并办理", "the return was rejected: accept it and carry it out"},
    {"FIRST_RECEIVER", "首接平台先行受理：请受理，或请指挥中心指定",
     "who took the call first takes it on: accept it, or ask the command centre to assign it"},
    {"RETURN_ENDED", "没有待审核的退单；用 liandong show 查看", "nothing waits for review: look with liandong show"},
    {"DISPUTE_SETTLED", "争议已定，不能再移交该单位；请指挥中心用 liandong assign 指定",
     "the dispute is settled: ask the command centre to assign it (liandong assign)"},
    {"RESPONSE_IN_FORCE", "用 liandong response adjust 调整，或先终止",
     "adjust it (liandong response adjust) or end it first"},
    {"UNKNOWN_RESPONSE", "用 liandong response list 查看编号", "see the ids with: liandong response list"},
    {"UNKNOWN_POST", "用 liandong roster 查看岗位", "see the posts with: liandong roster"},
    {"OFFER_ENDED", "移交已失效或已有结果", "the offer has lapsed or was answered"},
    {"TRANSFER_PENDING", "等对方答复，或等移交超时后再试", "wait for the answer, or until the offer lapses"},
    {"TOO_MANY_DEFERRALS", "暂缓次数已满：请受理或退回", "put off too often: accept or refuse"},
    {"DIFFERENT_PURPOSE", "实战与演练、测试不能混在一起", "actual, exercise and test never mix"},
    {"ALREADY_MERGED", "查看并入的事件：liandong show", "look at the incident it was merged into: liandong show"},
    {"NOT_MERGED", "该事件没有并案，不必拆分", "the incident is not merged: nothing to split"},
    {"BAD_STATE", "用 liandong show 查看现在的状态", "see where it stands now with: liandong show"},
    {"ERASED", "个人信息已依法销毁，无法恢复", "the personal data was destroyed as the law asks; it is gone"},
    {"NO_PARTY", "证书里没有本单位的名称，请重新签发：liandong pki issue",
     "issue the certificate again: liandong pki issue"},
    {"CURSOR_AHEAD", "枢纽重建过或恢复了旧备份：删掉续传文件后重来",
     "the hub was set up anew or restored: remove the cursor file and start again"},
    {"TOO_MANY_STREAMS", "先关掉本单位多余的连接", "close lines of this party that are not needed"},
    {"HELLO_FIRST", "连接后先发 Hello", "send the Hello first"},
    {"HELLO_TWICE", "一条连接只发一次 Hello", "one Hello a line"},
    {"WATCH_BEHIND", "看得太慢：先重新列出，再继续看", "too slow a watcher: list again, then watch again"},
    {"HISTORY_BEHIND", "历史库还没跟上，几秒后再试", "history is not that far yet: try again in some seconds"},
    {"STOPPING", "枢纽正在停机，稍后重试", "the hub is stopping: try again shortly"},
    {"NO_SUGGESTION", "用 liandong suggestions 查看并案建议", "see what is suggested with: liandong suggestions"},
    {"NO_UPWARD_DUTY", "用 liandong upward list 查看待报信息", "see what is due with: liandong upward list"},
    {"MISSING_FIELDS", "补齐所列法定内容后重新报送", "add what is named and file again"},
    {"UPWARD_REPORT_DUE", "先完成报送：liandong upward file", "make it first: liandong upward file"},
    {"FILE_UPWARD_REPORT", "用 liandong upward file 填报", "file it with: liandong upward file"},
    {"BAD_CREDENTIALS", "核对账号、口令和动态码", "check the account, the password and the code"},
    {"TOTP_REQUIRED", "同时填写动态码", "give the code of the authenticator too"},
    {"LOCKED", "等锁定结束，或请账号管理员解锁", "wait, or ask an account keeper"},
    {"SESSION_ENDED", "重新登录", "sign in again"},
    {"SESSION_REQUIRED", "先以个人账号登录", "sign in as a person first"},
    {"MUST_CHANGE_PASSWORD", "先修改初始口令", "change the first password first"},
    {"MUST_ENROL", "先在网页上绑定动态码", "enrol an authenticator on the page first"},
    {"NOT_YOUR_ROLE", "您的角色无此权限，请由有相应角色的人员操作",
     "your roles do not allow it; somebody who has the role does it"},
    {"NOT_YOUR_AREA", "只能订阅本单位的区划范围", "ask for a division within what your party may read"},
    {"BAD_PASSWORD", "换一个更长的新口令", "choose a longer, different password"},
    {"BAD_CODE", "核对手机时间，用下一个动态码", "look at the telephone's clock and use the next code"},
    {"ALREADY_ENROLLED", "更换动态码请联系账号管理员", "an account keeper makes it forget the old one"},
    {"ACCOUNT_EXISTS", "换一个账号名", "choose another name"},
    {"UNKNOWN_ACCOUNT", "核对账号名", "check the name of the account"},
    {"TOO_MANY_ACCOUNTS", "账号已满，请联系工程师", "the store is full: call the engineer"},
    {"INTERNAL", "请联系值班工程师", "call the engineer on duty"},
};

std::string English(const EnumValueDescriptor& value) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(value.name(), {{"_", " "}}));
}

const char* Chinese(const EnumValueDescriptor& value) {
  for (const Word& word : kWords) {
    if (value.name() == word.name) return word.zh;
  }
  return nullptr;
}

const Mend* FindMend(std::string_view reason) {
  for (const Mend& mend : kMends) {
    if (reason == mend.reason) return &mend;
  }
  return nullptr;
}

}  // namespace

std::string SayEnum(const EnumDescriptor& type, int value) {
  const EnumValueDescriptor* found = type.FindValueByNumber(value);
  if (found == nullptr) return absl::StrCat(value);  // of a newer hub
  const char* zh = Chinese(*found);
  if (zh == nullptr) return English(*found);
  return std::strcmp(zh, "-") == 0 ? zh : absl::StrCat(zh, " ", English(*found));
}

std::string SayEnumZh(const EnumDescriptor& type, int value) {
  const EnumValueDescriptor* found = type.FindValueByNumber(value);
  if (found == nullptr) return absl::StrCat(value);
  const char* zh = Chinese(*found);
  return zh == nullptr ? English(*found) : zh;
}

absl::StatusOr<int> ParseEnum(const EnumDescriptor& type, std::string_view text) {
  const std::string name = absl::AsciiStrToUpper(absl::StrReplaceAll(std::string(text), {{"-", "_"}, {" ", "_"}}));
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    const char* zh = Chinese(value);
    if (value.number() != 0 &&
        (value.name() == name || value.name() == absl::StrCat("UPWARD_", name) || (zh != nullptr && text == zh)))
      return value.number();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(text), "\" 不在可选之列，可写 is none of: ", EnumChoices(type)));
}

std::string EnumChoices(const EnumDescriptor& type) {
  std::vector<std::string> choices;
  for (int i = 0; i < type.value_count(); ++i) {
    const EnumValueDescriptor& value = *type.value(i);
    if (value.number() == 0) continue;
    const char* zh = Chinese(value);
    const std::string en = absl::AsciiStrToLower(absl::StrReplaceAll(value.name(), {{"_", "-"}}));
    choices.push_back(zh == nullptr ? en : absl::StrCat(en, " (", zh, ")"));
  }
  return absl::StrJoin(choices, ", ");
}

std::string SayToken(std::string_view token) {
  for (const Word& word : kWords) {
    if (token == word.name) return absl::StrCat(word.zh, " ", std::string(token));
  }
  return std::string(token);
}

std::vector<std::string> KnownReasons() {
  std::vector<std::string> reasons;
  for (const Mend& mend : kMends) reasons.push_back(mend.reason);
  return reasons;
}

std::string MendZh(std::string_view reason) {
  const Mend* mend = FindMend(reason);
  return mend == nullptr ? "" : mend->zh;
}

std::string MendEn(std::string_view reason) {
  const Mend* mend = FindMend(reason);
  return mend == nullptr ? "" : mend->en;
}

}  // namespace liandong::cli
