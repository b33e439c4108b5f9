// Deadlines of clauses that meet: planted contradictions are found where they meet, and none is invented.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/coverage.h"
#include "routing/coverage_findings.h"
#include "routing/match.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNet[] = "clause { id: '9' text: '兜底' fallback: true duty { party: 'command' role: LEAD } }";

std::string Helps(const std::string& id, const std::string& when, const std::string& deadlines) {
  return absl::StrCat("clause { id: '", id, "' text: '文' when { ", when, " } duty { party: 'power' role: SUPPORT ",
                      deadlines, " } }");
}

v1::SiteSet SetOf(const std::string& clauses) {
  v1::SiteSet set = testing::SampleSet();
  // Without defaults of its own, so that each clause says all it asks.
  set.mutable_settings()->clear_support_accept_s();
  set.mutable_settings()->clear_support_receive_s();
  for (v1::Party& party : *set.mutable_party()) party.set_phone_24h("0199-555-0101");
  testing::AddAgreement(absl::StrCat(kNet, clauses), &set);
  set.mutable_agreement(0)->add_party("qingshi");
  return set;
}

std::vector<std::string> Clashes(const v1::SiteSet& set) {
  auto site = testing::Compiled(set);
  Findings findings;
  CheckCoverage(*site, site->proto(), Cover(*site, 0), &findings);
  std::vector<std::string> texts;
  for (const Finding& finding : findings.Take()) {
    if (finding.kind == "deadline") texts.push_back(finding.message_zh);
  }
  return texts;
}

TEST(DeadlineClashTest, AcceptedLaterThanDone) {
  EXPECT_THAT(
      Clashes(SetOf(Helps("1", "category: 'natural'", "accept_within_s: 600") +
                    Helps("2", "category: 'natural.flood' severity_at_least: LARGE", "complete_within_s: 300"))),
      ElementsAre(AllOf(HasSubstr("时限矛盾：power-2022/1 与 power-2022/2"),
                        HasSubstr("accept_within_s（600）晚于 complete_within_s（300）"),
                        HasSubstr("洪涝(natural.flood)"), HasSubstr("写不超过 300 的 accept_within_s"))));
}

TEST(DeadlineClashTest, TheyMustMeet) {
  const std::string first = Helps("1", "category: 'natural'", "accept_within_s: 600");
  EXPECT_THAT(Clashes(SetOf(first + Helps("2", "category: 'accident'", "complete_within_s: 300"))), IsEmpty());
  EXPECT_THAT(Clashes(SetOf(Helps("1", "severity_at_least: MAJOR", "accept_within_s: 600") +
                            Helps("2", "none_of { severity_at_least: LARGE }", "complete_within_s: 300"))),
              IsEmpty());
}

TEST(DeadlineClashTest, WhatOverridesMendsIt) {
  EXPECT_THAT(
      Clashes(SetOf(absl::StrCat(Helps("1", "category: 'natural'", "accept_within_s: 600"),
                                 "clause { id: '2' text: '文' overrides: 'power-2022/1' when { category: "
                                 "'natural' } duty { party: 'power' role: SUPPORT complete_within_s: 300 } }"))),
      IsEmpty());
}

TEST(DeadlineClashTest, AThirdClauseMendsIt) {
  EXPECT_THAT(Clashes(SetOf(Helps("1", "category: 'natural'", "accept_within_s: 600") +
                            Helps("2", "category: 'natural'", "complete_within_s: 300") +
                            Helps("3", "category: 'natural'", "accept_within_s: 200"))),
              IsEmpty());
}

TEST(DeadlineClashTest, ByWordsItIsPossible) {
  EXPECT_THAT(Clashes(SetOf(Helps("1", "category: 'natural'", "accept_within_s: 600") +
                            Helps("2", "category: 'natural' any_word: '停电'", "complete_within_s: 300"))),
              ElementsAre(HasSubstr("时限可能矛盾")));
}

