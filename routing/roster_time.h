// The times of a shift, read. Shared by the roster and its check. Local minutes count from 1970-01-01 00:00.
#ifndef LIANDONG_ROUTING_ROSTER_TIME_H_
#define LIANDONG_ROUTING_ROSTER_TIME_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "liandong/v1/site.pb.h"
#include "routing/calendar_day.h"

namespace liandong::routing {

inline constexpr int64_t kMinutesPerDay = 24 * 60;
inline constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

struct ShiftTimes {
  int64_t from = 0;  // first minute
  int64_t until = kForever;
  bool weekly = false;
  int start = 0;   // with weekly: minute of the day
  int length = 0;  // with weekly: 1 to 1440 minutes
};

inline int64_t LocalMinuteOf(int64_t ms, int32_t utc_offset_minutes) {
  return LocalDay(ms, utc_offset_minutes) * kMinutesPerDay + LocalMinute(ms, utc_offset_minutes);
}

inline int64_t DayOf(int64_t local_minute) {
  return local_minute / kMinutesPerDay - (local_minute % kMinutesPerDay < 0 ? 1 : 0);
}

// "YYYY-MM-DD HH:MM"
inline std::optional<int64_t> ParseMinute(std::string_view text) {
  if (text.size() != 16 || text[10] != ' ') return std::nullopt;
  const std::optional<int32_t> day = ParseDay(text.substr(0, 10));
  const std::optional<int> minute = ParseTimeOfDay(text.substr(11));
  if (!day.has_value() || !minute.has_value()) return std::nullopt;
  return *day * kMinutesPerDay + *minute;
}

// Whether a weekly shift begins on this local day.
inline bool BeginsOn(const v1::Shift& shift, int64_t day) {
  if (shift.day().empty()) return true;
  const int weekday = static_cast<int>(((day + 3) % 7 + 7) % 7) + 1;  // 1970-01-01 was a Thursday, MONDAY is 1
  return std::find(shift.day().begin(), shift.day().end(), weekday) != shift.day().end();
}

// Nothing when it cannot be read or covers nothing.
inline std::optional<ShiftTimes> TimesOf(const v1::Shift& shift) {
  ShiftTimes out;
  if (!shift.from().empty()) {
    const std::optional<int64_t> from = ParseMinute(shift.from());
    if (!from.has_value()) return std::nullopt;
    out.from = *from;
  }
  if (!shift.until().empty()) {
    const std::optional<int64_t> until = ParseMinute(shift.until());
    if (!until.has_value() || *until <= out.from) return std::nullopt;
    out.until = *until;
  }
  out.weekly = !shift.start().empty() || !shift.end().empty();
  if (!out.weekly) {
    if (shift.from().empty() || shift.until().empty() || !shift.day().empty()) return std::nullopt;
    return out;
  }
  const std::optional<int> start = ParseTimeOfDay(shift.start()), end = ParseTimeOfDay(shift.end());
  if (!start.has_value() || !end.has_value() || *start == kMinutesPerDay) return std::nullopt;
  out.start = *start;
  out.length = *end > *start ? *end - *start : *end - *start + static_cast<int>(kMinutesPerDay);
  return out;
}

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_ROSTER_TIME_H_
