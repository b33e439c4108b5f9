// Deliveries out, acknowledgments in: lines, and the same things call by call.
#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "hub/requests.h"
#include "hub/service/link_stream.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/link.grpc.pb.h"

namespace liandong::service {
namespace {

// Sends a sign of life on every line that was silent for the time, and ends those that never said Hello in it.
class Heart {
 public:
  explicit Heart(const Parts& parts) : parts_(parts), thread_([this] { Run(); }) {}
  ~Heart() {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    thread_.join();
  }
  void Add(std::weak_ptr<LinkStream> stream) {
    absl::MutexLock lock(&mu_);
    streams_.push_back(std::move(stream));
  }

 private:
  void Run() {
    const absl::Duration silence = absl::Milliseconds(parts_.heartbeat_ms);
    while (true) {
      std::vector<std::weak_ptr<LinkStream>> streams;
      {
        absl::MutexLock lock(&mu_);
        if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), silence / 8)) return;
        std::erase_if(streams_, [](const auto& one) { return one.expired(); });
        streams = streams_;
      }
      std::vector<std::shared_ptr<LinkStream>> silent;
      const absl::Time since = absl::Now() - silence;
      for (const auto& one : streams) {
        auto stream = one.lock();
        if (stream == nullptr) continue;
        stream->EndIfMute(absl::Now() - absl::Milliseconds(parts_.hello_within_ms));
        if (stream->SilentSince(since)) silent.push_back(std::move(stream));
      }
      if (silent.empty()) continue;
      // A refusal is no matter: the hub is busy, and the next round comes soon.
      (void)parts_.sequencer->Submit(hub::Priority::kAct, [silent = std::move(silent)](hub::Turn& turn) {
        v1::Heartbeat heartbeat;
        heartbeat.set_log_index(turn.state().index());
        heartbeat.set_time_ms(turn.now_ms());
        turn.Release([silent, heartbeat] {
          for (const auto& stream : silent) stream->Beat(heartbeat);
        });
      });
    }
  }

  const Parts& parts_;
  absl::Mutex mu_;
  std::vector<std::weak_ptr<LinkStream>> streams_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

class LinkService final : public v1::Link::CallbackService {
 public:
  LinkService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate), heart_(parts) {}

  grpc::ServerBidiReactor<v1::LinkUp, v1::LinkDown>* Connect(Context* context) override {
    absl::StatusOr<Caller> caller = Admit(gate_, *context, "/liandong.v1.Link/Connect");
    if (!caller.ok()) return new Refused<grpc::ServerBidiReactor<v1::LinkUp, v1::LinkDown>>(caller.status());
    const Noted noted = NotedFor(gate_, *context, "/liandong.v1.Link/Connect", *caller, nullptr);
    auto stream = std::make_shared<LinkStream>(parts_, *std::move(caller));
    stream->Begin(noted);
    heart_.Add(stream);
    return stream.get();
  }

  grpc::ServerUnaryReactor* Fetch(Context* context, const v1::FetchRequest* request, v1::FetchReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Link/Fetch", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::FetchReply> done) {
                   return parts_.sequencer->SubmitFor(
                       caller.party(), hub::Priority::kAct,
                       [request = *request, party = caller.party(), done = std::move(done)](hub::Turn& turn) {
                         turn.streams().NoteHeard(party, turn.now_ms());
                         auto answer = turn.streams().Fetch(turn.state(), turn.renderer(), party, request);
                         turn.Release([done, answer = std::move(answer)]() mutable { done(std::move(answer)); });
                       });
                 });
  }

  grpc::ServerUnaryReactor* Acknowledge(Context* context, const v1::AcknowledgeRequest* request,
                                        v1::AcknowledgeReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Link/Acknowledge", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::AcknowledgeReply> done) -> absl::Status {
                   v1::AcknowledgeRequest own = *request;
                   if (auto status = caller.SetActors(&own); !status.ok()) return status;
                   const size_t weight = hub::WeightOf(own);
                   auto make = [&](auto actor, auto then) {
                     return hub::AcknowledgeWork(std::move(actor), std::move(own), std::move(then));
                   };
                   return Submit(caller, v1::Actor(), make, std::move(done), weight);
                 });
  }

  grpc::ServerUnaryReactor* Transfer(Context* context, const v1::TransferRequest* request,
                                     v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Link/Transfer", *request, request->actor(), reply, [&](auto actor, auto done) {
      return hub::TransferWork(std::move(actor), *request, /*by_desk=*/false, std::move(done));
    });
  }

  grpc::ServerUnaryReactor* Close(Context* context, const v1::CloseRequest* request, v1::ActionReply* reply) override {
    return Act(context, "/liandong.v1.Link/Close", *request, request->actor(), reply, [&](auto actor, auto done) {
      return hub::CloseWork(std::move(actor), *request, /*by_desk=*/false, /*cancel=*/false, std::move(done));
    });
  }

 private:
  template <typename Request, typename Reply, typename Make>
  grpc::ServerUnaryReactor* Act(Context* context, std::string_view method, const Request& request,
                                const v1::Actor& given, Reply* reply, Make make) {
    return Unary(gate_, context, method, request, reply,
                 [&](const Caller& caller, hub::Done<Reply> done) { return Submit(caller, given, make, done); });
  }
  template <typename Reply, typename Make>
  absl::Status Submit(const Caller& caller, const v1::Actor& given, Make& make, hub::Done<Reply> done,
                      size_t weight = 1) {
    absl::StatusOr<v1::Actor> actor = caller.ActorFrom(given);
    if (!actor.ok()) return actor.status();
    return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct, make(*std::move(actor), std::move(done)),
                                       weight);
  }

  const Parts& parts_;
  const Gate& gate_;
  Heart heart_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeLinkService(const Parts& parts, const Gate& gate) {
  return std::make_shared<LinkService>(parts, gate);
}

}  // namespace liandong::service
