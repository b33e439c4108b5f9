#include "adapters/police_110/fields.h"

#include <initializer_list>

namespace liandong::adapters {
namespace {

void Add(std::vector<FieldRule>& fields, FieldType type, std::initializer_list<const char*> names) {
  for (const char* name : names) fields.push_back({name, type, /*required=*/false, {}});
}

void Require(std::vector<FieldRule>& fields, std::initializer_list<const char*> names) {
  for (const char* name : names) fields.push_back({name, FieldType::kId, /*required=*/true, {}});
}

// 接警单
KindRule Call() {
  KindRule rule;
  rule.kind = "JJDB";
  Require(rule.fields, {"JJDBH"});
  Add(rule.fields, FieldType::kId, {"GLZJJDBH", "JJLYH", "JJYBH", "TZDBH", "BJJJDBM", "BJRZJHM"});
  Add(rule.fields, FieldType::kCode,
      {"XZQHDM", "JJDWDM", "JJLX", "JQLYFS", "LHLX", "BJRXBDM", "BJRZJDM", "GXDWDM", "JQLBDM", "JQLXDM", "JQXLDM",
       "JQZLDM", "JQDJDM", "JQCLZTDM", "YJJYDJDM", "SHLDDWDM", "SJCHPZLDM"});
  Add(rule.fields, FieldType::kTime, {"BJSJ", "JJSJ", "JJWCSJ", "RKSJ", "GXSJ"});
  Add(rule.fields, FieldType::kName,
      {"JJDWMC", "JJYXM", "BJDH", "BJDHYHM", "BJDHYHDZ", "BJRMC", "LXDH", "BJDZ", "JQDZ", "GXDWMC", "BKRYQKSM",
       "SSRYQKSM", "SWRYQKSM", "SJCPH", "JQBQ"});
  Add(rule.fields, FieldType::kText, {"BJNR", "BCJJNR"});
  Add(rule.fields, FieldType::kFlag,
      {"YWCWQ", "YWWXWZ", "YWBZXL", "SFSWHCL", "SFBM", "SFSWYBJ", "HBBS", "WXBS", "HFBS", "FKBS"});
  Add(rule.fields, FieldType::kNumber, {"BJRXZB", "BJRYZB", "FXDWJD", "FXDWWD"});
  rule.keys = {"JJDBH"};
  return rule;
}

// 派警单
KindRule Dispatch() {
  KindRule rule;
  rule.kind = "PJDB";
  Require(rule.fields, {"PJDBH", "JJDBH"});
  Add(rule.fields, FieldType::kId, {"PJYBH", "PJLYH", "SJPJDBH", "GZLDM", "KJYJBH"});
  Add(rule.fields, FieldType::kCode, {"PJDWDM", "CJDWDM", "JQCLZTDM", "CSZT", "WBCSZT"});
  Add(rule.fields, FieldType::kTime, {"PJSJ", "XTZDDDSJ", "PDQSSJ", "TDSJ", "JASJ"});
  Add(rule.fields, FieldType::kName, {"PJYXM", "QSRYXM", "CDRY", "CDCL", "CDCT"});
  Add(rule.fields, FieldType::kText, {"PJYJ", "CXYY", "JASM"});
  Add(rule.fields, FieldType::kFlag, {"SFJA"});
  rule.keys = {"JJDBH", "PJDBH"};
  return rule;
}

// 退单: the 派警单 whose receiver asks to hand it back.
KindRule Return() {
  KindRule rule = Dispatch();
  rule.kind = "TD";
  rule.one_of = {"TDSJ", "CXYY"};
  return rule;
}

// 反馈单
KindRule Feedback() {
  KindRule rule;
  rule.kind = "FKDB";
  Require(rule.fields, {"FKDBH", "JJDBH"});
  Add(rule.fields, FieldType::kId, {"PJDBH", "FKLYH", "FKYBH", "AJBH"});
  Add(rule.fields, FieldType::kCode,
      {"FKDWDM", "JQLBDM", "JQLXDM", "JQXLDM", "JQZLDM", "JQCLJGDM", "TQQKDM", "YJDWDM", "FKLX"});
  Add(rule.fields, FieldType::kTime, {"FKSJ", "CJSJ01", "DDXCSJ", "XCCLWBSJ", "JQFSSJ"});
  Add(rule.fields, FieldType::kName, {"FKYXM", "JQDZ", "CDCC", "CDRC", "JDXZ", "SDCS", "YJDWLXR"});
  Add(rule.fields, FieldType::kText, {"CJCZQK", "JZRSSM", "SSRSSM", "SWRSSM", "JQCLJGSM", "SSQKMS", "YJDWFKQK"});
  Add(rule.fields, FieldType::kCount, {"JZRS", "SSRS", "SWRS", "ZHRS", "SARS", "TPRS"});
  Add(rule.fields, FieldType::kNumber, {"FKDWXZB", "FKDWYZB"});
  rule.keys = {"JJDBH", "PJDBH", "FKDBH"};
  rule.codes = {{"FKLX", "feedback", {{"10", "到场"}, {"30", "处理完毕"}}, /*closed=*/false}};
  return rule;
}

}  // namespace

std::vector<KindRule> Police110Kinds() { return {Call(), Dispatch(), Return(), Feedback()}; }

}  // namespace liandong::adapters
