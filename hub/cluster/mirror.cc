#include "hub/cluster/mirror.h"

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/cluster/limits.h"
#include "security/chain.h"

namespace liandong::cluster {
namespace {

absl::Status Differs(uint64_t index) {
  return absl::DataLossError(
      absl::StrCat("log.db 与 etcd 中的日志自第 ", index,
                   " 条起不同,本节点不能运行;请保留该目录备查,并从另一节点复制 "
                   "log.db and etcd's log are different from record ",
                   index,
                   " on: this node must not run. Keep its folder for examination and start from a copy of another "
                   "node's (deploy/cluster/README.md)"));
}

absl::Status OtherKeys(uint64_t here, uint64_t there) {
  return absl::DataLossError(absl::StrCat(
      "keys.db 有编号到 ", here, " 的密钥,而集群只知道到 ", there,
      ":集群可能建立在密钥较旧的节点上。请保留该目录备查,并从另一节点复制 log.db 与 keys.db "
      "keys.db has keys up to ",
      here, ", the cluster knows of those up to ", there,
      " only: was it founded on a node with older keys? Other keys would come under the same numbers. Keep "
      "its folder for examination and start from a copy of another node's (deploy/cluster/README.md)"));
}

absl::Status FarBehind(const std::string& what, uint64_t here) {
  return absl::FailedPreconditionError(absl::StrCat(
      "本节点落后过多:etcd 已清理 ", what, " ", here, " 之后的内容;请停机后从另一节点复制 log.db 与 keys.db ",
      "this node is too far behind: etcd no longer has what follows ", what, " ", here,
      "; copy log.db and keys.db of another node that is stopped (deploy/cluster/README.md)"));
}

// Of this node's own files: final, unlike a silent etcd.
absl::Status NotKept(const absl::Status& status) {
  return absl::Status(absl::IsUnavailable(status) ? absl::StatusCode::kInternal : status.code(), status.message());
}

absl::Status Malformed(const std::string& what) {
  return absl::DataLossError(
      absl::StrCat("etcd: ", what, " 无法解析 cannot be read; is the prefix another program's?"));
}

}  // namespace

Mirror::Mirror(Store* store, Layout layout, log::EventLog* local, security::KeyCopy* keys, Apply apply)
    : store_(store), layout_(std::move(layout)), local_(local), keys_(keys), apply_(std::move(apply)) {}

absl::StatusOr<Look> Mirror::Step() {
  etcdserverpb::TxnRequest request;
  Get(request.add_success(), layout_.Term());
  Get(request.add_success(), layout_.Beat());
  Get(request.add_success(), layout_.Head());
  Get(request.add_success(), layout_.KeyHead());
  GetRange(request.add_success(), layout_.Entry(local_->last_index() + 1), layout_.EntriesEnd(), kFetchEntries);
  GetRange(request.add_success(), layout_.Keys(keys_->highest_id() + 1), layout_.KeysEnd(), kFetchKeys);
  const auto answer = store_->Txn(request, kTry);
  if (!answer.ok()) return answer.status();
  if (answer->responses_size() != 6) return Malformed("the answer");

  Look look;
  const auto term = OneOf(*answer, 0), beat = OneOf(*answer, 1);
  look.term_revision = term.mod_revision();
  look.beat_revision = beat.mod_revision();
  if (!look.term.ParseFromString(term.value())) return Malformed("term");
  if (!look.beat.ParseFromString(beat.value())) return Malformed("beat");
  look.head = OneOf(*answer, 2).value();
  look.key_head = OneOf(*answer, 3).value();
  if (auto status = TakeKeys(answer->responses(5).response_range()); !status.ok()) return status;
  if (auto status = TakeEntries(answer->responses(4).response_range()); !status.ok()) return status;
  const bool more = answer->responses(4).response_range().more() || answer->responses(5).response_range().more();
  if (!more && !look.head.empty()) {
    if (auto status = Finish(&look); !status.ok()) return status;
  }
  return look;
}

absl::Status Mirror::TakeEntries(const etcdserverpb::RangeResponse& range) {
  uint64_t index = local_->last_index();
  std::string link = local_->last_link();
  struct Taken {
    log::CommittedBatch batch;
    std::promise<absl::Status> kept;
  };
  std::vector<std::unique_ptr<Taken>> taken;
  absl::Status status;
  for (const auto& kv : range.kvs()) {
    v1::ClusterEntry entry;
    if (!entry.ParseFromString(kv.value()) || entry.last_index() < entry.first_index()) {
      status = Malformed(kv.key());
      break;
    }
    if (entry.first_index() != index + 1) {
      status = taken.empty() ? FarBehind("record", index) : Differs(index + 1);
      break;
    }
    auto bytes = BytesOf(entry);
    const auto before = security::DecodeLink(link);
    if (!bytes.ok() || !before.ok()) {
      status = bytes.ok() ? before.status() : bytes.status();
      break;
    }
    if (security::EncodeLink(security::Next(before->suite, *before, *bytes)) != entry.link()) {
      status = Differs(index + 1);
      break;
    }
    index = entry.last_index();
    link = entry.link();
    auto one = std::make_unique<Taken>();
    one->batch = {entry.first_index(), entry.last_index(), *std::move(bytes), entry.link()};
    taken.push_back(std::move(one));
  }
  for (auto& one : taken) {
    local_->Append(one->batch.first_index, one->batch.last_index, one->batch.bytes,
                   [kept = &one->kept](const absl::Status& done, std::string_view) { kept->set_value(done); });
  }
  absl::Status kept;
  for (auto& one : taken) {
    // Every answer is waited for, since it is given into `taken`.
    kept.Update(one->kept.get_future().get());
    if (kept.ok()) kept.Update(apply_(one->batch));
  }
  return kept.ok() ? status : NotKept(kept);
}

absl::StatusOr<std::string> Mirror::BytesOf(const v1::ClusterEntry& entry) {
  if (entry.parts() == 0) return entry.batch();
  if (entry.parts() > kPartsMax) return Malformed("an entry");
  std::string bytes;
  for (uint32_t part = 0; part < entry.parts(); ++part) {
    etcdserverpb::TxnRequest request;
    Get(request.add_success(), layout_.Part(entry.first_index(), entry.term(), part));
    const auto answer = store_->Txn(request, kTry);
    if (!answer.ok()) return answer.status();
    // Trimmed since the entry was read: the entry is gone too.
    if (OneOf(*answer, 0).mod_revision() == 0) return FarBehind("record", entry.first_index() - 1);
    bytes += OneOf(*answer, 0).value();
  }
  return bytes;
}

absl::Status Mirror::TakeKeys(const etcdserverpb::RangeResponse& range) {
  for (const auto& kv : range.kvs()) {
    v1::ClusterKeys keys;
    if (!keys.ParseFromString(kv.value())) return Malformed(kv.key());
    if (keys.after_id() > keys_->highest_id()) return FarBehind("data key", keys_->highest_id());
    const std::vector<std::string> wrapped(keys.wrapped().begin(), keys.wrapped().end());
    if (auto status = keys_->Add(keys.first_id(), wrapped); !status.ok()) return NotKept(status);
  }
  return absl::OkStatus();
}

// Everything that etcd holds was taken: the two must now be the same.
absl::Status Mirror::Finish(Look* look) {
  v1::ClusterHead head;
  v1::ClusterKeyHead key_head;
  if (!head.ParseFromString(look->head) || !key_head.ParseFromString(look->key_head)) return Malformed("head");
  if (head.last_index() > local_->last_index()) return FarBehind("record", local_->last_index());
  if (key_head.last_id() > keys_->highest_id()) return FarBehind("data key", keys_->highest_id());
  if (key_head.last_id() < keys_->highest_id()) return OtherKeys(keys_->highest_id(), key_head.last_id());
  if (head.last_index() < local_->last_index()) return Differs(head.last_index() + 1);
  if (head.link() != local_->last_link()) return Differs(head.last_index());
  look->complete = true;
  return absl::OkStatus();
}

}  // namespace liandong::cluster
