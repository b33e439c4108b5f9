#include "adapters/text/value.h"

#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace liandong::adapters {

bool IsAbsent(const nlohmann::json& value) {
  if (value.is_null()) return true;
  if (!value.is_string()) return false;
  absl::string_view text = absl::StripAsciiWhitespace(value.get_ref<const std::string&>());
  return text.empty() || absl::EqualsIgnoreCase(text, "null");
}

const nlohmann::json* FindValue(const nlohmann::json& tree, std::string_view name) {
  if (!tree.is_object()) return nullptr;
  auto it = tree.find(std::string(name));
  return it == tree.end() || IsAbsent(*it) ? nullptr : &*it;
}

std::optional<std::string> TextOf(const nlohmann::json& value) {
  if (IsAbsent(value) || value.is_structured()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<int64_t> IntegerOf(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    uint64_t number = value.get<uint64_t>();
    if (number > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<int64_t>(number);
  }
  if (value.is_number_integer()) return value.get<int64_t>();
  int64_t number = 0;
  if (!value.is_string() || !absl::SimpleAtoi(value.get_ref<const std::string&>(), &number)) return std::nullopt;
  return number;
}

std::optional<double> NumberOf(const nlohmann::json& value) {
  double number = 0;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (!value.is_string() || !absl::SimpleAtod(value.get_ref<const std::string&>(), &number)) {
    return std::nullopt;
  }
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace liandong::adapters
