// What the active node does beside leading: saying that it is there, and keeping etcd small.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/cluster/limits.h"
#include "hub/cluster/member.h"

namespace liandong::cluster {

using Clock = std::chrono::steady_clock;

void Member::Lead() {
  auto tended = Clock::now();
  auto compacted = Clock::now();
  auto heard = Clock::now();
  while (true) {
    if (absl::FromChrono(local_wait_->For()) > kGiveUpAfter) {  // a disk that hangs: who cannot answer must not lead
      return Lost(absl::DeadlineExceededError(
          absl::StrCat("log.db 长时间没有写完 log.db has not been synced for ", absl::FormatDuration(kGiveUpAfter))));
    }
    const auto began = Clock::now();
    const absl::Status status = Beat();
    if (status.ok()) {
      heard = Clock::now();
    } else if (absl::IsAborted(status)) {
      return Lost(status);
    } else if (absl::FromChrono(began - heard) > kGiveUpAfter) {
      return Lost(absl::AbortedError(absl::StrCat("etcd 长时间没有答复 no answer of etcd: ", status.message())));
    }
    if (status.ok() && absl::FromChrono(Clock::now() - tended) >= kTendEvery) {
      const bool compact = absl::FromChrono(Clock::now() - compacted) >= kCompactEvery;
      Tend(compact);
      tended = Clock::now();
      if (compact) compacted = tended;
    }
    std::unique_lock lock(mutex_);
    const auto pause = absl::ToChronoMilliseconds(status.ok() ? kBeatEvery : kTryAgainAfter);
    if (stopping_changed_.wait_for(lock, pause, [this] { return stopping_; })) return;
  }
}

absl::Status Member::Beat(bool resigned) {
  v1::ClusterBeat beat;
  beat.set_count(++beats_);
  beat.set_node(options_.config.node());
  beat.set_resigned(resigned);
  etcdserverpb::TxnRequest request;
  Put(request.add_success(), layout_.Beat(), beat.SerializeAsString());
  const auto began = Clock::now();
  absl::Status status = fence_->TryWrite(std::move(request));
  if (status.ok()) beat_began_ = began.time_since_epoch();
  return status;
}

void Member::NoteProgress() {
  v1::ClusterNode node;
  node.set_log_index(local_->last_index());
  node.set_key_id(key_id_);
  const std::string progress = node.SerializeAsString();
  if (progress == told_progress_) return;
  etcdserverpb::TxnRequest request;
  Put(request.add_success(), layout_.Node(options_.config.node()), progress);
  if (store_->Txn(request, kTry).ok()) told_progress_ = progress;  // else at the next time
}

namespace {

// What may go: what every member has, and beyond `kept_max` what a majority has.
uint64_t MayGo(std::vector<uint64_t> synced, uint64_t end, uint64_t kept_max) {
  std::sort(synced.begin(), synced.end());
  const uint64_t all = synced.front();
  const uint64_t majority = synced[(synced.size() - 1) / 2];
  const uint64_t beyond = end > kept_max ? end - kept_max : 0;
  return std::max(all, std::min(majority, beyond));
}

}  // namespace

// Beats between its requests, each of which may take as long as a try of etcd; what a beat hears, the next one hears
// too.
void Member::Tend(bool compact) {
  NoteProgress();
  Beat().IgnoreError();
  etcdserverpb::TxnRequest look;
  for (const std::string& member : options_.config.member()) Get(look.add_success(), layout_.Node(member));
  const auto answer = store_->Txn(look, kTry);
  if (!answer.ok()) return;  // at the next time
  std::vector<uint64_t> logs, keys;
  for (int i = 0; i < options_.config.member_size(); ++i) {
    v1::ClusterNode node;
    node.ParseFromString(OneOf(*answer, i).value());  // a member that never was here has nothing
    logs.push_back(node.log_index());
    keys.push_back(node.key_id());
  }
  // Batches have the names of their first records. What a node has ends with a batch, so one that begins before that
  // end lies before it as a whole.
  const uint64_t log_end = MayGo(logs, local_->last_index(), kRecordsKeptMax);
  const uint64_t key_end = MayGo(keys, key_id_, kKeysKeptMax);
  etcdserverpb::TxnRequest trim;
  if (log_end > trimmed_log_) {
    Delete(trim.add_success(), layout_.Entry(0), layout_.Entry(log_end + 1));
    Delete(trim.add_success(), layout_.PartsOf(0), layout_.PartsOf(log_end + 1));
  }
  if (key_end > trimmed_keys_) Delete(trim.add_success(), layout_.Keys(0), layout_.Keys(key_end + 1));
  if (trim.success_size() > 0) {
    Beat().IgnoreError();
    if (fence_->TryWrite(std::move(trim)).ok()) {
      trimmed_log_ = log_end;
      trimmed_keys_ = key_end;
    }
  }
  if (!compact) return;
  Beat().IgnoreError();
  // Up to the revision of the last time: nobody reads the past, but a minute of it helps whoever looks into a fault.
  if (compact_at_ > 0) store_->Compact(compact_at_, kTry).IgnoreError();
  compact_at_ = answer->header().revision();
}

}  // namespace liandong::cluster
