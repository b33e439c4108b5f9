#include "adapters/client/hub_client.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "adapters/client/backoff.h"
#include "adapters/client/error.h"
#include "adapters/client/hub_client_impl.h"
#include "liandong/v1/rpc_status.pb.h"
#include "security/tls.h"

namespace liandong::adapters {
namespace {

// How long a thread waits at most before it looks whether it should stop.
constexpr absl::Duration kLookAround = absl::Milliseconds(100);
// What is left at least for the last try of a call.
constexpr absl::Duration kLastTry = absl::Milliseconds(200);
// A dead channel asks the operating system again this soon; the waits between tries of the caller are longer.
constexpr int kReconnectMsMin = 100;
constexpr int kReconnectMsMax = 2'000;

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const TlsFiles& files) {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key, files.cert, files.ca, kClientCertificatePollS));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(std::make_shared<grpc::experimental::HostNameCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

grpc::ChannelArguments MakeArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kClientKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kClientKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMsMin);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  // gRPC gives a connection at least this long; the name is about the wait after it.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, static_cast<int>(kClientConnectMs));
  arguments.SetMaxReceiveMessageSize(kClientMessageBytesMax);
  // A proxy variable that is meant for a browser must not lead emergency traffic astray.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Channels to one address would share a connection and its backoff across HubClients of the process.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

absl::Status CheckAddress(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 1 ||
      port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("枢纽地址 \"", address, "\" 不对，应写成 主机:端口 hub address \"",
                                                   address,
                                                   "\" must be \"host:port\", for example \"hub.example:7443\""));
  }
  return absl::OkStatus();
}

bool HubSilent(const absl::Status& status) {
  return !DetailOf(status).has_value() && (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status));
}

absl::Duration AskedWait(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() ? absl::Milliseconds(detail->retry_after_ms()) : absl::ZeroDuration();
}

// An error after which nobody knows whether the act was done.
absl::Status MayHaveBeenDone(const absl::Status& status) {
  absl::Status out(status.code(), absl::StrCat(status.message(),
                                               "；操作可能已经完成，重做前请先查看 it may have been done: look before "
                                               "you repeat it"));
  return out;
}

}  // namespace

HubClientOptions OptionsFrom(const v1::ClientConfig& config) {
  HubClientOptions options;
  options.hubs.assign(config.hub().begin(), config.hub().end());
  options.tls = {config.tls().ca(), config.tls().cert(), config.tls().key()};
  return options;
}

absl::Status StatusFromGrpc(const grpc::Status& status, const std::string& target) {
  if (status.ok()) return absl::OkStatus();
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  v1::RpcStatus rich;
  if (!status.error_details().empty() && rich.ParseFromString(status.error_details())) {
    for (const auto& any : rich.details()) {
      v1::ErrorDetail detail;
      if (any.Is<v1::ErrorDetail>() && any.UnpackTo(&detail)) {
        return WithDetail(absl::Status(code, status.error_message()), detail);
      }
    }
  }
  if (code == absl::StatusCode::kUnavailable) {
    return absl::UnavailableError(
        absl::StrCat("联系不上枢纽 cannot reach the hub at ", target, ": ", status.error_message()));
  }
  if (code == absl::StatusCode::kDeadlineExceeded) {
    return absl::DeadlineExceededError(absl::StrCat("枢纽没有按时回答 the hub at ", target, " did not answer in time"));
  }
  return absl::Status(code, status.error_message());
}

HubClient::Impl::Impl(const Impl& other, std::string session, std::string from)
    : party_(other.party_), session_(std::move(session)), from_(std::move(from)), hubs_(other.hubs_) {}

void HubClient::Impl::Prepare(grpc::ClientContext* context) const {
  if (!session_.empty()) context->AddMetadata("liandong-session", session_);
  if (!from_.empty()) context->AddMetadata("liandong-from", from_);
}

HubClient::Impl::Impl(const HubClientOptions& options, std::string party) : party_(std::move(party)) {
  const auto credentials = MakeCredentials(options.tls);
  for (const std::string& target : options.hubs) {
    auto hub = std::make_unique<Hub>();
    hub->index = hubs_->list.size();
    hub->target = target;
    hub->channel = grpc::CreateCustomChannel(target, credentials, MakeArguments());
    hub->intake = v1::Intake::NewStub(hub->channel);
    hub->link = v1::Link::NewStub(hub->channel);
    hub->desk = v1::Desk::NewStub(hub->channel);
    hub->account = v1::Account::NewStub(hub->channel);
    hub->audit = v1::Audit::NewStub(hub->channel);
    hub->feed = v1::Feed::NewStub(hub->channel);
    hubs_->list.push_back(std::move(hub));
  }
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (const auto& hub : hubs_->list) channels.push_back(hub->channel);
  hubs_->pump = std::make_unique<ConnectionPump>(std::move(channels));
}

void HubClient::Impl::Failed(const Hub& hub) {
  size_t expected = hub.index;
  hubs_->current.compare_exchange_strong(expected, (hub.index + 1) % hub_count());
}

bool HubClient::Impl::Connect(Hub& hub, absl::Time until, absl::FunctionRef<bool()> give_up) {
  until = std::min(until, absl::Now() + absl::Milliseconds(kClientConnectMs));
  for (;;) {
    const grpc_connectivity_state state = hub.channel->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return true;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) return false;
    const absl::Time now = absl::Now();
    if (now >= until || give_up()) return false;
    hub.channel->WaitForStateChange(state, absl::ToChronoTime(std::min(until, now + kLookAround)));
  }
}

