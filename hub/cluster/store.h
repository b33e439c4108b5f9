// What the cluster asks of etcd. Behind it: etcd_store.h; in tests also one that loses answers.
//
// Thread-safety: every method may be called from any thread.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "etcd/kv.pb.h"

namespace liandong::cluster {

class Store {
 public:
  virtual ~Store() = default;
  // One try at one endpoint; the next try goes to another one when this fails. A transaction without writes reads what
  // a majority has at that moment.
  // OK: it was decided, see succeeded(). InvalidArgument: etcd refused the request and did nothing. Any other error:
  // nobody knows whether it was done, or whether it will yet be.
  virtual absl::StatusOr<etcdserverpb::TxnResponse> Txn(const etcdserverpb::TxnRequest& request,
                                                        absl::Duration timeout) = 0;
  // Forgets what was written over or deleted up to this revision.
  virtual absl::Status Compact(int64_t revision, absl::Duration timeout) = 0;
};

// ---- Building requests.

inline void Get(etcdserverpb::RequestOp* op, std::string key) { op->mutable_request_range()->set_key(std::move(key)); }
inline void GetRange(etcdserverpb::RequestOp* op, std::string key, std::string end, int64_t limit) {
  op->mutable_request_range()->set_key(std::move(key));
  op->mutable_request_range()->set_range_end(std::move(end));
  op->mutable_request_range()->set_limit(limit);
}
inline void Put(etcdserverpb::RequestOp* op, std::string key, std::string value) {
  op->mutable_request_put()->set_key(std::move(key));
  op->mutable_request_put()->set_value(std::move(value));
}
inline void Delete(etcdserverpb::RequestOp* op, std::string key, std::string end) {
  op->mutable_request_delete_range()->set_key(std::move(key));
  op->mutable_request_delete_range()->set_range_end(std::move(end));
}
// 0: there is no such key.
inline void WrittenAt(etcdserverpb::Compare* compare, std::string key, int64_t mod_revision) {
  compare->set_target(etcdserverpb::Compare::MOD);
  compare->set_key(std::move(key));
  compare->set_mod_revision(mod_revision);
}
inline void Holds(etcdserverpb::Compare* compare, std::string key, std::string value) {
  compare->set_target(etcdserverpb::Compare::VALUE);
  compare->set_key(std::move(key));
  compare->set_value(std::move(value));
}
// The only key-value of the answer's range number `i`, or an empty one (mod_revision 0).
inline etcdserverpb::KeyValue OneOf(const etcdserverpb::TxnResponse& answer, int i) {
  if (i >= answer.responses_size()) return {};
  const auto& range = answer.responses(i).response_range();
  return range.kvs_size() == 0 ? etcdserverpb::KeyValue() : range.kvs(0);
}

}  // namespace liandong::cluster
