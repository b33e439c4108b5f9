// Conversions between native values and ours.
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/mapping/evaluate.h"
#include "adapters/mapping/our_path.h"
#include "adapters/mapping/people.h"
#include "adapters/text/reason.h"
#include "adapters/text/time.h"

namespace liandong::adapters {
namespace {

using google::protobuf::FieldDescriptor;

std::optional<std::string> YesNo(const std::string& raw) {
  const std::string word = absl::AsciiStrToLower(raw);
  for (std::string_view yes : {"1", "true", "y", "yes", "t", "是", "有"}) {
    if (word == yes) return "true";
  }
  for (std::string_view no : {"0", "false", "n", "no", "f", "否", "无"}) {
    if (word == no) return "false";
  }
  return std::nullopt;
}

std::string DigitsOf(const std::string& raw) {
  std::string digits;
  for (char c : raw) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c))) digits.push_back(c);
  }
  return digits;
}

bool AllDigits(const std::string& raw) { return !raw.empty() && DigitsOf(raw).size() == raw.size(); }

std::optional<std::string> Division(const std::string& raw) {
  if (!AllDigits(raw)) return std::nullopt;
  for (size_t length : {2, 4, 6, 9, 12}) {
    if (raw.size() == length) return raw + std::string(12 - length, '0');
  }
  return std::nullopt;
}

// A time as YYYYMMDDHHMMSS, which grows with it; or a version number as it is.
std::optional<std::string> Revision(const std::string& raw, int utc_offset_minutes) {
  absl::StatusOr<int64_t> ms = ParseTimeMs(raw, utc_offset_minutes);
  if (ms.ok()) return FormatTimeMs(*ms, TimeFormat::kCompact, utc_offset_minutes);
  uint64_t number = 0;
  // Fourteen digits that are no time are a slip of the clock, not a version.
  if (AllDigits(raw) && raw.size() < 14 && absl::SimpleAtoi(raw, &number)) return absl::StrCat(number);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ConvertToOurs(v1::Mapping::As as, const FieldDescriptor* target, const std::string& raw,
                                         int utc_offset_minutes, std::string_view* reason) {
  std::optional<std::string> text;
  *reason = kReasonBadValue;
  switch (as) {
    case v1::Mapping::TIME:
      *reason = kReasonBadTime;
      if (absl::StatusOr<int64_t> ms = ParseTimeMs(raw, utc_offset_minutes); ms.ok()) text = absl::StrCat(*ms);
      break;
    case v1::Mapping::REVISION:
      *reason = kReasonBadTime;
      text = Revision(raw, utc_offset_minutes);
      break;
    case v1::Mapping::COUNT:
      *reason = "unclear_count";
      if (std::optional<uint32_t> count = CountPeople(raw)) text = absl::StrCat(*count);
      break;
    case v1::Mapping::DIGITS:
      if (std::string digits = DigitsOf(raw); !digits.empty()) text = digits;
      break;
    case v1::Mapping::DIVISION:
      text = Division(raw);
      break;
    case v1::Mapping::BOOL:
      text = YesNo(raw);
      break;
    default:
      if (target != nullptr && target->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
        text = YesNo(raw);
      } else {
        text = raw;
      }
  }
  if (text && target != nullptr && !FitsField(target, *text).ok()) return std::nullopt;
  return text;
}

bool IsTimeFilter(std::string_view filter) {
  return filter == "TIME" || filter == "TIME_COMPACT" || filter == "TIME_SPACED" || filter == "TIME_ISO8601";
}

std::optional<std::string> NativeTime(const v1::Profile& profile, const std::string& ms, std::string_view style) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(ms, &value)) return std::nullopt;
  TimeFormat format = TimeFormat::kCompact;
  if (style == "TIME_SPACED" ||
      (!absl::StrContains(std::string(style), "_") && profile.time_style() == v1::Profile::SPACED)) {
    format = TimeFormat::kSpaced;
  } else if (style == "TIME_ISO8601" ||
             (!absl::StrContains(std::string(style), "_") && profile.time_style() == v1::Profile::ISO8601)) {
    format = TimeFormat::kIso8601;
  }
  return FormatTimeMs(value, format, profile.utc_offset_minutes());
}

std::string CutUtf8(std::string text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  text.resize(bytes);
  return text;
}

}  // namespace liandong::adapters
