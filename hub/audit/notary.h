// Signs what the log holds: every so many records and minutes, and at the end, a checkpoint over a Merkle root of the
// records, the chain's link, the state hashes of the snapshots and the trail's end (security/audit/checkpoints.h).
//
// Reads the log behind everybody else on a thread of its own: no append and no answer waits for it. A crash between two
// checkpoints loses none, since the next one covers the same records.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::audit {

struct NotaryOptions {
  std::string data_dir;
  std::string key, certificate;  // PEM files; read again for each checkpoint, so that renewed ones count
  uint64_t every_records = 0;    // 0: limits.h
  int64_t every_minutes = 0;     // 0: limits.h
  std::function<void(const std::string& line)> say;
  std::function<v1::TrailEnd()> trail_end = {};  // what the trail has on disk; absent: there is no trail
  std::function<int64_t()> now_ms = {};          // wall clock; default: the system's
};

class Notary {
 public:
  // `log` outlives it. DataLoss when the log is not what the last checkpoint signed; InvalidArgument or the file's own
  // error when key and certificate cannot sign.
  static absl::StatusOr<std::unique_ptr<Notary>> Start(NotaryOptions options, log::EventLog* log);
  ~Notary();

  // Signs what is not signed yet, also snapshots and the trail. Idempotent, one thread.
  absl::Status Stop();

  uint64_t checkpoints() const;
  uint64_t covered() const;  // records

 private:
  class Impl;
  explicit Notary(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::audit
