// Refusals with a stable reason. A reason is part of the contract (protos/README.md): never rename one.
#ifndef LIANDONG_HUB_CORE_ERRORS_H_
#define LIANDONG_HUB_CORE_ERRORS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "liandong/v1/common.pb.h"

namespace liandong::core {

// A status that carries an ErrorDetail. `en` and `zh` name the thing, the place and the mend and hold nothing personal.
absl::Status Refuse(absl::StatusCode code, std::string_view reason, std::string_view en, std::string_view zh,
                    std::string_view field = "", uint32_t retry_after_ms = 0);

// ERASED: its key was destroyed.
absl::Status RefuseErased(uint64_t incident_id);

// The detail of a status made by Refuse; for others one with the reason "INTERNAL" or "UNAVAILABLE".
v1::ErrorDetail DetailOf(const absl::Status& status);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_ERRORS_H_
