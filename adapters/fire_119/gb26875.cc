#include "adapters/fire_119/gb26875.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapters/text/reason.h"

namespace liandong::adapters::gb26875 {
namespace {

constexpr std::string_view kStart = "@@";
constexpr std::string_view kEndMark = "##";
// Offsets in a frame; the standard counts from 1.
constexpr size_t kSerialAt = 2;
constexpr size_t kVersionAt = 4;
constexpr size_t kTimeAt = 6;
constexpr size_t kSourceAt = 12;
constexpr size_t kDestinationAt = 18;
constexpr size_t kLengthAt = 24;
constexpr size_t kCommandAt = 26;
constexpr size_t kHeaderBytes = 27;
constexpr size_t kTrailerBytes = 3;  // checksum and end mark
constexpr size_t kAddressBytes = 6;
constexpr uint64_t kAddressMax = (uint64_t{1} << 48) - 1;

uint64_t ReadLittle(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void AppendLittle(std::string& out, uint64_t value, size_t count) {
  for (size_t i = 0; i < count; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

uint8_t Byte(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

// Over the frame without checksum and end mark.
uint8_t Checksum(std::string_view head, const Options& options) {
  uint8_t sum = 0;
  for (size_t i = options.checksum_from_command ? kCommandAt : kSerialAt; i < head.size(); ++i) {
    sum = static_cast<uint8_t>(options.checksum_xor ? sum ^ Byte(head, i) : sum + Byte(head, i));
  }
  return sum;
}

Frame ReadHeader(std::string_view bytes) {
  Frame frame;
  frame.serial = static_cast<uint16_t>(ReadLittle(bytes, kSerialAt, 2));
  frame.version_main = Byte(bytes, kVersionAt);
  frame.version_user = Byte(bytes, kVersionAt + 1);
  frame.time = {Byte(bytes, kTimeAt),     Byte(bytes, kTimeAt + 1), Byte(bytes, kTimeAt + 2),
                Byte(bytes, kTimeAt + 3), Byte(bytes, kTimeAt + 4), Byte(bytes, kTimeAt + 5)};
  frame.source = ReadLittle(bytes, kSourceAt, kAddressBytes);
  frame.destination = ReadLittle(bytes, kDestinationAt, kAddressBytes);
  frame.command = Byte(bytes, kCommandAt);
  return frame;
}

bool KnownCommand(uint8_t command) {
  return command >= static_cast<uint8_t>(Command::kControl) && command <= static_cast<uint8_t>(Command::kDeny);
}

bool MayDeny(const Frame& header) {
  return header.command != static_cast<uint8_t>(Command::kAck) &&
         header.command != static_cast<uint8_t>(Command::kDeny);
}

Frame Answer(const Frame& frame, Command command, const TimeTag& now) {
  Frame answer;
  answer.serial = frame.serial;
  answer.version_main = frame.version_main;
  answer.version_user = frame.version_user;
  answer.time = now;
  answer.source = frame.destination;
  answer.destination = frame.source;
  answer.command = static_cast<uint8_t>(command);
  return answer;
}

}  // namespace

std::optional<int64_t> TimeTagToMs(const TimeTag& tag, int zone_offset_minutes) {
  if (tag.year > 99) return std::nullopt;
  absl::CivilSecond civil(2000 + tag.year, tag.month, tag.day, tag.hour, tag.minute, tag.second);
  bool exists = civil.year() == 2000 + tag.year && civil.month() == tag.month && civil.day() == tag.day &&
                civil.hour() == tag.hour && civil.minute() == tag.minute && civil.second() == tag.second;
  if (!exists) return std::nullopt;
  return absl::ToUnixMillis(absl::FromCivil(civil, absl::FixedTimeZone(zone_offset_minutes * 60)));
}

TimeTag TimeTagFromMs(int64_t epoch_ms, int zone_offset_minutes) {
  absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixMillis(epoch_ms), absl::FixedTimeZone(zone_offset_minutes * 60));
  return {static_cast<uint8_t>(civil.second()), static_cast<uint8_t>(civil.minute()),
          static_cast<uint8_t>(civil.hour()),   static_cast<uint8_t>(civil.day()),
          static_cast<uint8_t>(civil.month()),  static_cast<uint8_t>(((civil.year() % 100) + 100) % 100)};
}

absl::StatusOr<std::string> Encode(const Frame& frame, const Options& options) {
  if (frame.adu.size() > kGb26875AduBytesMax) {
    return BadMessage(kReasonBadAdu,
                      absl::StrCat("应用数据单元 ", frame.adu.size(), " 字节,上限 ", kGb26875AduBytesMax),
                      absl::StrCat("an ADU of ", frame.adu.size(), " bytes, at most ", kGb26875AduBytesMax));
  }
  if (frame.source > kAddressMax || frame.destination > kAddressMax) {
    return BadMessage(kReasonBadValue, "源地址或目的地址超过 48 位",
                      "the source or destination address exceeds 48 bits");
  }
  std::string out(kStart);
  AppendLittle(out, frame.serial, 2);
  AppendLittle(out, frame.version_main, 1);
  AppendLittle(out, frame.version_user, 1);
  for (uint8_t part :
       {frame.time.second, frame.time.minute, frame.time.hour, frame.time.day, frame.time.month, frame.time.year}) {
    AppendLittle(out, part, 1);
  }
  AppendLittle(out, frame.source, kAddressBytes);
  AppendLittle(out, frame.destination, kAddressBytes);
  AppendLittle(out, frame.adu.size(), 2);
  AppendLittle(out, frame.command, 1);
  out += frame.adu;
  AppendLittle(out, Checksum(out, options), 1);
  out += kEndMark;
  return out;
}

Frame MakeAck(const Frame& frame, const TimeTag& now) { return Answer(frame, Command::kAck, now); }

Frame MakeDeny(const Frame& frame, const TimeTag& now) { return Answer(frame, Command::kDeny, now); }

bool IsHeartbeat(const Frame& frame, const Options& options) {
  return options.heartbeat && frame.command == static_cast<uint8_t>(Command::kSend) && frame.adu.empty();
}

std::string DedupKey(const Frame& frame) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a: stored beside the spool, so it must be the same in every build
  auto mix = [&hash](uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  mix(frame.command);
  for (uint8_t part :
       {frame.time.second, frame.time.minute, frame.time.hour, frame.time.day, frame.time.month, frame.time.year}) {
    mix(part);
  }
  for (char c : frame.adu) mix(static_cast<uint8_t>(c));
  return absl::StrCat(frame.source, "-", frame.serial, "-", absl::Hex(hash, absl::kZeroPad16));
}

std::string_view FaultName(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "none";
    case Fault::kGarbage:
      return "garbage";
    case Fault::kLength:
      return "length";
    case Fault::kCommand:
      return "command";
    case Fault::kChecksum:
      return "checksum";
    case Fault::kEnd:
      return "end";
    case Fault::kTruncated:
      return "truncated";
  }
  return "none";
}

size_t FrameReader::Push(std::string_view bytes) {
  size_t take = std::min(bytes.size(), kGb26875BufferBytesMax - buffered());
  if (take == 0) return 0;
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_.append(bytes.substr(0, take));
  return take;
}

void FrameReader::Drop(size_t count) {
  begin_ += count;
  offset_ += count;
}

std::optional<Reading> FrameReader::Fail(Fault fault, size_t extent) {
  Reading reading;
  reading.fault = fault;
  reading.frame = ReadHeader(rest());
  reading.deny = MayDeny(reading.frame);
  bool inside = offset_ < quiet_until_;
  if (!inside) quiet_until_ = offset_ + extent;
  // One byte only: "40 40 40 01" holds a start at its second byte too.
  Drop(1);
  if (inside) return std::nullopt;
  return reading;
}

std::optional<Reading> FrameReader::Pull() {
  while (true) {
    std::string_view bytes = rest();
    size_t start = bytes.find(kStart);
    if (start == std::string_view::npos) {
      bool half_start = !bytes.empty() && bytes.back() == kStart[0];
      start = bytes.size() - (half_start ? 1 : 0);
    }
    if (start > 0) {
      uint64_t from = std::max(offset_, quiet_until_);
      Drop(start);
      if (from >= offset_) continue;
      Reading reading;
      reading.fault = Fault::kGarbage;
      reading.skipped = static_cast<size_t>(offset_ - from);
      return reading;
    }
    if (bytes.size() < kHeaderBytes) return std::nullopt;
    size_t length = static_cast<size_t>(ReadLittle(bytes, kLengthAt, 2));
    size_t total = kHeaderBytes + length + kTrailerBytes;
    Fault fault = Fault::kNone;
    if (length > kGb26875AduBytesMax) {
      fault = Fault::kLength;
      total = kHeaderBytes;
    } else if (!KnownCommand(Byte(bytes, kCommandAt))) {
      fault = Fault::kCommand;
    } else if (bytes.size() < total) {
      return std::nullopt;
    } else if (bytes.substr(total - kEndMark.size(), kEndMark.size()) != kEndMark) {
      fault = Fault::kEnd;
    } else if (Checksum(bytes.substr(0, kHeaderBytes + length), options_) != Byte(bytes, kHeaderBytes + length)) {
      fault = Fault::kChecksum;
    }
    if (fault != Fault::kNone) {
      if (std::optional<Reading> reading = Fail(fault, total)) return reading;
      continue;
    }
    Reading reading;
    reading.frame = ReadHeader(bytes);
    reading.frame.adu = std::string(bytes.substr(kHeaderBytes, length));
    Drop(total);
    quiet_until_ = 0;
    return reading;
  }
}

std::optional<uint64_t> FrameReader::PendingAt() const {
  if (rest().substr(0, kStart.size()) != kStart) return std::nullopt;
  return offset_;
}

std::optional<Reading> FrameReader::GiveUp() {
  if (!PendingAt()) return std::nullopt;
  Reading reading;
  reading.fault = Fault::kTruncated;
  bool inside = offset_ < quiet_until_;
  if (rest().size() >= kHeaderBytes) {
    reading.frame = ReadHeader(rest());
    reading.deny = !inside && MayDeny(reading.frame);
  }
  // What has come so far belongs to the frame that was given up, unless a whole frame is found in it.
  if (!inside) quiet_until_ = offset_ + rest().size();
  Drop(1);
  return reading;
}

}  // namespace liandong::adapters::gb26875
