#include "adapters/text/time.h"

#include <gtest/gtest.h>

#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

// 2024-07-15 08:30:05 +08:00
constexpr int64_t kMorningMs = 1721003405000;

TEST(TimeTest, ReadsEveryForm) {
  for (const char* text : {"20240715083005", "2024-07-15 08:30:05", "2024-07-15T08:30:05", "2024-07-15T08:30:05+08:00",
                           "2024-07-15 08:30:05+08:00", "2024-07-15T00:30:05Z", "2024-07-14T19:30:05-05:00",
                           "2024-07-15T08:30:05.000+0800", "2024-07-15T06:00:05+05:30", "2024-07-15T08:30:05+08"}) {
    auto ms = ParseTimeMs(text, kChinaOffsetMinutes);
    ASSERT_TRUE(ms.ok()) << text << ms.status();
    EXPECT_EQ(*ms, kMorningMs) << text;
  }
  EXPECT_EQ(ParseTimeMs("20240715083005", 0).value(), kMorningMs + 8 * 3600 * 1000);
  EXPECT_EQ(ParseTimeMs("2024-07-15 08:30:05.25", kChinaOffsetMinutes).value(), kMorningMs + 250);
  EXPECT_EQ(ParseTimeMs("2024-07-15 08:30:05.1239", kChinaOffsetMinutes).value(), kMorningMs + 123);
  EXPECT_EQ(ParseTimeMs("20240229235959", kChinaOffsetMinutes).value(), 1709222399000);
}

TEST(TimeTest, RefusesImpossibleTimes) {
  for (const char* text : {"",
                           "2024",
                           "2024-07-15",
                           "20240230000000",
                           "20230229000000",
                           "20241301000000",
                           "20240100000000",
                           "20240715240000",
                           "20240715086005",
                           "20240715083060",
                           "00000000000000",
                           "99999999999999",
                           "2024-07-15 8:30:05",
                           "2024/07/15 08:30:05",
                           "2024-07-15  08:30:05",
                           "2024071508300",
                           "202407150830051",
                           "2024-07-15T08:30:05+15:00",
                           "2024-07-15T08:30:05+08:60",
                           "2024-07-15T08:30:05 08:00",
                           "2024-07-15T08:30:05.",
                           "2024-07-15T08:30:05.1234567890",
                           "2024071508300x",
                           "-0240715083005",
                           "2024-07-15T08:30:05Zx",
                           "19690715083005"}) {
    auto ms = ParseTimeMs(text, kChinaOffsetMinutes);
    EXPECT_EQ(ReasonOf(ms.status()), kReasonBadTime) << text;
  }
  EXPECT_FALSE(ParseTimeMs("20240715083005", 15 * 60).ok());
}

TEST(TimeTest, FormatsBack) {
  EXPECT_EQ(FormatTimeMs(kMorningMs, TimeFormat::kCompact, kChinaOffsetMinutes), "20240715083005");
  EXPECT_EQ(FormatTimeMs(kMorningMs, TimeFormat::kSpaced, kChinaOffsetMinutes), "2024-07-15 08:30:05");
  EXPECT_EQ(FormatTimeMs(kMorningMs, TimeFormat::kIso8601, kChinaOffsetMinutes), "2024-07-15T08:30:05+08:00");
  EXPECT_EQ(FormatTimeMs(kMorningMs + 7, TimeFormat::kIso8601, 0), "2024-07-15T00:30:05.007+00:00");
}

TEST(TimeTest, RoundTrips) {
  for (int64_t ms = 0; ms < 4102444800000; ms += 40030127000) {
    for (int offset : {0, kChinaOffsetMinutes, -210}) {
      for (TimeFormat format : {TimeFormat::kCompact, TimeFormat::kSpaced, TimeFormat::kIso8601}) {
        std::string text = FormatTimeMs(ms, format, offset);
        if (text.substr(0, 4) == "1969") continue;
        EXPECT_EQ(ParseTimeMs(text, offset).value(), ms) << text;
      }
    }
  }
}

TEST(TimeTest, ZoneOffsets) {
  EXPECT_EQ(ParseZoneOffset("+08:00"), 480);
  EXPECT_EQ(ParseZoneOffset("-0330"), -210);
  EXPECT_EQ(ParseZoneOffset("Z"), 0);
  for (const char* bad : {"", "8", "+8", "+08:0", "+08:000", "08:00", "+14:01", "-12:30", "+ab:cd"}) {
    EXPECT_EQ(ParseZoneOffset(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace liandong::adapters
