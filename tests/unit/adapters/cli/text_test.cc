#include "adapters/cli/text.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"

namespace liandong::cli {
namespace {

TEST(TextTest, WhatCouldDriveATerminalBecomesSpaces) {
  EXPECT_EQ(Clean("a\x1b[31mb\nc\x7f"), "a [31mb c ");
  EXPECT_EQ(Clean("\xc2\x9b"), " ");              // C1: CSI in one character
  EXPECT_EQ(Clean("左\xe2\x80\xae右"), "左 右");  // right-to-left override
  EXPECT_EQ(Clean("\xff\xc3"), "??");
  EXPECT_EQ(Clean("\xe7\x94"), "??");  // cut off inside a character
  EXPECT_EQ(Clean("云溪镇 𠮷"), "云溪镇 𠮷");
}

TEST(TextTest, ChineseTakesTwoColumns) {
  EXPECT_EQ(Width("abc"), 3u);
  EXPECT_EQ(Width("云溪镇"), 6u);
  EXPECT_EQ(Width("，"), 2u);
  EXPECT_EQ(Width("e\xcc\x81"), 1u);
}

TEST(TextTest, TablesAlign) {
  EXPECT_EQ(Table({{"编号", "b"}, {"1", "c"}}), "编号  b\n1     c\n");
  EXPECT_EQ(Table({{"a\nb", "c"}}), "a b  c\n");
}

TEST(TextTest, TimesAreUnderstood) {
  const absl::Time now = absl::Now();
  EXPECT_EQ(*ParseTime("+30m", now), absl::ToUnixMillis(now + absl::Minutes(30)));
  EXPECT_EQ(*ParseTime("-10s", now), absl::ToUnixMillis(now - absl::Seconds(10)));
  EXPECT_EQ(*ParseTime("2026-07-13T02:15:30+08:00", now), 1783880130000);
  const absl::Time noon = absl::FromCivil(absl::CivilSecond(2026, 7, 13, 12, 0, 0), absl::LocalTimeZone());
  EXPECT_EQ(*ParseTime("2026-07-13 12:00", now), absl::ToUnixMillis(noon));
  EXPECT_EQ(*ParseTime("12:00:00", noon + absl::Hours(3)), absl::ToUnixMillis(noon));
  for (const char* bad : {"", "tomorrow", "+", "25:00", "2026-13-01 00:00"})
    EXPECT_FALSE(ParseTime(bad, now).ok()) << bad;
}

TEST(TextTest, CountsTellWhatWasSaidOnly) {
  v1::Counts counts;
  EXPECT_EQ(CountsText(counts), "");
  counts.set_dead(0);
  counts.set_injured(3);
  EXPECT_EQ(CountsText(counts), "死亡 dead 0，受伤 injured 3");
}

}  // namespace
}  // namespace liandong::cli
