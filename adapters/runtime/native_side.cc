// The sides of an adapter on which the party's own system comes in: HTTP, frames, files.
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/limits.h"
#include "adapters/log/log.h"
#include "adapters/runtime/adapter.h"
#include "adapters/runtime/codecs.h"
#include "security/server_context.h"

namespace liandong::adapters {
namespace {

std::string ContentType(const Link& link, Format format) {
  return absl::StrCat(format == Format::kXml ? "application/xml; charset=" : "application/json; charset=",
                      std::string(EncodingName(EncodingOf(link.profile()))));
}

HttpAnswer Refuse(const Link& link, int status) {
  return {status, ContentType(link, FormatOf(link.profile())), link.Refusal(status), 0};
}

int StatusOf(ReplyKind kind) {
  switch (kind) {
    case ReplyKind::kAccepted:
    case ReplyKind::kDuplicate:
      return 200;
    case ReplyKind::kBad:
      return 400;
    case ReplyKind::kBusy:
      break;
  }
  return 503;
}

template <typename Texts>
absl::StatusOr<AddressRanges> Ranges(const Texts& texts) {
  return AddressRanges::Parse({texts.begin(), texts.end()});
}

}  // namespace

HttpAnswer AnswerHttp(Link* link, const LinkSecret* secret, const HttpCall& call, int64_t now_s) {
  if (secret != nullptr) {
    if (absl::Status known = secret->Check(call.method, call.path, call.headers, call.body, now_s); !known.ok()) {
      LogWarning(
          absl::StrCat(link->name(), ": 拒绝 ", call.peer, " 的调用 (refused a call): ", std::string(known.message())));
      return Refuse(*link, 401);
    }
  }
  if (call.method != "POST" && call.method != "PUT") return Refuse(*link, 405);
  const auto& paths = link->profile().listen_path();
  if (!paths.empty() && std::find(paths.begin(), paths.end(), call.path) == paths.end()) return Refuse(*link, 404);
  Reception reception = link->Receive(call.path, call.body);
  return {StatusOf(reception.kind), ContentType(*link, reception.format), std::move(reception.body),
          reception.kind == ReplyKind::kBusy ? kBusyRetryS : 0};
}

absl::Status Adapter::StartHttp(Link* link) {
  const v1::HttpServerConfig& config = link->config().http();
  HttpServerOptions options;
  options.listen = config.listen();
  auto ranges = Ranges(config.allow_plain_from());
  if (!ranges.ok()) return ranges.status();
  options.allow_plain = *std::move(ranges);
  if (!config.tls().cert().empty()) {
    auto context = security::ServerContext::Open({config.tls().ca(), config.tls().cert(), config.tls().key()},
                                                 config.require_client_cert(), {}, LogInfo);
    if (!context.ok()) return context.status();
    options.tls = (*context)->Get();
    options.renewed_tls = [context = *std::move(context)] { return context->Get(); };
  }
  std::shared_ptr<const LinkSecret> secret;
  if (link->profile().has_auth_in() && !config.no_auth()) {
    auto loaded = LinkSecret::Load(link->profile().auth_in());
    if (!loaded.ok()) return loaded.status();
    secret = std::make_shared<const LinkSecret>(*std::move(loaded));
  }
  auto server = HttpServer::Start(
      std::move(options),
      [this, link, secret](const HttpCall& call) {
        return AnswerHttp(link, secret.get(), call, spool_->NowMs() / 1000);
      },
      [link](int status) { return Refuse(*link, status); });
  if (!server.ok()) return server.status();
  addresses_.push_back(absl::StrCat(link->name(), " http ", (*server)->address()));
  http_.push_back(*std::move(server));
  return absl::OkStatus();
}

absl::Status Adapter::StartFrames(Link* link) {
  const v1::TcpServerConfig& config = link->config().tcp();
  FrameServerOptions options;
  options.listen = config.listen();
  auto ranges = Ranges(config.allow_plain_from());
  if (!ranges.ok()) return ranges.status();
  options.allow_plain = *std::move(ranges);
  options.codec = FrameOptions(link->profile());
  options.zone_offset_minutes = link->profile().utc_offset_minutes();
  if (config.idle_timeout_s() != 0) options.idle_ms = int64_t{config.idle_timeout_s()} * 1000;
  if (config.sync_clock_every_s() != 0) {
    options.periodic.push_back(
        {int64_t{config.sync_clock_every_s()} * 1000, "对时 (clock)", [](const gb26875::TimeTag& now) {
           return std::make_pair(gb26875::CommandFor(90), gb26875::SyncClockAdu(now));
         }});
  }
  if (config.inspect_duty_every_s() != 0) {
    const uint32_t minutes =
        config.inspect_answer_within_min() == 0 ? kInspectAnswerMin : config.inspect_answer_within_min();
    const std::string adu = gb26875::InspectDutyAdu(static_cast<uint8_t>(minutes)).value_or("");
    options.periodic.push_back(
        {int64_t{config.inspect_duty_every_s()} * 1000, "查岗 (duty inspection)",
         [adu](const gb26875::TimeTag&) { return std::make_pair(gb26875::CommandFor(91), adu); }});
  }
  FrameServer::Handlers handlers;
  handlers.on_frame = [link](const gb26875::Frame& frame) { return link->ReceiveFrame(frame); };
  handlers.on_fault = [link](gb26875::Fault fault, const std::string& peer) {
    LogDebug(absl::StrCat(link->name(), ": ", peer, ": 坏帧 (bad frame): ", std::string(gb26875::FaultName(fault))));
  };
  handlers.on_periodic = [link](uint64_t device, const std::string& name, const absl::Status& status) {
    if (status.ok()) return;
    LogWarning(absl::StrCat(link->name(), ": 装置 (device) ", device, ": ", name, ": ", std::string(status.message())));
  };
  auto server = FrameServer::Start(std::move(options), std::move(handlers));
  if (!server.ok()) return server.status();
  addresses_.push_back(absl::StrCat(link->name(), " tcp ", (*server)->address()));
  frames_.push_back(*std::move(server));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DirectoryExchange>> Adapter::StartFiles(Link* link) {
  const v1::DirectoryConfig& config = link->config().directories();
  DirectoryOptions options;
  options.in = config.in();
  options.out = config.out();
  if (config.poll_ms() != 0) options.poll_ms = config.poll_ms();
  if (config.keep_taken_s() != 0) options.keep_taken_s = config.keep_taken_s();
  options.discard_taken = config.discard_taken();
  return DirectoryExchange::Start(
      std::move(options), [link](const std::string& name, const std::string& bytes, bool too_large) -> FileAnswer {
        if (too_large) {
          LogAlarm(absl::StrCat(link->name(), ": 文件过大,留在 bad 目录 (a file is too large and stays in bad/)"));
          return {FileVerdict::kBad, link->Refusal(413)};
        }
        Reception reception = link->Receive(name, bytes);
        if (reception.kind == ReplyKind::kBusy) return {FileVerdict::kBusy, ""};
        return {reception.kind == ReplyKind::kBad ? FileVerdict::kBad : FileVerdict::kTaken, std::move(reception.body)};
      });
}

}  // namespace liandong::adapters