// "@township" is qingshi in qingshi, and there alone.
TEST(DeadlineClashTest, TheTownshipOfThePlaceMayBeTheOneThatIsNamed) {
  auto town = [](const std::string& id, const std::string& party, const std::string& when,
                 const std::string& deadline) {
    return absl::StrCat("clause { id: '", id, "' text: '文' when { category: 'natural' ", when, " } duty { party: '",
                        party, "' role: SUPPORT ", deadline, " } }");
  };
  const std::string every = town("1", "@township", "", "accept_within_s: 600");
  EXPECT_THAT(Clashes(SetOf(every + town("2", "qingshi", "", "complete_within_s: 300"))),
              ElementsAre(AllOf(HasSubstr("时限矛盾：power-2022/1 与 power-2022/2"), HasSubstr("区域：上村"))));
  EXPECT_THAT(Clashes(SetOf(every + town("2", "qingshi", "division: '339921101'", "complete_within_s: 300"))),
              IsEmpty());
  // Both by the same name: told once, not for each township.
  EXPECT_THAT(Clashes(SetOf(every + town("2", "@township", "", "complete_within_s: 300"))),
              ElementsAre(HasSubstr("\"@township\"")));
}

TEST(DeadlineClashTest, ADefaultOfTheSiteMayClash) {
  v1::SiteSet set = SetOf(Helps("1", "category: 'natural'", "complete_within_s: 300"));
  set.mutable_settings()->set_support_accept_s(600);
  EXPECT_THAT(Clashes(set), ElementsAre(HasSubstr("power-2022/1 与 power-2022/1")));
}

// Random clauses against the matcher, asked at every category and severity.
TEST(DeadlineClashTest, FindsAllAndInventsNothing) {
  constexpr const char* kCategories[] = {"natural", "natural.flood", "natural.landslide", "accident", "accident.fire"};
  int sets_with_clashes = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    auto below = [&random](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    std::string clauses;
    for (int id = 1; id <= 4; ++id) {
      std::string when = absl::StrCat("category: '", kCategories[below(5)], "'");
      if (below(2) == 0) absl::StrAppend(&when, " severity_at_least: ", below(2) == 0 ? "LARGE" : "EXTREME");
      const uint32_t accept = below(2) == 0 ? 0 : 100 + 100 * below(6);
      uint32_t complete = below(2) == 0 ? 0 : 100 + 100 * below(6);
      if (complete != 0 && complete < accept) complete = accept;
      clauses += Helps(absl::StrCat(id), when,
                       absl::StrCat(accept == 0 ? "" : absl::StrCat("accept_within_s: ", accept, " "),
                                    complete == 0 ? "" : absl::StrCat("complete_within_s: ", complete)));
    }
    const v1::SiteSet set = SetOf(clauses);
    auto site = testing::Compiled(set);
    std::set<std::pair<uint32_t, uint32_t>> met, said;
    for (const v1::Category& category : set.category()) {
      for (int severity = v1::GENERAL; severity <= v1::EXTREME; ++severity) {
        Facts facts;
        facts.category = category.code();
        facts.severity = static_cast<v1::Severity>(severity);
        facts.division = "339921100000";
        facts.text = "。";
        for (const RoutedDuty& duty : Match(*site, facts, 1'700'000'000'000).duties) {
          if (duty.party != "power" || duty.accept_within_s == 0 || duty.complete_within_s == 0) continue;
          if (duty.accept_within_s > duty.complete_within_s) met.insert({duty.accept_within_s, duty.complete_within_s});
        }
      }
    }
    for (const DeadlineClash& clash : Cover(*site, 0).clashes) {
      EXPECT_FALSE(clash.possible) << "seed " << seed;
      said.insert({clash.low_s, clash.high_s});
    }
    EXPECT_EQ(said, met) << "seed " << seed << "\n" << clauses;
    sets_with_clashes += met.empty() ? 0 : 1;
  }
  EXPECT_GT(sets_with_clashes, 5);
}

}  // namespace
}  // namespace liandong::routing
