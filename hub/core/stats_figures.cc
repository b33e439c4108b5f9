#include "hub/core/stats.h"

namespace liandong::core {

std::vector<v1::StatsDefinition> StatsDefinitions() {
  struct Row {
    const char *figure, *name_zh, *unit, *zh, *en;
  };
  static constexpr Row kRows[] = {
      {"incidents", "事件", "incidents",
       "期间内立案的实战事件;已并入他案、撤销和误报的不计;涉密件只计入合计。演练、测试一律不计",
       "actual incidents opened in the period; without merged, cancelled and false ones; secret ones in the total "
       "only. "
       "Exercises and tests are never counted"},
      {"false_alarms", "误报", "incidents", "经核实为误报的事件", "incidents that were found to be false alarms"},
      {"cancelled", "撤销", "incidents", "由人撤销的事件", "incidents that a person cancelled"},
      {"dead", "死亡", "people", "每起事件取各方所报最大值,合计",
       "the highest number told of each incident, summed up"},
      {"missing", "下落不明", "people", "同上", "likewise"},
      {"injured", "受伤", "people", "同上", "likewise"},
      {"loss_yuan", "直接经济损失", "yuan", "同上", "likewise"},
      {"respond_median_s", "首次响应(中位)", "s", "自立案至任一单位首次承接;中位数(最近秩)",
       "from opening to the first acceptance by anybody; median (nearest rank)"},
      {"respond_p90_s", "首次响应(九成)", "s", "同上,90%不超过", "likewise, 90 % do not exceed it"},
      {"duties", "任务", "duties", "主责和协办任务、指令;告知、并案合并和法定报送的不计",
       "LEAD and SUPPORT duties and orders; without INFORM, those that merged into another, and reports upward"},
      {"accept_median_s", "签收(中位)", "s", "自下达至承接;中位数(最近秩)",
       "from assignment to acceptance; median (nearest rank)"},
      {"accept_p90_s", "签收(九成)", "s", "同上,90%不超过", "likewise, 90 % do not exceed it"},
      {"arrive_median_s", "到场(中位)", "s", "自下达至首批力量到场", "from assignment to the first unit on the scene"},
      {"arrive_p90_s", "到场(九成)", "s", "同上,90%不超过", "likewise, 90 % do not exceed it"},
      {"overdue", "逾期任务", "duties", "至少一级时限逾期的任务", "duties that missed at least one deadline"},
      {"escalated", "升级任务", "duties", "至少升级一步的任务(含拒绝后升级)",
       "duties of which at least one escalation step was told, refusals included"},
      {"refused", "拒绝任务", "duties", "被拒绝的任务,按理由分列;理由为自由文字的计 OTHER",
       "refused duties, and of them each reason; a reason in free words counts as OTHER"},
      {"gaps", "职责空档", "incidents", "立案时无任何协议条款确定主责、由指挥中心兜底的事件",
       "incidents of which no clause said who leads, so that the command centre held them"},
      {"gaps_closed", "已补空档", "incidents", "上述事件中,按现行协议已有主责的(不看文字条件)",
       "of these, those that have a LEAD under the agreements in force now (conditions on words aside)"},
      {"upward", "法定报送", "duties", "法定信息报送任务", "reports upward that the law asked for"},
      {"upward_late", "报送逾期", "duties", "超过法定时限报送或至今未报的",
       "made after their deadline, or due and not made yet"},
  };
  std::vector<v1::StatsDefinition> out;
  for (const Row& row : kRows) {
    v1::StatsDefinition& one = out.emplace_back();
    one.set_figure(row.figure);
    one.set_name_zh(row.name_zh);
    one.set_unit(row.unit);
    one.set_text_zh(row.zh);
    one.set_text_en(row.en);
  }
  return out;
}

}  // namespace liandong::core
