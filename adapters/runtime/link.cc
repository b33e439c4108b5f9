#include "adapters/runtime/link.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/limits.h"
#include "adapters/log/log.h"
#include "adapters/runtime/codecs.h"
#include "security/crypto.h"

namespace liandong::adapters {
namespace {

// Life first: unknown counts as danger, as it does in the hub.
SpoolLane LaneOfReport(const v1::Report& report) {
  return report.open().danger_to_life() == v1::NO ? SpoolLane::kOrdinary : SpoolLane::kUrgent;
}

Format FormatOfBytes(std::string_view bytes) {
  for (const char c : bytes) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c))) return c == '<' ? Format::kXml : Format::kJson;
  }
  return Format::kJson;
}

const char* RefusalText(int http_status) {
  switch (http_status) {
    case 401:
      return "身份验证失败 (who you are could not be verified)";
    case 404:
      return "没有这个接口 (no such path)";
    case 405:
      return "请用 POST (use POST)";
    case 413:
      return "报文过大 (the message is too large)";
    case 431:
      return "请求头过大 (the headers are too large)";
    default:
      return "不是有效的请求 (not a valid request)";
  }
}

}  // namespace

SpoolLane LaneOf(v1::Lane lane) { return lane == v1::ORDINARY ? SpoolLane::kOrdinary : SpoolLane::kUrgent; }

std::string PackAction(const std::string& external_id, const std::string& request) {
  return absl::StrCat(external_id.size(), "\n", external_id, request);
}

void UnpackAction(const std::string& packed, std::string* external_id, std::string* request) {
  const size_t line = packed.find('\n');
  const size_t size = std::stoul(packed.substr(0, line));
  *external_id = packed.substr(line + 1, size);
  *request = packed.substr(line + 1 + size);
}

Link::Link(v1::LinkConfig config, v1::Profile profile, std::unique_ptr<Codec> codec, Spool* spool)
    : config_(std::move(config)),
      mapper_(std::move(profile)),
      codec_(std::move(codec)),
      encoding_(EncodingOf(mapper_.profile())),
      spool_(spool) {}

absl::StatusOr<std::unique_ptr<Link>> Link::Create(v1::LinkConfig config, v1::Profile profile, Spool* spool) {
  std::unique_ptr<Codec> codec;
  if (profile.codec() != kFrameCodec) {
    auto made = MakeCodec(profile);
    if (!made.ok()) return made.status();
    codec = *std::move(made);
  }
  return std::unique_ptr<Link>(new Link(std::move(config), std::move(profile), std::move(codec), spool));
}

// Ids of one system are the same by whatever link they come; other systems of the party have ids of their own.
std::string Link::NativeId(const DeliveryKey& key) const { return absl::StrCat(profile().id(), " ", key.Text()); }

std::vector<std::string> Link::NativeIds(const std::vector<DeliveryKey>& keys) const {
  std::vector<std::string> ids;
  for (const DeliveryKey& key : keys) ids.push_back(NativeId(key));
  return ids;
}

bool Link::Carries(v1::DeliveryKind kind) const {
  const bool way_out = config_.has_peer() || !config_.directories().out().empty();
  if (!way_out || codec_ == nullptr) return false;
  if (config_.carry().empty()) return true;
  for (const int carried : config_.carry()) {
    if (carried == kind) return true;
  }
  return false;
}

std::string Link::Refusal(int http_status) const {
  if (codec_ == nullptr) return "";
  Reply reply;
  reply.kind = ReplyKind::kBad;
  reply.code = absl::StrCat(http_status);
  reply.message = RefusalText(http_status);
  return codec_->EncodeReply(reply, encoding_, FormatOf(profile())).value_or("");
}

ReplyKind Link::Bury(std::string_view repeat_key, const absl::Status& why, std::string_view path,
                     std::string_view bytes) {
  const std::string reason(why.message());
  auto row = spool_->PutDead(DeadKind::kNative, name(), repeat_key, reason, path, bytes);
  if (!row.ok()) {
    LogAlarm(absl::StrCat(name(),
                          ": 无法留存一份不能转换的报文,已答复对方稍后重发 (a message that cannot be mapped could not "
                          "be kept; its sender was told to wait): ",
                          row.status().ToString()));
    return ReplyKind::kBusy;
  }
  LogAlarm(absl::StrCat(name(), ": 报文不能转换,已留存为死信 ", *row, " (cannot be mapped, kept as dead letter ", *row,
                        "): ", reason));
  return ReplyKind::kBad;
}

