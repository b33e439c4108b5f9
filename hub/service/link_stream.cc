#include "hub/service/link_stream.h"

#include <utility>

#include "hub/requests.h"

namespace liandong::service {
namespace {

absl::Status HelloFirst() {
  return core::Refuse(absl::StatusCode::kInvalidArgument, "HELLO_FIRST", "the first message of a line is a Hello",
                      "连接后第一条消息应为 Hello", "message");
}

}  // namespace

void LinkStream::Begin(const Noted& noted) {
  self_ = shared_from_this();
  parts_.lasting->Add(self_);
  noted.End(absl::OkStatus(), [self = self_](const absl::Status& status) {
    absl::MutexLock lock(&self->mu_);
    if (self->ended_) return;
    if (!status.ok()) return self->End(ToGrpc(status));
    self->StartRead(&self->in_);
  });
}

void LinkStream::OnReadDone(bool ok) {
  const auto self = shared_from_this();
  {
    absl::MutexLock lock(&mu_);
    reading_ = false;
    if (!ok) {
      ended_reading_ = true;
      return Go();
    }
    ++unanswered_;
    unanswered_bytes_ += in_.ByteSizeLong();
  }
  Take(std::move(in_));
  absl::MutexLock lock(&mu_);
  read_taken_ = true;
  Go();
}

void LinkStream::Take(v1::LinkUp up) {
  const uint64_t tag = up.tag();
  absl::Status status = CheckBytes(up.ByteSizeLong(), limits::kRequestBytes);
  bool first = false;
  {
    absl::MutexLock lock(&mu_);
    first = !std::exchange(greeted_, true);
  }
  if (first) {
    // Without its Hello a line is of no use: it ends with the reason.
    if (status.ok()) status = up.has_hello() ? TakeHello(std::move(*up.mutable_hello()), tag) : HelloFirst();
    if (status.ok()) return;
    absl::MutexLock lock(&mu_);
    return End(ToGrpc(status));
  }
  if (status.ok()) status = TakeAct(up);
  if (!status.ok()) AnswerWith<v1::ActionReply>(tag, status);
}

absl::Status LinkStream::TakeHello(v1::Hello hello, uint64_t tag) {
  return parts_.sequencer->SubmitFor(caller_.party(), hub::Priority::kAct,
                                     [self = shared_from_this(), hello = std::move(hello), tag](hub::Turn& turn) {
                                       v1::Welcome welcome;
                                       absl::Status status;
                                       {
                                         absl::MutexLock lock(&self->mu_);
                                         if (self->ended_) return;
                                         auto id = turn.streams().Attach(turn.state(), self->caller_.party(), hello,
                                                                         self, &welcome);
                                         status = id.status();
                                         if (id.ok()) self->stream_id_ = *id;
                                       }
                                       turn.streams().NoteHeard(self->caller_.party(), turn.now_ms());
                                       turn.Release([self, status, welcome = std::move(welcome), tag] {
                                         if (status.ok()) return self->Attached(welcome, tag);
                                         absl::MutexLock lock(&self->mu_);
                                         self->End(ToGrpc(status));
                                       });
                                     });
}

absl::Status LinkStream::TakeAct(v1::LinkUp& up) {
  const uint64_t tag = up.tag();
  auto self = shared_from_this();
  auto acted = [self, tag](absl::StatusOr<v1::ActionReply> reply) { self->AnswerWith(tag, std::move(reply)); };
  v1::Actor given;
  if (up.has_transfer()) given = up.transfer().actor();
  if (up.has_close()) given = up.close().actor();
  absl::StatusOr<v1::Actor> actor = caller_.ActorFrom(given);
  if (!actor.ok()) return actor.status();
  switch (up.message_case()) {
    case v1::LinkUp::kAcknowledge:
      if (auto status = caller_.SetActors(up.mutable_acknowledge()); !status.ok()) return status;
      {
        const size_t weight = hub::WeightOf(up.acknowledge());
        return parts_.sequencer->SubmitFor(
            caller_.party(), hub::Priority::kAct,
            hub::AcknowledgeWork(
                *std::move(actor), std::move(*up.mutable_acknowledge()),
                [self, tag](absl::StatusOr<v1::AcknowledgeReply> reply) { self->AnswerWith(tag, std::move(reply)); }),
            weight);
      }
    case v1::LinkUp::kTransfer:
      return parts_.sequencer->SubmitFor(caller_.party(), hub::Priority::kAct,
                                         hub::TransferWork(*std::move(actor), std::move(*up.mutable_transfer()),
                                                           /*by_desk=*/false, std::move(acted)));
    case v1::LinkUp::kClose:
      return parts_.sequencer->SubmitFor(caller_.party(), hub::Priority::kAct,
                                         hub::CloseWork(*std::move(actor), std::move(*up.mutable_close()),
                                                        /*by_desk=*/false, /*cancel=*/false, std::move(acted)));
    case v1::LinkUp::kHello:
      return core::Refuse(absl::StatusCode::kInvalidArgument, "HELLO_TWICE",
                          "a line has one Hello; connect again to resume elsewhere", "Hello 只能发送一次", "message");
    case v1::LinkUp::MESSAGE_NOT_SET:
      break;
  }
  return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                      "message: is empty, or of a kind that this hub does not know", "消息为空或无法识别", "message");
}

