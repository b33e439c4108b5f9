#include "routing/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kClauses[] = R"pb(
  clause {
    id: "1"
    text: "文"
    when { category: "accident" }
    duty { party: "power" role: LEAD }
    duty { party: "police" role: INFORM }
  }
  clause {
    id: "2"
    text: "文"
    when { category: "accident.fire" }
    duty { party: "fire" role: LEAD }
  }
  clause {
    id: "3"
    text: "文"
    when { severity_at_least: MAJOR }
    duty { party: "water" role: SUPPORT }
  }
)pb";

std::shared_ptr<const Site> SiteOf(std::string clauses) {
  clauses += " party: 'police'";
  v1::SiteSet set = testing::SampleSet();
  set.mutable_party(3)->set_phone_24h("0199-555-0142");
  testing::AddAgreement(clauses, &set);
  return testing::Compiled(set);
}

TEST(MatrixTest, TellsRolesWithPrecedenceAndConditions) {
  auto site = SiteOf(kClauses);
  Matrix matrix = MatrixOf(*site, 0);
  EXPECT_EQ((matrix[{"accident.fire", "fire"}]), (MatrixCell{v1::LEAD, false, {"power-2022/2"}}));
  EXPECT_EQ((matrix[{"accident.fire", "power"}]), (MatrixCell{v1::SUPPORT, false, {"power-2022/1"}}));
  EXPECT_EQ((matrix[{"accident.fire", "police"}]), (MatrixCell{v1::INFORM, false, {"power-2022/1"}}));
  EXPECT_EQ((matrix[{"service.streetlight", "water"}]), (MatrixCell{v1::SUPPORT, true, {"power-2022/3"}}));
  EXPECT_EQ(matrix.count({"service.streetlight", "fire"}), 0u);
}

TEST(MatrixTest, TextAndPage) {
  auto site = SiteOf(kClauses);
  Matrix matrix = MatrixOf(*site, 0);
  EXPECT_THAT(MatrixText(*site, matrix),
              AllOf(HasSubstr("火灾 accident.fire\n  主责：119\n  协办：供电公司、水利局*\n  告知：110\n"),
                    HasSubstr("供电公司：0199-555-0142")));
  EXPECT_THAT(MatrixHtml(*site, matrix, "2026-11-26"),
              AllOf(HasSubstr("<td class=\"l\" title=\"power-2022/2\">主责</td>"), HasSubstr("0199-555-0142"),
                    HasSubstr("2026-11-26"), HasSubstr("@page{size:A4 landscape"), Not(HasSubstr("http"))));
}

TEST(MatrixTest, DiffTellsWhatChanges) {
  auto before = SiteOf(kClauses);
  EXPECT_THAT(MatrixDiff(*before, MatrixOf(*before, 0), *before, MatrixOf(*before, 0)), IsEmpty());
  std::string clauses = kClauses;
  clauses.replace(clauses.find("\"fire\" role: LEAD"), 17, "\"fire\" role: INFORM");
  auto after = SiteOf(clauses);
  EXPECT_THAT(MatrixDiff(*before, MatrixOf(*before, 0), *after, MatrixOf(*after, 0)),
              ElementsAre(HasSubstr("火灾 accident.fire：119 fire 主责 → 告知 (LEAD -> INFORM)"),
                          HasSubstr("火灾 accident.fire：供电公司 power 协办 → 主责 (SUPPORT -> LEAD)")));
}

}  // namespace
}  // namespace liandong::routing
