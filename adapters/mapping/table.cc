#include "adapters/mapping/table.h"

#include <initializer_list>
#include <map>
#include <utility>

#include "adapters/mapping/text_file.h"

namespace liandong::adapters {
namespace {

using Rows = std::initializer_list<std::pair<const char*, const char*>>;

v1::ValueTable Make(const char* name, const Rows& rows) {
  v1::ValueTable table;
  table.set_name(name);
  for (const auto& [ours, zh] : rows) {
    v1::TableRow* row = table.add_row();
    row->set_ours(ours);
    row->add_native(zh);
  }
  return table;
}

// Names of our own enums and tokens in Chinese, for texts that people read.
const std::map<std::string, v1::ValueTable>& OwnTables() {
  static const auto& tables = *new std::map<std::string, v1::ValueTable>{
      {"@state_zh", Make("@state_zh", {{"RECEIVED", "系统已收到"},
                                       {"SEEN", "已阅"},
                                       {"ACCEPTED", "已受理"},
                                       {"PARTIALLY_ACCEPTED", "部分受理"},
                                       {"REFUSED", "退回"},
                                       {"DEFERRED", "暂缓答复"},
                                       {"EN_ROUTE", "已出动"},
                                       {"ON_SCENE", "已到场"},
                                       {"COMPLETED", "处置完毕"},
                                       {"PROGRESS", "处置进展"}})},
      {"@severity_zh",
       Make("@severity_zh", {{"GENERAL", "一般"}, {"LARGE", "较大"}, {"MAJOR", "重大"}, {"EXTREME", "特别重大"}})},
      {"@role_zh", Make("@role_zh", {{"LEAD", "主责"}, {"SUPPORT", "协办"}, {"INFORM", "告知"}})},
      {"@purpose_zh", Make("@purpose_zh", {{"ACTUAL", "实战"}, {"EXERCISE", "演练"}, {"TEST", "测试"}})},
      {"@answer_zh", Make("@answer_zh", {{"YES", "是"}, {"NO", "否"}})},
      // The site's own words for a refusal stand as they are: they have no row.
      {"@reason_zh", Make("@reason_zh", {{"OTHER", "其他原因"},
                                         {"VERIFIED", "核实属实"},
                                         {"FALSE_ALARM", "误报"},
                                         {"EXERCISE_NOT_CARRIED", "演练不能下发"},
                                         {"PURPOSE_MISMATCH", "实战演练不符"},
                                         {"NO_OUTBOUND_RULE", "本单位系统不收此类消息"}})},
      {"@what_zh", Make("@what_zh", {{"ASSIGNED", "已派给"},
                                     {"ACK", ""},
                                     {"CLOSED", "已办结"},
                                     {"CANCELLED", "已撤销"},
                                     {"FALSE_ALARM", "核实为误报"},
                                     {"HOLDER", "主责单位变更"},
                                     {"MERGED", "已与另一事件合并"},
                                     {"SPLIT", "已从合并事件中分出"},
                                     {"STORM", "同类来电集中，已合并处理"},
                                     {"EXPIRED", "逾期未办"},
                                     {"CORRECTED", "已更正"},
                                     {"VERIFIED", "已核实"},
                                     {"TRANSFER_OFFERED", "提出移交"},
                                     {"TRANSFER_REFUSED", "移交被拒绝"},
                                     {"TRANSFER_LAPSED", "移交逾期未答复"},
                                     {"DISPUTED", "责任争议,正在协商"},
                                     {"DISPUTE_SETTLED", "责任争议已定,由其承办"},
                                     {"RETURN_REQUESTED", "申请退单,待审核"},
                                     {"RETURN_REJECTED", "退单申请被驳回"}})},
  };
  return tables;
}

}  // namespace

const v1::ValueTable* FindTable(const v1::Profile& profile, std::string_view name) {
  for (const v1::ValueTable& table : profile.table()) {
    if (table.name() == name) return &table;
  }
  auto own = OwnTables().find(std::string(name));
  return own == OwnTables().end() ? nullptr : &own->second;
}

TableResult TableToOurs(const v1::ValueTable& table, std::string_view native) {
  const v1::TableRow* best = nullptr;
  size_t best_bytes = 0;
  for (const v1::TableRow& row : table.row()) {
    for (const std::string& text : row.native()) {
      bool fits = false;
      switch (table.match()) {
        case v1::ValueTable::PREFIX:
          fits = native.substr(0, text.size()) == text && (best == nullptr || text.size() > best_bytes);
          break;
        case v1::ValueTable::CONTAINS:
          fits = best == nullptr && native.find(text) != std::string_view::npos;
          break;
        default:
          fits = best == nullptr && native == text;
      }
      if (fits) {
        best = &row;
        best_bytes = text.size();
      }
    }
  }
  if (best == nullptr) return {TableResult::kUnmapped, ""};
  if (best->ours().empty()) return {TableResult::kNothing, ""};
  return {TableResult::kFound, best->ours()};
}

std::optional<std::string> TableToNative(const v1::ValueTable& table, std::string_view ours) {
  for (std::string_view code = ours; !code.empty();) {
    for (const v1::TableRow& row : table.row()) {
      if (row.ours() == code && row.native_size() > 0) return row.native(0);
    }
    const size_t dot = code.rfind('.');
    code = dot == std::string_view::npos ? std::string_view() : code.substr(0, dot);
  }
  if (!table.otherwise_native().empty()) return table.otherwise_native();
  return std::nullopt;
}

}  // namespace liandong::adapters
