// Desk.Watch: every record as it becomes durable.
#pragma once

#include <grpcpp/grpcpp.h>

#include "hub/service/parts.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::service {

// The response headers leave when the watch has begun: a client that lists after them misses nothing. A watcher more
// than limits::kWatchQueue events behind is ended with RESOURCE_EXHAUSTED (WATCH_BEHIND).
grpc::ServerWriteReactor<v1::WatchEvent>* BeginWatch(const Parts& parts, Caller caller);

}  // namespace liandong::service
