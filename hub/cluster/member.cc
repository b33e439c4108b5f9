#include "hub/cluster/member.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/cluster/limits.h"
#include "security/crypto.h"

namespace liandong::cluster {
namespace {

using Clock = std::chrono::steady_clock;

absl::Duration Since(Clock::time_point then) { return absl::FromChrono(Clock::now() - then); }

constexpr size_t kRunBytes = 16;

int RankOf(const v1::ClusterConfig& config) {
  const auto found = std::find(config.member().begin(), config.member().end(), config.node());
  return static_cast<int>(found - config.member().begin());
}

// The first of the others may take over after this.
absl::Duration SoonestTakeover(const v1::ClusterConfig& config) {
  return config.takeover_ms() == 0 ? kTakeoverAfter : absl::Milliseconds(config.takeover_ms());
}

absl::Duration TakeoverAfter(const v1::ClusterConfig& config) {
  return SoonestTakeover(config) + RankOf(config) * kRankStep;
}

}  // namespace

absl::Status CheckCluster(const v1::ClusterConfig& config) {
  const auto wrong = [](const std::string& what) { return absl::InvalidArgumentError(what); };
  const auto plain = [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_'; };
  for (const std::string& member : config.member()) {
    if (member.empty() || member.size() > kNodeNameBytesMax || !absl::c_all_of(member, plain))
      return wrong(absl::StrCat("cluster.member: \"", member, "\": 1 至 ", kNodeNameBytesMax,
                                " 个小写字母、数字、- 或 _ of lower-case letters, digits, '-' and '_'"));
    if (absl::c_count(config.member(), member) > 1)
      return wrong(absl::StrCat("cluster.member: ", member, " 重复 is named twice"));
  }
  if (config.member_size() < 2 || config.member_size() > kMembersMax)
    return wrong(
        absl::StrCat("cluster.member: 应列出全部 2 至 ", kMembersMax, " 个节点 name all nodes, 2 to ", kMembersMax));
  if (absl::c_count(config.member(), config.node()) != 1)
    return wrong(absl::StrCat("cluster.node: \"", config.node(), "\" 不在 member 之中 is not one of cluster.member"));
  if (config.etcd().empty()) return wrong("cluster.etcd: 缺少 etcd 地址,例如 \"127.0.0.1:2379\" no address of etcd");
  if (config.etcd_tls().ca().empty() || config.etcd_tls().cert().empty() || config.etcd_tls().key().empty())
    return wrong(
        "cluster.etcd_tls: ca、cert、key 缺一不可 ca, cert and key are all needed: etcd is never spoken to in "
        "the clear");
  if (!config.prefix().empty() && (config.prefix().front() != '/' || config.prefix().back() != '/'))
    return wrong("cluster.prefix: 须以 / 开头和结尾 begins and ends with '/'");
  if (config.takeover_ms() != 0 && config.takeover_ms() < kTakeoverMsMin)
    return wrong(absl::StrCat("cluster.takeover_ms: 至少 at least ", kTakeoverMsMin));
  return absl::OkStatus();
}

absl::Status Found(Store* store, const v1::ClusterConfig& config, const log::EventLog& local, uint64_t highest_key_id) {
  const Layout layout(config.prefix());
  v1::ClusterHead head;
  head.set_last_index(local.last_index());
  head.set_link(local.last_link());
  v1::ClusterKeyHead keys;
  keys.set_last_id(highest_key_id);
  etcdserverpb::TxnRequest request;
  WrittenAt(request.add_compare(), layout.Head(), 0);
  WrittenAt(request.add_compare(), layout.Term(), 0);
  Put(request.add_success(), layout.Head(), head.SerializeAsString());
  // Never empty, so that it can be told from no key at all.
  keys.set_digest(security::Sha256("founded"));
  Put(request.add_success(), layout.KeyHead(), keys.SerializeAsString());
  Get(request.add_failure(), layout.Head());
  absl::Status last;
  for (size_t attempt = 0; attempt < kFoundAttempts; ++attempt) {
    const auto answer = store->Txn(request, kTry);
    if (answer.ok()) {
      if (answer->succeeded()) return absl::OkStatus();
      // A try whose answer was lost; nobody leads yet, so it still stands as it was written.
      if (attempt > 0 && OneOf(*answer, 0).value() == head.SerializeAsString()) return absl::OkStatus();
      return absl::AlreadyExistsError(absl::StrCat("etcd 中 ", layout.Head(),
                                                   " 已有日志,不能再次建立 there is a log already: this cluster was "
                                                   "founded before, or the prefix is another cluster's"));
    }
    last = answer.status();
    if (absl::IsInvalidArgument(last)) break;
    absl::SleepFor(kTryAgainAfter);
  }
  return last;
}

Member::Member(MemberOptions options, Store* store, log::EventLog* local)
    : options_(std::move(options)),
      layout_(options_.config.prefix()),
      store_(store),
      local_(local),
      run_(security::RandomBytes(kRunBytes)),
      lease_(absl::ToChronoNanoseconds(SoonestTakeover(options_.config) * kLeaseOfTakeover)) {}

Member::~Member() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  if (leader_.joinable()) leader_.join();
}

absl::Status Member::Follow(const Mirror::Apply& apply) {
  auto keys = security::KeyCopy::Open(options_.keys_path, options_.provider);
  if (!keys.ok()) return keys.status();
  keys_ = *std::move(keys);
  key_id_ = keys_->highest_id();
  Mirror mirror(store_, layout_, local_, keys_.get(), apply);
  const absl::Duration patience = TakeoverAfter(options_.config);
  auto still_since = Clock::now();
  auto tended = Clock::now() - std::chrono::hours(1);
  int64_t seen_term = -1, seen_beat = -1;
  std::string told;
  const auto tell = [&](const std::string& line) {
    if (line != told) options_.say(line);
    told = line;
  };
  while (!options_.interrupted()) {
    const auto look = mirror.Step();
    if (!look.ok()) {
      if (!absl::IsUnavailable(look.status())) return look.status();
      tell(absl::StrCat("等待 etcd waiting for etcd: ", look.status().message()));
      // Whoever leads could not say that it is there either: it gets its full time again.
      still_since = Clock::now();
      absl::SleepFor(kFollowEvery);
      continue;
    }
    key_id_ = keys_->highest_id();
    if (look->head.empty()) {
      tell(
          "etcd 中尚无日志,请在数据所在的节点执行一次 liandong-hub found-cluster "
          "no log was founded in etcd yet: run `liandong-hub found-cluster` once, on the node whose data shall be it");
      absl::SleepFor(kFollowEvery);
      continue;
    }
    const bool changed = look->term_revision != seen_term || look->beat_revision != seen_beat;
    if (changed) still_since = Clock::now();
    seen_term = look->term_revision;
    seen_beat = look->beat_revision;
    if (look->term_revision != 0 && !look->beat.resigned()) {
      tell(absl::StrCat("待命 standing by: ", look->term.node(), " 为主节点 leads, term ", look->term.term()));
    }
    if (Since(tended) >= kTendEvery) {
      NoteProgress();
      tended = Clock::now();
    }
    if (!look->complete) continue;  // there is more to fetch
    options_.destroy_erased(keys_.get());
    // A campaign whose answer was lost may have been won.
    bool won = look->term_revision != 0 && look->term.run() == run_;
    if (!won && (look->beat.resigned() || Since(still_since) >= patience)) {
      const auto campaign = Campaign(*look);
      if (!campaign.ok()) {  // unknown: the next look tells
        absl::SleepFor(kTryAgainAfter);
        continue;
      }
      won = *campaign;
    } else if (won) {
      fence_ = std::make_shared<Fence>(store_, layout_, look->term.term(), look->term.SerializeAsString(),
                                       look->term_revision);
    }
    if (won) return CatchUp(mirror);
    absl::SleepFor(kFollowEvery);
  }
  return absl::CancelledError("待命被中断 standing by was interrupted");
}

absl::StatusOr<bool> Member::Campaign(const Look& look) {
  v1::ClusterTerm term;
  term.set_term(look.term.term() + 1);
  term.set_node(options_.config.node());
  term.set_run(run_);
  v1::ClusterBeat beat;
  beat.set_node(options_.config.node());
  etcdserverpb::TxnRequest request;
  WrittenAt(request.add_compare(), layout_.Term(), look.term_revision);
  WrittenAt(request.add_compare(), layout_.Beat(), look.beat_revision);
  Put(request.add_success(), layout_.Term(), term.SerializeAsString());
  Put(request.add_success(), layout_.Beat(), beat.SerializeAsString());
  const auto answer = store_->Txn(request, kTry);
  if (!answer.ok()) return answer.status();
  if (!answer->succeeded()) return false;
  fence_ = std::make_shared<Fence>(store_, layout_, term.term(), term.SerializeAsString(), answer->header().revision());
  return true;
}

// Nobody else can write any more, so what etcd has now is the end.
absl::Status Member::CatchUp(Mirror& mirror) {
  leader_ = std::thread([this] { Lead(); });
  while (!options_.interrupted()) {
    const auto look = mirror.Step();
    if (!look.ok() && !absl::IsUnavailable(look.status())) return look.status();
    if (!look.ok()) {
      absl::SleepFor(kTryAgainAfter);
      continue;
    }
    if (!look->complete) continue;
    if (look->term_revision != 0 && look->term.run() != run_) {
      return absl::AbortedError(absl::StrCat(look->term.node(), " 已接管 has taken over"));
    }
    head_ = look->head;
    key_head_ = look->key_head;
    key_id_ = keys_->highest_id();
    keys_.reset();  // the vault opens it
    options_.say(absl::StrCat(options_.config.node(), " 接管为主节点 leads now, term ", fence_->term(), ", 日志 log ",
                              local_->last_index()));
    return absl::OkStatus();
  }
  return absl::CancelledError("接管被中断 the takeover was interrupted");
}

bool Member::LeadsSurely() const { return !resigned_ && Clock::now().time_since_epoch() - beat_began_.load() < lease_; }

std::unique_ptr<EtcdLog> Member::MakeLog() { return std::make_unique<EtcdLog>(fence_, local_, head_, local_wait_); }

absl::Status Member::ShareKeys(uint64_t after_id, uint64_t first_id, const std::vector<std::string>& wrapped) {
  v1::ClusterKeys keys;
  keys.set_after_id(after_id);
  keys.set_first_id(first_id);
  for (const std::string& one : wrapped) keys.add_wrapped(one);
  const std::string bytes = keys.SerializeAsString();
  if (bytes.size() > kValueBytesMax) return absl::InternalError("a batch of keys is too large for etcd");
  v1::ClusterKeyHead head;
  head.set_last_id(first_id + wrapped.size() - 1);
  head.set_term(fence_->term());
  head.set_digest(security::Sha256(bytes));
  std::string after = head.SerializeAsString();
  etcdserverpb::TxnRequest writes;
  Put(writes.add_success(), layout_.Keys(first_id), bytes);
  const absl::Status status = fence_->Commit(layout_.KeyHead(), key_head_, after, std::move(writes));
  if (!status.ok()) {
    Lost(status);  // it may be there or not: nobody may make other keys under these ids
    return status;
  }
  key_head_ = std::move(after);
  return status;
}

void Member::Resign() {
  if (fence_ == nullptr || resigned_.exchange(true)) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stopping_changed_.notify_all();
  if (leader_.joinable()) leader_.join();
  Beat(/*resigned=*/true).IgnoreError();  // when it fails the others only wait longer
}

void Member::Lost(const absl::Status& status) {
  if (!resigned_ && options_.on_lost) options_.on_lost(status);
}

}  // namespace liandong::cluster
