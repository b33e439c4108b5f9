// How the active node writes: each write is one transaction that compares the revision at which its term was written,
// and the term itself (an etcd that was emptied counts revisions anew), so that a node that was replaced can write
// nothing, however late its requests arrive.
//
// The same transaction is sent again while its outcome is unknown. It can only be done once, since it also compares a
// head (of the log, of the keys) that it writes anew: the bytes of the head then tell whose write it was.
//
// Thread-safety: immutable but for the store, which is thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "hub/cluster/layout.h"
#include "hub/cluster/store.h"

namespace liandong::cluster {

class Fence {
 public:
  // `term_bytes`, `term_revision`: value and mod_revision of the term's key when this node won it.
  Fence(Store* store, Layout layout, uint64_t term, std::string term_bytes, int64_t term_revision)
      : store_(store),
        layout_(std::move(layout)),
        term_(term),
        term_bytes_(std::move(term_bytes)),
        term_revision_(term_revision) {}

  const Layout& layout() const { return layout_; }
  uint64_t term() const { return term_; }
  Store* store() const { return store_; }

  // Does `writes` and changes the head from `before` to `after`, which nobody else can have written (it names the term
  // and what is written). OK: done, also when it was done by a try that was not answered. Aborted: another node leads,
  // or etcd has not answered for kGiveUpAfter, so that nobody knows. DataLoss: the head is not what this node wrote
  // last, which cannot be. All of these are final for this node.
  absl::Status Commit(const std::string& head_key, const std::string& before, const std::string& after,
                      etcdserverpb::TxnRequest writes) const;
  // Writes that may be done twice. As Commit.
  absl::Status Write(etcdserverpb::TxnRequest writes) const;
  // One try. OK or Aborted: decided.
  absl::Status TryWrite(etcdserverpb::TxnRequest writes) const;

 private:
  absl::Status Insist(const etcdserverpb::TxnRequest& request,
                      const std::function<absl::Status(const etcdserverpb::TxnResponse&)>& refused) const;
  void AddTerm(etcdserverpb::TxnRequest* request) const;
  absl::Status Replaced(const etcdserverpb::KeyValue& term) const;

  Store* const store_;
  const Layout layout_;
  const uint64_t term_;
  const std::string term_bytes_;
  const int64_t term_revision_;
};

}  // namespace liandong::cluster
