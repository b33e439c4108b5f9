#include "adapters/runtime/outlet.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "adapters/limits.h"
#include "adapters/log/log.h"
#include "adapters/mapping/profile.h"
#include "adapters/runtime/codecs.h"

namespace liandong::adapters {
namespace {

// Whether the hub waits for a person's word on it (ladders of delivery.proto).
bool Climbs(v1::DeliveryKind kind) {
  return kind == v1::TASK || kind == v1::ORDER || kind == v1::ESCALATION || kind == v1::TRANSFER ||
         kind == v1::UPWARD_REPORT;
}

// In the site's list of words that stand in clear.
constexpr std::string_view kReasonNotPassedOn = "未送达本单位系统";

bool IsNotCarried(const absl::Status& status) {
  const std::string text(status.message());
  return absl::StartsWith(text, std::string(kReasonExerciseNotCarried)) ||
         absl::StartsWith(text, std::string(kReasonPurposeMismatch));
}

std::string NameOf(const v1::Delivery& delivery) {
  return absl::StrCat(v1::DeliveryKind_Name(delivery.envelope().kind()), " ", delivery.envelope().delivery_id(),
                      " 事件 (incident) ", delivery.envelope().incident_id());
}

// In a listing sorted by name urgent files stand first, each lane in its order.
std::string FileName(const v1::Delivery& delivery, Format format) {
  const v1::Envelope& envelope = delivery.envelope();
  return absl::StrFormat("%d-%012d-%s-%d.%s", static_cast<int>(envelope.lane()), envelope.sequence(),
                         v1::DeliveryKind_Name(envelope.kind()), envelope.delivery_id(),
                         format == Format::kXml ? "xml" : "json");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outlet>> Outlet::Start(Link* link, Spool* spool, DirectoryExchange* files) {
  std::unique_ptr<Outlet> outlet(new Outlet(link, spool, files));
  const v1::HttpSettings http = HttpOf(link->profile());
  const v1::LinkConfig& config = link->config();
  outlet->retry_ms_ = config.retry().every_ms() != 0 ? config.retry().every_ms() : int64_t{http.retry_every_s()} * 1000;
  outlet->tries_max_ = config.retry().times() != 0 ? config.retry().times() : http.max_tries();
  if (config.has_peer()) {
    HttpPeerOptions options;
    options.base_url = config.peer().base_url();
    options.ca = config.peer().tls().ca();
    options.cert = config.peer().tls().cert();
    options.key = config.peer().tls().key();
    options.allow_plain_to.assign(config.peer().allow_plain_to().begin(), config.peer().allow_plain_to().end());
    options.timeout_ms = std::min<int64_t>(http.timeout_ms(), kPeerTimeoutMsMax);
    auto peer = HttpPeer::Create(std::move(options));
    if (!peer.ok()) return peer.status();
    outlet->peer_ = *std::move(peer);
    if (link->profile().has_auth_out()) {
      auto secret = LinkSecret::Load(link->profile().auth_out());
      if (!secret.ok()) return secret.status();
      outlet->secret_ = *std::move(secret);
    }
  }
  outlet->thread_ = std::thread([raw = outlet.get()] { raw->Loop(); });
  return outlet;
}

Outlet::~Outlet() { Stop(); }

void Outlet::Stop() {
  stopping_ = true;
  if (peer_ != nullptr) peer_->Abort();
  spool_->Wake();
  if (thread_.joinable()) thread_.join();
}

void Outlet::Loop() {
  while (!stopping_) {
    const uint64_t version = spool_->Version();
    auto next = spool_->NextOutbound(link_->name());
    if (next.ok() && next->has_value()) {
      Handle(**next);
      continue;
    }
    Settle(next.status());
    auto due = spool_->NextDueMs(link_->name());
    int64_t wait_ms = kHousekeepingMs;
    if (due.ok() && due->has_value()) wait_ms = std::clamp<int64_t>(**due - spool_->NowMs(), 1, kHousekeepingMs);
    spool_->WaitPast(version, absl::Milliseconds(wait_ms));
  }
}

// After an error of the spool itself: say so, and do not spin.
void Outlet::Settle(const absl::Status& status) {
  if (status.ok()) return;
  LogAlarm(absl::StrCat(link_->name(), ": 暂存库出错 (spool error): ", status.ToString()));
  spool_->WaitPast(spool_->Version(), absl::Milliseconds(kHousekeepingMs));
}

void Outlet::Handle(const SpooledDelivery& spooled) {
  v1::Delivery delivery;
  if (!delivery.ParseFromString(spooled.item.body)) return Fail(spooled, "BAD_DELIVERY");
  const v1::Envelope& envelope = delivery.envelope();
  if (envelope.duty_id() != 0 && (envelope.kind() == v1::TASK || envelope.kind() == v1::UPDATE)) {
    auto taken = spool_->TakenRevision(link_->name(), envelope.duty_id());
    if (!taken.ok()) return Settle(taken.status());
    if (*taken > envelope.incident_revision()) {
      LogInfo(absl::StrCat(link_->name(), ": ", NameOf(delivery),
                           ": 已发出更新的版本,不再发送 (a later revision has been "
                           "sent already)"));
      return Settle(spool_->OutboundDone(spooled.row));
    }
  }
  auto rendered = link_->mapper().Render(delivery);
  if (!rendered.ok()) {
    const std::string why(rendered.status().message());
    if (IsNotCarried(rendered.status())) return NotCarried(spooled, delivery, why);
    return Fail(spooled, why);
  }
  if (!rendered->skip.empty()) {
    LogInfo(absl::StrCat(link_->name(), ": ", NameOf(delivery), ": 不下发 (not passed on): ", rendered->skip));
    return Settle(spool_->OutboundDone(spooled.row));
  }
  Push(spooled, delivery, *rendered);
}

void Outlet::NotCarried(const SpooledDelivery& spooled, const v1::Delivery& delivery, const std::string& why) {
  LogWarning(absl::StrCat(link_->name(), ": ", NameOf(delivery),
                          ": 非实战消息不能在本链路标明,未下发 (not actual, and this link "
                          "cannot say so: not passed on): ",
                          why));
  if (Climbs(delivery.envelope().kind())) {
    absl::Status status = Answer(spooled, delivery, v1::REFUSED, kReasonExerciseNotCarried);
    if (!status.ok()) return Settle(status);
  }
  Settle(spool_->OutboundDone(spooled.row));
}

absl::Status Outlet::Answer(const SpooledDelivery& spooled, const v1::Delivery& delivery, v1::AckState state,
                            std::string_view reason) {
  v1::Acknowledgment ack;
  ack.set_delivery_id(delivery.envelope().delivery_id());
  ack.set_state(state);
  ack.set_reason(std::string(reason));
  ack.mutable_actor()->set_way(v1::BY_ADAPTER);
  PutRequest request;
  request.link = link_->name();
  request.repeat_key = absl::StrCat("not passed on ", spooled.row);
  request.items.push_back({spooled.item.lane, InboundKind::kAcknowledgment, ack.SerializeAsString()});
  return spool_->Put(request).status();
}

void Outlet::Push(const SpooledDelivery& spooled, const v1::Delivery& delivery, const Rendered& rendered) {
  const Format format = FormatOf(link_->profile());
  auto bytes = link_->codec()->Encode({rendered.kind, rendered.tree}, EncodingOf(link_->profile()), format);
  if (!bytes.ok()) return Fail(spooled, std::string(bytes.status().message()));
  // Before it is sent, because the other side may be quick.
  const NativeRef ref{delivery.envelope().delivery_id(), delivery.envelope().incident_id(), spooled.item.lane};
  absl::Status remembered = link_->Remember({{"delivery_id", absl::StrCat(ref.delivery_id)}}, ref, false);
  remembered.Update(link_->Remember(rendered.keys, ref, rendered.keep_known_keys));
  if (!remembered.ok()) return Settle(remembered);

  std::string why;
  const Judgement judgement = Try(delivery, rendered, *bytes, &why);
  switch (judgement.verdict) {
    case Verdict::kAccepted:
    case Verdict::kDuplicate: {
      absl::Status status = link_->Remember(judgement.keys, ref, rendered.keep_known_keys);
      status.Update(spool_->OutboundDone(spooled.row));
      LogDebug(absl::StrCat(link_->name(), ": ", NameOf(delivery), ": 已送达 (taken by their system)"));
      return Settle(status);
    }
    case Verdict::kRejected:
      return Fail(spooled, absl::StrCat("NATIVE_REFUSED: ", why));
    case Verdict::kTransient:
      break;
  }
  if (stopping_) return;
  if (spooled.tries + 1 >= tries_max_) {
    return Fail(spooled, absl::StrCat("NATIVE_UNREACHABLE: 已试 (tried) ", spooled.tries + 1, ": ", why));
  }
  LogWarning(absl::StrCat(link_->name(), ": ", NameOf(delivery), ": 第 ", spooled.tries + 1, " 次未送达,",
                          retry_ms_ / 1000, " 秒后再试 (try ", spooled.tries + 1, " failed, again in ",
                          retry_ms_ / 1000, " s): ", why));
  Settle(spool_->OutboundRetry(spooled.row, spool_->NowMs() + retry_ms_));
}

Judgement Outlet::Try(const v1::Delivery& delivery, const Rendered& rendered, const std::string& bytes,
                      std::string* why) {
  const Format format = FormatOf(link_->profile());
  Judgement judgement;
  if (peer_ == nullptr) {
    const absl::Status written = files_ == nullptr ? absl::FailedPreconditionError("没有出口 (no way out)")
                                                   : files_->Write(FileName(delivery, format), bytes);
    judgement.verdict = written.ok() ? Verdict::kAccepted : Verdict::kTransient;
    *why = written.ToString();
    return judgement;
  }
  const std::string path =
      peer_->FullPath(rendered.path.empty() ? link_->codec()->PathFor(rendered.kind) : rendered.path);
  HeaderList headers = rendered.headers;
  if (secret_.has_value()) {
    for (auto& header : secret_->Sign(rendered.method, path, bytes, spool_->NowMs() / 1000)) {
      headers.push_back(std::move(header));
    }
  }
  const std::string content_type =
      absl::StrCat(format == Format::kXml ? "application/xml; charset=" : "application/json; charset=",
                   std::string(EncodingName(EncodingOf(link_->profile()))));
  auto answer = peer_->Send(rendered.method, path, headers, content_type, bytes);
  if (!answer.ok()) {
    *why = std::string(answer.status().message());
    return judgement;
  }
  judgement = link_->mapper().JudgeReply(rendered, answer->status, answer->body);
  // The answer's text may hold a person's words: only its status is told.
  *why = absl::StrCat("HTTP ", answer->status);
  return judgement;
}

void Outlet::Fail(const SpooledDelivery& spooled, const std::string& why) {
  LogAlarm(absl::StrCat(link_->name(), ": 任务 (delivery) ", spooled.item.delivery_id,
                        " 未能送入本单位系统,已转死信,请用电话告知 (did not reach the party's own system, now a dead "
                        "letter; tell them by telephone): ",
                        why));
  // The hub heard RECEIVED of it: the command centre and the reporter must learn that nobody here will read it.
  v1::Delivery delivery;
  const bool parsed = delivery.ParseFromString(spooled.item.body);
  if (parsed && (delivery.envelope().kind() == v1::TASK || delivery.envelope().kind() == v1::ORDER)) {
    absl::Status status = Answer(spooled, delivery, v1::PROGRESS, kReasonNotPassedOn);
    if (!status.ok()) return Settle(status);
  }
  Settle(spool_->OutboundFailed(spooled, why));
}

}  // namespace liandong::adapters
