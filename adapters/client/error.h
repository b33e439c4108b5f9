// What the hub says beside a status: its ErrorDetail, carried as a payload of absl::Status.
//
// Thread-safety: pure functions.
#ifndef LIANDONG_ADAPTERS_CLIENT_ERROR_H_
#define LIANDONG_ADAPTERS_CLIENT_ERROR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "liandong/v1/common.pb.h"

namespace liandong::adapters {

// Key of the payload; its content is a serialized liandong.v1.ErrorDetail.
inline constexpr absl::string_view kErrorDetailUrl = "type.googleapis.com/liandong.v1.ErrorDetail";

// The detail, where the hub sent one: no detail means that the call did not get as far as the hub's own code, or the
// client refused it itself.
std::optional<v1::ErrorDetail> DetailOf(const absl::Status& status);

// The stable token ("NOT_YOUR_DELIVERY"), or empty.
std::string ErrorReasonOf(const absl::Status& status);

// Whether the same call may succeed later: what the hub says, or, without a word of it, what the code says
// (UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED).
bool WorthRetrying(const absl::Status& status);

// The status with the detail attached. `status` must not be OK.
absl::Status WithDetail(absl::Status status, const v1::ErrorDetail& detail);

// From an error that came inside a stream (ReportReply.error, StreamError, AckReply.error): the code that belongs to
// the reason is not sent there, so it is FAILED_PRECONDITION, or RESOURCE_EXHAUSTED for what may succeed later.
absl::Status StatusFromDetail(const v1::ErrorDetail& detail, absl::string_view message);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_ERROR_H_
