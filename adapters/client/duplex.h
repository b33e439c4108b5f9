// One try of a bidirectional stream, for an owner that has one thread of its own: gRPC's threads only move messages and
// ring the owner's bell, so that handlers of the owner may block (a disk sync) without holding up anyone else.
//
// At most one message from the hub waits here: a slow owner stops the hub by HTTP/2 flow control, not by our memory.
#ifndef LIANDONG_ADAPTERS_CLIENT_DUPLEX_H_
#define LIANDONG_ADAPTERS_CLIENT_DUPLEX_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace liandong::adapters {

// Time that no clock setting moves: since some moment of this process. A wall clock that is put back by hours must not
// make a client wait as long.
inline absl::Duration SteadyNow() { return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch()); }

// Wakes one thread. Rings that come while it is awake are kept (as one).
class Bell {
 public:
  void Ring() {
    absl::MutexLock lock(&mutex_);
    rung_ = true;
  }
  // `until`: by SteadyNow.
  void WaitUntil(absl::Duration until) {
    absl::MutexLock lock(&mutex_);
    // In slices: what Abseil waits for is a moment of the wall clock.
    for (absl::Duration left; !rung_ && (left = until - SteadyNow()) > absl::ZeroDuration();)
      mutex_.AwaitWithTimeout(absl::Condition(&rung_), std::min(left, absl::Seconds(1)));
    rung_ = false;
  }

 private:
  absl::Mutex mutex_;
  bool rung_ ABSL_GUARDED_BY(mutex_) = false;
};

template <typename Up, typename Down>
class Duplex final : public grpc::ClientBidiReactor<Up, Down> {
 public:
  // `start(context, reactor)` calls the stub's async method. The bell must live longer.
  template <typename Start>
  Duplex(Bell* bell, Start start) : bell_(bell) {
    start(&context_, this);
    this->AddHold();
    this->StartRead(&in_);
    this->StartCall();
  }
  // Cancels what is under way and waits for gRPC to let go.
  ~Duplex() override { Finish(); }

  void Send(Up up) {
    absl::MutexLock lock(&mutex_);
    if (closed_) return;
    out_.push_back(std::move(up));
    if (out_.size() == 1) this->StartWrite(&out_.front());
  }
  // The message that waits, moved into `down`; asks for the next one. False: none waits.
  bool Take(Down* down) {
    absl::MutexLock lock(&mutex_);
    if (!arrived_) return false;
    arrived_ = false;
    *down = std::move(in_);
    in_.Clear();
    if (!closed_) this->StartRead(&in_);
    return true;
  }

  // The stream has ended and every message was taken.
  bool Done() {
    absl::MutexLock lock(&mutex_);
    return done_ && !arrived_;
  }

  grpc::Status Finish() {
    context_.TryCancel();
    absl::MutexLock lock(&mutex_);
    Close();
    mutex_.Await(absl::Condition(&done_));
    return status_;
  }

  void OnReadDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      if (ok) {
        arrived_ = true;
      } else {
        Close();
      }
    }
    bell_->Ring();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    out_.pop_front();
    if (ok && !closed_ && !out_.empty()) this->StartWrite(&out_.front());
  }

  void OnDone(const grpc::Status& status) override {
    // The bell rings under the lock: once the owner sees done_ this object may be gone.
    absl::MutexLock lock(&mutex_);
    status_ = status;
    done_ = true;
    bell_->Ring();
  }

 private:
  // The hold keeps the call open while the owner may still start reads and writes.
  void Close() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (closed_) return;
    closed_ = true;
    this->RemoveHold();
  }

  Bell* const bell_;
  grpc::ClientContext context_;
  Down in_;
  absl::Mutex mutex_;
  std::deque<Up> out_ ABSL_GUARDED_BY(mutex_);
  bool arrived_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_DUPLEX_H_
