// Paths into native trees: "/body/JJDBH"; a number picks an element of a list. Field names with a slash cannot be
// named.
#ifndef LIANDONG_ADAPTERS_MAPPING_NATIVE_PATH_H_
#define LIANDONG_ADAPTERS_MAPPING_NATIVE_PATH_H_

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace liandong::adapters {

// Begins with a slash, no empty parts.
bool IsNativePath(std::string_view path);

const nlohmann::json* NodeAt(const nlohmann::json& tree, std::string_view path);

// Text of the scalar there, blanks trimmed; of a list of scalars all of them with "、" between. nullopt for what is
// missing, means "no value" (IsAbsent), or is an object.
std::optional<std::string> TextAt(const nlohmann::json& tree, std::string_view path);

// Makes the objects on the way. False when something that is no object stands in the way.
bool SetAt(nlohmann::json* tree, std::string_view path, nlohmann::json value);

// Paths of all scalars with a value, in document order; lists count as one.
std::vector<std::string> LeavesOf(const nlohmann::json& tree);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_NATIVE_PATH_H_
