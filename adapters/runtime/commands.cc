#include "adapters/runtime/commands.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "adapters/fire_119/gb26875_adu.h"
#include "adapters/limits.h"
#include "adapters/mapping/mapper.h"
#include "adapters/mapping/profile.h"
#include "adapters/mapping/text_file.h"
#include "adapters/runtime/codecs.h"
#include "adapters/runtime/metrics.h"
#include "adapters/spool/spool.h"
#include "liandong/v1/acknowledgment.pb.h"
#include "liandong/v1/delivery.pb.h"
#include "liandong/v1/report.pb.h"
#include "security/file.h"

namespace liandong::adapters {
namespace {

int Fail(std::ostream& err, const absl::Status& status) {
  err << std::string(status.message()) << "\n";
  return absl::IsNotFound(status) ? kExitNotFound : kExitUsage;
}

absl::StatusOr<std::unique_ptr<Spool>> OpenSpool(const AdapterSettings& settings) {
  SpoolOptions options;
  options.path = settings.config.spool();
  options.key_file = settings.config.spool_key();
  if (!std::filesystem::exists(options.path)) {
    return absl::NotFoundError(
        absl::StrCat(options.path, ": 没有暂存库,适配器还没有启动过 (no spool: the adapter has never run)"));
  }
  return Spool::Open(std::move(options));
}

// Hexadecimal text with comments, or else the bytes themselves.
std::string FrameBytes(const std::string& text) {
  std::string digits;
  bool comment = false;
  for (const char c : text) {
    if (c == '\n') comment = false;
    if (c == '#') comment = true;
    if (comment || absl::ascii_isspace(static_cast<unsigned char>(c))) continue;
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return text;
    digits.push_back(c);
  }
  return security::FromHex(digits).value_or(text);
}

int CheckFrames(const Mapper& mapper, const std::string& bytes, const DescribeOptions& describe, std::ostream& out) {
  int exit = kExitDone;
  gb26875::FrameReader reader(FrameOptions(mapper.profile()));
  const auto show = [&](const gb26875::Reading& reading) {
    if (reading.fault != gb26875::Fault::kNone) {
      out << "坏帧 bad frame: " << gb26875::FaultName(reading.fault) << "\n";
      exit = kExitRefused;
      return;
    }
    const gb26875::Decoded decoded = gb26875::DecodeAdu(
        reading.frame,
        {static_cast<int>(mapper.profile().utc_offset_minutes()), FrameOptions(mapper.profile()).heartbeat});
    if (!decoded.status.ok()) {
      out << "  不能读取 cannot be read: " << std::string(decoded.status.message()) << "\n";
      exit = kExitRefused;
    }
    for (const nlohmann::json& event : decoded.events) {
      const NativeMessage message{event.value("kind", std::string()), event};
      out << Describe(mapper, message, describe);
      if (!mapper.Map(message).ok()) exit = kExitRefused;
    }
  };
  std::string_view rest = bytes;
  while (!rest.empty()) {
    rest.remove_prefix(reader.Push(rest));
    while (auto reading = reader.Pull()) show(*reading);
  }
  while (auto reading = reader.GiveUp()) {
    show(*reading);
    while (auto next = reader.Pull()) show(*next);
  }
  return exit;
}

std::string TimeText(int64_t ms) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixMillis(ms), absl::LocalTimeZone());
}

template <typename Message>
std::string AsText(const std::string& body) {
  Message message;
  return message.ParseFromString(body) ? message.Utf8DebugString() : body;
}

std::string BodyText(const DeadLetter& letter) {
  switch (letter.kind) {
    case DeadKind::kReport:
      return AsText<v1::Report>(letter.body);
    case DeadKind::kAcknowledgment:
      return AsText<v1::Acknowledgment>(letter.body);
    case DeadKind::kDelivery:
      return AsText<v1::Delivery>(letter.body);
    case DeadKind::kNative:
    case DeadKind::kAction:
      break;
  }
  return letter.body;
}

}  // namespace

int RunCheck(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  auto profile = LoadProfile(options.profile);
  if (!profile.ok()) return Fail(err, profile.status());
  const Mapper mapper(*profile);
  const DescribeOptions describe{options.show_personal};
  if (options.delivery) {
    v1::Delivery delivery;
    if (absl::Status status = LoadTextProto(options.file, &delivery); !status.ok()) return Fail(err, status);
    out << DescribeRender(mapper, delivery, describe);
    return mapper.Render(delivery).ok() ? kExitDone : kExitRefused;
  }
  auto bytes = security::ReadFileBounded(options.file, kNativeMessageBytesMax);
  if (!bytes.ok()) return Fail(err, bytes.status());
  if (profile->codec() == kFrameCodec) return CheckFrames(mapper, FrameBytes(*bytes), describe, out);
  auto codec = MakeCodec(*profile);
  if (!codec.ok()) return Fail(err, codec.status());
  const std::string path =
      options.path.empty() ? std::filesystem::path(options.file).filename().string() : options.path;
  auto message = (*codec)->Decode(path, *bytes, EncodingOf(*profile));
  if (!message.ok()) {
    out << "不能读取 cannot be read: " << std::string(message.status().message()) << "\n";
    return kExitRefused;
  }
  out << Describe(mapper, *message, describe);
  return mapper.Map(*message).ok() ? kExitDone : kExitRefused;
}

