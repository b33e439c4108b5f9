// Paths into our messages: "open.counts.dead", "sealed.details[被困人员]". By reflection, so that a new field of the
// contract can be mapped without code.
#ifndef LIANDONG_ADAPTERS_MAPPING_OUR_PATH_H_
#define LIANDONG_ADAPTERS_MAPPING_OUR_PATH_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::adapters {

// The field that `path` ends in: a scalar, or with `list_allowed` a list of messages. "list[name]" names the value of
// the element with that name, in lists of {name, value}; its field is `value`. InvalidArgument says "did you mean".
absl::StatusOr<const google::protobuf::FieldDescriptor*> FindOurField(const google::protobuf::Descriptor* root,
                                                                      std::string_view path, bool list_allowed = false);

// Canonical text: whole numbers in decimal, "true"/"false", enum names, texts as they are. nullopt where nothing was
// said (absent, empty, 0 of a field without presence; a bool always says something). Lists of scalars: "、" between.
std::optional<std::string> GetOurs(const google::protobuf::Message& root, std::string_view path);

// The elements of a list of messages.
std::vector<const google::protobuf::Message*> ListOurs(const google::protobuf::Message& root, std::string_view path);

// True when the field has a value already.
bool IsSet(const google::protobuf::Message& root, std::string_view path);

// `text` in the canonical form above. InvalidArgument when it does not fit the field's type or range.
absl::Status SetOurs(google::protobuf::Message* root, std::string_view path, const std::string& text);

// OK when SetOurs would take it.
absl::Status FitsField(const google::protobuf::FieldDescriptor* field, const std::string& text);

// True for fields that hold milliseconds since 1970.
bool IsTimeField(const google::protobuf::FieldDescriptor* field);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_MAPPING_OUR_PATH_H_
