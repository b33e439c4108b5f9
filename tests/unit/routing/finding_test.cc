#include "routing/finding.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "liandong/v1/site.pb.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

TEST(FindingTest, TextNamesThePlace) {
  Finding finding{"agreements/power.textproto", 14, 3, "unknown field", "未知字段", false};
  EXPECT_EQ(finding.Text(), "agreements/power.textproto:14:3: unknown field");
  EXPECT_EQ(finding.TextZh(), "agreements/power.textproto:14:3: 未知字段");
  finding.line = 0;
  EXPECT_EQ(finding.Text(), "agreements/power.textproto: unknown field");
  finding.file.clear();
  EXPECT_EQ(finding.Text(), "unknown field");
}

TEST(FindingTest, NearestForgivesSlipsButNotOtherWords) {
  const std::vector<std::string> kNames = {"address", "name_zh", "id"};
  EXPECT_EQ(Nearest("adress", kNames), "address");
  EXPECT_EQ(Nearest("nmae_zh", kNames), "name_zh");
  EXPECT_EQ(Nearest("di", kNames), "id");  // neighbours swapped
  EXPECT_EQ(Nearest("telephone", kNames), "");
  EXPECT_EQ(Nearest("", kNames), "");
  EXPECT_EQ(DidYouMean("adress", kNames), "; did you mean \"address\"?");
  EXPECT_EQ(DidYouMeanZh("adress", kNames), "，是否应为“address”？");
}

TEST(FindingTest, TheListIsBoundedAndSaysSo) {
  Findings findings;
  v1::SiteSet set;
  for (size_t i = 0; i < limits::kErrorsListedMax + 5; ++i) findings.Error(set, "", -1, absl::StrCat("e", i), "错");
  for (size_t i = 0; i < limits::kWarningsListedMax + 2; ++i) findings.Warn(set, "", -1, "w", "警");
  std::vector<Finding> list = findings.Take();
  ASSERT_EQ(list.size(), limits::kErrorsListedMax + limits::kWarningsListedMax + 2);
  EXPECT_EQ(list[list.size() - 2].message, "and 5 more errors; mend those above first");
  EXPECT_EQ(list[list.size() - 1].message, "and 2 more warnings");
}

TEST(FindingTest, WarningsAloneAreOk) {
  EXPECT_TRUE(StatusOf({{"f", 1, 1, "w", "警", true}}).ok());
  absl::Status status =
      StatusOf({{"f", 1, 1, "w", "警", true}, {"f", 2, 1, "e", "错", false}, {"", 0, 0, "g", "误", false}});
  EXPECT_EQ(status.message(), "f:2:1: e / 错\ng / 误");
}

}  // namespace
}  // namespace liandong::routing
