// Incidents that have left memory, as history holds them, put together as a State of their own for one reader.
//
// Thread-safety: blocking; for worker threads. The State is the caller's.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/core/state.h"
#include "hub/history/history.h"

namespace liandong::service {

// The incidents and what each is merged with. NOT_FOUND (UNKNOWN_INCIDENT) when history has no such incident.
absl::StatusOr<core::State> LoadPast(history::History& history, const routing::Site& site,
                                     const std::vector<uint64_t>& incident_ids);

}  // namespace liandong::service
