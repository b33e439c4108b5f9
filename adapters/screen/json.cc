#include "adapters/screen/json.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/client/error.h"

namespace liandong::screen {
namespace {

using google::protobuf::util::JsonParseOptions;
using google::protobuf::util::JsonPrintOptions;

// Never fails: bytes that are no UTF-8 become the replacement character.
std::string Dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  return json;
}

absl::Status FromJson(const std::string& json, google::protobuf::Message* message) {
  JsonParseOptions options;
  options.ignore_unknown_fields = false;
  if (google::protobuf::util::JsonStringToMessage(json, message, options).ok()) return absl::OkStatus();
  return Refusal(absl::StatusCode::kInvalidArgument, "BAD_JSON",
                 absl::StrCat("请求内容不是 ", message->GetDescriptor()->name(), " 的 JSON"),
                 absl::StrCat("the body is not the JSON of ", message->GetDescriptor()->full_name()));
}

std::string Quoted(absl::string_view text) { return Dump(nlohmann::json(std::string(text))); }

absl::Status Refusal(absl::StatusCode code, absl::string_view reason, absl::string_view message_zh,
                     absl::string_view message) {
  v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  detail.set_message_zh(std::string(message_zh));
  return adapters::WithDetail(absl::Status(code, message), detail);
}

std::string ErrorJson(const absl::Status& status) {
  v1::ErrorDetail detail;
  std::string message(status.message());
  if (const auto told = adapters::DetailOf(status); told.has_value()) {
    detail = *told;
  } else if (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status)) {
    // The address of the hub is nobody's business out there.
    const bool perhaps = absl::StrContains(message, "may have been done");
    detail.set_reason("HUB_UNREACHABLE");
    detail.set_retry(!perhaps);
    detail.set_message_zh(perhaps ? "枢纽没有按时回答，操作可能已经完成，重做前请先查看" : "联系不上枢纽，请稍后再试");
    message = perhaps ? "The hub did not answer in time; it may have been done: look before you repeat it"
                      : "The hub cannot be reached; try again";
  } else {
    detail.set_reason(absl::StatusCodeToString(status.code()));
    detail.set_message_zh("枢纽拒绝了这一操作");
  }
  return Dump({{"error",
                {{"reason", detail.reason()},
                 {"message_zh", detail.message_zh()},
                 {"message", message},
                 {"retry", detail.retry()},
                 {"retry_after_ms", detail.retry_after_ms()},
                 {"field", detail.field()}}}});
}

int HttpStatusOf(const absl::Status& status) {
  const std::string reason = adapters::ErrorReasonOf(status);
  if (reason == "LOCKED" || reason == "ACCOUNT_LOCKED") return 423;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kUnimplemented:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

}  // namespace liandong::screen
