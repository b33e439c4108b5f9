#include "routing/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using testing::Compiled;
using ::testing::ElementsAre;
using testing::SampleSet;

TEST(SiteTest, SignificantDigits) {
  EXPECT_EQ(Site::Significant("339921100000"), "339921100");
  EXPECT_EQ(Site::Significant("339921100201"), "339921100201");
  EXPECT_EQ(Site::Significant("339921000000"), "339921");
  EXPECT_EQ(Site::Significant("339900000000"), "3399");
  EXPECT_EQ(Site::Significant("330000000000"), "33");
  EXPECT_EQ(Site::Significant("339921"), "339921");
  EXPECT_EQ(Site::Significant("339900"), "3399");
  // The zeros of a village code of a township 110 belong to it.
  EXPECT_EQ(Site::Significant("339921110000"), "339921110");
  EXPECT_EQ(Site::Significant(""), "");
}

TEST(SiteTest, LooksUp) {
  auto site = testing::WithClauses("clause { id: '4.2' text: 't' duty { party: 'power' role: LEAD } }");
  EXPECT_EQ(site->version(), 7u);
  EXPECT_EQ(site->FindParty("power")->name_zh(), "供电公司");
  EXPECT_EQ(site->FindParty("nobody"), nullptr);
  EXPECT_EQ(site->FindPost("power-leader")->party(), "power");
  EXPECT_EQ(site->FindCategory("natural.flood")->name_zh(), "洪涝");
  EXPECT_EQ(site->FindDivision("339921100000")->name_zh(), "青石镇");
  EXPECT_EQ(site->FindDivision("339921100"), nullptr);
  EXPECT_EQ(site->FindAgreement("power-2022")->title(), "电力保障合作框架协议");
  v1::ClauseRef ref;
  ref.set_agreement("power-2022");
  ref.set_clause("4.2");
  ASSERT_NE(site->FindClause(ref), nullptr);
  EXPECT_EQ(site->FindClause(ref)->text(), "t");
  ref.set_clause("4.3");
  EXPECT_EQ(site->FindClause(ref), nullptr);
}

TEST(SiteTest, TownshipsAndTargets) {
  auto site = Compiled(SampleSet());
  EXPECT_THAT(site->townships(), ElementsAre("qingshi", "baiyun"));
  EXPECT_EQ(site->TownshipOf("339921100201")->id(), "qingshi");
  EXPECT_EQ(site->TownshipOf("339921101000")->id(), "baiyun");
  EXPECT_EQ(site->TownshipOf("339921000000"), nullptr);
  EXPECT_EQ(site->TownshipOf("339921102000"), nullptr);
  EXPECT_EQ(site->TownshipOf(""), nullptr);
  EXPECT_EQ(site->PartyOfTarget("power-leader")->id(), "power");
  EXPECT_EQ(site->PartyOfTarget("command")->id(), "command");
  EXPECT_EQ(site->PartyOfTarget("nobody"), nullptr);
}

TEST(SiteTest, DangerIsTheNearestAncestors) {
  auto site = Compiled(SampleSet());
  EXPECT_EQ(site->CategoryDanger("natural.flood.urban"), v1::YES);
  EXPECT_EQ(site->CategoryDanger("natural.landslide"), v1::ANSWER_UNKNOWN);
  EXPECT_EQ(site->CategoryDanger("service.streetlight"), v1::NO);
  EXPECT_EQ(site->CategoryDanger(""), v1::ANSWER_UNKNOWN);
}

TEST(SiteTest, CompileRefusesTheWholeSetAndListsEveryError) {
  v1::SiteSet set = SampleSet();
  set.mutable_settings()->set_command_party("powr");
  set.mutable_post(0)->set_party("watr");
  auto site = Site::Compile(set);
  ASSERT_EQ(site.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(site.status().message()),
      ::testing::AllOf(::testing::HasSubstr("command_party \"powr\" is not in parties; did you mean \"power\"?"),
                       ::testing::HasSubstr("post \"power-leader\": party \"watr\" is unknown; did you mean "
                                            "\"water\"?"),
                       ::testing::HasSubstr("指挥中心")));
}

}  // namespace
}  // namespace liandong::routing
