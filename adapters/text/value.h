// Reading single values of a native tree. Pure functions, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TEXT_VALUE_H_
#define LIANDONG_ADAPTERS_TEXT_VALUE_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace liandong::adapters {

// True for null, "", blanks, and the word null in any case: all of them occur as "no value" on real links (DOMAIN 4.6).
bool IsAbsent(const nlohmann::json& value);

// The member `name` of an object, or nullptr when it is missing, absent as above, or `tree` is no object.
const nlohmann::json* FindValue(const nlohmann::json& tree, std::string_view name);

// Text of a scalar: strings as they are, numbers in their shortest exact form, booleans "true"/"false". nullopt for
// absent values, objects and arrays.
std::optional<std::string> TextOf(const nlohmann::json& value);

// Whole number of an integer or of a text of digits (sign allowed, blanks around it too). nullopt for anything else.
std::optional<int64_t> IntegerOf(const nlohmann::json& value);

// Finite number of a number or of a decimal text. nullopt for anything else.
std::optional<double> NumberOf(const nlohmann::json& value);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_VALUE_H_
