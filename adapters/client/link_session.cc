#include "adapters/client/link_session.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <thread>
#include <unordered_set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "adapters/client/backoff.h"
#include "adapters/client/duplex.h"
#include "adapters/client/error.h"
#include "adapters/client/hub_client_impl.h"
#include "adapters/client/lane_progress.h"

namespace liandong::adapters {

using Stream = Duplex<v1::LinkUp, v1::LinkDown>;

namespace {
// The hub's word for "I never gave out so many": the mend that it asks for is a start without cursors.
constexpr char kCursorAhead[] = "CURSOR_AHEAD";
}  // namespace

class LinkSession::Impl {
 public:
  Impl(std::shared_ptr<HubClient> client, LinkHandlers handlers, LinkOptions options)
      : client_(std::move(client)),
        handlers_(std::move(handlers)),
        options_(std::move(options)),
        progress_(options_.resume),
        thread_([this] { Run(); }) {}

  absl::Status Acknowledge(std::vector<v1::Acknowledgment> acknowledgments, AckCallback done) {
    if (acknowledgments.empty() || acknowledgments.size() > kAcknowledgmentsMax) {
      return absl::InvalidArgumentError(absl::StrCat(
          "1 to ", kAcknowledgmentsMax, " acknowledgments go into one request, not ", acknowledgments.size()));
    }
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return absl::CancelledError("the line was stopped");
      if (pending_.size() >= kLinkPendingMax) {
        return absl::ResourceExhaustedError(absl::StrCat(pending_.size(), " acknowledgments wait for the hub already"));
      }
      Queue(std::move(acknowledgments), std::move(done));
    }
    bell_.Ring();
    return absl::OkStatus();
  }

  LaneCursors Cursors() const {
    absl::MutexLock lock(&mutex_);
    return progress_.cursors();
  }

  bool Connected() const {
    absl::MutexLock lock(&mutex_);
    return connected_;
  }

  size_t Pending() const {
    absl::MutexLock lock(&mutex_);
    return pending_.size();
  }

  bool Drain(absl::Duration wait) {
    absl::MutexLock lock(&mutex_);
    const auto empty = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return pending_.empty(); };
    return mutex_.AwaitWithTimeout(absl::Condition(&empty), wait);
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
  struct PendingAck {
    v1::LinkUp up;
    AckCallback done;
  };

  void Run() {
    Backoff backoff(client_->impl().hub_count());
    while (!Stopped()) {
      bool useful = false;
      const absl::Status status = RunStream(&useful);
      {
        absl::MutexLock lock(&mutex_);
        connected_ = false;
        if (ErrorReasonOf(status) == kCursorAhead) progress_.Forget();
      }
      if (Stopped()) break;
      if (useful) backoff.Reset();
      const absl::Duration wait = backoff.Next();
      if (handlers_.on_disconnected) handlers_.on_disconnected(status, wait);
      const absl::Duration until = SteadyNow() + wait;
      while (!Stopped() && SteadyNow() < until) bell_.WaitUntil(until);
    }
    CancelAll();
  }

  // One stream from its start to its end. Returns why it ended; *useful: there is no need to wait long before the next.
  absl::Status RunStream(bool* useful) {
    Hub& hub = client_->impl().Current();
    HubClient::Impl::Connect(hub, absl::InfiniteFuture(), [this] { return Stopped(); });
    if (Stopped()) return absl::CancelledError("stopped");
    Stream stream(&bell_, [&hub](grpc::ClientContext* context, Stream* reactor) {
      hub.link->async()->Connect(context, reactor);
    });
    stream.Send(MakeHello());
    welcomed_ = false;
    absl::Duration last_heard = SteadyNow();
    while (!Stopped()) {
      v1::LinkDown down;
      while (!Stopped() && stream.Take(&down)) {
        if (absl::Status status = Handle(down, useful); !status.ok()) return status;
        if (!received_refused_.ok()) {
          *useful = false;  // it comes back later and later: a hub that has too much to do gets no storm of new lines
          return std::exchange(received_refused_, absl::OkStatus());
        }
        last_heard = SteadyNow();
      }
      if (stream.Done()) {
        absl::Status status = StatusFromGrpc(stream.Finish(), hub.target);
        if (absl::IsUnavailable(status)) client_->impl().Failed(hub);
        return status.ok() ? absl::UnavailableError("the hub ended the line") : status;
      }
      if (welcomed_) SendWaiting(stream);
      const absl::Duration silent_at = last_heard + absl::Milliseconds(SilenceMsMax());
      if (SteadyNow() >= silent_at) {
        client_->impl().Failed(hub);
        return absl::DeadlineExceededError(absl::StrCat("nothing was heard from the hub at ", hub.target));
      }
      bell_.WaitUntil(silent_at);
    }
    return absl::CancelledError("stopped");
  }