void Link::TellNotes(const Mapped& mapped) {
  for (const MapNote& note : mapped.notes) {
    const std::string key = absl::StrCat(note.field, " ", note.reason);
    {
      const std::lock_guard<std::mutex> lock(notes_mutex_);
      if (!notes_.insert(key).second) continue;
    }
    LogWarning(absl::StrCat(name(), ": ", note.field, ": ", note.reason, ": ", note.zh, " (", note.en, ")"));
  }
}

absl::Status Link::CollectReport(const ReportDraft& draft, PutRequest* request) {
  v1::Report report = draft.report;
  if (draft.id_from_spool) {
    auto id = draft.same_as.empty() ? spool_->NewId()
                                    : spool_->IdFor(name(), draft.same_as, int64_t{draft.same_within_s} * 1000);
    if (!id.ok()) return id.status();
    report.set_external_id(*id);
    if (!draft.same_as.empty()) request->same.push_back({draft.same_as, *id});
  }
  if (report.actor().way() == v1::WAY_UNSPECIFIED) report.mutable_actor()->set_way(v1::BY_ADAPTER);
  if (request->id.empty()) request->id = report.external_id();
  request->items.push_back({LaneOfReport(report), InboundKind::kReport, report.SerializeAsString()});
  return absl::OkStatus();
}

absl::Status Link::CollectAck(const AckDraft& draft, PutRequest* request) {
  v1::Acknowledgment ack = draft.ack;
  if (ack.actor().way() == v1::WAY_UNSPECIFIED) ack.mutable_actor()->set_way(v1::BY_ADAPTER);
  std::vector<std::string> ids = NativeIds(draft.keys);
  // The lane is known by the number, too.
  if (ack.delivery_id() != 0) ids = {NativeId({"delivery_id", absl::StrCat(ack.delivery_id())})};
  std::optional<NativeRef> ref;
  for (const std::string& id : ids) {
    auto found = spool_->Find(id);
    if (!found.ok()) return found.status();
    if ((ref = *found).has_value()) break;
  }
  if (!ref.has_value() && ack.delivery_id() == 0) {
    const std::string repeat = absl::StrCat(request->repeat_key, "#", request->items.size(), "#", ack.state());
    auto known = spool_->Park(name(), repeat, ids, ack.SerializeAsString(), draft.drop_if_unknown);
    if (!known.ok()) return known.status();
    ref = *known;
    if (!ref.has_value()) return absl::OkStatus();
  }
  if (ack.delivery_id() == 0) ack.set_delivery_id(ref->delivery_id);
  const SpoolLane lane = ref.has_value() ? ref->lane : SpoolLane::kUrgent;
  request->items.push_back({lane, InboundKind::kAcknowledgment, ack.SerializeAsString()});
  return absl::OkStatus();
}

absl::Status Link::Collect(const Mapped& mapped, PutRequest* request) {
  TellNotes(mapped);
  for (const KeyAlias& alias : mapped.aliases) {
    auto known = spool_->Find(NativeId(alias.known));
    if (!known.ok()) return known.status();
    if (!known->has_value()) continue;
    if (absl::Status status = Remember({alias.also}, **known, /*keep_known=*/false); !status.ok()) return status;
  }
  for (const ReportDraft& draft : mapped.reports) {
    if (absl::Status status = CollectReport(draft, request); !status.ok()) return status;
  }
  for (const AckDraft& draft : mapped.acks) {
    if (absl::Status status = CollectAck(draft, request); !status.ok()) return status;
  }
  for (const TransferDraft& draft : mapped.transfers) {
    request->items.push_back(
        {SpoolLane::kUrgent, InboundKind::kTransfer, PackAction(draft.external_id, draft.request.SerializeAsString())});
  }
  for (const CloseDraft& draft : mapped.closes) {
    request->items.push_back(
        {SpoolLane::kOrdinary, InboundKind::kClose, PackAction(draft.external_id, draft.request.SerializeAsString())});
  }
  return absl::OkStatus();
}

