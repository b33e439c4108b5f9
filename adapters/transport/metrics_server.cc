#include "adapters/transport/metrics_server.h"

#include <utility>

namespace liandong::adapters {
namespace {

constexpr char kType[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> ServeMetrics(const std::string& listen, const std::string& name,
                                                         std::function<std::string()> text) {
  HttpServerOptions options;
  options.listen = listen;
  options.name = name;
  options.connections_max = kScrapersMax;
  options.handler_threads = 1;
  return HttpServer::Start(
      std::move(options),
      [text = std::move(text)](const HttpCall& call) -> HttpAnswer {
        if (call.path != "/metrics") return {404, kType, "/metrics\n"};
        if (call.method != "GET" && call.method != "HEAD") return {405, kType, "GET\n"};
        return {200, kType, text()};
      },
      [](int status) -> HttpAnswer {
        return {status, kType, ""};
      });
}

}  // namespace liandong::adapters
