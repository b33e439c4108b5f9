#include "hub/service/desk_watch.h"

#include <deque>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/service/rpc.h"

namespace liandong::service {
namespace {

// Events are made as the command centre may see them. Of a secret incident another party of its kind learns no more
// than that a number exists.
v1::IncidentSummary CutFor(const Caller& caller, const v1::IncidentSummary& summary) {
  const v1::IncidentView& whole = summary.incident();
  if (!whole.secret() || caller.party() == caller.site().settings().command_party()) return summary;
  v1::IncidentSummary bare;
  v1::IncidentView* view = bare.mutable_incident();
  view->set_incident_id(whole.incident_id());
  view->set_revision(whole.revision());
  view->set_status(whole.status());
  view->set_purpose(whole.purpose());
  view->set_holder(whole.holder());
  view->set_secret(true);
  return bare;
}

class WatchCall final : public grpc::ServerWriteReactor<v1::WatchEvent>,
                        public LastingCall,
                        public std::enable_shared_from_this<WatchCall> {
 public:
  WatchCall(const Parts& parts, Caller caller) : parts_(parts), caller_(std::move(caller)) {}

  void Begin() {
    self_ = shared_from_this();
    parts_.lasting->Add(self_);
    const uint64_t id = parts_.sequencer->AddWatcher(
        [weak = weak_from_this()](const std::shared_ptr<const hub::CommittedEvent>& event) {
          if (const auto self = weak.lock()) self->Take(event);
        });
    absl::MutexLock lock(&mu_);
    watcher_ = id;
    if (ended_) return;
    StartSendInitialMetadata();
  }

  void OnSendInitialMetadataDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    if (!ok) return End(grpc::Status::CANCELLED);
    begun_ = true;
    Go();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    writing_ = false;
    if (!ok) return End(grpc::Status::CANCELLED);
    Go();
  }

  void OnCancel() override {
    absl::MutexLock lock(&mu_);
    End(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    uint64_t watcher = 0;
    {
      absl::MutexLock lock(&mu_);
      watcher = watcher_;
    }
    parts_.sequencer->RemoveWatcher(watcher);
    self_.reset();
  }

  void Recheck(const routing::Site& site) override {
    const absl::Status status = caller_.CheckStillIn(site);
    if (status.ok()) return;
    absl::MutexLock lock(&mu_);
    End(ToGrpc(status));
  }

  void EndForStop() override {
    absl::MutexLock lock(&mu_);
    End(ToGrpc(Stopping()));
  }

 private:
  void Take(const std::shared_ptr<const hub::CommittedEvent>& event) {
    absl::MutexLock lock(&mu_);
    if (ended_) return;
    if (waiting_.size() >= limits::kWatchQueue) {
      return End(ToGrpc(core::Refuse(absl::StatusCode::kResourceExhausted, "WATCH_BEHIND",
                                     "this watcher cannot keep up; list again and watch again",
                                     "接收过慢,请重新列出事件后再订阅", "", limits::kRetryAfterMs)));
    }
    waiting_.push_back(event);
    Go();
  }

  void Go() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (ended_ || !begun_ || writing_ || waiting_.empty()) return;
    const auto event = std::move(waiting_.front());
    waiting_.pop_front();
    out_.Clear();
    out_.set_log_index(event->index);
    out_.set_time_ms(event->time_ms);
    out_.set_what(event->what);
    for (const auto& summary : event->incidents) *out_.add_incident() = CutFor(caller_, summary);
    writing_ = true;
    StartWrite(&out_);
  }

  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (ended_) return;
    ended_ = true;
    waiting_.clear();
    Finish(status);
  }

  const Parts& parts_;
  const Caller caller_;
  std::shared_ptr<WatchCall> self_;  // until OnDone
  absl::Mutex mu_;
  std::deque<std::shared_ptr<const hub::CommittedEvent>> waiting_ ABSL_GUARDED_BY(mu_);
  v1::WatchEvent out_ ABSL_GUARDED_BY(mu_);  // being written
  uint64_t watcher_ ABSL_GUARDED_BY(mu_) = 0;
  bool begun_ ABSL_GUARDED_BY(mu_) = false;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchEvent>* BeginWatch(const Parts& parts, Caller caller) {
  auto call = std::make_shared<WatchCall>(parts, std::move(caller));
  call->Begin();
  return call.get();
}

}  // namespace liandong::service
