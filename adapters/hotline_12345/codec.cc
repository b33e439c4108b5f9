#include "adapters/hotline_12345/codec.h"

namespace liandong::adapters {
namespace {

KindRule Confirm() {
  KindRule rule;
  rule.kind = "CONFIRM";
  rule.paths = {"CONFIRM"};
  rule.wrappers = {"CONFIRM"};
  rule.signatures = {{"JJDBH", "RECEIVE"}};
  rule.fields = {
      {"JJDBH", FieldType::kId, /*required=*/true},
      {"RECEIVE", FieldType::kFlag, /*required=*/true, {"0", "1"}},
      {"RECEIVETIME", FieldType::kTime},
  };
  rule.keys = {"JJDBH"};
  return rule;
}

KindRule CallReason() {
  KindRule rule;
  rule.kind = "DYYY";
  // Not the bare name as a wrapper: DYYY is a field of the message as well.
  rule.paths = {"DYYY"};
  rule.signatures = {{"DYYY"}};
  rule.fields = {
      {"DYYY", FieldType::kCode, /*required=*/true, {"1", "2", "3"}},
      {"JJDBH", FieldType::kId},
      {"FLOWID", FieldType::kId},
      {"HFSJ", FieldType::kTime},
      {"DHHFHSQK", FieldType::kText},
      {"CLJGDM", FieldType::kCode},
      {"CLJGMC", FieldType::kName},
      {"CJCZQK", FieldType::kText},
      {"HANDLEOPINION", FieldType::kText},
  };
  rule.one_of = {"JJDBH", "FLOWID"};
  rule.keys = {"JJDBH", "FLOWID"};
  rule.codes = {{"DYYY", "reason", {{"1", "反馈"}, {"2", "退回"}, {"3", "回访"}}, /*closed=*/true},
                {"CLJGDM", "result", {{"1", "满意"}, {"2", "基本满意"}, {"3", "不满意"}}, /*closed=*/true}};
  return rule;
}

KindRule PushReturn() {
  KindRule rule;
  rule.kind = "pushThxx";
  rule.send_path = "/deal12345/pushThxx";
  rule.paths = {rule.send_path};
  rule.wrappers = {"pushThxx"};
  rule.signatures = {{"FLOWID", "HANDLEOPINION"}, {"JJDBH", "HANDLEOPINION"}};
  rule.fields = {
      {"FLOWID", FieldType::kId},       {"HANDLEBMNAME", FieldType::kName},   {"HANDLEOPINION", FieldType::kText},
      {"HANDLETIME", FieldType::kTime}, {"HANDLEUSERNAME", FieldType::kName}, {"JJDBH", FieldType::kId},
  };
  rule.one_of = {"FLOWID", "JJDBH"};
  rule.keys = {"FLOWID", "JJDBH"};
  return rule;
}

KindRule PushFeedback() {
  KindRule rule;
  rule.kind = "pushFkd";
  rule.send_path = "/deal12345/pushFkd";
  rule.paths = {rule.send_path};
  rule.wrappers = {"pushFkd"};
  rule.signatures = {{"FLOWID", "CJCZQK"}, {"JJDBH", "CJCZQK"}};
  rule.fields = {
      {"CJCZQK", FieldType::kText}, {"FKDWDM", FieldType::kCode}, {"FKDWMC", FieldType::kName},
      {"FKSJ", FieldType::kTime},   {"FKYBH", FieldType::kId},    {"FKYXM", FieldType::kName},
      {"FLOWID", FieldType::kId},   {"JJDBH", FieldType::kId},    {"JQCLJGSM", FieldType::kText},
  };
  rule.one_of = {"FLOWID", "JJDBH"};
  rule.keys = {"FLOWID", "JJDBH"};
  return rule;
}

KindRule WorkOrder() {
  KindRule rule;
  rule.kind = "work_order";
  rule.paths = {"work_order"};
  rule.wrappers = {"work_order", "workOrder"};
  rule.signatures = {{"order_no"}};
  rule.fields = {
      {"order_no", FieldType::kId, /*required=*/true},
      {"acceptor_no", FieldType::kId},
      {"acceptor_name", FieldType::kName},
      {"raise_name", FieldType::kName},
      {"classification", FieldType::kName},
      {"urgent_level", FieldType::kCode},
      {"raise_category", FieldType::kName},
      {"raise_channel", FieldType::kName},
      {"content", FieldType::kText},
      {"raise_time", FieldType::kTime},
      {"notes", FieldType::kText},
      {"status", FieldType::kCode},
      {"is_secrecy", FieldType::kFlag},
      {"is_reply", FieldType::kFlag},
      {"handle_department", FieldType::kName},
      {"transfer_time", FieldType::kTime},
      {"transfer_name", FieldType::kName},
      {"transfer_no", FieldType::kId},
      {"transfer_opinion", FieldType::kText},
      {"finish_time", FieldType::kTime},
      {"callerName", FieldType::kName},
      {"callerSex", FieldType::kCode},
      {"callerPhone", FieldType::kName},
      {"callerContact", FieldType::kName},
  };
  rule.keys = {"order_no"};
  return rule;
}

KindRule PushCall() {
  KindRule rule;
  rule.kind = "pushJjd";
  rule.send_path = "/deal12345/pushJjd";
  rule.paths = {rule.send_path};
  rule.wrappers = {"pushJjd"};
  rule.signatures = {{"JJDBH", "BJNR"}, {"JJDBH", "Title"}, {"JJDBH", "BJSJ"}};
  rule.fields = {
      {"JJDBH", FieldType::kId, /*required=*/true},
      {"BJDH", FieldType::kName},
      {"BJDHYHM", FieldType::kName},
      {"BJDZ", FieldType::kName},
      {"BJNR", FieldType::kText},
      {"BJRXBDM", FieldType::kCode},
      {"GXDWDH", FieldType::kName},
      {"GXDWDM", FieldType::kCode},
      {"GXDWMC", FieldType::kName},
      {"BJSJ", FieldType::kTime},
      {"JJDWDM", FieldType::kCode},
      {"JJDWMC", FieldType::kName},
      {"JJLX", FieldType::kCode},
      {"JJYBH", FieldType::kId},
      {"JQLBDM", FieldType::kCode},
      {"JQLBMC", FieldType::kName},
      {"LSH", FieldType::kId},
      {"LXDH", FieldType::kName},
      {"SFBM", FieldType::kFlag},
      {"Title", FieldType::kName},
      {"XZQHDM", FieldType::kCode},
  };
  rule.keys = {"JJDBH", "LSH"};
  return rule;
}

}  // namespace

std::unique_ptr<Codec> MakeHotline12345Codec(Hotline12345Options options) {
  // The order matters where only the fields tell: the messages that quote a JJDBH come before the call itself.
  return std::make_unique<RecordCodec>(
      "hotline_12345",
      std::vector<KindRule>{Confirm(), CallReason(), PushReturn(), PushFeedback(), WorkOrder(), PushCall()},
      options.reply);
}

}  // namespace liandong::adapters
