#include "adapters/client/report_pipe.h"

#include <atomic>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "adapters/client/backoff.h"
#include "adapters/client/duplex.h"
#include "adapters/client/error.h"
#include "adapters/client/hub_client_impl.h"
#include "liandong/v1/intake.pb.h"

namespace liandong::adapters {

using Stream = Duplex<v1::ReportRequest, v1::ReportReply>;

class ReportPipe::Impl {
 public:
  Impl(std::shared_ptr<HubClient> client, ReportPipeOptions options)
      : client_(std::move(client)), options_(std::move(options)), thread_([this] { Run(); }) {}

  absl::Status Send(v1::Report report, Callback done, absl::Duration wait) {
    Pending pending;
    *pending.request.mutable_report() = std::move(report);
    pending.bytes = pending.request.ByteSizeLong();
    pending.done = std::move(done);
    {
      absl::MutexLock lock(&mutex_);
      const auto room = [this, bytes = pending.bytes]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
        return stopped_ || pending_.empty() ||
               (pending_.size() < options_.in_flight_max && bytes_ + bytes <= options_.in_flight_bytes_max);
      };
      const bool in_time = mutex_.AwaitWithTimeout(absl::Condition(&room), wait);
      if (stopped_) return absl::CancelledError("the report pipe was stopped");
      if (!in_time) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the report pipe is full: ", pending_.size(), " reports have no answer from the hub yet"));
      }
      pending.request.set_tag(++last_tag_);
      bytes_ += pending.bytes;
      pending_.push_back(std::move(pending));
    }
    bell_.Ring();
    return absl::OkStatus();
  }

  bool Drain(absl::Duration wait) {
    absl::MutexLock lock(&mutex_);
    const auto empty = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pending_.empty() && !calling_; };
    return mutex_.AwaitWithTimeout(absl::Condition(&empty), wait);
  }

  size_t InFlight() const {
    absl::MutexLock lock(&mutex_);
    return pending_.size();
  }

  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    bell_.Ring();
    absl::MutexLock lock(&join_mutex_);
    if (thread_.joinable()) thread_.join();
  }

 private:
  struct Pending {
    v1::ReportRequest request;
    size_t bytes = 0;
    Callback done;
  };

  void Run() {
    Backoff backoff(client_->impl().hub_count());
    while (!Stopped()) {
      bool heard = false;
      const absl::Status status = RunStream(&heard);
      if (Stopped()) break;
      if (heard) backoff.Reset();
      Tell(status);
      const absl::Duration until = SteadyNow() + backoff.Next();
      while (!Stopped() && SteadyNow() < until) bell_.WaitUntil(until);
    }
    CancelAll();
  }

  // One stream from its start to its end. Returns why it ended.
  absl::Status RunStream(bool* heard) {
    Hub& hub = client_->impl().Current();
    if (HubClient::Impl::Connect(hub, absl::InfiniteFuture(), [this] { return Stopped(); })) Tell(absl::OkStatus());
    Stream stream(&bell_, [&hub](grpc::ClientContext* context, Stream* reactor) {
      hub.intake->async()->ReportStream(context, reactor);
    });
    {
      absl::MutexLock lock(&mutex_);
      unsent_ = 0;
    }
    absl::Duration last_progress = SteadyNow();
    while (!Stopped()) {
      if (SendWaiting(stream)) last_progress = SteadyNow();
      v1::ReportReply reply;
      while (stream.Take(&reply)) {
        *heard = true;
        if (absl::Status status = Answer(reply); !status.ok()) return status;
        last_progress = SteadyNow();
      }
      if (stream.Done()) {
        absl::Status status = StatusFromGrpc(stream.Finish(), hub.target);
        if (absl::IsUnavailable(status)) client_->impl().Failed(hub);
        return status.ok() ? absl::UnavailableError("the hub ended the report stream") : status;
      }
      const absl::Duration silent_at = last_progress + absl::Milliseconds(AnswerMsMax());
      if (InFlight() > 0 && SteadyNow() >= silent_at) {
        client_->impl().Failed(hub);
        return absl::DeadlineExceededError(absl::StrCat("the hub at ", hub.target, " does not answer reports"));
      }
      bell_.WaitUntil(silent_at);
      if (InFlight() == 0) last_progress = SteadyNow();
    }
    return absl::CancelledError("stopped");
  }

  int64_t AnswerMsMax() const { return client_->impl().hub_count() > 1 ? kStreamMoveMsMax : kStreamAnswerMsMax; }

  // True when anything was waiting and nothing was under way: the hub's time to answer starts now.
  bool SendWaiting(Stream& stream) {
    absl::MutexLock lock(&mutex_);
    const bool first = unsent_ == 0 && !pending_.empty();
    for (; unsent_ < pending_.size(); ++unsent_) stream.Send(pending_[unsent_].request);
    return first;
  }

  absl::Status Answer(v1::ReportReply& reply) {
    Callback done;
    {
      absl::MutexLock lock(&mutex_);
      if (unsent_ == 0 || pending_.front().request.tag() != reply.tag()) {
        return absl::InternalError("the hub answered a report out of order");
      }
      done = std::move(pending_.front().done);
      bytes_ -= pending_.front().bytes;
      pending_.pop_front();
      --unsent_;
      calling_ = true;
    }
    if (reply.has_error()) {
      done(StatusFromDetail(reply.error(), reply.message()));
    } else {
      done(std::move(*reply.mutable_receipt()));
    }
    absl::MutexLock lock(&mutex_);
    calling_ = false;
    return absl::OkStatus();
  }

  void CancelAll() {
    std::deque<Pending> pending;
    {
      absl::MutexLock lock(&mutex_);
      pending.swap(pending_);
      bytes_ = 0;
      calling_ = true;
    }
    for (Pending& one : pending) one.done(absl::CancelledError("the report pipe was stopped before the hub answered"));
    absl::MutexLock lock(&mutex_);
    calling_ = false;
  }

  void Tell(const absl::Status& status) {
    if (options_.on_state) options_.on_state(status);
  }

  bool Stopped() const {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  const std::shared_ptr<HubClient> client_;
  const ReportPipeOptions options_;
  Bell bell_;
  mutable absl::Mutex mutex_;
  std::deque<Pending> pending_ ABSL_GUARDED_BY(mutex_);  // sent first, then the unsent
  size_t unsent_ ABSL_GUARDED_BY(mutex_) = 0;            // index of the first that this stream has not sent
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t last_tag_ ABSL_GUARDED_BY(mutex_) = 0;
  bool calling_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::thread thread_;  // last: it uses everything above
};

ReportPipe::ReportPipe(std::shared_ptr<HubClient> client, ReportPipeOptions options)
    : impl_(std::make_unique<Impl>(std::move(client), std::move(options))) {}
ReportPipe::~ReportPipe() { Stop(); }
absl::Status ReportPipe::Send(v1::Report report, Callback done, absl::Duration wait) {
  return impl_->Send(std::move(report), std::move(done), wait);
}
bool ReportPipe::Drain(absl::Duration wait) { return impl_->Drain(wait); }
size_t ReportPipe::InFlight() const { return impl_->InFlight(); }
void ReportPipe::Stop() { impl_->Stop(); }

}  // namespace liandong::adapters
