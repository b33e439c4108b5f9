#include "routing/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "routing/limits.h"
#include "tests/unit/routing/site_dir.h"

namespace liandong::routing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SiteDir;

TEST(LoadSiteDirTest, ReadsEveryFileInOrder) {
  SiteDir dir;
  dir.Write("agreements/b.textproto", dir.Agreement("water-2023", "water", ""));
  dir.Write("calendar.textproto", "holiday { date: '2024-10-01' }\n");
  auto loaded = LoadSiteDir(dir.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  const v1::SiteSet& set = loaded->site;
  EXPECT_EQ(set.version(), 0u);
  EXPECT_EQ(set.settings().name(), "云溪县");
  EXPECT_EQ(set.party_size(), 5);
  EXPECT_EQ(set.party(1).id(), "power");
  EXPECT_EQ(set.post_size(), 1);
  EXPECT_EQ(set.division_size(), 2);
  EXPECT_EQ(set.category_size(), 2);
  EXPECT_EQ(set.holiday_size(), 1);
  ASSERT_EQ(set.agreement_size(), 2);
  EXPECT_EQ(set.agreement(0).id(), "power-2022");
  EXPECT_EQ(set.agreement(1).id(), "water-2023");
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(LoadSiteDirTest, RostersAndCalendarMayBeMissing) {
  SiteDir dir;
  dir.Remove("rosters.textproto");
  dir.Replace("agreements/a.textproto", "power-leader", "command");
  auto loaded = LoadSiteDir(dir.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->site.post_size(), 0);
}

TEST(LoadSiteDirTest, AMissingFileIsNamed) {
  SiteDir dir;
  dir.Remove("divisions.textproto");
  dir.Remove("settings.textproto");
  EXPECT_THAT(dir.Errors(), ElementsAre("settings.textproto: is missing; write this file",
                                        "divisions.textproto: is missing; write this file"));
  EXPECT_EQ(LoadSiteDir(dir.path()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(LoadSiteDirTest, AMissingDirectoryIsNamed) {
  absl::Status status = LoadSiteDir("/nowhere/at/all").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/at/all"));
  EXPECT_EQ(CheckSiteDir("/nowhere/at/all").status().code(), absl::StatusCode::kNotFound);
}

TEST(LoadSiteDirTest, AFileThatIsTooLargeIsNotRead) {
  SiteDir dir;
  dir.Write("calendar.textproto", "#" + std::string(limits::kFileBytesMax, ' '));
  EXPECT_THAT(dir.Errors(), ElementsAre(HasSubstr("calendar.textproto: has 8388609 bytes, too many; at most 8388608")));
}

TEST(LoadSiteDirTest, ADirectoryInPlaceOfAFileIsAnError) {
  SiteDir dir;
  dir.Remove("parties.textproto");
  dir.MakeDirectory("parties.textproto");
  EXPECT_THAT(dir.Errors(), ElementsAre(HasSubstr("parties.textproto: cannot be read")));
}

TEST(LoadSiteDirTest, FilesWithAnotherSuffixAreWarnedOf) {
  SiteDir dir;
  dir.Write("agreements/old.txt", "");
  dir.Write("agreements/.hidden", "");
  auto loaded = LoadSiteDir(dir.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->warnings.size(), 1u);
  EXPECT_EQ(loaded->warnings[0].Text(), "agreements/old.txt: is not read; an agreement's file name ends in .textproto");
}

TEST(LoadSiteDirTest, NoAgreementIsAWarning) {
  SiteDir dir;
  dir.Remove("agreements/a.textproto");
  auto loaded = LoadSiteDir(dir.path());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_EQ(loaded->warnings.size(), 1u);
  EXPECT_EQ(loaded->warnings[0].Text(), "agreements: holds no agreement; add agreements/NAME.textproto");
}

// A slip in one agreement hides neither those of another one nor brings up what only follows from it.
TEST(LoadSiteDirTest, ErrorsOfSeveralFilesComeTogether) {
  SiteDir dir;
  dir.Write("agreements/a.textproto", "idd: 'power-2022'\n");
  dir.Write("agreements/b.textproto", dir.Agreement("water-2023", "watre", ""));
  EXPECT_THAT(dir.Errors(),
              ElementsAre("agreements/a.textproto:1:1: unknown field \"idd\"; did you mean \"id\"?",
                          HasSubstr("agreements/b.textproto:3:1: agreement \"water-2023\": party \"watre\" is unknown"),
                          HasSubstr("agreements/b.textproto:8:10: agreement \"water-2023\" clause \"4.2\", duty: party "
                                    "\"watre\" is unknown; did you mean \"water\"?")));
  dir.Write("parties.textproto", "party { idd: 'x' }\n");
  EXPECT_THAT(dir.Errors(), ElementsAre("parties.textproto:1:9: unknown field \"idd\"; did you mean \"id\"?",
                                        "agreements/a.textproto:1:1: unknown field \"idd\"; did you mean \"id\"?"));
}

TEST(LoadSiteDirTest, AtMostAHundredErrors) {
  SiteDir dir;
  std::string categories;
  for (int i = 0; i < 150; ++i) categories += "category { code: 'UP' name_zh: 'x' }\n";
  dir.Write("categories.textproto", "category { code: 'natural' name_zh: 'x' }\n" + categories);
  std::vector<std::string> errors = dir.Errors();
  ASSERT_EQ(errors.size(), limits::kErrorsListedMax + 1);
  EXPECT_THAT(errors.back(), HasSubstr("more errors; mend those above first"));
}

TEST(CheckSiteDirTest, ExpiryIsAWarningAndNeedsAClock) {
  SiteDir dir;
  constexpr int64_t kDayMs = 24 * 3600 * 1000;
  constexpr int64_t kMs20240101 = 1'704'067'200'000;
  dir.Write("agreements/a.textproto", dir.Agreement("power-2022", "power", "effective_until: '2024-01-31'"));
  auto warnings = [&](int64_t now_ms) {
    CheckOptions options;
    options.now_ms = now_ms;
    auto findings = CheckSiteDir(dir.path(), options);
    EXPECT_TRUE(findings.ok()) << findings.status();
    std::vector<std::string> texts;
    for (const Finding& finding : findings.value_or(std::vector<Finding>())) {
      EXPECT_TRUE(finding.warning);
      texts.push_back(finding.Text());
    }
    return texts;
  };
  EXPECT_THAT(warnings(0), IsEmpty());
  EXPECT_THAT(warnings(kMs20240101 - 60 * kDayMs), IsEmpty());
  EXPECT_THAT(warnings(kMs20240101),
              ElementsAre("agreements/a.textproto:5:1: agreement \"power-2022\": expires on 2024-01-31, in 30 days; "
                          "renew it"));
  EXPECT_THAT(warnings(kMs20240101 + 31 * kDayMs),
              ElementsAre("agreements/a.textproto:5:1: agreement \"power-2022\": expired on 2024-01-31 and routes "
                          "nothing; renew or remove it"));
}

}  // namespace
}  // namespace liandong::routing
