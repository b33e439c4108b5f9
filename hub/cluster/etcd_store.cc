#include "hub/cluster/etcd_store.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "etcd/kv.grpc.pb.h"
#include "hub/cluster/limits.h"

namespace liandong::cluster {
namespace {

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const v1::TlsConfig& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key(), files.cert(), files.ca(), kCertificatePollS));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(std::make_shared<grpc::experimental::HostNameCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

grpc::ChannelArguments MakeArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

class EtcdStore : public Store {
 public:
  explicit EtcdStore(const v1::ClusterConfig& config) {
    const auto credentials = MakeCredentials(config.etcd_tls());
    for (const std::string& endpoint : config.etcd()) {
      auto channel = grpc::CreateCustomChannel(endpoint, credentials, MakeArguments());
      auto stub = etcdserverpb::KV::NewStub(channel);
      endpoints_.push_back({endpoint, std::move(channel), std::move(stub)});
    }
  }

  absl::StatusOr<etcdserverpb::TxnResponse> Txn(const etcdserverpb::TxnRequest& request,
                                                absl::Duration timeout) override {
    etcdserverpb::TxnResponse response;
    const absl::Status status = Try(timeout, [&](etcdserverpb::KV::Stub* stub, grpc::ClientContext* context) {
      return stub->Txn(context, request, &response);
    });
    if (!status.ok()) return status;
    return response;
  }

  absl::Status Compact(int64_t revision, absl::Duration timeout) override {
    etcdserverpb::CompactionRequest request;
    request.set_revision(revision);
    etcdserverpb::CompactionResponse response;
    return Try(timeout, [&](etcdserverpb::KV::Stub* stub, grpc::ClientContext* context) {
      return stub->Compact(context, request, &response);
    });
  }

 private:
  struct Endpoint {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<etcdserverpb::KV::Stub> stub;
  };

  // One that is connected, the current one first; without any the current one at the deadline. gRPC connects only while
  // somebody waits for it: a call that fails at once would leave every connection half made.
  // By the monotonic clock: a wall clock that is set back must not hold a beat up.
  size_t Connected(std::chrono::steady_clock::time_point deadline) {
    for (size_t waited = 0;; ++waited) {
      const size_t first = current_.load();
      for (size_t i = 0; i < endpoints_.size(); ++i) {
        const size_t at = (first + i) % endpoints_.size();
        if (endpoints_[at].channel->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY) return at;
      }
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left.count() <= 0) return first;
      const absl::Time until = absl::Now() + std::min(kConnectWait, absl::FromChrono(left));
      endpoints_[(first + waited) % endpoints_.size()].channel->WaitForConnected(absl::ToChronoTime(until));
    }
  }

  template <typename Call>
  absl::Status Try(absl::Duration timeout, const Call& call) {
    const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
    const size_t at = Connected(deadline);
    grpc::ClientContext context;
    context.set_deadline(
        absl::ToChronoTime(absl::Now() + absl::FromChrono(deadline - std::chrono::steady_clock::now())));
    const grpc::Status status = call(endpoints_[at].stub.get(), &context);
    if (status.ok()) return absl::OkStatus();
    const std::string text =
        absl::StrCat("etcd ", endpoints_[at].address, ": ", status.error_code(), " ", status.error_message());
    // Told by etcd before anything was proposed: too large, too many operations, a key twice.
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) return absl::InvalidArgumentError(text);
    current_ = (at + 1) % endpoints_.size();
    return absl::UnavailableError(text);
  }

  std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_ = 0;
};

}  // namespace

std::unique_ptr<Store> MakeEtcdStore(const v1::ClusterConfig& config) { return std::make_unique<EtcdStore>(config); }

}  // namespace liandong::cluster
