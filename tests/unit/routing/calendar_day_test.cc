#include "routing/calendar_day.h"

#include <gtest/gtest.h>

namespace liandong::routing {
namespace {

constexpr int64_t kHourMs = 3600 * 1000;

TEST(CalendarDayTest, ReadsDaysThatExist) {
  EXPECT_EQ(ParseDay("1970-01-01"), 0);
  EXPECT_EQ(ParseDay("2024-02-29"), 19782);
  EXPECT_EQ(FormatDay(19782), "2024-02-29");
  for (const char* bad : {"", "2023-02-29", "2024-13-01", "2024-00-10", "2024-1-1", "2024/01/01", "20240101",
                          "1969-12-31", "2024-01-00", "2024-01-01 ", "二〇二四年"}) {
    EXPECT_FALSE(ParseDay(bad).has_value()) << bad;
  }
}

TEST(CalendarDayTest, ReadsTimesOfDay) {
  EXPECT_EQ(ParseTimeOfDay("00:00"), 0);
  EXPECT_EQ(ParseTimeOfDay("23:59"), 1439);
  EXPECT_EQ(ParseTimeOfDay("24:00"), 1440);
  for (const char* bad : {"", "24:01", "25:00", "12:60", "7:30", "07-30", "+7:30", "07:3", "07:300"}) {
    EXPECT_FALSE(ParseTimeOfDay(bad).has_value()) << bad;
  }
}

TEST(CalendarDayTest, LocalDayTurnsAtLocalMidnight) {
  // 15:59 UTC is 23:59 in China, 16:00 UTC the next day.
  EXPECT_EQ(LocalDay(16 * kHourMs - 1, 480), 0);
  EXPECT_EQ(LocalMinute(16 * kHourMs - 1, 480), 1439);
  EXPECT_EQ(LocalDay(16 * kHourMs, 480), 1);
  EXPECT_EQ(LocalMinute(16 * kHourMs, 480), 0);
  EXPECT_EQ(LocalDay(0, -60), -1);
  EXPECT_EQ(LocalMinute(0, -60), 1380);
}

}  // namespace
}  // namespace liandong::routing
