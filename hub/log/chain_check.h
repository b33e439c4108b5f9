// Proves that a log was not changed: every batch parses, its records are numbered without a gap, and the links run from
// the genesis link to the end.
//
// What the chain alone cannot show is that its end was cut off, or that all of it was computed anew. Anchors can: links
// that were written down elsewhere (history.db, a snapshot, an evidence package, a sheet of paper).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"
#include "security/chain.h"

namespace liandong::log {

struct Anchor {
  uint64_t index = 0;  // the last record of a batch
  std::string link;    // encoded, as CommittedBatch::link
};

struct ChainSummary {
  uint64_t batches = 0;
  uint64_t records = 0;
  uint64_t last_index = 0;
  std::string last_link;  // encoded; empty when there is no batch
};

// Follows a chain batch by batch. Thread-safety: one thread.
class ChainWalk {
 public:
  // From the genesis link, at record 1.
  ChainWalk() = default;
  // From after `index`, whose link (encoded) is trusted. DataLoss when that is no link.
  static absl::StatusOr<ChainWalk> After(uint64_t index, std::string_view link);

  // DataLoss names the first bad record and what is wrong with it; the walk must not go on then.
  absl::Status Take(const CommittedBatch& batch);

  uint64_t index() const { return index_; }
  const security::ChainLink& link() const { return link_; }

 private:
  uint64_t index_ = 0;
  bool at_genesis_ = true;  // the genesis link takes the suite of the first batch
  security::ChainLink link_;
};

// Reads <data_dir>/log.db from record 1 to its end with a connection of its own; a hub may be running on it. DataLoss
// names the first bad record. `visit`, when given, gets every record in order; a status of its own ends the walk and is
// returned.
using VisitRecord = std::function<absl::Status(const v1::Record& record)>;
absl::StatusOr<ChainSummary> VerifyChain(const std::string& data_dir, const std::vector<Anchor>& anchors = {},
                                         const VisitRecord& visit = nullptr);

}  // namespace liandong::log
