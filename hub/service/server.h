// The hub's only door: gRPC over mutual TLS. There is no plaintext mode and no second way in.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hub/service/parts.h"

namespace liandong::service {

class Server {
 public:
  // `listen`: "host:port", port 0 takes a free one. Files of parts.tls are watched: renewed ones serve new connections.
  // FailedPrecondition when the address cannot be had. `parts` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const std::string& listen, const Parts& parts);
  ~Server();  // Stop()

  int port() const;

  // Takes no new calls, ends the lasting ones, gives the others limits::kStopMs and then cancels them. Returns when
  // none is left; the sequencer must still run. Idempotent, one thread.
  void Stop();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::service
