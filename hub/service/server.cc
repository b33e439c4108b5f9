#include "hub/service/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "hub/core/limits.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"

namespace liandong::service {
namespace {

// The gate for what gRPC brings itself (health, reflection). Our own methods pass it in their handlers (rpc.h), where a
// refusal carries its reason.
class GateOfOthers final : public grpc::AuthMetadataProcessor {
 public:
  explicit GateOfOthers(const Gate& gate) : gate_(gate) {}
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    const std::string method =
        path == metadata.end() ? std::string() : std::string(path->second.data(), path->second.size());
    if (method.rfind("/liandong.v1.", 0) == 0) return grpc::Status::OK;
    return ToGrpc(Admit(gate_, context, method).status());
  }

 private:
  const Gate& gate_;
};

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(const security::TlsFiles& files, const Gate& gate) {
  grpc::experimental::TlsServerCredentialsOptions options(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(files.key, files.cert, files.ca,
                                                                           limits::kCertificatePollS));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  auto credentials = grpc::experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<GateOfOthers>(gate));
  return credentials;
}

// Once in a process, before the first server.
void EnablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const Parts& parts)
      : parts_(parts),
        gate_(parts.directory, parts.accounts, &parts.gate_refused, parts.trail, parts.revocations),
        services_({MakeIntakeService(parts, gate_), MakeLinkService(parts, gate_), MakeDeskService(parts, gate_),
                   MakeAccountService(parts, gate_), MakeAuditService(parts, gate_), MakeFeedService(parts, gate_)}) {}

  absl::Status Start(const std::string& listen) {
    EnablePlugins();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(listen, MakeCredentials(parts_.tls, gate_), &port_);
    for (const auto& service : services_) builder.RegisterService(service.get());
    builder.SetMaxReceiveMessageSize(static_cast<int>(limits::kSiteSetBytes));
    builder.SetMaxSendMessageSize(static_cast<int>(limits::kSiteSetBytes + limits::kFrameBytes));
    // Two hubs on one port would share its connections at random.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kCallsPerConnection);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, limits::kConnectMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, limits::kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, limits::kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, limits::kPingMsMin);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      server_.reset();
      return absl::FailedPreconditionError(
          absl::StrCat("无法监听 cannot listen on ", listen,
                       ": 端口已被占用或地址不属于本机 the port is taken or the address is not this machine's"));
    }
    server_->GetHealthCheckService()->SetServingStatus(true);
    return absl::OkStatus();
  }

  void Stop() {
    if (server_ == nullptr) return;
    server_->GetHealthCheckService()->SetServingStatus(false);
    parts_.lasting->EndAll();
    server_->Shutdown(absl::ToChronoTime(absl::Now() + absl::Milliseconds(limits::kStopMs)));
    server_->Wait();
    server_.reset();
  }

  int port() const { return port_; }

 private:
  const Parts& parts_;
  const Gate gate_;
  const std::vector<std::shared_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { Stop(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const std::string& listen, const Parts& parts) {
  auto impl = std::make_unique<Impl>(parts);
  if (auto status = impl->Start(listen); !status.ok()) return status;
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

int Server::port() const { return impl_->port(); }
void Server::Stop() { impl_->Stop(); }

}  // namespace liandong::service
