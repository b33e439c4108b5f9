#include "hub/cluster/fence.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/cluster/limits.h"
#include "liandong/v1/cluster.pb.h"

namespace liandong::cluster {

void Fence::AddTerm(etcdserverpb::TxnRequest* request) const {
  WrittenAt(request->add_compare(), layout_.Term(), term_revision_);
  Holds(request->add_compare(), layout_.Term(), term_bytes_);
  Get(request->add_failure(), layout_.Term());
}

absl::Status Fence::Replaced(const etcdserverpb::KeyValue& term) const {
  v1::ClusterTerm now;
  now.ParseFromString(term.value());
  return absl::AbortedError(absl::StrCat("本节点第 ", term_, " 任期已结束,现由 ", now.node(), "(第 ", now.term(),
                                         " 任期)接管 this node's term ", term_, " is over: ", now.node(),
                                         " leads in term ", now.term()));
}

absl::Status Fence::Insist(const etcdserverpb::TxnRequest& request,
                           const std::function<absl::Status(const etcdserverpb::TxnResponse&)>& refused) const {
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    // Looked at before the try: whoever slept through the limit still hears who leads now.
    const bool last = std::chrono::steady_clock::now() - began > absl::ToChronoMilliseconds(kGiveUpAfter);
    const auto answer = store_->Txn(request, kTry);
    if (answer.ok()) return answer->succeeded() ? absl::OkStatus() : refused(*answer);
    if (absl::IsInvalidArgument(answer.status())) return answer.status();
    if (last) {
      return absl::AbortedError(absl::StrCat("etcd 长时间没有答复 no answer of etcd for ",
                                             absl::FormatDuration(kGiveUpAfter), ": ", answer.status().message()));
    }
    absl::SleepFor(kTryAgainAfter);
  }
}

absl::Status Fence::Commit(const std::string& head_key, const std::string& before, const std::string& after,
                           etcdserverpb::TxnRequest writes) const {
  AddTerm(&writes);
  if (before.empty()) {
    WrittenAt(writes.add_compare(), head_key, 0);
  } else {
    Holds(writes.add_compare(), head_key, before);
  }
  Get(writes.add_failure(), head_key);
  Put(writes.add_success(), head_key, after);
  return Insist(writes, [&](const etcdserverpb::TxnResponse& answer) {
    const auto term = OneOf(answer, 0), head = OneOf(answer, 1);
    if (head.value() == after) return absl::OkStatus();  // an earlier try, whose answer was lost
    if (term.mod_revision() != term_revision_ || term.value() != term_bytes_) return Replaced(term);
    return absl::DataLossError(
        absl::StrCat("etcd 中 ", head_key,
                     " 与本节点最后写入的不同 is not what this node wrote last, although its term goes on: "
                     "was etcd restored from a backup, or written to by hand?"));
  });
}

absl::Status Fence::Write(etcdserverpb::TxnRequest writes) const {
  AddTerm(&writes);
  return Insist(writes, [&](const etcdserverpb::TxnResponse& answer) { return Replaced(OneOf(answer, 0)); });
}

absl::Status Fence::TryWrite(etcdserverpb::TxnRequest writes) const {
  AddTerm(&writes);
  const auto answer = store_->Txn(writes, kTry);
  if (!answer.ok()) return answer.status();
  return answer->succeeded() ? absl::OkStatus() : Replaced(OneOf(*answer, 0));
}

}  // namespace liandong::cluster
