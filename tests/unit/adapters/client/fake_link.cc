#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "liandong/v1/intake.grpc.pb.h"
#include "liandong/v1/link.grpc.pb.h"
#include "tests/unit/adapters/client/fake_services.h"

namespace liandong::adapters {
namespace {

v1::AckReply Answer(const v1::Acknowledgment& acknowledgment) {
  v1::AckReply reply;
  reply.set_delivery_id(acknowledgment.delivery_id());
  reply.set_state(acknowledgment.state());
  reply.set_outcome(v1::APPLIED);
  if (acknowledgment.state() == v1::REFUSED && acknowledgment.reason().empty()) {
    reply.set_outcome(v1::REJECTED);
    reply.mutable_error()->set_reason("REASON_REQUIRED");
    reply.mutable_error()->set_message_zh("拒绝须写明原因");
    reply.set_message("a refusal needs a reason");
  }
  return reply;
}

}  // namespace

class FakeIntake final : public v1::Intake::Service {
 public:
  explicit FakeIntake(std::shared_ptr<FakeState> state) : state_(std::move(state)) {}

  grpc::Status Report(grpc::ServerContext*, const v1::ReportRequest* request, v1::ReportReply* reply) override {
    absl::MutexLock lock(&state_->mutex_);
    if (state_->failing_reports_ > 0) {
      --state_->failing_reports_;
      ++state_->reports_seen_;
      return ToGrpc(state_->report_error_);
    }
    Record(*request, reply);
    return grpc::Status::OK;
  }

  grpc::Status ReportStream(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::ReportReply, v1::ReportRequest>* stream) override {
    v1::ReportRequest request;
    while (stream->Read(&request)) {
      v1::ReportReply reply;
      {
        absl::MutexLock lock(&state_->mutex_);
        const auto free = [this]() ABSL_SHARED_LOCKS_REQUIRED(state_->mutex_) {
          return !state_->hold_pipe_ || state_->stopping_;
        };
        state_->mutex_.Await(absl::Condition(&free));
        if (state_->stopping_) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
        Record(request, &reply);
        if (state_->break_pipe_after_ >= 0 && --state_->break_pipe_after_ <= 0) {
          state_->break_pipe_after_ = -1;
          return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken by the test");
        }
      }
      if (context->IsCancelled() || !stream->Write(reply)) break;
    }
    return grpc::Status::OK;
  }

 private:
  void Record(const v1::ReportRequest& request, v1::ReportReply* reply) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex_) {
    ++state_->reports_seen_;
    reply->set_tag(request.tag());
    const std::string& id = request.report().external_id();
    if (id.rfind("bad", 0) == 0) {
      reply->mutable_error()->set_reason("BAD_FIELD");
      reply->mutable_error()->set_field("open.purpose");
      reply->set_message("purpose is not set");
      return;
    }
    v1::Receipt* receipt = reply->mutable_receipt();
    receipt->set_external_id(id);
    const auto found = std::find(state_->reports_.begin(), state_->reports_.end(), id);
    receipt->set_outcome(found == state_->reports_.end() ? v1::NEW_INCIDENT : v1::REPEATED);
    receipt->set_incident_id(static_cast<uint64_t>(found - state_->reports_.begin()) + 1);
    receipt->set_incident_revision(1);
    receipt->set_lane(v1::URGENT);
    if (found == state_->reports_.end()) state_->reports_.push_back(id);
  }

  const std::shared_ptr<FakeState> state_;
};

class FakeLink final : public v1::Link::Service {
 public:
  explicit FakeLink(std::shared_ptr<FakeState> state) : state_(std::move(state)) {}

  using Stream = grpc::ServerReaderWriter<v1::LinkDown, v1::LinkUp>;

