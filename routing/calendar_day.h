// Days and times of day as agreements write them. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_CALENDAR_DAY_H_
#define LIANDONG_ROUTING_CALENDAR_DAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liandong::routing {

// Days since 1970-01-01 of "YYYY-MM-DD", years 1970 to 2999; nothing when it is not such a day.
std::optional<int32_t> ParseDay(std::string_view text);
std::string FormatDay(int32_t day);
// Minutes since midnight, 0 to 1439, of "HH:MM"; "24:00" is 1440 and allowed as an end only.
std::optional<int> ParseTimeOfDay(std::string_view text);

int32_t LocalDay(int64_t ms, int32_t utc_offset_minutes);
int LocalMinute(int64_t ms, int32_t utc_offset_minutes);  // 0 to 1439

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_CALENDAR_DAY_H_
