// liandong-screen from start to stop: the line to the hub, the feed, the board, the servers.
//
// Thread-safety: Stop from any thread.
#ifndef LIANDONG_ADAPTERS_SCREEN_SCREEN_H_
#define LIANDONG_ADAPTERS_SCREEN_SCREEN_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "adapters/screen/api.h"
#include "adapters/screen/board.h"
#include "adapters/screen/metrics.h"
#include "adapters/screen/subscriber.h"
#include "adapters/transport/http_server.h"
#include "liandong/v1/screen_config.pb.h"
#include "security/server_context.h"

namespace liandong::screen {

class Screen {
 public:
  // Reads and checks every file that the configuration names; opens nothing.
  static absl::Status Check(const v1::ScreenConfig& config);
  // Everything is up when it returns; the hub need not be. Errors (Chinese first) name what is wrong and the mend.
  static absl::StatusOr<std::unique_ptr<Screen>> Start(v1::ScreenConfig config);
  ~Screen();  // Stop()
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // "https 127.0.0.1:8443", "metrics 127.0.0.1:9466".
  const std::vector<std::string>& Addresses() const { return addresses_; }

  // Answers what is under way and ends the streams; browsers come back by themselves.
  void Stop();

 private:
  explicit Screen(v1::ScreenConfig config) : config_(std::move(config)) {}
  absl::Status Open(bool only_check);
  absl::Status Serve(std::shared_ptr<security::ServerContext> tls);
  // When the first of them ends; a moment ago when one cannot be used.
  absl::Time CertificatesEnd() const;
  absl::Status ServeMetrics();
  void Run();

  const v1::ScreenConfig config_;
  std::shared_ptr<adapters::HubClient> hub_;
  std::unique_ptr<Board> board_;
  std::unique_ptr<Api> api_;
  Metrics metrics_;
  std::unique_ptr<adapters::HttpServer> server_, metrics_server_;
  std::unique_ptr<Subscriber> subscriber_;
  std::vector<std::string> addresses_;
  std::atomic<bool> stopping_{false};
  std::thread ticker_, house_;
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_SCREEN_H_
