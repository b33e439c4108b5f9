#include "adapters/runtime/adapter.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/log/log.h"
#include "adapters/runtime/metrics.h"
#include "adapters/transport/metrics_server.h"
#include "security/file.h"

namespace liandong::adapters {
namespace {

constexpr char kProgram[] = "liandong-adapter/0.1.0";

}  // namespace

absl::StatusOr<std::unique_ptr<Adapter>> Adapter::Start(AdapterSettings settings) {
  std::unique_ptr<Adapter> adapter(new Adapter(std::move(settings)));
  if (absl::Status status = adapter->Open(); !status.ok()) return status;
  return adapter;
}

absl::Status Adapter::Open() {
  const v1::AdapterConfig& config = settings_.config;
  HubClientOptions hub;
  hub.hubs.assign(config.hub().begin(), config.hub().end());
  hub.tls = {config.tls().ca(), config.tls().cert(), config.tls().key()};
  auto client = HubClient::Create(std::move(hub));
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  if (client_->party() != config.party()) {
    return absl::FailedPreconditionError(absl::StrCat(
        config.tls().cert(), ": 证书属于 ", client_->party(), ",配置写的是 ", config.party(),
        " (the certificate is of party ", client_->party(), ", the configuration says ", config.party(), ")"));
  }
  if (absl::Status status = security::MakeFolder(config.data_dir(), 0700); !status.ok()) return status;
  SpoolOptions options;
  options.path = config.spool();
  options.key_file = config.spool_key();
  if (!config.suite().empty()) options.suite = *security::SuiteFromName(config.suite());
  auto spool = Spool::Open(std::move(options));
  if (!spool.ok()) return spool.status();
  spool_ = *std::move(spool);
  if (absl::Status status = spool_->Lock(); !status.ok()) return status;
  // All links first: deliveries are shared out among them, and files may come at once.
  for (int i = 0; i < config.link_size(); ++i) {
    auto link = Link::Create(config.link(i), settings_.profiles[i], spool_.get());
    if (!link.ok()) return link.status();
    links_.push_back(*std::move(link));
  }
  for (const auto& link : links_) {
    if (absl::Status status = StartLink(link.get()); !status.ok()) {
      return absl::Status(status.code(), absl::StrCat("link \"", link->name(), "\": ", std::string(status.message())));
    }
  }
  if (absl::Status status = StartMetrics(); !status.ok()) return status;
  if (absl::Status status = WritePortFile(); !status.ok()) return status;
  StartLine();
  house_ = std::thread([this] { KeepHouse(); });
  LogInfo(absl::StrCat("适配器已启动 (adapter is up): ", config.party(), "; ", absl::StrJoin(addresses_, "; ")));
  return absl::OkStatus();
}

absl::Status Adapter::StartLink(Link* link) {
  const v1::LinkConfig& config = link->config();
  if (config.has_http()) {
    if (absl::Status status = StartHttp(link); !status.ok()) return status;
  }
  if (config.has_tcp()) return StartFrames(link);
  DirectoryExchange* exchange = nullptr;
  if (config.has_directories()) {
    auto files = StartFiles(link);
    if (!files.ok()) return files.status();
    files_.push_back(*std::move(files));
    exchange = files_.back().get();
  }
  if (config.has_peer() || !config.directories().out().empty()) {
    auto outlet = Outlet::Start(link, spool_.get(), exchange);
    if (!outlet.ok()) return outlet.status();
    outlets_.push_back(*std::move(outlet));
  }
  return absl::OkStatus();
}

absl::Status Adapter::StartMetrics() {
  const std::string& listen = settings_.config.metrics_listen();
  if (listen.empty()) return absl::OkStatus();
  auto server = ServeMetrics(listen, "liandong-adapter", [this] {
    const auto status = spool_->Status();
    return absl::StrCat(
        "# HELP liandong_adapter_hub_connected 1 while the line to the hub is up.\n"
        "# TYPE liandong_adapter_hub_connected gauge\nliandong_adapter_hub_connected ",
        connected_ ? 1 : 0, "\n", status.ok() ? MetricsText(*status, spool_->NowMs()) : "");
  });
  if (!server.ok()) return server.status();
  metrics_ = *std::move(server);
  addresses_.push_back(absl::StrCat("- metrics ", metrics_->address()));
  return absl::OkStatus();
}

absl::Status Adapter::WritePortFile() const {
  if (settings_.config.port_file().empty()) return absl::OkStatus();
  return security::WriteFileAtomic(settings_.config.port_file(), absl::StrCat(absl::StrJoin(addresses_, "\n"), "\n"),
                                   0644);
}

void Adapter::StartLine() {
  LinkHandlers handlers;
  handlers.on_deliveries = [this](const std::vector<v1::Delivery>& deliveries) { return Store(deliveries); };
  handlers.on_connected = [this](const v1::Welcome& welcome) { Connected(welcome); };
  handlers.on_disconnected = [this](const absl::Status& status, absl::Duration retry_in) {
    connected_ = false;
    LogWarning(absl::StrCat("与枢纽的连接断开,", absl::ToInt64Milliseconds(retry_in),
                            " 毫秒后重连 (the line to the hub is down, "
                            "again in ",
                            absl::ToInt64Milliseconds(retry_in), " ms): ", status.ToString()));
  };
  handlers.on_received_rejected = [](const v1::AckReply& reply) {
    LogWarning(absl::StrCat("枢纽不认任务 (the hub does not know delivery) ", reply.delivery_id(), ": ",
                            reply.error().reason()));
  };
  LinkOptions options;
  options.client = kProgram;
  options.resume.urgent = spool_->Cursor(SpoolLane::kUrgent).value_or(0);
  options.resume.urgent_named = options.resume.urgent != 0;
  options.resume.ordinary = spool_->Cursor(SpoolLane::kOrdinary).value_or(0);
  options.resume.ordinary_named = options.resume.ordinary != 0;
  session_ = std::make_unique<LinkSession>(client_, std::move(handlers), std::move(options));
  uplink_ = std::make_unique<Uplink>(client_, session_.get(), spool_.get());
}

void Adapter::Connected(const v1::Welcome& welcome) {
  connected_ = true;
  LogInfo(absl::StrCat("已连上枢纽 (connected to the hub) as ", welcome.party()));
  for (const v1::LaneCursor& last : welcome.last()) {
    const SpoolLane lane = LaneOf(last.lane());
    auto ours = spool_->Cursor(lane);
    if (!ours.ok() || *ours <= last.after_sequence()) continue;
    LogAlarm(
        "枢纽的编号比本地的小:枢纽重建过或由旧备份恢复 (the hub has given out fewer deliveries than are stored here: "
        "it was "
        "set up anew or restored from an old backup)");
    if (absl::Status status = spool_->ResetCursor(lane, last.after_sequence()); !status.ok()) {
      LogAlarm(absl::StrCat("暂存库无法写入 (the spool cannot be written): ", status.ToString()));
    }
  }
}

absl::Status Adapter::Store(const std::vector<v1::Delivery>& deliveries) {
  std::vector<OutboundItem> items;
  for (const v1::Delivery& delivery : deliveries) {
    const v1::Envelope& envelope = delivery.envelope();
    const Link* const link = Choose(delivery);
    OutboundItem item;
    item.lane = LaneOf(envelope.lane());
    item.sequence = envelope.sequence();
    item.delivery_id = envelope.delivery_id();
    item.queued_at_ms = envelope.queued_at_ms();
    item.incident_id = envelope.incident_id();
    item.incident_revision = envelope.incident_revision();
    if (envelope.kind() == v1::TASK || envelope.kind() == v1::UPDATE) item.duty_id = envelope.duty_id();
    if (link != nullptr) {
      item.link = link->name();
      item.body = delivery.SerializeAsString();
    } else {
      LogWarning(absl::StrCat("没有链路能下发 (no link carries) ", v1::DeliveryKind_Name(envelope.kind()), " ",
                              envelope.delivery_id(),
                              ": 请在某个 profile 补 outbound 规则 (add an outbound rule to a "
                              "profile)"));
    }
    items.push_back(std::move(item));
  }
  const absl::Status status = spool_->StoreDeliveries(items);
  if (!status.ok())
    LogAlarm(
        absl::StrCat("任务未能暂存,枢纽将重发 (deliveries were not stored, the hub will send them "
                     "again): ",
                     status.ToString()));
  return status;
}

const Link* Adapter::Choose(const v1::Delivery& delivery) {
  // Best first: a link that sends it and reported the incident, that sends it, that skips it on purpose, that cannot
  // say its purpose (and will refuse it), that fails on a field (and will tell the operator).
  const Link* best = nullptr;
  int best_rank = 0;
  for (const auto& link : links_) {
    if (!link->Carries(delivery.envelope().kind())) continue;
    auto rendered = link->mapper().Render(delivery);
    if (absl::IsNotFound(rendered.status())) continue;
    int rank = absl::IsFailedPrecondition(rendered.status()) ? 2 : 1;
    if (rendered.ok()) {
      rank = rendered->skip.empty() ? 4 : 3;
      for (const v1::ReportView& report : delivery.body().incident().reports()) {
        if (rank != 4 || report.party() != settings_.config.party() || report.external_id().empty()) continue;
        if (spool_->IncidentOf(link->name(), report.external_id()).value_or(0) != 0) rank = 5;
      }
    }
    if (rank > best_rank) {
      best = link.get();
      best_rank = rank;
    }
  }
  return best;
}

void Adapter::KeepHouse() {
  int64_t expire_at_ms = 0;
  while (!stopping_) {
    auto letters = spool_->TakeResends();
    if (letters.ok()) {
      for (const DeadLetter& letter : *letters) Resend(letter);
    } else {
      LogAlarm(absl::StrCat("暂存库无法读取 (the spool cannot be read): ", letters.status().ToString()));
    }
    if (spool_->NowMs() >= expire_at_ms) {
      expire_at_ms = spool_->NowMs() + kSpoolParkMs / 60;
      auto expired = spool_->Expire();
      if (expired.ok() && *expired > 0) {
        LogAlarm(absl::StrCat(*expired,
                              " 条回执找不到对应的任务,已转死信 (acknowledgments whose delivery never came, now dead "
                              "letters)"));
      }
    }
    spool_->Pause(absl::Milliseconds(kHousekeepingMs), stopping_);
  }
}

void Adapter::Resend(const DeadLetter& letter) {
  absl::Status status;
  if (letter.kind == DeadKind::kNative) {
    const auto link =
        std::find_if(links_.begin(), links_.end(), [&](const auto& one) { return one->name() == letter.link; });
    if (link == links_.end()) {
      return LogAlarm(
          absl::StrCat("死信 (dead letter) ", letter.row, ": 配置中没有链路 (no link is named) ", letter.link));
    }
    if (!(*link)->ReceiveAgain(letter)) return;
    status = spool_->DropDead(letter.row);
  } else {
    status = spool_->Revive(letter);
  }
  if (status.ok()) {
    LogInfo(absl::StrCat("死信 (dead letter) ", letter.row, ": 已重新发送 (sent again)"));
  } else {
    LogAlarm(absl::StrCat("死信 (dead letter) ", letter.row, ": ", status.ToString()));
  }
}

Adapter::~Adapter() { Stop(); }

void Adapter::Stop() {
  if (stopping_.exchange(true)) return;
  for (auto& server : http_) server->Stop();
  if (metrics_ != nullptr) metrics_->Stop();
  for (auto& server : frames_) server->Stop();
  for (auto& exchange : files_) exchange->Stop();
  // Before the uplink, which waits for the line's answers.
  if (session_ != nullptr) session_->Stop();
  if (uplink_ != nullptr) uplink_->Stop();
  for (auto& outlet : outlets_) outlet->Stop();
  if (spool_ != nullptr) spool_->Wake();
  if (house_.joinable()) house_.join();
}

}  // namespace liandong::adapters
