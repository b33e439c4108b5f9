// Planted gaps, overlaps, dead and shadowed clauses are found, with their region and nothing beside them.
#include "routing/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/coverage_findings.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kNet[] = "clause { id: '9' text: '兜底' fallback: true duty { party: 'command' role: LEAD } }";

std::string Clause(const std::string& id, const std::string& party, const std::string& rest) {
  return absl::StrCat("clause { id: '", id, "' text: '文' duty { party: '", party, "' role: LEAD } ", rest, " }");
}

std::vector<Finding> Check(const std::string& clauses, int32_t today = 0) {
  v1::SiteSet set = testing::SampleSet();
  for (v1::Party& party : *set.mutable_party()) party.set_phone_24h("0199-555-0101");
  testing::AddAgreement(clauses, &set);
  auto site = testing::Compiled(set);
  Findings findings;
  CheckCoverage(*site, site->proto(), Cover(*site, today), &findings);
  return findings.Take();
}

std::vector<std::string> Texts(const std::vector<Finding>& findings) {
  std::vector<std::string> texts;
  for (const Finding& finding : findings) texts.push_back(absl::StrCat(finding.kind, " ", finding.message_zh));
  return texts;
}

TEST(CoverageTest, ANetBelowEverythingLeavesNoGap) { EXPECT_THAT(Texts(Check(kNet)), IsEmpty()); }

TEST(CoverageTest, AGapIsNamedByItsRegion) {
  EXPECT_THAT(
      Texts(Check(Clause("1", "water", "when { category: 'natural' category: 'service' }") +
                  Clause("2", "fire", "when { category: 'accident' severity_at_least: LARGE }") +
                  Clause("3", "power", "fallback: true when { category: 'accident' division: '339921100' }"))),
      ElementsAre(AllOf(HasSubstr("gap 空档"), HasSubstr("类别：事故灾难(accident)；级别：一般；区域：白云镇"))));
}

// An incident may be told no closer than "natural": clauses for its kinds do not apply to it.
TEST(CoverageTest, AnIncidentToldNoCloserIsAPlaceOfItsOwn) {
  EXPECT_THAT(Texts(Check(Clause("1", "water", "when { category: 'natural' category: 'service' }") +
                          Clause("2", "fire", "when { category: 'accident.fire' }"))),
              ElementsAre(AllOf(HasSubstr("gap 空档"), HasSubstr("类别：事故灾难(accident)（未细分）"))));
  // All kinds but the node itself, which is no dead clause.
  EXPECT_THAT(Texts(Check(absl::StrCat(
                  kNet, Clause("1", "water",
                               "when { category: 'natural' none_of { category: 'natural.flood' } none_of { category: "
                               "'natural.landslide' } }")))),
              IsEmpty());
}

TEST(CoverageTest, WordsTimeAndVerificationCoverNothing) {
  for (const char* chance : {"any_word: '火'", "verified: ONLY_VERIFIED", "time { from: '08:00' until: '18:00' }"}) {
    EXPECT_THAT(Texts(Check(Clause("1", "water", "when { category: 'natural' category: 'service' }") +
                            Clause("2", "fire", absl::StrCat("when { category: 'accident' ", chance, " }")))),
                ElementsAre(HasSubstr("类别：事故灾难(accident)")))
        << chance;
  }
}

TEST(CoverageTest, AnOverlapNamesBothClausesAndTheMend) {
  EXPECT_THAT(
      Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { category: 'accident' source: 'police' }"),
                               Clause("2", "fire", "when { category: 'accident' severity_at_least: MAJOR }")))),
      ElementsAre(AllOf(HasSubstr("overlap 重叠：power-2022/1 (water) 与 power-2022/2 (fire)"),
                        HasSubstr("级别：重大、特别重大；来源：110"), HasSubstr("overrides: \"power-2022/2\""))));
}

TEST(CoverageTest, PrecedenceAndOverridesMendAnOverlap) {
  EXPECT_THAT(Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { category: 'accident' }"),
                                       Clause("2", "fire", "when { category: 'accident' severity_at_least: MAJOR }")))),
              IsEmpty());
  EXPECT_THAT(
      Texts(Check(absl::StrCat(
          kNet, Clause("1", "water", "when { category: 'accident' source: 'police' }"),
          Clause("2", "fire", "overrides: 'power-2022/1' when { category: 'accident' severity_at_least: MAJOR }")))),
      IsEmpty());
}

