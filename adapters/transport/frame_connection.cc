#include "adapters/transport/frame_connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace liandong::adapters {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;

}  // namespace

FrameConnection::FrameConnection(const Shared& shared, asio::ip::tcp::socket socket, std::string peer)
    : shared_(shared),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      reader_(shared.options.codec),
      idle_(shared.context),
      incomplete_(shared.context) {}

void FrameConnection::Run() {
  ArmIdle();
  Read();
}

void FrameConnection::Close() {
  if (closed_) return;
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
  idle_.cancel();
  incomplete_.cancel();
  for (auto& timer : periodic_) timer->cancel();
  while (!commands_.empty()) {
    Answered(commands_.begin()->first, absl::UnavailableError("设备已断开 (the device has left)"));
  }
}

gb26875::TimeTag FrameConnection::Now() const {
  return gb26875::TimeTagFromMs(shared_.options.now_ms(), shared_.options.zone_offset_minutes);
}

void FrameConnection::Read() {
  if (reading_ || ended_ || closed_) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](error_code error, size_t count) {
    self->reading_ = false;
    self->OnRead(error, count);
  });
}

void FrameConnection::OnRead(error_code error, size_t count) {
  if (closed_) return;
  if (error) {
    ended_ = true;
    // What stood behind a corrupt length still counts; the rest will not come.
    while (auto given_up = reader_.GiveUp()) {
      readings_.push_back(*std::move(given_up));
      Drain();
    }
    Pump();
    return;
  }
  ArmIdle();
  std::string_view bytes(chunk_.data(), count);
  while (!bytes.empty()) {
    bytes.remove_prefix(reader_.Push(bytes));
    Drain();
  }
  ArmIncomplete();
  Pump();
}

void FrameConnection::Drain() {
  while (auto reading = reader_.Pull()) readings_.push_back(*std::move(reading));
}

void FrameConnection::ArmIdle() {
  idle_.expires_after(Milliseconds(shared_.options.idle_ms));
  idle_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->Close();
  });
}

void FrameConnection::ArmIncomplete() {
  const std::optional<uint64_t> pending = reader_.PendingAt();
  if (pending == incomplete_at_) return;
  incomplete_at_ = pending;
  incomplete_.cancel();
  if (!pending.has_value()) return;
  incomplete_.expires_after(Milliseconds(shared_.options.incomplete_ms));
  incomplete_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (cancelled || self->closed_) return;
    if (auto given_up = self->reader_.GiveUp()) self->readings_.push_back(*std::move(given_up));
    self->Drain();
    self->incomplete_at_.reset();
    self->ArmIncomplete();
    self->Pump();
  });
}

void FrameConnection::Pump() {
  while (!busy_ && !closed_ && !readings_.empty()) {
    gb26875::Reading reading = std::move(readings_.front());
    readings_.pop_front();
    if (reading.fault != gb26875::Fault::kNone) {
      if (shared_.handlers.on_fault) shared_.handlers.on_fault(reading.fault, peer_);
      if (reading.deny) Write(gb26875::MakeDeny(reading.frame, Now()));
      continue;
    }
    OnGood(std::move(reading.frame));
  }
  if (busy_ || closed_ || !readings_.empty()) return;
  if (ended_) {
    if (!writing_) Close();
    return;
  }
  // Not before what came is handled: a device that is faster than the spool waits in its own socket.
  Read();
}

void FrameConnection::OnGood(gb26875::Frame frame) {
  if (!device_.has_value()) {
    device_ = frame.source;
    centre_ = frame.destination;
    for (size_t i = 0; i < shared_.options.periodic.size(); ++i) {
      periodic_.push_back(std::make_unique<asio::steady_timer>(shared_.context));
      ArmPeriodic(i);
    }
  }
  switch (static_cast<gb26875::Command>(frame.command)) {
    case gb26875::Command::kAck:
      return Answered(frame.serial, absl::OkStatus());
    case gb26875::Command::kDeny:
      return Answered(frame.serial, absl::FailedPreconditionError("设备否认 (the device denied it)"));
    case gb26875::Command::kReply:
      Answered(frame.serial, absl::OkStatus());
      break;
    case gb26875::Command::kRequest:
      // Devices have nothing to ask of the centre in this standard.
      return Write(gb26875::MakeDeny(frame, Now()));
    default:
      break;
  }
  busy_ = true;
  asio::post(shared_.workers, [self = shared_from_this(), frame = std::move(frame)]() mutable {
    const FrameVerdict verdict = self->shared_.handlers.on_frame(frame);
    asio::io_context& context = self->shared_.context;
    asio::post(context, [self = std::move(self), frame = std::move(frame), verdict] { self->Verdict(frame, verdict); });
  });
}