  grpc::Status Connect(grpc::ServerContext* context, Stream* stream) override {
    v1::LinkUp up;
    if (!stream->Read(&up) || !up.has_hello()) return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no Hello");
    std::vector<v1::Delivery> waiting;
    size_t seen = 0;
    bool deaf = false;
    int sends_left = -1;
    {
      absl::MutexLock lock(&state_->mutex_);
      state_->hellos_.push_back(up.hello());
      for (const v1::LaneCursor& cursor : up.hello().resume()) {
        if (cursor.after_sequence() > LastSequences()[cursor.lane()]) return CursorAhead();
      }
      std::swap(sends_left, state_->break_link_after_);
      deaf = sends_left >= 0;
      for (const v1::Delivery& delivery : state_->deliveries_) {
        if (IsDue(up.hello(), delivery.envelope())) waiting.push_back(delivery);
      }
      seen = state_->deliveries_.size();
      if (!stream->Write(MakeWelcome())) return grpc::Status::OK;
    }
    std::atomic<bool> ended = false;
    absl::Mutex write_mutex;
    std::thread reader([&] {
      v1::LinkUp in;
      while (stream->Read(&in)) {
        if (deaf) continue;
        const v1::LinkDown answer = Take(in);
        absl::MutexLock lock(&write_mutex);
        if (!stream->Write(answer)) break;
      }
      ended = true;
    });
    while (!ended && !context->IsCancelled()) {
      for (const v1::Delivery& delivery : waiting) {
        if (sends_left == 0) break;
        v1::LinkDown down;
        *down.mutable_deliveries()->add_delivery() = delivery;
        absl::MutexLock lock(&write_mutex);
        if (!stream->Write(down)) break;
        if (sends_left > 0) --sends_left;
      }
      waiting.clear();
      if (sends_left == 0) break;
      absl::MutexLock lock(&state_->mutex_);
      const auto more = [this, &seen]() ABSL_SHARED_LOCKS_REQUIRED(state_->mutex_) {
        return state_->deliveries_.size() > seen || state_->stopping_;
      };
      state_->mutex_.AwaitWithTimeout(absl::Condition(&more), absl::Milliseconds(20));
      if (state_->stopping_) break;
      for (; seen < state_->deliveries_.size(); ++seen) waiting.push_back(state_->deliveries_[seen]);
    }
    context->TryCancel();
    reader.join();
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "broken by the test");
  }

  grpc::Status Acknowledge(grpc::ServerContext*, const v1::AcknowledgeRequest* request,
                           v1::AcknowledgeReply* reply) override {
    absl::MutexLock lock(&state_->mutex_);
    if (state_->failing_actions_ > 0) {
      --state_->failing_actions_;
      return ToGrpc(state_->action_error_);
    }
    for (const auto& one : request->acknowledgment()) *reply->add_reply() = Keep(one);
    return grpc::Status::OK;
  }

  grpc::Status Fetch(grpc::ServerContext*, const v1::FetchRequest*, v1::FetchReply* reply) override {
    absl::MutexLock lock(&state_->mutex_);
    for (const v1::Delivery& delivery : state_->deliveries_) *reply->add_delivery() = delivery;
    return grpc::Status::OK;
  }

  grpc::Status Close(grpc::ServerContext*, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    absl::MutexLock lock(&state_->mutex_);
    ++state_->actions_seen_;
    if (state_->failing_actions_ > 0) {
      --state_->failing_actions_;
      return ToGrpc(state_->action_error_);
    }
    reply->set_incident_id(request->incident_id());
    return grpc::Status::OK;
  }

 private:
  static grpc::Status CursorAhead() {
    FakeError error;
    error.code = grpc::StatusCode::INVALID_ARGUMENT;
    error.message = "more than was ever given out";
    error.detail.set_reason("CURSOR_AHEAD");
    return ToGrpc(error);
  }

  v1::LinkDown Take(const v1::LinkUp& up) {
    v1::LinkDown down;
    down.set_tag(up.tag());
    absl::MutexLock lock(&state_->mutex_);
    if (state_->failing_actions_ > 0) {
      --state_->failing_actions_;
      *down.mutable_error()->mutable_error() = state_->action_error_.detail;
      down.mutable_error()->set_message(state_->action_error_.message);
      return down;
    }
    auto* reply = down.mutable_acknowledge();
    for (const auto& one : up.acknowledge().acknowledgment()) *reply->add_reply() = Keep(one);
    return down;
  }

  v1::AckReply Keep(const v1::Acknowledgment& one) ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex_) {
    state_->acknowledgments_.push_back(one);
    if (one.state() == v1::RECEIVED) ++state_->received_[one.delivery_id()];
    v1::AckReply reply = Answer(one);
    if (one.state() != v1::RECEIVED && state_->ended_.count(one.delivery_id()) > 0) {
      reply.set_outcome(v1::REJECTED);
      reply.mutable_error()->set_reason("DUTY_ENDED");
    }
    return reply;
  }

  // After the cursor, or before it and not yet RECEIVED.
  bool IsDue(const v1::Hello& hello, const v1::Envelope& envelope) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex_) {
    for (const v1::LaneCursor& cursor : hello.resume()) {
      if (cursor.lane() == envelope.lane() && envelope.sequence() > cursor.after_sequence()) return true;
    }
    return !state_->received_.contains(envelope.delivery_id());
  }

  std::map<v1::Lane, uint64_t> LastSequences() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex_) {
    std::map<v1::Lane, uint64_t> last = {{v1::URGENT, 0}, {v1::ORDINARY, 0}};
    for (const v1::Delivery& delivery : state_->deliveries_) {
      uint64_t& sequence = last[delivery.envelope().lane()];
      sequence = std::max(sequence, delivery.envelope().sequence());
    }
    return last;
  }

  v1::LinkDown MakeWelcome() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(state_->mutex_) {
    const std::map<v1::Lane, uint64_t> last = LastSequences();
    v1::LinkDown down;
    v1::Welcome* welcome = down.mutable_welcome();
    welcome->set_party("power-supply");
    welcome->set_window(64);
    welcome->set_heartbeat_ms(state_->heartbeat_ms_);
    for (const auto& [lane, sequence] : last) {
      v1::LaneCursor* cursor = welcome->add_last();
      cursor->set_lane(lane);
      cursor->set_after_sequence(sequence);
    }
    return down;
  }

  const std::shared_ptr<FakeState> state_;
};

std::unique_ptr<grpc::Service> MakeFakeIntake(std::shared_ptr<FakeState> state) {
  return std::make_unique<FakeIntake>(std::move(state));
}

std::unique_ptr<grpc::Service> MakeFakeLink(std::shared_ptr<FakeState> state) {
  return std::make_unique<FakeLink>(std::move(state));
}

}  // namespace liandong::adapters
