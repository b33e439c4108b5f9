// How a codec says what is wrong with a native message: one stable token for programs and profiles, then a text for
// people. The text never holds content of the message: only field names, positions, lengths and numbers.
#ifndef LIANDONG_ADAPTERS_TEXT_REASON_H_
#define LIANDONG_ADAPTERS_TEXT_REASON_H_

#include <string_view>

#include "absl/status/status.h"

namespace liandong::adapters {

inline constexpr std::string_view kReasonTooLarge = "too_large";
inline constexpr std::string_view kReasonBadEncoding = "bad_encoding";
inline constexpr std::string_view kReasonBadJson = "bad_json";
inline constexpr std::string_view kReasonBadXml = "bad_xml";
inline constexpr std::string_view kReasonTooDeep = "too_deep";
inline constexpr std::string_view kReasonTooManyValues = "too_many_values";
inline constexpr std::string_view kReasonDuplicateKey = "duplicate_key";
inline constexpr std::string_view kReasonUnknownKind = "unknown_kind";
inline constexpr std::string_view kReasonMissingField = "missing_field";
inline constexpr std::string_view kReasonWrongType = "wrong_type";
inline constexpr std::string_view kReasonTooLong = "too_long";
inline constexpr std::string_view kReasonBadValue = "bad_value";
inline constexpr std::string_view kReasonBadTime = "bad_time";
inline constexpr std::string_view kReasonBadAdu = "bad_adu";  // GB/T 26875.3: the content of a frame

// InvalidArgument with the message "<reason>: <zh> (<en>)".
absl::Status BadMessage(std::string_view reason, std::string_view zh, std::string_view en);

// The reason token of a status made by BadMessage; "" for any other status.
std::string_view ReasonOf(const absl::Status& status);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TEXT_REASON_H_
