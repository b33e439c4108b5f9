#include "hub/core/mask.h"

#include <cstddef>

namespace liandong::core {
namespace {

constexpr size_t kMobileDigits = 11, kHeadDigits = 3, kTailDigits = 4;
constexpr std::string_view kHidden = "****";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string MaskDigits(std::string_view digits) {
  if (digits.size() < kMobileDigits) return std::string(kHidden);
  std::string out(digits.substr(0, kHeadDigits));
  out += kHidden;
  out += digits.substr(digits.size() - kTailDigits);
  return out;
}

}  // namespace

std::string MaskPhone(std::string_view phone) {
  if (phone.empty()) return "";
  std::string out, digits;
  auto end_number = [&] {
    if (digits.empty()) return;
    if (!out.empty()) out += ' ';
    out += MaskDigits(digits);
    digits.clear();
  };
  for (const char c : phone) {
    if (IsDigit(c)) {
      digits += c;
    } else if (c != ' ' && c != '-') {
      end_number();
    }
  }
  end_number();
  return out.empty() ? std::string(kHidden) : out;
}

std::string MaskName(std::string_view name) {
  constexpr unsigned char kMark = 0xC0, kContinues = 0x80;
  if (name.empty()) return "";
  size_t first = 1;
  while (first < name.size() && (static_cast<unsigned char>(name[first]) & kMark) == kContinues) ++first;
  std::string out(first < name.size() ? name.substr(0, first) : std::string_view());
  out += "**";
  return out;
}

v1::Field WholeOf(v1::Field field) {
  switch (field) {
    case v1::CALLER_NAME_MASKED:
      return v1::CALLER_NAME;
    case v1::CALLER_PHONE_MASKED:
      return v1::CALLER_PHONE;
    default:
      return v1::FIELD_UNSPECIFIED;
  }
}

}  // namespace liandong::core
