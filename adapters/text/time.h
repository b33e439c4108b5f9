// Times as the hotlines write them. Native times carry no zone: the profile declares it. Pure, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TEXT_TIME_H_
#define LIANDONG_ADAPTERS_TEXT_TIME_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liandong::adapters {

// China has one zone, without summer time.
inline constexpr int kChinaOffsetMinutes = 8 * 60;

// Milliseconds since 1970-01-01T00:00:00Z of "YYYYMMDDHHMMSS", "YYYY-MM-DD HH:MM:SS", "YYYY-MM-DDTHH:MM:SS", each of
// the latter two with an optional fraction of 1 to 9 digits (cut to ms) and an optional offset ("Z", "+08:00",
// "+0800"). `zone_offset_minutes` (-720..840) applies where the text has no offset. Years 1970..2199. InvalidArgument
// (bad_time) for any other form and for times that do not exist (02-30, 24:00:00, second 60); the text itself is not
// repeated.
absl::StatusOr<int64_t> ParseTimeMs(std::string_view text, int zone_offset_minutes);

enum class TimeFormat {
  kCompact,  // YYYYMMDDHHMMSS
  kSpaced,   // YYYY-MM-DD HH:MM:SS
  kIso8601,  // YYYY-MM-DDTHH:MM:SS+08:00 (offset always numeric; milliseconds only where they are not 0)
};
std::string FormatTimeMs(int64_t epoch_ms, TimeFormat format, int zone_offset_minutes);

// "Z", "+08:00", "-0330", "+08" to minutes; nullopt for anything else or beyond -12:00..+14:00.
std::optional<int> ParseZoneOffset(std::string_view text);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_TIME_H_
