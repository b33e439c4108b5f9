// One party's open line: the reactor of Link.Connect and the sink of its stream in the StreamTable.
//
// What waits here is bounded: frames by the StreamTable (it makes the next one only when one was written), answers by
// limits::kUpMessagesInFlight (reading pauses). So a client that never reads costs a fixed amount of memory.
//
// Thread-safety: gRPC, the sequencer's thread, the releaser's thread and the heart call in; mu_ orders them.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "hub/service/parts.h"
#include "hub/service/rpc.h"
#include "hub/streams.h"
#include "liandong/v1/link.pb.h"

namespace liandong::service {

class LinkStream final : public grpc::ServerBidiReactor<v1::LinkUp, v1::LinkDown>,
                         public hub::StreamSink,
                         public LastingCall,
                         public std::enable_shared_from_this<LinkStream> {
 public:
  LinkStream(const Parts& parts, Caller caller) : parts_(parts), caller_(std::move(caller)) {}
  // Once `noted` is in the trail; the call's own thread does not wait for that.
  void Begin(const Noted& noted);

  void Send(std::shared_ptr<const v1::Deliveries> frame) override;
  void EndForStop() override;
  void Recheck(const routing::Site& site) override;

  // Ends a line that was opened before `since` and has not said Hello.
  void EndIfMute(absl::Time since);
  // Nothing was written since `since`, nothing is being written, and the line is up.
  bool SilentSince(absl::Time since);
  void Beat(const v1::Heartbeat& heartbeat);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override { self_.reset(); }

 private:
  struct Out {
    v1::LinkDown message;
    bool answers = false;  // an up message: room for the next one when it is written
    std::shared_ptr<const v1::Deliveries> frame;
  };

  // One message from the party. Runs without the lock; every message gets one answer.
  void Take(v1::LinkUp up);
  absl::Status TakeHello(v1::Hello hello, uint64_t tag);
  absl::Status TakeAct(v1::LinkUp& up);
  void Attached(const v1::Welcome& welcome, uint64_t tag);
  void Answer(v1::LinkDown message);
  template <typename Reply>
  void AnswerWith(uint64_t tag, absl::StatusOr<Reply> reply);

  void Go() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Parts& parts_;
  const Caller caller_;
  const absl::Time opened_ = absl::Now();
  std::shared_ptr<LinkStream> self_;  // until OnDone
  v1::LinkUp in_;                     // gRPC's while reading_
  absl::Mutex mu_;
  bool greeted_ ABSL_GUARDED_BY(mu_) = false;  // its first message was read
  std::deque<Out> out_ ABSL_GUARDED_BY(mu_);
  Out current_ ABSL_GUARDED_BY(mu_);                  // being written
  uint64_t stream_id_ ABSL_GUARDED_BY(mu_) = 0;       // in the StreamTable; 0: not in it
  size_t unanswered_bytes_ ABSL_GUARDED_BY(mu_) = 0;  // read since everything was answered
  int unanswered_ ABSL_GUARDED_BY(mu_) = 0;           // up messages read whose answer is not yet written
  absl::Time last_write_ ABSL_GUARDED_BY(mu_) = absl::InfiniteFuture();
  bool reading_ ABSL_GUARDED_BY(mu_) = true;
  bool read_taken_ ABSL_GUARDED_BY(mu_) = false;  // what was read is handed on: in_ is free
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_reading_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;  // Finish was called
};

}  // namespace liandong::service
