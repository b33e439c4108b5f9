// What Prometheus scrapes: one text at /metrics over plain HTTP, on a loopback address only.
//
// Thread-safety: as HttpServer.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_METRICS_SERVER_H_
#define LIANDONG_ADAPTERS_TRANSPORT_METRICS_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/transport/http_server.h"

namespace liandong::adapters {

// `text` makes the answer of a scrape, on a thread of the server.
absl::StatusOr<std::unique_ptr<HttpServer>> ServeMetrics(const std::string& listen, const std::string& name,
                                                         std::function<std::string()> text);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_METRICS_SERVER_H_
