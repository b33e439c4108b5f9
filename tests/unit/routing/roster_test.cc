#include "routing/roster.h"

#include <gtest/gtest.h>

#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

using testing::FromText;

constexpr int32_t kChina = 480;
constexpr int64_t kMinute = 60'000;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kMonday8 = 1'783'900'800'000;  // 2026-07-13 08:00 in China, a Monday

v1::Post Post(const std::string& text) { return FromText<v1::Post>("id: \"desk\" phone_24h: \"110\" " + text); }

std::string Who(const v1::Post& post, int64_t at_ms) { return WhoIsOnPost(post, kChina, at_ms).person; }

TEST(Roster, APostWithoutShiftsHasItsPerson) {
  const v1::Post post = Post(R"(person: "甲")");
  EXPECT_EQ(Who(post, kMonday8), "甲");
  EXPECT_EQ(WhoIsOnPost(post, kChina, kMonday8).phone_24h, "110");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8), 0);
}

TEST(Roster, WeeklyShiftsSpanMidnight) {
  const v1::Post post = Post(R"(
    shift { person: "日" start: "08:00" end: "20:00" }
    shift { person: "夜" start: "20:00" end: "08:00" phone_24h: "119" })");
  EXPECT_EQ(Who(post, kMonday8), "日");
  EXPECT_EQ(Who(post, kMonday8 - kMinute), "夜");
  EXPECT_EQ(Who(post, kMonday8 + 12 * kHour - kMinute), "日");
  EXPECT_EQ(Who(post, kMonday8 + 12 * kHour), "夜");
  EXPECT_EQ(WhoIsOnPost(post, kChina, kMonday8 + 15 * kHour).phone_24h, "119");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8), kMonday8 + 12 * kHour);
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8 - 1), kMonday8);
}

TEST(Roster, ADayIsTheDayOnWhichTheShiftBegins) {
  const v1::Post post = Post(R"(person: "平"
    shift { person: "周日夜" start: "20:00" end: "09:00" day: SUNDAY })");
  EXPECT_EQ(Who(post, kMonday8), "周日夜");
  EXPECT_EQ(Who(post, kMonday8 + kHour), "平");
  EXPECT_EQ(Who(post, kMonday8 + 12 * kHour), "平");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8 + kHour), kMonday8 + (6 * 24 + 12) * kHour);
}

TEST(Roster, TheSameShiftDayAfterDayStillHandsOver) {
  const v1::Post post = Post(R"(shift { person: "甲" start: "08:00" end: "08:00" })");
  EXPECT_EQ(Who(post, kMonday8), "甲");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8 + kHour), kMonday8 + 24 * kHour);
}

TEST(Roster, ASingleTimeGoesBeforeTheWeeklyHabit) {
  const v1::Post post = Post(R"(
    shift { person: "常" start: "08:00" end: "08:00" }
    shift { person: "代" from: "2026-07-13 09:00" until: "2026-07-13 11:00" })");
  EXPECT_EQ(Who(post, kMonday8), "常");
  EXPECT_EQ(Who(post, kMonday8 + kHour), "代");
  EXPECT_EQ(Who(post, kMonday8 + 3 * kHour), "常");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8), kMonday8 + kHour);
}

TEST(Roster, AWeeklyShiftMayBeginAndEndForGood) {
  const v1::Post post = Post(R"(person: "平"
    shift { person: "汛期" start: "08:00" end: "20:00" from: "2026-07-20 00:00" until: "2026-07-21 12:00" })");
  EXPECT_EQ(Who(post, kMonday8), "平");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8), kMonday8 + 7 * 24 * kHour);
  EXPECT_EQ(Who(post, kMonday8 + 7 * 24 * kHour), "汛期");
  EXPECT_EQ(Who(post, kMonday8 + 8 * 24 * kHour + 4 * kHour), "平");
  EXPECT_EQ(NextShiftChange(post, kChina, kMonday8 + 9 * 24 * kHour), 0);
}

// Whoever NextShiftChange promises: nothing changes before it.
TEST(Roster, NothingChangesBeforeTheNextChange) {
  const v1::Post post = Post(R"(
    shift { person: "甲" start: "08:00" end: "16:00" day: MONDAY day: WEDNESDAY }
    shift { person: "乙" start: "16:00" end: "02:00" }
    shift { person: "丙" from: "2026-07-15 10:00" until: "2026-07-15 10:30" }
    shift { person: "丁" start: "23:00" end: "07:00" day: SATURDAY })");
  for (int64_t at = kMonday8; at < kMonday8 + 8 * 24 * kHour;) {
    const int64_t next = NextShiftChange(post, kChina, at);
    ASSERT_GT(next, at);
    const std::string now = Who(post, at);
    for (int64_t t = at; t < next; t += 7 * kMinute) ASSERT_EQ(Who(post, t), now) << t - kMonday8;
    at = next;
  }
}

std::vector<Finding> Check(const v1::Post& post) {
  Findings findings;
  CheckRoster(post, &findings);
  return findings.Take();
}

TEST(Roster, WhatCannotBeReadIsAnError) {
  for (const char* shift :
       {R"(person: "甲")", R"(person: "甲" start: "08:00")", R"(person: "甲" start: "24:00" end: "08:00")",
        R"(person: "甲" from: "2026-07-13 09:00")", R"(start: "08:00" end: "20:00")",
        R"(person: "甲" from: "2026-07-13 09:00" until: "2026-07-13 09:00")",
        R"(person: "甲" from: "13.7.2026" until: "2026-07-13 09:00")",
        R"(person: "甲" from: "2026-07-13 09:00" until: "2026-07-14 09:00" day: MONDAY)"}) {
    const auto found = Check(Post(std::string("person: \"平\" shift { ") + shift + " }"));
    ASSERT_EQ(found.size(), 1u) << shift;
    EXPECT_FALSE(found[0].warning) << shift;
  }
}

TEST(Roster, OverlapsAndGapsAreWarnings) {
  auto found = Check(Post(R"(shift { person: "甲" start: "08:00" end: "20:00" }
                             shift { person: "乙" start: "20:00" end: "08:30" })"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].warning);
  EXPECT_NE(found[0].message.find("overlaps"), std::string::npos) << found[0].message;
  found = Check(Post(R"(shift { person: "甲" start: "08:00" end: "20:00" }
                        shift { person: "乙" start: "20:00" end: "07:00" })"));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found[0].message.find("Monday 07:00 until Monday 08:00"), std::string::npos) << found[0].message;
  // The post's own person fills every gap; a substitution is no overlap.
  EXPECT_TRUE(Check(Post(R"(person: "平" shift { person: "甲" start: "08:00" end: "20:00" })")).empty());
  EXPECT_TRUE(Check(Post(R"(shift { person: "甲" start: "08:00" end: "08:00" }
                            shift { person: "乙" from: "2026-07-13 09:00" until: "2026-07-13 11:00" })"))
                  .empty());
  // A Sunday night reaches into Monday.
  found = Check(Post(R"(person: "平" shift { person: "甲" start: "20:00" end: "08:00" day: SUNDAY }
                        shift { person: "乙" start: "07:00" end: "09:00" day: MONDAY })"));
  ASSERT_EQ(found.size(), 1u);
}

}  // namespace
}  // namespace liandong::routing