  int64_t SilenceMsMax() const {
    if (!welcomed_) return client_->impl().hub_count() > 1 ? kStreamMoveMsMax : kStreamAnswerMsMax;
    return heartbeat_ms_ == 0 ? kLinkSilenceMsMax : kLinkHeartbeatsMissed * heartbeat_ms_ + 1000;
  }

  v1::LinkUp MakeHello() {
    v1::LinkUp up;
    v1::Hello* hello = up.mutable_hello();
    hello->set_window(options_.window);
    hello->set_client(options_.client);
    absl::MutexLock lock(&mutex_);
    const LaneCursors& cursors = progress_.cursors();
    const auto name = [hello](v1::Lane lane, uint64_t sequence) {
      v1::LaneCursor* cursor = hello->add_resume();
      cursor->set_lane(lane);
      cursor->set_after_sequence(sequence);
    };
    if (cursors.urgent_named) name(v1::URGENT, cursors.urgent);
    if (cursors.ordinary_named) name(v1::ORDINARY, cursors.ordinary);
    unsent_ = 0;
    return up;
  }

  void SendWaiting(Stream& stream) {
    absl::MutexLock lock(&mutex_);
    for (; unsent_ < pending_.size(); ++unsent_) stream.Send(pending_[unsent_].up);
  }

  absl::Status Handle(v1::LinkDown& down, bool* useful) {
    switch (down.message_case()) {
      case v1::LinkDown::kWelcome:
        Welcomed(down.welcome());
        *useful = *useful || !handler_failed_;
        return absl::OkStatus();
      case v1::LinkDown::kDeliveries:
        if (absl::Status status = Deliver(*down.mutable_deliveries()); !status.ok()) return status;
        *useful = true;
        return absl::OkStatus();
      case v1::LinkDown::kAcknowledge:
        Answered(down.tag(), std::move(*down.mutable_acknowledge()));
        return absl::OkStatus();
      case v1::LinkDown::kError: {
        absl::Status error = StatusFromDetail(down.error().error(), down.error().message());
        // Tag 0 is the Hello's: without a Welcome this stream is of no use.
        if (down.tag() == 0) return error;
        Answered(down.tag(), std::move(error));
        return absl::OkStatus();
      }
      default:
        return absl::OkStatus();  // heartbeats, and what a newer hub may say
    }
  }

  void Welcomed(const v1::Welcome& welcome) {
    welcomed_ = true;
    heartbeat_ms_ = welcome.heartbeat_ms();
    {
      absl::MutexLock lock(&mutex_);
      connected_ = true;
    }
    if (handlers_.on_connected) handlers_.on_connected(welcome);
  }

  absl::Status Deliver(v1::Deliveries& frame) {
    std::vector<v1::Delivery> fresh;
    std::vector<v1::Acknowledgment> received;
    {
      absl::MutexLock lock(&mutex_);
      for (v1::Delivery& delivery : *frame.mutable_delivery()) {
        v1::Acknowledgment acknowledgment;
        acknowledgment.set_delivery_id(delivery.envelope().delivery_id());
        acknowledgment.set_state(v1::RECEIVED);
        received.push_back(std::move(acknowledgment));
        // A repeat means that the hub has not got our RECEIVED: it is sent again, but not handed over again.
        if (!progress_.IsRepeat(delivery.envelope())) fresh.push_back(std::move(delivery));
      }
    }
    if (!fresh.empty()) {
      if (absl::Status status = handlers_.on_deliveries(fresh); !status.ok()) {
        handler_failed_ = true;
        return status;
      }
      handler_failed_ = false;
    }
    absl::MutexLock lock(&mutex_);
    for (const v1::Delivery& delivery : fresh) progress_.Stored(delivery.envelope());
    if (!options_.auto_received) return absl::OkStatus();
    for (size_t from = 0; from < received.size(); from += kAcknowledgmentsMax) {
      const size_t until = std::min(received.size(), from + kAcknowledgmentsMax);
      Queue({received.begin() + static_cast<ptrdiff_t>(from), received.begin() + static_cast<ptrdiff_t>(until)},
            [this](absl::StatusOr<v1::AcknowledgeReply> reply) { ReceivedAnswered(reply); });
    }
    return absl::OkStatus();
  }