int RunDeadList(const AdapterSettings& settings, std::ostream& out, std::ostream& err) {
  auto spool = OpenSpool(settings);
  if (!spool.ok()) return Fail(err, spool.status());
  auto letters = (*spool)->ListDead();
  if (!letters.ok()) return Fail(err, letters.status());
  if (letters->empty()) out << "没有死信 (no dead letters)\n";
  for (const DeadLetter& letter : *letters) {
    out << letter.row << "  " << TimeText(letter.at_ms) << "  " << letter.link << "  " << DeadKindName(letter.kind)
        << "  " << letter.body_bytes << " B  x" << letter.times << (letter.resend ? "  [待重发 resend]" : "") << "  "
        << letter.reason << "\n";
  }
  return kExitDone;
}

int RunDeadShow(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err) {
  auto spool = OpenSpool(settings);
  if (!spool.ok()) return Fail(err, spool.status());
  auto letter = (*spool)->ShowDead(row);
  if (!letter.ok()) return Fail(err, letter.status());
  out << "死信 dead letter " << letter->row << "\n  时间 at: " << TimeText(letter->at_ms)
      << "\n  链路 link: " << letter->link << "\n  种类 kind: " << DeadKindName(letter->kind)
      << "\n  次数 times: " << letter->times << "\n  原因 reason: " << letter->reason << "\n";
  if (!letter->context.empty()) out << "  来自 came by: " << letter->context << "\n";
  out << "  内容 content (" << letter->body_bytes << " B):\n" << BodyText(*letter) << "\n";
  return kExitDone;
}

int RunDeadResend(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err) {
  auto spool = OpenSpool(settings);
  if (!spool.ok()) return Fail(err, spool.status());
  if (absl::Status status = (*spool)->AskResend(row); !status.ok()) return Fail(err, status);
  out << "死信 " << row << " 将由运行中的适配器重发;改过 profile 要先重启适配器 (the running adapter sends it again; "
      << "restart the adapter first if a profile was changed)\n";
  return kExitDone;
}

int RunDeadDrop(const AdapterSettings& settings, uint64_t row, std::ostream& out, std::ostream& err) {
  auto spool = OpenSpool(settings);
  if (!spool.ok()) return Fail(err, spool.status());
  if (absl::Status status = (*spool)->DropDead(row); !status.ok()) return Fail(err, status);
  out << "死信 " << row << " 已删除 (dropped)\n";
  return kExitDone;
}

int RunStatus(const AdapterSettings& settings, bool metrics, std::ostream& out, std::ostream& err) {
  auto spool = OpenSpool(settings);
  if (!spool.ok()) return Fail(err, spool.status());
  auto status = (*spool)->Status();
  if (!status.ok()) return Fail(err, status.status());
  uint64_t failing = 0;
  const int64_t now_ms = (*spool)->NowMs();
  for (const SpoolLane lane : kSpoolLanes) {
    const SpoolStatus::Lane& one = status->lane[static_cast<size_t>(lane) - 1];
    failing += one.outbound_failing;
    if (metrics) continue;
    out << (lane == SpoolLane::kUrgent ? "紧急 urgent:   " : "普通 ordinary: ") << "待送枢纽 to the hub " << one.inbound
        << " (最久 oldest " << OldestS(one, now_ms) << " s), 待送本单位系统 to the party's system " << one.outbound
        << " (其中重试中 failing " << one.outbound_failing << "), 已收至 received up to " << one.cursor << "\n";
  }
  if (metrics) {
    out << MetricsText(*status, now_ms);
  } else {
    out << "待匹配的回执 acknowledgments waiting for their delivery: " << status->parked
        << "\n暂存 spool: " << status->bytes << " B\n死信 dead letters: " << status->dead;
    for (const auto& [link, count] : status->dead_by_link) out << "  " << link << ": " << count;
    out << "\n";
    if (status->dead > 0) out << "【告警 ALARM】有死信待处理,见 dead list (dead letters wait: see `dead list`)\n";
  }
  return status->dead > 0 || failing > 0 ? kExitAttention : kExitDone;
}

}  // namespace liandong::adapters
