// Puts the parts of one hub together: log, state, keys, history, sequencer, service. With main.cc the only place that
// names concrete parts.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "liandong/v1/config.pb.h"

namespace liandong::hub {

struct HubSettings {
  v1::HubConfig config;  // paths absolute or relative to the working folder
  std::string version;
  int64_t heartbeat_ms = 0;  // 0: limits::kHeartbeatMs
  // One line for the operator, Chinese and English, nothing personal. From any thread.
  std::function<void(const std::string& line)> say;
  // The log refused a batch: must end the process without answering anything more.
  std::function<void(const absl::Status&)> on_fatal;
  // Asked now and then during a long start; true ends it with Cancelled.
  std::function<bool()> interrupted;
};

// Reads and checks a settings file: every error with file:line:column or the field's name. Relative paths become
// relative to the file. InvalidArgument or the file's own error.
absl::StatusOr<v1::HubConfig> LoadHubConfig(const std::string& path);

// What can be checked without starting: the certificate files, and the site directory when there is one. `say` gets the
// warnings.
absl::Status CheckHubFiles(const v1::HubConfig& config, const std::function<void(const std::string& line)>& say);

class Hub {
 public:
  // Opens the log (a second hub on the same folder: FailedPrecondition), replays what the newest snapshot does not
  // have, and serves. On an empty log the site directory is adopted first; InvalidArgument when it is refused.
  static absl::StatusOr<std::unique_ptr<Hub>> Start(HubSettings settings);
  // Stop()
  ~Hub();

  int port() const;
  // 0: no metrics are served.
  int metrics_port() const;
  // "host:port" with the port taken.
  std::string address() const;

  // Ends the calls, finishes and syncs what was submitted, writes a snapshot. Idempotent, one thread. The status is
  // History's: what was answered is on disk in any case.
  absl::Status Stop();

 private:
  class Impl;
  explicit Hub(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::hub
