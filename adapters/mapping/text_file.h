// Protobuf text files of the adapters, read with positions.
#ifndef LIANDONG_ADAPTERS_MAPPING_TEXT_FILE_H_
#define LIANDONG_ADAPTERS_MAPPING_TEXT_FILE_H_

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::adapters {

// Parses `text` into `message`. Errors are InvalidArgument, one a line:
// "police.textproto:14:3: unknown field "adress"; did you mean "address"? (...)". `name` stands before every position.
// `positions` may be null; else it gets the place of every field, for checks that come later.
absl::Status ParseTextProto(std::string_view name, const std::string& text, google::protobuf::Message* message,
                            google::protobuf::TextFormat::ParseInfoTree* positions = nullptr);

// The same for a file of at most kConfigFileBytesMax. NotFound and the like name the file.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);
absl::Status LoadTextProto(const std::string& path, google::protobuf::Message* message);

// The nearest of `known` for a message "did you mean"; "" when none is near.
std::string Nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_TEXT_FILE_H_
