#include "hub/cluster/etcd_log.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/cluster/limits.h"
#include "liandong/v1/cluster.pb.h"
#include "security/chain.h"

namespace liandong::cluster {
namespace {

struct Pending {
  uint64_t first_index = 0;
  uint64_t last_index = 0;
  std::string bytes;
  log::EventLog::Done done;
  std::string link;  // after it
};

absl::Status Changed(uint64_t first_index, uint64_t last_index) {
  return absl::DataLossError(absl::StrCat("log.db 中第 ", first_index, " 至 ", last_index,
                                          " 条与 etcd 中的不同 records ", first_index, " to ", last_index,
                                          " in log.db have another link than in etcd"));
}

}  // namespace

class EtcdLog::Impl {
 public:
  Impl(std::shared_ptr<const Fence> fence, log::EventLog* local, std::string head, std::shared_ptr<LocalWait> wait)
      : fence_(std::move(fence)), local_(local), wait_(std::move(wait)), head_(std::move(head)) {
    v1::ClusterHead parsed;
    parsed.ParseFromString(head_);
    index_ = parsed.last_index();
    link_ = local_->last_link();
    thread_ = std::thread([this] { Loop(); });
  }

  ~Impl() {
    {
      std::lock_guard lock(mutex_);
      closing_ = true;
    }
    work_.notify_all();
    thread_.join();
    WaitForLocal();
  }

  void Append(Pending pending) {
    {
      std::lock_guard lock(mutex_);
      queue_.push_back(std::move(pending));
    }
    work_.notify_one();
  }

  log::EventLog* local() const { return local_; }

 private:
  void Loop() {
    while (true) {
      std::vector<Pending> group;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return closing_ || !queue_.empty(); });
        if (queue_.empty()) return;
        group = TakeGroup();
      }
      if (failure_.ok()) {
        failure_ = Commit(group);
        if (!failure_.ok()) WaitForLocal();
      }
      for (Pending& one : group) {
        if (failure_.ok()) {
          Keep(std::move(one));
        } else if (one.done) {
          one.done(failure_, "");
        }
      }
    }
  }

  // mutex_ is held. A batch that needs parts goes alone.
  std::vector<Pending> TakeGroup() {
    std::vector<Pending> group;
    size_t bytes = 0;
    while (!queue_.empty() && group.size() < kTxnBatchesMax) {
      bytes += queue_.front().bytes.size();
      if (!group.empty() && bytes > kValueBytesMax) break;
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return group;
  }

  absl::Status Commit(std::vector<Pending>& group) {
    etcdserverpb::TxnRequest writes;
    v1::ClusterHead head;
    for (Pending& batch : group) {
      if (batch.first_index != index_ + 1 || batch.last_index < batch.first_index)
        return absl::InternalError(
            absl::StrCat("a batch of records ", batch.first_index, " was appended after record ", index_));
      const auto before = security::DecodeLink(link_);
      if (!before.ok()) return before.status();
      batch.link = security::EncodeLink(security::Next(before->suite, *before, batch.bytes));
      if (auto status = AddEntry(batch, &writes); !status.ok()) return status;
      index_ = batch.last_index;
      link_ = batch.link;
    }
    head.set_last_index(index_);
    head.set_link(link_);
    head.set_term(fence_->term());
    std::string after = head.SerializeAsString();
    if (auto status = fence_->Commit(fence_->layout().Head(), head_, after, std::move(writes)); !status.ok())
      return status;
    head_ = std::move(after);
    return absl::OkStatus();
  }

  absl::Status AddEntry(const Pending& batch, etcdserverpb::TxnRequest* writes) {
    v1::ClusterEntry entry;
    entry.set_first_index(batch.first_index);
    entry.set_last_index(batch.last_index);
    entry.set_term(fence_->term());
    entry.set_link(batch.link);
    if (batch.bytes.size() <= kValueBytesMax) {
      entry.set_batch(batch.bytes);
    } else {
      const size_t parts = (batch.bytes.size() + kValueBytesMax - 1) / kValueBytesMax;
      if (parts > kPartsMax)
        return absl::InternalError(absl::StrCat("a batch of ", batch.bytes.size(), " bytes is too large for etcd"));
      // Before the entry that names them; parts that no entry names are nothing to anybody.
      for (size_t part = 0; part < parts; ++part) {
        etcdserverpb::TxnRequest one;
        Put(one.add_success(), fence_->layout().Part(batch.first_index, fence_->term(), part),
            batch.bytes.substr(part * kValueBytesMax, kValueBytesMax));
        if (auto status = fence_->Write(std::move(one)); !status.ok()) return status;
      }
      entry.set_parts(static_cast<uint32_t>(parts));
    }
    Put(writes->add_success(), fence_->layout().Entry(batch.first_index), entry.SerializeAsString());
    return absl::OkStatus();
  }

  void Keep(Pending batch) {
    {
      std::lock_guard lock(mutex_);
      if (in_local_++ == 0) wait_->Waits();
    }
    auto done = [this, told = std::move(batch.done), link = batch.link, first = batch.first_index,
                 last = batch.last_index](const absl::Status& status, std::string_view local_link) {
      if (told) {
        const bool same = !status.ok() || local_link == link;
        told(same ? status : Changed(first, last), same ? local_link : std::string_view());
      }
      std::lock_guard lock(mutex_);
      if (--in_local_ == 0) {
        wait_->Nothing();
      } else {
        wait_->Waits();
      }
      work_.notify_all();
    };
    local_->Append(batch.first_index, batch.last_index, std::move(batch.bytes), std::move(done));
  }

  // Answers come in the order of the appends.
  void WaitForLocal() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return in_local_ == 0; });
  }

  const std::shared_ptr<const Fence> fence_;
  log::EventLog* const local_;
  const std::shared_ptr<LocalWait> wait_;

  // The thread's own.
  std::string head_;    // as it stands in etcd
  uint64_t index_ = 0;  // of the last batch that was taken
  std::string link_;
  absl::Status failure_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Pending> queue_;  // guarded by mutex_; the sequencer bounds it
  size_t in_local_ = 0;        // guarded by mutex_; handed to log.db and not yet answered
  bool closing_ = false;       // guarded by mutex_
  std::thread thread_;
};

EtcdLog::EtcdLog(std::shared_ptr<const Fence> fence, log::EventLog* local, std::string head,
                 std::shared_ptr<LocalWait> wait)
    : impl_(std::make_unique<Impl>(std::move(fence), local, std::move(head), std::move(wait))) {}
EtcdLog::~EtcdLog() = default;

void EtcdLog::Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) {
  impl_->Append({first_index, last_index, std::move(bytes), std::move(done), ""});
}
absl::Status EtcdLog::Read(uint64_t after_index, std::string_view link, const Visit& visit) {
  return impl_->local()->Read(after_index, link, visit);
}
uint64_t EtcdLog::last_index() const { return impl_->local()->last_index(); }
std::string EtcdLog::last_link() const { return impl_->local()->last_link(); }
bool EtcdLog::WaitFor(uint64_t after_index, absl::Duration timeout) {
  return impl_->local()->WaitFor(after_index, timeout);
}

}  // namespace liandong::cluster
