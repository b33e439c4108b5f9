// Reports in: one by one, or as a stream whose replies keep the order of the requests.
#include <deque>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/core/decide.h"
#include "hub/requests.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/intake.grpc.pb.h"

namespace liandong::service {
namespace {

// Checks the report and hands it to the sequencer. An error: `done` is not called.
absl::Status Take(const Parts& parts, const Caller& caller, v1::Report report, hub::Done<v1::Receipt> done) {
  if (auto status = core::CheckReport(report); !status.ok()) return status;
  core::Normalize(&report);
  absl::StatusOr<v1::Actor> actor = caller.ActorFrom(report.actor());
  if (!actor.ok()) return actor.status();
  const bool urgent = core::LaneOf(&caller.site(), report.open()) == v1::URGENT;
  return parts.sequencer->SubmitFor(caller.party(),
                                    urgent ? hub::Priority::kUrgentReport : hub::Priority::kOrdinaryReport,
                                    hub::ReportWork(*std::move(actor), std::move(report), std::move(done)));
}

class ReportStreamCall final : public grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportReply>,
                               public LastingCall,
                               public std::enable_shared_from_this<ReportStreamCall> {
 public:
  ReportStreamCall(const Parts& parts, Caller caller) : parts_(parts), caller_(std::move(caller)) {}

  void Begin() {
    self_ = shared_from_this();
    parts_.lasting->Add(self_);
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    const auto self = shared_from_this();
    auto slot = std::make_shared<Slot>();
    {
      absl::MutexLock lock(&mu_);
      reading_ = false;
      if (!ok) {
        ended_reading_ = true;
        return Go();
      }
      slot->reply.set_tag(in_.tag());
      bytes_ += in_.ByteSizeLong();
      slots_.push_back(slot);
    }
    absl::Status status = CheckBytes(in_.ByteSizeLong(), limits::kRequestBytes);
    if (status.ok()) {
      status = Take(parts_, caller_, std::move(*in_.mutable_report()),
                    [self, slot](absl::StatusOr<v1::Receipt> receipt) { self->Answer(*slot, std::move(receipt)); });
    }
    if (!status.ok()) Answer(*slot, status);
    absl::MutexLock lock(&mu_);
    read_taken_ = true;
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

  void OnDone() override { self_.reset(); }

  void Recheck(const routing::Site& site) override {
    const absl::Status status = caller_.CheckStillIn(site);
    if (status.ok()) return;
    absl::MutexLock lock(&mu_);
    End(ToGrpc(status));
  }

  // What is under way is answered first.
  void EndForStop() override {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
    Go();
  }

 private:
  struct Slot {
    v1::ReportReply reply;
    bool ready = false;
  };

  void Answer(Slot& slot, absl::StatusOr<v1::Receipt> receipt) {
    absl::MutexLock lock(&mu_);
    if (receipt.ok()) {
      *slot.reply.mutable_receipt() = *std::move(receipt);
    } else {
      *slot.reply.mutable_error() = core::DetailOf(receipt.status());
      slot.reply.set_message(std::string(receipt.status().message()));
    }
    slot.ready = true;
    Go();
  }

  // Does whatever can be done now.
  void Go() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (finished_) return;
    if (!writing_ && !slots_.empty() && slots_.front()->ready) {
      out_ = std::move(slots_.front());
      slots_.pop_front();
      writing_ = true;
      grpc::WriteOptions options;
      if (!slots_.empty() && slots_.front()->ready) options.set_buffer_hint();  // the next follows at once
      StartWrite(&out_->reply, options);
    }
    if (slots_.empty()) bytes_ = 0;
    if (!reading_ && read_taken_ && !ended_reading_ && !stopping_ && slots_.size() < limits::kReportsInFlight &&
        bytes_ < limits::kUpBytesInFlight) {
      reading_ = true;
      read_taken_ = false;
      StartRead(&in_);
    }
    if (slots_.empty() && !writing_ && (stopping_ || ended_reading_)) {
      End(stopping_ ? ToGrpc(Stopping()) : grpc::Status::OK);
    }
  }

  void End(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (finished_) return;
    finished_ = true;
    slots_.clear();
    Finish(status);
  }

  const Parts& parts_;
  const Caller caller_;
  std::shared_ptr<ReportStreamCall> self_;  // until OnDone
  v1::ReportRequest in_;                    // gRPC's while reading_
  absl::Mutex mu_;
  std::deque<std::shared_ptr<Slot>> slots_ ABSL_GUARDED_BY(mu_);  // in the order of the requests
  std::shared_ptr<Slot> out_ ABSL_GUARDED_BY(mu_);                // being written
  size_t bytes_ ABSL_GUARDED_BY(mu_) = 0;                         // read since everything was answered
  bool reading_ ABSL_GUARDED_BY(mu_) = true;
  bool read_taken_ ABSL_GUARDED_BY(mu_) = false;  // what was read is handed on: in_ is free
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ended_reading_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

class IntakeService final : public v1::Intake::CallbackService {
 public:
  IntakeService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate) {}

  grpc::ServerUnaryReactor* Report(Context* context, const v1::ReportRequest* request,
                                   v1::ReportReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Intake/Report", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::ReportReply> done) {
                   return Take(parts_, caller, request->report(),
                               [tag = request->tag(), done = std::move(done)](absl::StatusOr<v1::Receipt> receipt) {
                                 if (!receipt.ok()) return done(receipt.status());
                                 v1::ReportReply answer;
                                 answer.set_tag(tag);
                                 *answer.mutable_receipt() = *std::move(receipt);
                                 done(std::move(answer));
                               });
                 });
  }

  grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportReply>* ReportStream(Context* context) override {
    absl::StatusOr<Caller> caller = Admit(gate_, *context, "/liandong.v1.Intake/ReportStream");
    if (!caller.ok()) {
      return new Refused<grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportReply>>(caller.status());
    }
    auto call = std::make_shared<ReportStreamCall>(parts_, *std::move(caller));
    call->Begin();
    return call.get();
  }

 private:
  const Parts& parts_;
  const Gate& gate_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeIntakeService(const Parts& parts, const Gate& gate) {
  return std::make_shared<IntakeService>(parts, gate);
}

}  // namespace liandong::service
