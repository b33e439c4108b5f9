#include "hub/cluster/etcd_store.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

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
      stubs_.push_back(
          {endpoint, etcdserverpb::KV::NewStub(grpc::CreateCustomChannel(endpoint, credentials, MakeArguments()))});
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
    std::unique_ptr<etcdserverpb::KV::Stub> stub;
  };

  template <typename Call>
  absl::Status Try(absl::Duration timeout, const Call& call) {
    size_t at = current_.load();
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    const grpc::Status status = call(stubs_[at].stub.get(), &context);
    if (status.ok()) return absl::OkStatus();
    const std::string text =
        absl::StrCat("etcd ", stubs_[at].address, ": ", status.error_code(), " ", status.error_message());
    // Told by etcd before anything was proposed: too large, too many operations, a key twice.
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) return absl::InvalidArgumentError(text);
    current_.compare_exchange_strong(at, (at + 1) % stubs_.size());
    return absl::UnavailableError(text);
  }

  std::vector<Endpoint> stubs_;
  std::atomic<size_t> current_ = 0;
};

}  // namespace

std::unique_ptr<Store> MakeEtcdStore(const v1::ClusterConfig& config) { return std::make_unique<EtcdStore>(config); }

}  // namespace liandong::cluster
