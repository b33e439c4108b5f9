// The contract's enums in words: "受理 accepted". What people type may be either language. Pure functions.
#ifndef LIANDONG_ADAPTERS_CLI_WORDS_H_
#define LIANDONG_ADAPTERS_CLI_WORDS_H_

#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liandong::cli {

// "受理 accepted"; for a value without a Chinese word only the English one.
std::string SayEnum(const google::protobuf::EnumDescriptor& type, int value);
// Only the Chinese word, or the English one where there is none.
std::string SayEnumZh(const google::protobuf::EnumDescriptor& type, int value);
// InvalidArgument lists what may be written.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor& type, std::string_view text);
// "received (收到), seen (已阅) ...", for help texts.
std::string EnumChoices(const google::protobuf::EnumDescriptor& type);

template <typename E>
std::string Say(E value) {
  return SayEnum(*google::protobuf::GetEnumDescriptor<E>(), value);
}
template <typename E>
std::string SayZh(E value) {
  return SayEnumZh(*google::protobuf::GetEnumDescriptor<E>(), value);
}
template <typename E>
absl::StatusOr<E> Parse(std::string_view text) {
  const auto value = ParseEnum(*google::protobuf::GetEnumDescriptor<E>(), text);
  if (!value.ok()) return value.status();
  return static_cast<E>(*value);
}
template <typename E>
std::string Choices() {
  return EnumChoices(*google::protobuf::GetEnumDescriptor<E>());
}

// "已派 ASSIGNED": tokens of FeedbackItem.what.
std::string SayToken(std::string_view token);

// Every reason that the program knows a mend for.
std::vector<std::string> KnownReasons();
// What to do about a reason of the hub; empty for one that explains itself.
std::string MendZh(std::string_view reason);
std::string MendEn(std::string_view reason);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_WORDS_H_
