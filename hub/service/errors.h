// A status of ours as gRPC sends it: with an ErrorDetail in the trailer grpc-status-details-bin.
#pragma once

#include <grpcpp/support/status.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liandong::service {

// The text is cut to limits::kStatusMessageBytes, at a character.
grpc::Status ToGrpc(const absl::Status& status);

// At most `bytes` of the text, never half a character.
std::string Cut(std::string_view text, size_t bytes);

}  // namespace liandong::service
