#include "adapters/mapping/people.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "adapters/limits.h"

namespace liandong::adapters {
namespace {

constexpr std::array<std::pair<std::string_view, uint32_t>, 14> kDigits = {{{"〇", 0},
                                                                            {"零", 0},
                                                                            {"一", 1},
                                                                            {"二", 2},
                                                                            {"两", 2},
                                                                            {"俩", 2},
                                                                            {"三", 3},
                                                                            {"四", 4},
                                                                            {"五", 5},
                                                                            {"六", 6},
                                                                            {"七", 7},
                                                                            {"八", 8},
                                                                            {"九", 9},
                                                                            {"壹", 1}}};
constexpr std::array<std::pair<std::string_view, uint32_t>, 4> kUnits = {
    {{"十", 10}, {"百", 100}, {"千", 1000}, {"万", 10000}}};
// What stands after a number of people.
constexpr std::array<std::string_view, 7> kPeople = {"人", "名", "位", "个人", "口", "男", "女"};
constexpr std::array<std::string_view, 6> kNone = {"无", "没有", "无人", "暂无", "零", "无人员伤亡"};
// Before the number that covers the others.
constexpr std::array<std::string_view, 4> kTotal = {"共", "共有", "总计", "合计"};

bool Begins(std::string_view text, std::string_view word) { return text.substr(0, word.size()) == word; }

struct Number {
  uint64_t value = 0;
  bool people = false;
  bool total = false;
};

size_t CharBytes(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// More than anybody counts: "三四人" names two numbers.
constexpr uint64_t kUnclear = kFieldCountMax + 1;

// The number at the start of `text`, Arabic or Chinese or both ("2千"), and its length in bytes; length 0: none.
std::pair<uint64_t, size_t> NumberAt(std::string_view text) {
  size_t at = 0;
  uint64_t sum = 0;
  std::optional<uint64_t> digit;
  bool unclear = false;
  while (at < text.size()) {
    const size_t before = at;
    uint64_t arabic = 0;
    while (at < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[at]))) {
      arabic = std::min<uint64_t>(arabic * 10 + static_cast<uint64_t>(text[at] - '0'), kUnclear);
      ++at;
    }
    if (at > before) {
      unclear |= digit.has_value();
      digit = arabic;
      continue;
    }
    for (const auto& [word, number] : kDigits) {
      if (!Begins(text.substr(at), word)) continue;
      unclear |= digit.value_or(0) != 0;  // 零 only holds a place
      digit = number;
      at += word.size();
      break;
    }
    if (at > before) continue;
    for (const auto& [word, unit] : kUnits) {
      if (!Begins(text.substr(at), word)) continue;
      // 十二 has no digit before the unit; 万 multiplies all that stands before it.
      sum = unit == 10000 ? (sum + digit.value_or(0)) * unit : sum + digit.value_or(1) * unit;
      sum = std::min(sum, kUnclear);
      digit.reset();
      at += word.size();
      break;
    }
    if (at == before) break;
  }
  return {unclear ? kUnclear : std::min(sum + digit.value_or(0), kUnclear), at};
}

// Full-width digits and 余/多 after a number ("十余人": at least ten) are made plain.
std::string Plain(std::string_view text) {
  std::string plain;
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = std::min(CharBytes(text[at]), text.size() - at);
    const std::string_view c = text.substr(at, bytes);
    // U+FF10..U+FF19 are EF BC 90..99.
    if (c.size() == 3 && c[0] == '\xEF' && c[1] == '\xBC' && c[2] >= '\x90' && c[2] <= '\x99') {
      plain.push_back(static_cast<char>('0' + (c[2] - '\x90')));
    } else if (!absl::ascii_isspace(static_cast<unsigned char>(c[0]))) {
      plain.append(c);
    }
    at += bytes;
  }
  return plain;
}

bool EndsWithAny(std::string_view text, const auto& words) {
  for (std::string_view word : words) {
    if (text.size() >= word.size() && text.substr(text.size() - word.size()) == word) return true;
  }
  return false;
}

std::vector<Number> NumbersIn(std::string_view text) {
  std::vector<Number> numbers;
  for (size_t at = 0; at < text.size();) {
    const auto [value, bytes] = NumberAt(text.substr(at));
    if (bytes == 0) {
      at += CharBytes(text[at]);
      continue;
    }
    Number number;
    number.value = value;
    number.total = EndsWithAny(text.substr(0, at), kTotal);
    at = std::min(text.size(), at + bytes);
    std::string_view rest = text.substr(at);
    if (Begins(rest, "余") || Begins(rest, "多")) rest.remove_prefix(3);
    for (std::string_view word : kPeople) number.people |= Begins(rest, word);
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::optional<uint32_t> CountPeople(std::string_view raw) {
  const std::string text = Plain(raw);
  if (text.empty() || text.size() > kReportDetailBytesMax) return std::nullopt;
  for (std::string_view none : kNone) {
    if (text == none) return 0;
  }
  // "无人受伤" is none; "无法确认" and "无人知道" are not.
  const bool open = text.find("无法") != std::string::npos || text.find("知") != std::string::npos ||
                    text.find("不") != std::string::npos || text.find("未") != std::string::npos;
  std::vector<Number> numbers = NumbersIn(text);
  if (numbers.empty()) {
    if (Begins(text, "无人") && !open) return 0;
    return std::nullopt;
  }
  std::optional<uint64_t> found;
  size_t candidates = 0;
  for (const Number& number : numbers) {
    if (number.total && number.people) {
      found = number.value;
      candidates = 1;
      break;
    }
    if (number.people) {
      found = number.value;
      ++candidates;
    }
  }
  if (!found && numbers.size() == 1) {
    // A bare "3"; "30岁男子" and "2处骨折" speak of something else, so nothing but digits may stand there.
    if (NumberAt(text).second == text.size()) {
      found = numbers[0].value;
      candidates = 1;
    }
  }
  if (candidates != 1 || *found >= kUnclear) return std::nullopt;
  return static_cast<uint32_t>(*found);
}

}  // namespace liandong::adapters
