// JSON of the hotlines, strictly read. Pure functions, safe in any thread.
#ifndef LIANDONG_ADAPTERS_TEXT_JSON_H_
#define LIANDONG_ADAPTERS_TEXT_JSON_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/limits.h"

namespace liandong::adapters {

struct ParseLimits {
  size_t bytes_max = kNativeMessageBytesMax;
  int depth_max = kTreeDepthMax;  // containers within one another; a bare scalar has depth 0
  size_t values_max = kTreeNodesMax;
};

// Reads one JSON value from UTF-8 text. Errors are InvalidArgument with a reason of reason.h and the line and column
// (both from 1, columns in bytes): bad_json, too_large, too_deep, too_many_values, duplicate_key. Refused beside what
// RFC 8259 refuses: duplicate keys, U+0000 in strings, numbers that no double holds. An integer beyond 2^53 comes back
// as text, digit by digit, because receivers in other languages would round it.
absl::StatusOr<nlohmann::json> ParseJson(std::string_view utf8, const ParseLimits& limits = {});

// Compact UTF-8 text. InvalidArgument (bad_encoding) if a string in the tree is not valid UTF-8.
absl::StatusOr<std::string> DumpJson(const nlohmann::json& tree);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_JSON_H_
