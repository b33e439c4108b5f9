// Brings a node's own files to where etcd is: batches of the log into log.db, key batches into keys.db. Each is synced
// and, for the log, proven by the chain before the next one is asked for.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/cluster/layout.h"
#include "hub/cluster/store.h"
#include "hub/log/event_log.h"
#include "liandong/v1/cluster.pb.h"
#include "security/key_copy.h"

namespace liandong::cluster {

// One look at etcd, all of it at one moment.
struct Look {
  int64_t term_revision = 0;  // 0: nobody has led yet
  v1::ClusterTerm term;
  int64_t beat_revision = 0;
  v1::ClusterBeat beat;
  std::string head;       // as it stands there; empty: no log was founded
  std::string key_head;   // likewise
  bool complete = false;  // this node had all of it, of log and keys
};

class Mirror {
 public:
  // Called with each batch when it is in log.db, in order.
  using Apply = std::function<absl::Status(const log::CommittedBatch& batch)>;

  Mirror(Store* store, Layout layout, log::EventLog* local, security::KeyCopy* keys, Apply apply);

  // Looks, and takes over the next entries and keys. Unavailable: etcd does not answer. Everything else is final:
  // DataLoss when log.db and etcd tell different histories, FailedPrecondition when etcd no longer has what is missing.
  absl::StatusOr<Look> Step();

 private:
  absl::Status TakeEntries(const etcdserverpb::RangeResponse& range);
  absl::StatusOr<std::string> BytesOf(const v1::ClusterEntry& entry);
  absl::Status TakeKeys(const etcdserverpb::RangeResponse& range);
  absl::Status Finish(Look* look);

  Store* const store_;
  const Layout layout_;
  log::EventLog* const local_;
  security::KeyCopy* const keys_;
  const Apply apply_;
};

}  // namespace liandong::cluster