void LinkStream::Attached(const v1::Welcome& welcome, uint64_t tag) {
  v1::LinkDown down;
  down.set_tag(tag);
  *down.mutable_welcome() = welcome;
  down.mutable_welcome()->set_heartbeat_ms(static_cast<uint32_t>(parts_.heartbeat_ms));
  Answer(std::move(down));
}

template <typename Reply>
void LinkStream::AnswerWith(uint64_t tag, absl::StatusOr<Reply> reply) {
  v1::LinkDown down;
  down.set_tag(tag);
  if (!reply.ok()) {
    *down.mutable_error()->mutable_error() = core::DetailOf(reply.status());
    down.mutable_error()->set_message(std::string(reply.status().message()));
  } else if constexpr (std::is_same_v<Reply, v1::AcknowledgeReply>) {
    *down.mutable_acknowledge() = *std::move(reply);
  } else {
    *down.mutable_action() = *std::move(reply);
  }
  Answer(std::move(down));
}

void LinkStream::Answer(v1::LinkDown message) {
  absl::MutexLock lock(&mu_);
  if (ended_) return;
  Out& out = out_.emplace_back();
  out.message = std::move(message);
  out.answers = true;
  Go();
}

void LinkStream::Send(std::shared_ptr<const v1::Deliveries> frame) {
  absl::MutexLock lock(&mu_);
  if (ended_) return;  // lost; the stream is being detached and with it the count of its frames
  out_.emplace_back().frame = std::move(frame);
  Go();
}

void LinkStream::EndIfMute(absl::Time since) {
  absl::MutexLock lock(&mu_);
  if (!greeted_ && opened_ <= since) End(ToGrpc(HelloFirst()));
}

bool LinkStream::SilentSince(absl::Time since) {
  absl::MutexLock lock(&mu_);
  return !ended_ && stream_id_ != 0 && !writing_ && out_.empty() && last_write_ <= since;
}

void LinkStream::Beat(const v1::Heartbeat& heartbeat) {
  absl::MutexLock lock(&mu_);
  if (ended_ || writing_ || !out_.empty()) return;
  *out_.emplace_back().message.mutable_heartbeat() = heartbeat;
  Go();
}

void LinkStream::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mu_);
  writing_ = false;
  last_write_ = absl::Now();
  if (current_.answers) --unanswered_;
  if (unanswered_ == 0) unanswered_bytes_ = 0;
  if (current_.frame != nullptr) {
    (void)current_.message.unsafe_arena_release_deliveries();
    if (stream_id_ != 0) {
      (void)parts_.sequencer->Submit(hub::Priority::kBookkeeping,
                                     [id = stream_id_](hub::Turn& turn) { turn.streams().FrameWritten(id); });
    }
  }
  current_ = Out();
  if (!ok) return End(grpc::Status::CANCELLED);
  Go();
}

void LinkStream::OnCancel() {
  absl::MutexLock lock(&mu_);
  End(grpc::Status::CANCELLED);
}

void LinkStream::EndForStop() {
  absl::MutexLock lock(&mu_);
  stopping_ = true;
  Go();
}

void LinkStream::Recheck(const routing::Site& site) {
  const absl::Status status = caller_.CheckStillIn(site);
  if (status.ok()) return;
  absl::MutexLock lock(&mu_);
  End(ToGrpc(status));
}

// Does whatever can be done now.
void LinkStream::Go() {
  if (ended_) return;
  // A stop does not wait for a client that does not read: what is not written now comes again when it resumes.
  if (stopping_ && !writing_) return End(ToGrpc(Stopping()));
  if (!writing_ && !out_.empty()) Write();
  if (!reading_ && read_taken_ && !ended_reading_ && unanswered_ < limits::kUpMessagesInFlight &&
      unanswered_bytes_ < limits::kUpBytesInFlight) {
    reading_ = true;
    read_taken_ = false;
    StartRead(&in_);
  }
  // The client has said all it had to say: it gets its answers, then the line ends.
  if (ended_reading_ && unanswered_ == 0 && !writing_) End(grpc::Status::OK);
}

void LinkStream::Write() {
  current_ = std::move(out_.front());
  out_.pop_front();
  if (current_.frame != nullptr) {
    // Lent for the time of the write and taken back in OnWriteDone: serializing reads it, copying 512 KB would not pay.
    current_.message.unsafe_arena_set_allocated_deliveries(const_cast<v1::Deliveries*>(current_.frame.get()));
  }
  writing_ = true;
  grpc::WriteOptions options;
  if (!out_.empty()) options.set_buffer_hint();  // the next follows at once
  StartWrite(&current_.message, options);
}

void LinkStream::End(const grpc::Status& status) {
  if (ended_) return;
  ended_ = true;
  out_.clear();
  if (stream_id_ != 0) {
    (void)parts_.sequencer->Submit(hub::Priority::kBookkeeping,
                                   [id = stream_id_](hub::Turn& turn) { turn.streams().Detach(id); });
  }
  stream_id_ = 0;
  Finish(status);
}

}  // namespace liandong::service
