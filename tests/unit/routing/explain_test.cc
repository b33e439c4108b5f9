#include "routing/explain.h"

#include <gtest/gtest.h>

#include "liandong/v1/record.pb.h"
#include "routing/match.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

constexpr int64_t kNowMs = 1'700'000'000'000;  // 2023-11-15 06:13 in China

constexpr char kClauses[] = R"(
  clause { id: '4.2' text: '供电公司十分钟内响应。' when { category: 'natural.flood' severity_at_least: LARGE any_word: '停电' }
           duty { party: 'power' role: LEAD } }
  clause { id: '4.3' text: '火灾。' when { severity_at_least: EXTREME } duty { party: 'power' role: LEAD } }
  clause { id: '4.4' text: '停水。' when { any_word: '停水' any_word: '漏水' } duty { party: 'power' role: LEAD } }
  clause { id: '4.5' text: '白云镇。' when { division: '339921101' } duty { party: 'power' role: LEAD } }
  clause { id: '4.6' text: '核实后。' when { verified: ONLY_VERIFIED } duty { party: 'power' role: LEAD } }
  clause { id: '4.7' text: '供电上报。' when { source: 'power' } duty { party: 'power' role: LEAD } })";

Routing Routed(const Site& site) {
  Facts facts;
  facts.category = "natural.flood";
  facts.severity = v1::SEVERITY_UNKNOWN;
  facts.division = "339921100201";
  facts.sources = {"police"};
  facts.opened_at_ms = kNowMs;
  facts.text = "停电";
  return Match(site, facts, kNowMs);
}

TEST(ExplainTest, TellsAPersonInChinese) {
  auto site = testing::WithClauses(kClauses);
  EXPECT_EQ(ExplainZh(*site, Routed(*site).decision),
            "适用的条款：\n"
            "  - 《电力保障合作框架协议》 第 4.2 条：供电公司十分钟内响应。\n"
            "    待核实：事件等级（目前不明，先按适用处理，只告知地点）\n"
            "  - 《电力保障合作框架协议》 第 4.3 条：火灾。\n"
            "    待核实：事件等级（目前不明，先按适用处理，只告知地点）\n"
            "只差一项条件、未适用的条款：\n"
            "  - 《电力保障合作框架协议》 第 4.4 条：报告文字含有 要求 “停水 漏水”，报告中没有\n"
            "  - 《电力保障合作框架协议》 第 4.5 条：所在区划 要求 白云镇 339921101，实际为 上村 339921100201\n"
            "  - 《电力保障合作框架协议》 第 4.6 条：核实情况 要求 仅限已核实，实际为 未核实\n"
            "  - 《电力保障合作框架协议》 第 4.7 条：报告单位 要求 供电公司，实际为 110\n");
}

TEST(ExplainTest, TellsAPersonInEnglish) {
  auto site = testing::WithClauses(kClauses);
  EXPECT_EQ(
      ExplainEn(*site, Routed(*site).decision),
      "Clauses that apply:\n"
      "  - 《电力保障合作框架协议》 clause 4.2: 供电公司十分钟内响应。\n"
      "    To be verified: severity (not known yet; taken to apply, and only the place is told)\n"
      "  - 《电力保障合作框架协议》 clause 4.3: 火灾。\n"
      "    To be verified: severity (not known yet; taken to apply, and only the place is told)\n"
      "Clauses that missed by one condition:\n"
      "  - 《电力保障合作框架协议》 clause 4.4: words in the report, wanted “停水 漏水”, none of them in the reports\n"
      "  - 《电力保障合作框架协议》 clause 4.5: division, wanted 白云镇 339921101, found 上村 339921100201\n"
      "  - 《电力保障合作框架协议》 clause 4.6: verification, wanted verified only, found unverified\n"
      "  - 《电力保障合作框架协议》 clause 4.7: reporting party, wanted Power company, found 110\n");
}

TEST(ExplainTest, NotesAndOldVersions) {
  auto site = testing::WithClauses(kClauses);
  v1::Decision decision;
  decision.set_site_version(3);
  decision.add_fired()->mutable_clause()->set_agreement("gone-2010");
  decision.mutable_fired(0)->mutable_clause()->set_clause("9");
  for (const char* note : {"NO_CLAUSE", "OWN_REPORT:police", "UNKNOWN_PARTY:nobody", "SOMETHING_NEW"}) {
    decision.add_note(note);
  }
  EXPECT_EQ(ExplainZh(*site, decision),
            "依据的配置版本：3（现行版本 7）\n"
            "适用的条款：\n"
            "  - gone-2010 第 9 条：（现行配置中已无此条款）\n"
            "说明：\n"
            "  - 没有条款适用，由指挥中心处置\n"
            "  - 本单位自己报告的事件，不回送：110\n"
            "  - 单位表中没有此单位，其任务未派发：nobody\n"
            "  - SOMETHING_NEW\n");
  EXPECT_EQ(ExplainEn(*site, v1::Decision()), "Decided with site version 0 (now in force: 7)\n");
}

}  // namespace
}  // namespace liandong::routing
