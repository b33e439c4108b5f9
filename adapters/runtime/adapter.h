// liandong-adapter: one party's links, its spool and its line to the hub, from start to stop.
//
//   native system -> Link (codec, profile) -> spool -> answer
//   spool -> Uplink -> hub
//   hub -> spool -> RECEIVED -> Outlet (profile, codec) -> native system
//
// Thread-safety: Stop and Addresses may be called from any thread.
#ifndef LIANDONG_ADAPTERS_RUNTIME_ADAPTER_H_
#define LIANDONG_ADAPTERS_RUNTIME_ADAPTER_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/client/hub_client.h"
#include "adapters/client/link_session.h"
#include "adapters/runtime/config.h"
#include "adapters/runtime/link.h"
#include "adapters/runtime/outlet.h"
#include "adapters/runtime/uplink.h"
#include "adapters/spool/spool.h"
#include "adapters/transport/auth.h"
#include "adapters/transport/directory.h"
#include "adapters/transport/frame_server.h"
#include "adapters/transport/http_server.h"

namespace liandong::adapters {

class Adapter {
 public:
  // Everything is up when it returns; the hub need not be. Errors (Chinese first) name what is wrong and the mend.
  static absl::StatusOr<std::unique_ptr<Adapter>> Start(AdapterSettings settings);
  ~Adapter();  // Stop()
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  // "<link> http 127.0.0.1:40123", one for each address that was taken; "- metrics 127.0.0.1:9465".
  const std::vector<std::string>& Addresses() const { return addresses_; }

  // What was taken is stored and answered; what waits stays in the spool.
  void Stop();

 private:
  explicit Adapter(AdapterSettings settings) : settings_(std::move(settings)) {}
  absl::Status Open();
  absl::Status StartLink(Link* link);
  absl::Status StartHttp(Link* link);
  absl::Status StartFrames(Link* link);
  absl::StatusOr<std::unique_ptr<DirectoryExchange>> StartFiles(Link* link);
  absl::Status StartMetrics();
  absl::Status WritePortFile() const;
  void StartLine();

  absl::Status Store(const std::vector<v1::Delivery>& deliveries);
  // The link that is to render a delivery; null: none carries it.
  const Link* Choose(const v1::Delivery& delivery);
  void Connected(const v1::Welcome& welcome);

  void KeepHouse();
  void Resend(const DeadLetter& letter);

  const AdapterSettings settings_;
  std::vector<std::string> addresses_;
  std::shared_ptr<HubClient> client_;
  std::unique_ptr<Spool> spool_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<HttpServer>> http_;
  std::unique_ptr<HttpServer> metrics_;
  std::atomic<bool> connected_{false};
  std::vector<std::unique_ptr<FrameServer>> frames_;
  std::vector<std::unique_ptr<DirectoryExchange>> files_;
  std::vector<std::unique_ptr<Outlet>> outlets_;
  std::unique_ptr<LinkSession> session_;
  std::unique_ptr<Uplink> uplink_;
  std::atomic<bool> stopping_{false};
  std::thread house_;
};

// What a call to a link's HTTP side is answered with. `secret` may be null.
HttpAnswer AnswerHttp(Link* link, const LinkSecret* secret, const HttpCall& call, int64_t now_s);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_ADAPTER_H_