TEST(CoverageTest, APossibleOverlapIsCalledPossible) {
  EXPECT_THAT(Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { category: 'accident' source: 'police' }"),
                                       Clause("2", "fire", "when { category: 'accident' any_word: '火' }")))),
              ElementsAre(HasSubstr("possible-overlap 可能重叠")));
  EXPECT_THAT(Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { any_word: '水' }"),
                                       Clause("2", "fire", "when { any_word: '火' }")))),
              ElementsAre(HasSubstr("possible-overlap 可能重叠")));
}

TEST(CoverageTest, DeadAndShadowedClauses) {
  EXPECT_THAT(Texts(Check(absl::StrCat(
                  kNet, Clause("1", "water", "when { category: 'accident.fire' none_of { category: 'accident' } }")))),
              ElementsAre(HasSubstr("dead 死条款：power-2022/1 的条件不可能同时成立")));
  EXPECT_THAT(Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { category: 'accident' }"),
                                       Clause("2", "fire", "when { category: 'accident' danger_to_life: YES }"),
                                       Clause("3", "fire", "when { category: 'accident' danger_to_life: NO }")))),
              ElementsAre(HasSubstr("shadowed 被遮蔽：power-2022/1")));
  EXPECT_THAT(Texts(Check(absl::StrCat(Clause("1", "water", ""), kNet))),
              ElementsAre(HasSubstr("dead 死条款：兜底条款 power-2022/9")));
  EXPECT_THAT(
      Texts(Check(absl::StrCat(kNet, Clause("1", "water", "when { category: 'accident' }"),
                               Clause("2", "fire", "overrides: 'power-2022/1' when { category: 'accident' }")))),
      ElementsAre(HasSubstr("dead 死条款：power-2022/1 处处被取代")));
  // One that neither leads nor meets a lead can be dead too.
  EXPECT_THAT(
      Texts(Check(absl::StrCat(kNet,
                               "clause { id: '1' text: '文' duty { party: 'fire' role: INFORM } when { category: "
                               "'natural.flood' danger_to_life: NO } }"))),
      ElementsAre(HasSubstr("dead 死条款：power-2022/1")));
}

TEST(CoverageTest, AnExpiredAgreementCoversNothing) {
  const std::string clauses = absl::StrCat(kNet, "effective_until: '2024-01-31'");
  EXPECT_THAT(Texts(Check(clauses, 19753)), IsEmpty());  // 2024-01-31
  EXPECT_THAT(
      Texts(Check(clauses, 19754)),
      ElementsAre(
          HasSubstr("gap 空档：无主责单位。类别：洪涝(natural.flood)；危及生命：是"),
          HasSubstr(
              "gap 空档：无主责单位。类别：自然灾害(natural)（未细分）、滑坡(natural.landslide)、事故灾难(accident)、"
              "公共服务(service)")));
}

TEST(CoverageTest, ATownshipNamedByItselfMayBeTheTownshipOfThePlace) {
  EXPECT_THAT(Texts(Check(absl::StrCat(kNet, Clause("1", "@township", "when { category: 'accident' }"),
                                       Clause("2", "@township", "when { category: 'accident' source: 'police' }")))),
              IsEmpty());
}

TEST(CoverageTest, NobodyToRingUp) {
  v1::SiteSet set = testing::SampleSet();
  testing::AddAgreement(absl::StrCat(kNet, Clause("1", "fire", "when { category: 'accident' }")), &set);
  for (v1::Party& party : *set.mutable_party()) {
    if (party.id() != "fire") party.set_phone_24h("0199-555-0101");
  }
  auto site = testing::Compiled(set);
  Findings findings;
  CheckCoverage(*site, site->proto(), Cover(*site, 0), &findings);
  EXPECT_THAT(Texts(findings.Take()), ElementsAre(HasSubstr("roster 无值班表：\"fire\"")));
}

}  // namespace
}  // namespace liandong::routing
