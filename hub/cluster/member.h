// One node of the cluster. It follows until the active node has been silent for some time, or has resigned; then it
// campaigns, brings its files to the end of the log, and leads until its process ends.
//
// Takeover: the active node renews "beat" (kBeatEvery). A follower measures by its own monotonic clock how long it has
// seen the same beat, and only while etcd answers it; then one transaction writes the next term, if neither term nor
// beat have changed. No lease and no lock of etcd: what keeps a replaced node from writing is the term that each of its
// writes compares (fence.h), whatever its clock or scheduler does.
//
// Until a part of that time has passed since its last beat, the active node knows that nobody has taken over; it
// answers nothing later without asking etcd (LeadsSurely; nodes of one cluster must agree on takeover_ms).
//
// A node that leads and hears that its term is over, or nothing of etcd or of its own log.db for kGiveUpAfter, calls
// on_lost, which must end the process: it starts again as a follower.
//
// Thread-safety: Follow from one thread; the rest as said.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/cluster/etcd_log.h"
#include "hub/cluster/fence.h"
#include "hub/cluster/mirror.h"
#include "liandong/v1/config.pb.h"
#include "security/key_copy.h"
#include "security/key_provider.h"

namespace liandong::cluster {

struct MemberOptions {
  v1::ClusterConfig config;  // checked by CheckCluster
  std::string keys_path;     // keys.db
  std::shared_ptr<security::KeyProvider> provider;
  std::function<void(const std::string& line)> say;
  std::function<bool()> interrupted;                 // asked several times a second while following
  std::function<void(const absl::Status&)> on_lost;  // from any thread
  // While it follows, whenever this node has everything: destroys the keys of which an applied record says so. What
  // fails is asked for again.
  std::function<void(security::KeyDestroyer*)> destroy_erased;
};

// InvalidArgument names the field and the mend.
absl::Status CheckCluster(const v1::ClusterConfig& config);

// Makes the log of this node, and its keys, the ones of a new cluster: writes the heads into etcd. Once, by a person,
// while no hub runs: a node never does it by itself, since an etcd that was emptied would then begin a second history.
// AlreadyExists: etcd has a log below this prefix.
absl::Status Found(Store* store, const v1::ClusterConfig& config, const log::EventLog& local, uint64_t highest_key_id);

class Member {
 public:
  // `store` and `local` outlive it.
  Member(MemberOptions options, Store* store, log::EventLog* local);
  ~Member();

  // Returns when this node leads and has everything. Cancelled: interrupted. Otherwise see Mirror::Step.
  absl::Status Follow(const Mirror::Apply& apply);

  // ---- When Follow has returned OK.

  // What the sequencer appends to.
  std::unique_ptr<EtcdLog> MakeLog();
  // VaultOptions::share and VaultOptions::kept.
  absl::Status ShareKeys(uint64_t after_id, uint64_t first_id, const std::vector<std::string>& wrapped);
  void KeysKept(uint64_t last_id) { key_id_ = last_id; }
  // Whether no other node can have taken over yet, since the others have seen this node's last beat too lately. False
  // means that nobody knows: what is said then, and stands on no record, may be out of date. Any thread.
  bool LeadsSurely() const;
  // Nothing more will be appended: another node may take over at once. Idempotent.
  void Resign();
  uint64_t term() const { return fence_->term(); }

 private:
  absl::StatusOr<bool> Campaign(const Look& look);
  absl::Status CatchUp(Mirror& mirror);
  void Lead();
  absl::Status Beat(bool resigned = false);
  void Tend(bool compact);
  void NoteProgress();
  void Lost(const absl::Status& status);

  const MemberOptions options_;
  const Layout layout_;
  Store* const store_;
  log::EventLog* const local_;
  const std::string run_;  // of this process

  std::unique_ptr<security::KeyCopy> keys_;  // while following
  std::shared_ptr<const Fence> fence_;       // since it leads
  std::string head_;                         // at that moment
  const std::shared_ptr<LocalWait> local_wait_ = std::make_shared<LocalWait>();
  std::string key_head_;              // the vault's one maker of keys alone
  std::atomic<uint64_t> key_id_ = 0;  // the highest that is in keys.db
  std::string told_progress_;

  // Of the last beat that etcd took: when it was begun, since the epoch of the monotonic clock.
  std::atomic<std::chrono::nanoseconds> beat_began_{};
  const std::chrono::nanoseconds lease_;

  // The leader's thread's.
  uint64_t beats_ = 0;
  uint64_t trimmed_log_ = 0;
  uint64_t trimmed_keys_ = 0;
  int64_t compact_at_ = 0;

  std::mutex mutex_;
  std::condition_variable stopping_changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::atomic<bool> resigned_ = false;
  std::thread leader_;
};

}  // namespace liandong::cluster
