#include "hub/core/errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace liandong::core {
namespace {
constexpr std::string_view kPayload = "liandong.v1.ErrorDetail";
}

absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view en, std::string_view zh,
                    std::string_view field, uint32_t retry_after_ms) {
  absl::Status status(code, absl::string_view(en.data(), en.size()));
  v1::ErrorDetail detail;
  detail.set_reason(std::string(reason));
  detail.set_message_zh(std::string(zh));
  detail.set_field(std::string(field));
  detail.set_retry(retry_after_ms > 0);
  detail.set_retry_after_ms(retry_after_ms);
  status.SetPayload(absl::string_view(kPayload.data(), kPayload.size()), absl::Cord(detail.SerializeAsString()));
  return status;
}

absl::Status RefuseErased(uint64_t incident_id) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "ERASED",
                absl::StrCat("the personal fields of incident ", incident_id, " were erased"),
                absl::StrCat("事件 ", incident_id, " 的个人信息已依法销毁"));
}

v1::ErrorDetail DetailOf(const absl::Status& status) {
  v1::ErrorDetail detail;
  auto payload = status.GetPayload(absl::string_view(kPayload.data(), kPayload.size()));
  if (payload.has_value() && detail.ParseFromString(std::string(*payload))) return detail;
  detail.set_retry(absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
                   absl::IsResourceExhausted(status));
  detail.set_reason(detail.retry() ? "UNAVAILABLE" : "INTERNAL");
  if (detail.retry()) detail.set_retry_after_ms(1000);
  detail.set_message_zh(detail.retry() ? "暂时无法处理,请稍后重试" : "枢纽内部错误,请联系值班工程师");
  return detail;
}

}  // namespace liandong::core