absl::Status Link::Remember(const std::vector<DeliveryKey>& keys, const NativeRef& ref, bool keep_known) {
  if (keys.empty()) return absl::OkStatus();
  auto waiting = spool_->Remember(NativeIds(keys), ref, keep_known);
  if (!waiting.ok()) return waiting.status();
  for (const ParkedAck& parked : *waiting) {
    v1::Acknowledgment ack;
    if (!ack.ParseFromString(parked.body)) return absl::DataLossError("spool: a parked acknowledgment cannot be read");
    ack.set_delivery_id(ref.delivery_id);
    absl::Status status =
        spool_->Unpark(parked.row, parked.link, {ref.lane, InboundKind::kAcknowledgment, ack.SerializeAsString()});
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

ReplyKind Link::Store(const PutRequest& request) {
  auto put = spool_->Put(request);
  if (!put.ok()) {
    LogAlarm(absl::StrCat(
        name(), ": 暂存失败,已答复对方稍后重发 (not stored; the sender was told to wait): ", put.status().ToString()));
    return ReplyKind::kBusy;
  }
  LogDebug(absl::StrCat(name(), ": ", put->repeat ? "重复 (repeat)" : "已暂存 (stored)", " seq ", put->seq, ", ",
                        request.items.size(), " 条 (records)"));
  return put->repeat ? ReplyKind::kDuplicate : ReplyKind::kAccepted;
}

Reception Link::Receive(std::string_view path, std::string_view bytes) {
  Reception reception;
  reception.format = FormatOfBytes(bytes);
  Reply reply;
  PutRequest request;
  request.link = name();
  request.repeat_key = security::Sha256(absl::StrCat(std::string(path), "\n", std::string(bytes)));
  auto message = codec_->Decode(path, bytes, encoding_);
  auto mapped = message.ok() ? mapper_.Map(*message) : absl::StatusOr<Mapped>(message.status());
  if (message.ok()) reply.echo = codec_->KeyIds(*message);
  if (!mapped.ok()) {
    reply.kind = Bury(request.repeat_key, mapped.status(), path, bytes);
    reply.message = std::string(mapped.status().message());
  } else {
    bool shared_ids = false;
    for (const ReportDraft& draft : mapped->reports) shared_ids |= !draft.same_as.empty();
    std::unique_lock<std::mutex> lock(same_mutex_, std::defer_lock);
    if (shared_ids) lock.lock();
    if (absl::Status status = Collect(*mapped, &request); !status.ok()) {
      LogAlarm(absl::StrCat(name(), ": 暂存失败 (not stored): ", status.ToString()));
      reply.kind = ReplyKind::kBusy;
    } else {
      reply.kind = Store(request);
    }
  }
  if (reply.kind == ReplyKind::kBusy) reply.retry_after_s = kBusyRetryS;
  reception.kind = reply.kind;
  reception.body = codec_->EncodeReply(reply, encoding_, reception.format).value_or("");
  return reception;
}

FrameVerdict Link::ReceiveFrame(const gb26875::Frame& frame, bool* whole) {
  const gb26875::Options options = FrameOptions(profile());
  if (gb26875::IsHeartbeat(frame, options)) return FrameVerdict::kAck;
  const gb26875::Decoded decoded =
      gb26875::DecodeAdu(frame, {static_cast<int>(profile().utc_offset_minutes()), options.heartbeat});
  PutRequest request;
  request.link = name();
  request.repeat_key = gb26875::DedupKey(frame);
  absl::Status bad = decoded.status;
  bool any = false;
  const std::lock_guard<std::mutex> lock(same_mutex_);
  for (const nlohmann::json& event : decoded.events) {
    auto mapped = mapper_.Map({event.value("kind", std::string()), event});
    if (!mapped.ok()) {
      bad.Update(mapped.status());
      continue;
    }
    any = true;
    if (absl::Status status = Collect(*mapped, &request); !status.ok()) {
      LogAlarm(
          absl::StrCat(name(), ": 暂存失败,设备将重发 (not stored, the device will send again): ", status.ToString()));
      return FrameVerdict::kNone;
    }
  }
  if (whole != nullptr) *whole = bad.ok();
  if (!bad.ok()) {
    const std::string bytes = gb26875::Encode(frame, options).value_or(frame.adu);
    if (Bury(request.repeat_key, bad, "", bytes) == ReplyKind::kBusy) return FrameVerdict::kNone;
    if (!any) return FrameVerdict::kDeny;
  }
  if (request.items.empty()) return FrameVerdict::kAck;
  return Store(request) == ReplyKind::kBusy ? FrameVerdict::kNone : FrameVerdict::kAck;
}

bool Link::ReceiveAgain(const DeadLetter& letter) {
  if (codec_ != nullptr) {
    const ReplyKind kind = Receive(letter.context, letter.body).kind;
    return kind == ReplyKind::kAccepted || kind == ReplyKind::kDuplicate;
  }
  gb26875::FrameReader reader(FrameOptions(profile()));
  reader.Push(letter.body);
  const auto reading = reader.Pull();
  bool whole = true;
  return reading.has_value() && reading->fault == gb26875::Fault::kNone &&
         ReceiveFrame(reading->frame, &whole) == FrameVerdict::kAck && whole;
}

}  // namespace liandong::adapters
