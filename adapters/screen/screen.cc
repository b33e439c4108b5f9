#include "adapters/screen/screen.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "adapters/log/log.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"
#include "adapters/transport/metrics_server.h"
#include "security/certificate.h"
#include "security/curve_key.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/limits.h"
#include "security/tls.h"

namespace liandong::screen {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(100);
constexpr absl::Duration kHouse = absl::Seconds(1);

int64_t WallMs() { return absl::ToUnixMillis(absl::Now()); }

int64_t SteadyMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// What the server itself refuses: not HTTP, too large.
adapters::HttpAnswer RefuseCall(int status) {
  const absl::Status why =
      status == 413
          ? Refusal(absl::StatusCode::kInvalidArgument, "TOO_LARGE", "请求过大", "the request is too large")
          : Refusal(absl::StatusCode::kInvalidArgument, "BAD_REQUEST", "请求不正确", "this is no good request");
  return {status, "application/json", ErrorJson(why)};
}

}  // namespace

absl::Status Screen::Check(const v1::ScreenConfig& config) {
  return std::unique_ptr<Screen>(new Screen(config))->Open(/*only_check=*/true);
}

absl::StatusOr<std::unique_ptr<Screen>> Screen::Start(v1::ScreenConfig config) {
  std::unique_ptr<Screen> screen(new Screen(std::move(config)));
  if (absl::Status status = screen->Open(/*only_check=*/false); !status.ok()) return status;
  return screen;
}

// Looked at anew each time, since the files may have been renewed.
absl::Time Screen::CertificatesEnd() const {
  const auto own =
      security::CheckTlsFiles({config_.tls().ca(), config_.tls().cert(), config_.tls().key()}, absl::Now());
  const auto pem = security::FirstCertificatePem(config_.https().cert());
  const auto https = pem.ok() ? security::CertificateExpiry(*pem) : pem.status();
  if (!own.ok() || !https.ok()) return absl::Now() - absl::Seconds(1);
  return std::min(own->expires_at, *https);
}

absl::Status Screen::Open(bool only_check) {
  const security::TlsFiles own = {config_.tls().ca(), config_.tls().cert(), config_.tls().key()};
  const auto checked = security::CheckTlsFiles(own, absl::Now());
  if (!checked.ok()) return checked.status();
  if (checked->identity.party != config_.party()) {
    return absl::FailedPreconditionError(absl::StrCat(
        config_.tls().cert(), ": 证书属于 ", checked->identity.party, ",配置写的是 ", config_.party(),
        " (the certificate is of party ", checked->identity.party, ", the configuration says ", config_.party(), ")"));
  }
  const bool ask_browsers = !config_.https().ca().empty();
  auto tls = security::ServerContext::Open({config_.https().ca(), config_.https().cert(), config_.https().key()},
                                           ask_browsers, {.client_cert_optional = true}, adapters::LogInfo);
  if (!tls.ok()) return tls.status();
  auto key = security::ReadCurveKeyFile(config_.feed_key());
  if (!key.ok()) return key.status();
  Api::Options options;
  auto page = Page::Load(config_.web_dir());
  if (!page.ok()) return page.status();
  options.page = *std::move(page);
  for (const v1::WallDevice& wall : config_.wall()) {
    auto pem = security::FirstCertificatePem(wall.certificate());
    if (!pem.ok()) return pem.status();
    options.walls.push_back({wall.account(), *std::move(pem)});
  }
  adapters::HubClientOptions hub;
  hub.hubs.assign(config_.hub().begin(), config_.hub().end());
  hub.tls = {own.ca, own.cert, own.key};
  auto client = adapters::HubClient::Create(std::move(hub));
  if (!client.ok()) return client.status();
  if (only_check) return absl::OkStatus();

  hub_ = *std::move(client);
  board_ = std::make_unique<Board>(WallMs, SteadyMs);
  options.hub = hub_;
  options.board = board_.get();
  options.tiles = config_.tiles();
  options.wall_ms = WallMs;
  options.steady_ms = SteadyMs;
  api_ = std::make_unique<Api>(std::move(options));
  if (absl::Status status = Serve(*std::move(tls)); !status.ok()) return status;
  if (!config_.metrics_listen().empty()) {
    if (absl::Status status = ServeMetrics(); !status.ok()) return status;
  }
  subscriber_ = std::make_unique<Subscriber>(hub_, *std::move(key), board_.get(), SteadyMs);
  Run();
  adapters::LogInfo(absl::StrCat("大屏服务已启动 (the screen is up): ", absl::StrJoin(addresses_, "; ")));
  if (config_.port_file().empty()) return absl::OkStatus();
  return security::WriteFileAtomic(config_.port_file(), absl::StrCat(absl::StrJoin(addresses_, "\n"), "\n"), 0644);
}

absl::Status Screen::Serve(std::shared_ptr<security::ServerContext> tls) {
  adapters::HttpServerOptions options;
  options.listen = config_.listen();
  options.name = "liandong-screen";
  options.tls = tls->Get();
  options.renewed_tls = [tls = std::move(tls)] { return tls->Get(); };
  options.connections_max = kConnectionsMax;
  options.body_bytes_max = kRequestBytesMax;
  options.io_threads = kIoThreads;
  options.handler_threads = kCallThreads;
  options.header_ms = kKeepAliveMs;
  auto server = adapters::HttpServer::Start(
      std::move(options),
      [this](const adapters::HttpCall& call) {
        const absl::Time began = absl::Now();
        adapters::HttpAnswer answer = api_->Handle(call);
        metrics_.Count(call.path, answer.status, absl::ToDoubleSeconds(absl::Now() - began));
        return answer;
      },
      RefuseCall);
  if (!server.ok()) return server.status();
  server_ = *std::move(server);
  addresses_.push_back(absl::StrCat("https ", server_->address()));
  return absl::OkStatus();
}

absl::Status Screen::ServeMetrics() {
  auto server = adapters::ServeMetrics(config_.metrics_listen(), "liandong-screen", [this] {
    return metrics_.Text(board_->numbers(), api_->sessions(), absl::ToDoubleSeconds(CertificatesEnd() - absl::Now()));
  });
  if (!server.ok()) return server.status();
  metrics_server_ = *std::move(server);
  addresses_.push_back(absl::StrCat("metrics ", metrics_server_->address()));
  return absl::OkStatus();
}

// The board's clock on one thread, what asks the hub on another, so that a hub that hangs stops no heartbeat.
void Screen::Run() {
  ticker_ = std::thread([this] {
    while (!stopping_) {
      board_->Tick();
      absl::SleepFor(kTick);
    }
  });
  house_ = std::thread([this] {
    absl::Time next = absl::Now();
    while (!stopping_) {
      if (absl::Now() >= next) {
        api_->KeepHouse();
        next = absl::Now() + kHouse;
      }
      absl::SleepFor(kTick);
    }
  });
}

Screen::~Screen() { Stop(); }

void Screen::Stop() {
  if (stopping_.exchange(true)) return;
  if (subscriber_ != nullptr) subscriber_->Stop();
  if (ticker_.joinable()) ticker_.join();
  if (house_.joinable()) house_.join();
  if (board_ != nullptr) board_->EndAll();
  if (server_ != nullptr) server_->Stop();
  if (metrics_server_ != nullptr) metrics_server_->Stop();
}

}  // namespace liandong::screen