absl::Status HubClient::Impl::WhyUnreachable(Hub& hub) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
  v1::FetchRequest request;
  request.set_max(1);
  v1::FetchReply reply;
  const grpc::Status status = hub.link->Fetch(&context, request, &reply);
  if (status.ok()) return absl::UnavailableError(absl::StrCat("联系不上枢纽 cannot reach the hub at ", hub.target));
  return StatusFromGrpc(status, hub.target);
}

absl::Status HubClient::Impl::Call(absl::Duration timeout, Repeat repeat, Attempt attempt) {
  const absl::Time deadline = absl::Now() + timeout;
  Backoff backoff(hub_count());
  size_t unreachable_in_a_row = 0;
  for (;;) {
    Hub& hub = Current();
    const bool connected = Connect(hub, deadline, [] { return false; });
    absl::Status status;
    if (connected || repeat == Repeat::kSafe) {
      grpc::ClientContext context;
      Prepare(&context);
      const absl::Time try_until = absl::Now() + absl::Milliseconds(kClientTryMs);
      context.set_deadline(absl::ToChronoTime(repeat == Repeat::kSafe ? std::min(deadline, try_until) : deadline));
      status = StatusFromGrpc(attempt(hub, &context), hub.target);
    } else {
      status = WhyUnreachable(hub);
    }
    if (status.ok()) return status;
    const bool silent = HubSilent(status);
    // A hub that says itself that it is not available may have a neighbour that is.
    if (silent || absl::IsUnavailable(status)) Failed(hub);
    if (silent) {
      ++unreachable_in_a_row;
    } else {
      unreachable_in_a_row = 0;
    }
    if (repeat == Repeat::kUnsafe && connected && silent) return MayHaveBeenDone(status);
    if (!silent && !WorthRetrying(status)) return status;
    const bool another_untried = silent && unreachable_in_a_row % hub_count() != 0;
    if (another_untried) continue;
    // The last try is made while there is still time for an answer, rather than never for a long wait.
    const absl::Duration left = deadline - absl::Now() - kLastTry;
    const absl::Duration asked = AskedWait(status);
    if (left <= absl::ZeroDuration() || asked > left) return status;
    const absl::Duration wait = std::max(std::min(backoff.Next(), left), asked);
    absl::SleepFor(wait);
  }
}

HubClient::HubClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HubClient::~HubClient() = default;

absl::StatusOr<std::shared_ptr<HubClient>> HubClient::Create(HubClientOptions options) {
  if (options.hubs.empty()) {
    return absl::InvalidArgumentError(
        "没有写枢纽的地址 no hub address: set hub: \"host:port\" in the configuration or pass --hub");
  }
  for (const std::string& hub : options.hubs) {
    if (absl::Status checked = CheckAddress(hub); !checked.ok()) return checked;
  }
  const auto tls = security::CheckTlsFiles({options.tls.ca, options.tls.cert, options.tls.key}, absl::Now());
  if (!tls.ok()) return tls.status();
  return std::shared_ptr<HubClient>(new HubClient(std::make_unique<Impl>(options, tls->identity.party)));
}

const std::string& HubClient::party() const { return impl_->party(); }

std::shared_ptr<HubClient> HubClient::As(std::string session, std::string from) const {
  return std::shared_ptr<HubClient>(new HubClient(std::make_unique<Impl>(*impl_, std::move(session), std::move(from))));
}

absl::StatusOr<v1::Receipt> HubClient::Report(const v1::Report& report, absl::Duration timeout) {
  v1::ReportRequest request;
  *request.mutable_report() = report;
  v1::ReportReply reply;
  const absl::Status status = impl_->Call(timeout, Impl::Repeat::kSafe, [&](Hub& hub, grpc::ClientContext* context) {
    return hub.intake->Report(context, request, &reply);
  });
  if (!status.ok()) return status;
  return std::move(*reply.mutable_receipt());
}

absl::StatusOr<v1::AcknowledgeReply> HubClient::Acknowledge(const v1::AcknowledgeRequest& request,
                                                            absl::Duration timeout) {
  v1::AcknowledgeReply reply;
  const absl::Status status = impl_->Call(timeout, Impl::Repeat::kSafe, [&](Hub& hub, grpc::ClientContext* context) {
    return hub.link->Acknowledge(context, request, &reply);
  });
  if (!status.ok()) return status;
  return reply;
}

absl::StatusOr<v1::FetchReply> HubClient::Fetch(const v1::FetchRequest& request, absl::Duration timeout) {
  v1::FetchReply reply;
  const absl::Status status = impl_->Call(timeout, Impl::Repeat::kSafe, [&](Hub& hub, grpc::ClientContext* context) {
    return hub.link->Fetch(context, request, &reply);
  });
  if (!status.ok()) return status;
  return reply;
}

absl::StatusOr<v1::ActionReply> HubClient::Transfer(const v1::TransferRequest& request, absl::Duration timeout) {
  v1::ActionReply reply;
  const absl::Status status = impl_->Call(timeout, Impl::Repeat::kUnsafe, [&](Hub& hub, grpc::ClientContext* context) {
    return hub.link->Transfer(context, request, &reply);
  });
  if (!status.ok()) return status;
  return reply;
}

absl::StatusOr<v1::ActionReply> HubClient::Close(const v1::CloseRequest& request, absl::Duration timeout) {
  v1::ActionReply reply;
  const absl::Status status = impl_->Call(timeout, Impl::Repeat::kUnsafe, [&](Hub& hub, grpc::ClientContext* context) {
    return hub.link->Close(context, request, &reply);
  });
  if (!status.ok()) return status;
  return reply;
}

}  // namespace liandong::adapters
