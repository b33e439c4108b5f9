// The JSON that the page reads and writes: protobuf's own form with the contract's field names, every primitive field
// written, 64-bit numbers as strings; and the form of errors.
//
// Pure functions.
#ifndef LIANDONG_ADAPTERS_SCREEN_JSON_H_
#define LIANDONG_ADAPTERS_SCREEN_JSON_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace liandong::screen {

std::string ToJson(const google::protobuf::Message& message);

// InvalidArgument, without a word of the content: it may be personal.
absl::Status FromJson(const std::string& json, google::protobuf::Message* message);

// `text` with its quotes.
std::string Quoted(absl::string_view text);

// {"error":{...}} for a status of the hub or of ours (WithReason).
std::string ErrorJson(const absl::Status& status);
// The HTTP status that belongs to it.
int HttpStatusOf(const absl::Status& status);

// A refusal of the screen itself, in the form that the hub's have.
absl::Status Refusal(absl::StatusCode code, absl::string_view reason, absl::string_view message_zh,
                     absl::string_view message);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_JSON_H_
