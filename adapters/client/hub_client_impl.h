// The gRPC side of HubClient; only .cc files of this folder include it.
#ifndef LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_IMPL_H_
#define LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_IMPL_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapters/client/connection_pump.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/account.grpc.pb.h"
#include "liandong/v1/audit.grpc.pb.h"
#include "liandong/v1/desk.grpc.pb.h"
#include "liandong/v1/feed.grpc.pb.h"
#include "liandong/v1/intake.grpc.pb.h"
#include "liandong/v1/link.grpc.pb.h"

namespace liandong::adapters {

// The hub's error with its ErrorDetail, or, without a hub, one that names the address.
absl::Status StatusFromGrpc(const grpc::Status& status, const std::string& target);

// One address of the list. Immutable; stubs are thread-safe.
struct Hub {
  size_t index = 0;
  std::string target;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Intake::Stub> intake;
  std::unique_ptr<v1::Link::Stub> link;
  std::unique_ptr<v1::Desk::Stub> desk;
  std::unique_ptr<v1::Account::Stub> account;
  std::unique_ptr<v1::Audit::Stub> audit;
  std::unique_ptr<v1::Feed::Stub> feed;
};

class HubClient::Impl {
 public:
  Impl(const HubClientOptions& options, std::string party);
  Impl(const Impl& other, std::string session, std::string from);

  const std::string& party() const { return party_; }
  size_t hub_count() const { return hubs_->list.size(); }

  // The hub that calls go to now.
  Hub& Current() { return *hubs_->list[hubs_->current.load(std::memory_order_relaxed)]; }
  // Adds the person's session and place to a call that is about to be made.
  void Prepare(grpc::ClientContext* context) const;
  // Says that this hub cannot be reached: the next one is current, unless another thread has moved on already.
  void Failed(const Hub& hub);

  enum class Repeat {
    kSafe,    // tried again until the time is over
    kUnsafe,  // tried again only as long as it was surely not sent
  };
  using Attempt = absl::FunctionRef<grpc::Status(Hub&, grpc::ClientContext*)>;
  absl::Status Call(absl::Duration timeout, Repeat repeat, Attempt attempt);

  // Connects, waiting at most until `until`, and asks `give_up` every now and then. False: the call that follows fails
  // at once and says why.
  static bool Connect(Hub& hub, absl::Time until, absl::FunctionRef<bool()> give_up);

 private:
  absl::Status WhyUnreachable(Hub& hub);

  // Shared by all who act over the same certificate.
  struct Hubs {
    // The pump goes last, when nobody else holds the channels.
    std::unique_ptr<ConnectionPump> pump;
    std::vector<std::unique_ptr<Hub>> list;
    std::atomic<size_t> current{0};
  };

  const std::string party_;
  const std::string session_, from_;
  const std::shared_ptr<Hubs> hubs_ = std::make_shared<Hubs>();
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_IMPL_H_
