#include "adapters/client/error.h"

#include "absl/strings/cord.h"

namespace liandong::adapters {

std::optional<v1::ErrorDetail> DetailOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kErrorDetailUrl);
  v1::ErrorDetail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

std::string ErrorReasonOf(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() ? detail->reason() : std::string();
}

bool WorthRetrying(const absl::Status& status) {
  if (const auto detail = DetailOf(status); detail.has_value()) return detail->retry();
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

absl::Status WithDetail(absl::Status status, const v1::ErrorDetail& detail) {
  status.SetPayload(kErrorDetailUrl, absl::Cord(detail.SerializeAsString()));
  return status;
}

absl::Status StatusFromDetail(const v1::ErrorDetail& detail, absl::string_view message) {
  const auto code = detail.retry() ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kFailedPrecondition;
  return WithDetail(absl::Status(code, message.empty() ? absl::string_view(detail.reason()) : message), detail);
}

}  // namespace liandong::adapters
