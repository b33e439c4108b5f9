#include "adapters/cli/text.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace liandong::cli {
namespace {

// The next code point of `text`, taken off its front; -1 for a byte that begins no UTF-8 character.
int32_t NextCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const int extra = lead < 0x80 ? 0 : lead >= 0xF0 && lead < 0xF8 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : -1;
  if (extra < 0 || lead >= 0xF8 || text.size() <= static_cast<size_t>(extra)) {
    text.remove_prefix(1);
    return -1;
  }
  int32_t code = extra == 0 ? lead : lead & (0x3F >> extra);
  for (int i = 1; i <= extra; ++i) {
    const auto byte = static_cast<unsigned char>(text[static_cast<size_t>(i)]);
    if ((byte & 0xC0) != 0x80) {
      text.remove_prefix(1);
      return -1;
    }
    code = (code << 6) | (byte & 0x3F);
  }
  text.remove_prefix(static_cast<size_t>(extra) + 1);
  return code;
}

bool DrivesTerminals(int32_t code) {
  // C0, DEL, C1, and the marks that turn the direction of writing.
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x200E || code == 0x200F;
}

// Unicode East Asian Width W and F, as blocks.
bool IsWide(int32_t code) {
  return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
         (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1F64F) ||
         (code >= 0x1F900 && code <= 0x1F9FF) || (code >= 0x20000 && code <= 0x3FFFD);
}

}  // namespace

std::string Clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view before = text;
    const int32_t code = NextCodePoint(text);
    if (code < 0) {
      out += '?';
    } else if (DrivesTerminals(code)) {
      out += ' ';
    } else {
      out.append(before.substr(0, before.size() - text.size()));
    }
  }
  return out;
}

size_t Width(std::string_view utf8) {
  size_t width = 0;
  while (!utf8.empty()) {
    const int32_t code = NextCodePoint(utf8);
    if (code >= 0x0300 && code <= 0x036F) continue;
    width += IsWide(code) ? 2 : 1;
  }
  return width;
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  std::vector<std::vector<std::string>> clean;
  for (const auto& row : rows) {
    auto& cells = clean.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.push_back(Clean(row[i]));
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], Width(cells.back()));
    }
  }
  std::string out;
  for (const auto& row : clean) {
    for (size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - Width(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string Time(int64_t ms) {
  if (ms == 0) return "-";
  const absl::TimeZone zone = absl::LocalTimeZone();
  const absl::Time time = absl::FromUnixMillis(ms);
  const bool this_year = zone.At(time).cs.year() == zone.At(absl::Now()).cs.year();
  return absl::FormatTime(this_year ? "%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M:%S", time, zone);
}

absl::StatusOr<int64_t> ParseTime(std::string_view text, absl::Time now) {
  const std::string words(text);
  if (!words.empty() && (words[0] == '+' || words[0] == '-')) {
    absl::Duration shift;
    if (absl::ParseDuration(words, &shift)) return absl::ToUnixMillis(now + shift);
  }
  const absl::TimeZone zone = absl::LocalTimeZone();
  const std::string today = absl::FormatTime("%Y-%m-%d ", now, zone);
  absl::Time time;
  std::string error;
  for (const char* format : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", absl::RFC3339_full}) {
    if (absl::ParseTime(format, words, zone, &time, &error)) return absl::ToUnixMillis(time);
    if (absl::ParseTime(format, today + words, zone, &time, &error)) return absl::ToUnixMillis(time);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "时间 \"", words, "\" 看不懂，写成 not a time, write: \"2026-07-13 02:15\", \"02:15:30\", \"+30m\""));
}

std::string CountsText(const v1::Counts& counts) {
  std::vector<std::string> parts;
  const auto add = [&parts](bool said, const char* word, uint64_t number) {
    if (said) parts.push_back(absl::StrCat(word, " ", number));
  };
  add(counts.has_dead(), "死亡 dead", counts.dead());
  add(counts.has_missing(), "失踪 missing", counts.missing());
  add(counts.has_injured(), "受伤 injured", counts.injured());
  add(counts.has_trapped(), "被困 trapped", counts.trapped());
  add(counts.has_rescued(), "救出 rescued", counts.rescued());
  add(counts.has_evacuated(), "转移 evacuated", counts.evacuated());
  add(counts.has_loss_yuan(), "损失 loss CNY", counts.loss_yuan());
  return absl::StrJoin(parts, "，");
}

}  // namespace liandong::cli
