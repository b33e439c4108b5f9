// Pages and tables that people print and spreadsheets open.
#include "adapters/cli/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liandong::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::UpwardReport Report() {
  v1::UpwardReport report;
  report.set_incident_id(7);
  report.set_purpose(v1::ACTUAL);
  report.set_title("青石镇矿山事故,1人死亡,正在搜救");
  report.mutable_rule()->set_kind(v1::UPWARD_INITIAL);
  report.mutable_rule()->set_source("国务院令第493号");
  report.mutable_fields()->set_course("<script>alert(1)</script>");
  report.mutable_fields()->mutable_counts()->set_dead(1);
  report.add_missing(v1::UPWARD_UNIT_PROFILE);
  return report;
}

TEST(UpwardHtmlTest, HoldsTitleSourceAndWhatIsMissing) {
  const std::string page = UpwardHtml(Report());
  EXPECT_THAT(page, HasSubstr("<h1>青石镇矿山事故,1人死亡,正在搜救</h1>"));
  EXPECT_THAT(page, HasSubstr("国务院令第493号"));
  EXPECT_THAT(page, HasSubstr("(法定内容,待填)"));
  EXPECT_THAT(page, HasSubstr("死亡1人,下落不明待核实"));
  EXPECT_THAT(page, HasSubstr("草稿(尚未报送)"));
}

TEST(UpwardHtmlTest, WhatPeopleWroteIsTextAndNothingIsFetched) {
  const std::string page = UpwardHtml(Report());
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http")));
}

TEST(UpwardHtmlTest, ADrillIsNeverMistaken) {
  v1::UpwardReport report = Report();
  EXPECT_THAT(UpwardHtml(report), Not(HasSubstr("演 练")));
  report.set_purpose(v1::EXERCISE);
  EXPECT_THAT(UpwardHtml(report), HasSubstr("演 练"));
}

v1::StatsReply Figures() {
  v1::StatsReply reply;
  v1::StatsDefinition* definition = reply.add_definition();
  definition->set_figure("refused");
  definition->set_name_zh("拒绝任务");
  definition->set_unit("duties");
  definition->set_text_zh("被拒绝的任务");
  v1::StatsGroup* group = reply.add_group();
  group->set_by("party");
  group->set_key("power-supply");
  group->set_name_zh("=cmd|'x'!A1");
  v1::StatsFigure* figure = group->add_figure();
  figure->set_figure("refused:属地不符");
  figure->set_value(2);
  figure->add_incident_id(5);
  figure->set_incident_count(2);
  return reply;
}

TEST(StatsCsvTest, EachFigureWithDefinitionAndIncidents) {
  const std::string table = StatsCsv(Figures());
  EXPECT_THAT(
      table,
      HasSubstr(
          "\"refused:属地不符\",\"拒绝任务:属地不符\",\"被拒绝的任务\",2,\"duties\",0,2,\"5 … 另有 and 1 more\"\r\n"));
  // A name that a spreadsheet would run stays a name.
  EXPECT_THAT(table, HasSubstr("\"'=cmd|'x'!A1\""));
}

TEST(StatsHtmlTest, SaysThatExercisesAreNotCounted) {
  const std::string page = StatsHtml(Figures());
  EXPECT_THAT(page, HasSubstr("演练、测试一律不计"));
  EXPECT_THAT(page, HasSubstr("被拒绝的任务"));
  EXPECT_THAT(page, HasSubstr("=cmd|&#39;x&#39;!A1"));
}

}  // namespace
}  // namespace liandong::cli
