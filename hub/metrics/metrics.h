// Prometheus metrics of the hub, over plain HTTP on a loopback address: figures only, nothing of any incident.
//
// Thread-safety: NoteSync from any thread. Scrapes run on the exposer's own threads; each asks the sequencer for what
// only State knows and waits for it a short while.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "hub/service/parts.h"

namespace liandong::metrics {

class Metrics {
 public:
  Metrics();
  ~Metrics();

  // How long a batch took from being handed to the log until it was on stable storage.
  void NoteSync(double seconds);

  // "127.0.0.1:9464", port 0 takes a free one. InvalidArgument: no loopback address; FailedPrecondition: the port is
  // taken. `parts` outlive Stop.
  absl::Status Serve(const std::string& listen, const service::Parts* parts);
  void Stop();
  // The port taken; 0 while not serving.
  int port() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::metrics