  void ReceivedAnswered(const absl::StatusOr<v1::AcknowledgeReply>& answer) {
    // Unless it is said again the deliveries stay in the hub's window, and nothing more comes.
    if (!answer.ok()) received_refused_ = answer.status();
    if (!answer.ok() || !handlers_.on_received_rejected) return;
    for (const v1::AckReply& reply : answer->reply()) {
      if (reply.outcome() == v1::REJECTED) handlers_.on_received_rejected(reply);
    }
  }

  void Queue(std::vector<v1::Acknowledgment> acknowledgments, AckCallback done) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    PendingAck& pending = pending_.emplace_back();
    pending.up.set_tag(++last_tag_);
    auto* list = pending.up.mutable_acknowledge()->mutable_acknowledgment();
    for (v1::Acknowledgment& one : acknowledgments) *list->Add() = std::move(one);
    pending.done = std::move(done);
  }

  void Answered(uint64_t tag, absl::StatusOr<v1::AcknowledgeReply> answer) {
    AckCallback done;
    {
      absl::MutexLock lock(&mutex_);
      const auto sent_end = pending_.begin() + static_cast<ptrdiff_t>(unsent_);
      const auto found = std::find_if(pending_.begin(), sent_end,
                                      [tag](const PendingAck& pending) { return pending.up.tag() == tag; });
      if (found == sent_end) return;
      done = std::move(found->done);
    }
    if (done) done(std::move(answer));
    // Taken out after the callback, so that Drain means that all callbacks have run.
    absl::MutexLock lock(&mutex_);
    pending_.erase(std::find_if(pending_.begin(), pending_.end(),
                                [tag](const PendingAck& pending) { return pending.up.tag() == tag; }));
    --unsent_;
  }

  void CancelAll() {
    std::deque<PendingAck> pending;
    {
      absl::MutexLock lock(&mutex_);
      pending.swap(pending_);
      unsent_ = 0;
    }
    for (PendingAck& one : pending) {
      if (one.done) one.done(absl::CancelledError("the line was stopped before the hub answered"));
    }
  }

  bool Stopped() const {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  const std::shared_ptr<HubClient> client_;
  const LinkHandlers handlers_;
  const LinkOptions options_;
  Bell bell_;
  bool welcomed_ = false;          // the session's thread only, as the next
  int64_t heartbeat_ms_ = 0;       // as the Welcome says; 0: it does not
  bool handler_failed_ = false;    // the session's thread only
  absl::Status received_refused_;  // why the hub did not take a RECEIVED; the session's thread only
  mutable absl::Mutex mutex_;
  LaneProgress progress_ ABSL_GUARDED_BY(mutex_);
  std::deque<PendingAck> pending_ ABSL_GUARDED_BY(mutex_);  // sent first, then the unsent
  size_t unsent_ ABSL_GUARDED_BY(mutex_) = 0;               // index of the first that this stream has not sent
  uint64_t last_tag_ ABSL_GUARDED_BY(mutex_) = 0;
  bool connected_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex join_mutex_;
  std::thread thread_;  // last: it uses everything above
};

LinkSession::LinkSession(std::shared_ptr<HubClient> client, LinkHandlers handlers, LinkOptions options)
    : impl_(std::make_unique<Impl>(std::move(client), std::move(handlers), std::move(options))) {}
LinkSession::~LinkSession() { Stop(); }
absl::Status LinkSession::Acknowledge(std::vector<v1::Acknowledgment> acknowledgments, AckCallback done) {
  return impl_->Acknowledge(std::move(acknowledgments), std::move(done));
}
LaneCursors LinkSession::Cursors() const { return impl_->Cursors(); }
bool LinkSession::Connected() const { return impl_->Connected(); }
size_t LinkSession::Pending() const { return impl_->Pending(); }
bool LinkSession::Drain(absl::Duration wait) { return impl_->Drain(wait); }
void LinkSession::Stop() { impl_->Stop(); }

}  // namespace liandong::adapters
