#include "routing/calendar_day.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace liandong::routing {
namespace {

constexpr int64_t kMsPerMinute = 60 * 1000;
constexpr int64_t kMinutesPerDay = 24 * 60;
const absl::CivilDay kEpoch(1970, 1, 1);

// The number that these digits write; -1 when one is not a digit.
int Digits(std::string_view text) {
  int value = 0;
  for (char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

int64_t LocalMinutes(int64_t ms, int32_t utc_offset_minutes) { return FloorDiv(ms, kMsPerMinute) + utc_offset_minutes; }

}  // namespace

std::optional<int32_t> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int year = Digits(text.substr(0, 4)), month = Digits(text.substr(5, 2)), day = Digits(text.substr(8, 2));
  if (year < 1970 || year > 2999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  absl::CivilDay civil(year, month, day);
  // CivilDay turns 31 February into 3 March; such a date was mistyped.
  if (civil.month() != month || civil.day() != day) return std::nullopt;
  return static_cast<int32_t>(civil - kEpoch);
}

std::string FormatDay(int32_t day) {
  absl::CivilDay civil = kEpoch + day;
  return absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
}

std::optional<int> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hour = Digits(text.substr(0, 2)), minute = Digits(text.substr(3, 2));
  if (hour < 0 || minute < 0 || minute > 59) return std::nullopt;
  if (hour == 24 && minute == 0) return 24 * 60;
  if (hour > 23) return std::nullopt;
  return hour * 60 + minute;
}

int32_t LocalDay(int64_t ms, int32_t utc_offset_minutes) {
  return static_cast<int32_t>(FloorDiv(LocalMinutes(ms, utc_offset_minutes), kMinutesPerDay));
}

int LocalMinute(int64_t ms, int32_t utc_offset_minutes) {
  int64_t minutes = LocalMinutes(ms, utc_offset_minutes);
  return static_cast<int>(minutes - FloorDiv(minutes, kMinutesPerDay) * kMinutesPerDay);
}

}  // namespace liandong::routing