void FrameConnection::Verdict(const gb26875::Frame& frame, FrameVerdict verdict) {
  busy_ = false;
  if (closed_) return;
  if (static_cast<gb26875::Command>(frame.command) != gb26875::Command::kReply) {
    if (verdict == FrameVerdict::kAck) Write(gb26875::MakeAck(frame, Now()));
    if (verdict == FrameVerdict::kDeny) Write(gb26875::MakeDeny(frame, Now()));
  }
  Pump();
}

void FrameConnection::Write(const gb26875::Frame& frame) {
  auto bytes = gb26875::Encode(frame, shared_.options.codec);
  if (bytes.ok()) WriteBytes(*std::move(bytes));
}

void FrameConnection::WriteBytes(std::string bytes) {
  if (closed_) return;
  writes_.push_back(std::move(bytes));
  // A device that sends without ever reading would fill our memory.
  if (writes_.size() > kFrameConnectionsMax) return Close();
  Flush();
}

void FrameConnection::Flush() {
  if (writing_ || writes_.empty() || closed_) return;
  writing_ = true;
  asio::async_write(socket_, asio::buffer(writes_.front()), [self = shared_from_this()](error_code error, size_t) {
    self->writing_ = false;
    self->writes_.pop_front();
    if (error) return self->Close();
    self->Flush();
    if (self->ended_) self->Pump();
  });
}

void FrameConnection::SendCommand(gb26875::Command command, std::string adu, FrameServer::Done done) {
  if (closed_ || ended_) return done(absl::UnavailableError("设备已断开 (the device has left)"));
  if (commands_.size() >= kFrameCommandsMax) {
    return done(absl::ResourceExhaustedError("等待应答的命令过多 (too many commands wait for their answers)"));
  }
  while (commands_.count(next_serial_) > 0) ++next_serial_;
  gb26875::Frame frame;
  frame.serial = next_serial_++;
  frame.time = Now();
  frame.source = centre_;
  frame.destination = device_.value_or(0);
  frame.command = static_cast<uint8_t>(command);
  frame.adu = std::move(adu);
  auto bytes = gb26875::Encode(frame, shared_.options.codec);
  if (!bytes.ok()) return done(bytes.status());
  Command& waiting = commands_[frame.serial];
  waiting.bytes = *std::move(bytes);
  waiting.done = std::move(done);
  waiting.timer = std::make_unique<asio::steady_timer>(shared_.context);
  TryCommand(frame.serial);
}

void FrameConnection::TryCommand(uint16_t serial) {
  const auto found = commands_.find(serial);
  if (found == commands_.end() || closed_) return;
  Command& command = found->second;
  if (command.tries == shared_.options.tries_max) {
    return Answered(serial, absl::DeadlineExceededError("设备没有应答 (the device did not answer)"));
  }
  ++command.tries;
  command.timer->expires_after(Milliseconds(shared_.options.answer_ms));
  command.timer->async_wait([self = shared_from_this(), serial](error_code cancelled) {
    if (!cancelled) self->TryCommand(serial);
  });
  WriteBytes(command.bytes);
}

void FrameConnection::Answered(uint16_t serial, const absl::Status& status) {
  const auto found = commands_.find(serial);
  if (found == commands_.end()) return;
  const FrameServer::Done done = std::move(found->second.done);
  found->second.timer->cancel();
  commands_.erase(found);
  done(status);
}

void FrameConnection::ArmPeriodic(size_t index) {
  const PeriodicCommand& periodic = shared_.options.periodic[index];
  periodic_[index]->expires_after(Milliseconds(periodic.every_ms));
  periodic_[index]->async_wait([self = shared_from_this(), index](error_code cancelled) {
    if (cancelled || self->closed_) return;
    const PeriodicCommand& due = self->shared_.options.periodic[index];
    auto [command, adu] = due.make(self->Now());
    const uint64_t device = self->device_.value_or(0);
    self->SendCommand(command, std::move(adu), [self, device, &due](const absl::Status& status) {
      if (self->shared_.handlers.on_periodic) self->shared_.handlers.on_periodic(device, due.name, status);
    });
    self->ArmPeriodic(index);
  });
}

}  // namespace liandong::adapters
