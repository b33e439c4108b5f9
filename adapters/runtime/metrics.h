// What Prometheus scrapes of an adapter, and what `status --metrics` prints. Names begin with liandong_adapter_.
//
// Pure function.
#ifndef LIANDONG_ADAPTERS_RUNTIME_METRICS_H_
#define LIANDONG_ADAPTERS_RUNTIME_METRICS_H_

#include <cstdint>
#include <string>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

std::string MetricsText(const SpoolStatus& status, int64_t now_ms);

// Seconds that the oldest report of a lane has waited for the hub.
int64_t OldestS(const SpoolStatus::Lane& lane, int64_t now_ms);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_METRICS_H_
