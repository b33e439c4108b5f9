// Proves that a hub's log, snapshots and trail were not changed: the chain from its first byte, every signed
// checkpoint over it, every snapshot and the trail against the checkpoints.
//
// What was signed cannot be changed without the signer's key. Records after the last checkpoint, and a log whose end
// was cut together with its checkpoints, show only by an anchor that was noted elsewhere (`liandong status` shows the
// link; an agency's receipt names the last index).
//
// Thread-safety: a pure function of the folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/chain.h"

namespace liandong::audit {

struct VerifyOptions {
  std::string data_dir;
  std::string ca_pem = {};                        // empty: signatures count, whose they are does not
  std::vector<security::ChainLink> anchors = {};  // links that were noted elsewhere: each must be in the chain
};

struct Verified {
  uint64_t batches = 0, records = 0;
  std::string link;                            // encoded; empty when there is no record
  uint64_t checkpoints = 0, covered = 0;       // covered: records under a signature
  std::vector<std::string> signers;            // fingerprints
  uint64_t snapshots = 0, snapshots_open = 0;  // open: not in a checkpoint yet
  uint64_t trail_segments = 0, trail_records = 0;
};

// DataLoss begins with "record N:" for the first that is wrong, or with the file that is.
absl::StatusOr<Verified> Verify(const VerifyOptions& options);

}  // namespace liandong::audit
