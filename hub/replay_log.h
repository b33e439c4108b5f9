// Reads a hub's folder and asks what another set of agreements would have made of it. Changes nothing there.
#ifndef LIANDONG_HUB_REPLAY_LOG_H_
#define LIANDONG_HUB_REPLAY_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/core/replay.h"
#include "routing/site.h"

namespace liandong::hub {

struct Replayed {
  std::string site_dir, log_dir;
  uint64_t records = 0;
  int64_t first_ms = 0, last_ms = 0;             // log time of the first and the last record
  bool with_keys = false;                        // false: no master key was given
  std::shared_ptr<const routing::Site> site;     // the new one
  std::vector<core::ReplayedIncident> incident;  // all that were routed
};

// data_dir: a stopped hub's, or a copy. master_key: a file; empty: sealed words stay sealed. The chain is proved on the
// way. InvalidArgument: the new set has errors, all of them named. DataLoss: the log was changed.
absl::StatusOr<Replayed> ReplayLog(const std::string& site_dir, const std::string& data_dir,
                                   const std::string& master_key);

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_REPLAY_LOG_H_
