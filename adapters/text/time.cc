#include "adapters/text/time.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

constexpr int kYearMin = 1970;
constexpr int kYearMax = 2199;
constexpr int kOffsetMinutesMin = -12 * 60;
constexpr int kOffsetMinutesMax = 14 * 60;

// Takes `count` digits off the front; -1 when they are not there.
int TakeDigits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

struct Fields {
  int year = -1, month = -1, day = -1, hour = -1, minute = -1, second = -1;
  int ms = 0;
  std::string_view offset;  // what is behind the time
};

bool SplitDashed(std::string_view text, Fields& f) {
  f.year = TakeDigits(text, 4);
  if (!TakeChar(text, "-")) return false;
  f.month = TakeDigits(text, 2);
  if (!TakeChar(text, "-")) return false;
  f.day = TakeDigits(text, 2);
  if (!TakeChar(text, " T")) return false;
  f.hour = TakeDigits(text, 2);
  if (!TakeChar(text, ":")) return false;
  f.minute = TakeDigits(text, 2);
  if (!TakeChar(text, ":")) return false;
  f.second = TakeDigits(text, 2);
  if (TakeChar(text, ".")) {
    int digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; ++digits) {
      if (digits < 3) f.ms = f.ms * 10 + (text[0] - '0');
      text.remove_prefix(1);
    }
    if (digits == 0 || digits > 9) return false;
    for (int i = digits; i < 3; ++i) f.ms *= 10;
  }
  f.offset = text;
  return true;
}

bool SplitCompact(std::string_view text, Fields& f) {
  if (text.size() != 14) return false;
  f.year = TakeDigits(text, 4);
  f.month = TakeDigits(text, 2);
  f.day = TakeDigits(text, 2);
  f.hour = TakeDigits(text, 2);
  f.minute = TakeDigits(text, 2);
  f.second = TakeDigits(text, 2);
  return true;
}

absl::TimeZone Zone(int offset_minutes) { return absl::FixedTimeZone(offset_minutes * 60); }

absl::Status BadTime(std::string_view zh, std::string_view en) { return BadMessage(kReasonBadTime, zh, en); }

}  // namespace

std::optional<int> ParseZoneOffset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = TakeDigits(text, 2);
  int minutes = 0;
  if (!text.empty()) {
    TakeChar(text, ":");
    minutes = TakeDigits(text, 2);
  }
  if (hours < 0 || minutes < 0 || minutes > 59 || !text.empty()) return std::nullopt;
  int offset = sign * (hours * 60 + minutes);
  if (offset < kOffsetMinutesMin || offset > kOffsetMinutesMax) return std::nullopt;
  return offset;
}

absl::StatusOr<int64_t> ParseTimeMs(std::string_view text, int zone_offset_minutes) {
  Fields f;
  if (!SplitCompact(text, f) && !SplitDashed(text, f)) {
    return BadTime("时间格式应为 YYYYMMDDHHMMSS、YYYY-MM-DD HH:MM:SS 或 ISO 8601",
                   "a time must be YYYYMMDDHHMMSS, YYYY-MM-DD HH:MM:SS or ISO 8601");
  }
  int offset = zone_offset_minutes;
  if (!f.offset.empty()) {
    std::optional<int> own = ParseZoneOffset(f.offset);
    if (!own) return BadTime("时区偏移无效,应如 +08:00", "bad zone offset; write it as +08:00");
    offset = *own;
  } else if (offset < kOffsetMinutesMin || offset > kOffsetMinutesMax) {
    return BadTime("声明的时区偏移超出 -12:00..+14:00", "the declared zone offset is beyond -12:00..+14:00");
  }
  absl::CivilSecond civil(f.year, f.month, f.day, f.hour, f.minute, f.second);
  // CivilSecond carries 02-30 over into March: a time that exists stays as it was.
  bool exists = f.year >= kYearMin && f.year <= kYearMax && civil.year() == f.year && civil.month() == f.month &&
                civil.day() == f.day && civil.hour() == f.hour && civil.minute() == f.minute &&
                civil.second() == f.second;
  if (!exists) {
    return BadTime("该时间不存在或超出 1970 至 2199 年", "this time does not exist, or lies outside of 1970..2199");
  }
  return absl::ToUnixMillis(absl::FromCivil(civil, Zone(offset))) + f.ms;
}

std::string FormatTimeMs(int64_t epoch_ms, TimeFormat format, int zone_offset_minutes) {
  absl::Time time = absl::FromUnixMillis(epoch_ms);
  absl::TimeZone zone = Zone(zone_offset_minutes);
  switch (format) {
    case TimeFormat::kCompact:
      return absl::FormatTime("%Y%m%d%H%M%S", time, zone);
    case TimeFormat::kSpaced:
      return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, zone);
    case TimeFormat::kIso8601:
      break;
  }
  return absl::FormatTime(epoch_ms % 1000 == 0 ? "%Y-%m-%dT%H:%M:%S%Ez" : "%Y-%m-%dT%H:%M:%E3S%Ez", time, zone);
}

}  // namespace liandong::adapters
