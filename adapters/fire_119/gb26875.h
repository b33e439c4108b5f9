// GB/T 26875.3-2011: frames between a building's fire-alarm transmission device and the centre (DOMAIN 5). Frames here,
// their contents in gb26875_adu.h. Every multi-byte integer is little-endian. Pure: no clock, no I/O.
#ifndef LIANDONG_ADAPTERS_FIRE_119_GB26875_H_
#define LIANDONG_ADAPTERS_FIRE_119_GB26875_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/limits.h"

namespace liandong::adapters::gb26875 {

// Wire values.
enum class Command : uint8_t { kControl = 1, kSend = 2, kAck = 3, kRequest = 4, kReply = 5, kDeny = 6 };

// Six plain binary bytes in this order, local time of the device's site, year 20yy.
struct TimeTag {
  uint8_t second = 0;
  uint8_t minute = 0;
  uint8_t hour = 0;
  uint8_t day = 0;
  uint8_t month = 0;
  uint8_t year = 0;

  bool operator==(const TimeTag&) const = default;
};

// nullopt for a time that does not exist (month 13, 02-30, all zeros ...).
std::optional<int64_t> TimeTagToMs(const TimeTag& tag, int zone_offset_minutes);
// `epoch_ms` within 2000..2099 at that offset; outside of it the year is cut to two digits.
TimeTag TimeTagFromMs(int64_t epoch_ms, int zone_offset_minutes);

struct Frame {
  uint16_t serial = 0;  // 业务流水号: of the initiator; acknowledgments and replies echo it
  uint8_t version_main = 1;
  uint8_t version_user = 1;
  TimeTag time;
  uint64_t source = 0;       // 48 bits
  uint64_t destination = 0;  // 48 bits
  uint8_t command = 0;       // a Command, or a value that only a bad frame has
  std::string adu;           // application data unit, at most kGb26875AduBytesMax

  bool operator==(const Frame&) const = default;
};

// Deviations of real devices (DOMAIN 5.7), by configuration. The defaults are the standard.
struct Options {
  bool checksum_from_command = false;  // sum starts at the command byte instead of the serial number
  bool checksum_xor = false;           // exclusive or instead of sum
  bool heartbeat = true;               // an empty frame of command 2 is a heartbeat; false: it is malformed
};

// InvalidArgument when the ADU is too long or an address has more than 48 bits.
absl::StatusOr<std::string> Encode(const Frame& frame, const Options& options = {});

// Acknowledge (3) and deny (6): same serial, addresses exchanged, no content. `now`: the sender's time tag.
Frame MakeAck(const Frame& frame, const TimeTag& now);
Frame MakeDeny(const Frame& frame, const TimeTag& now);

bool IsHeartbeat(const Frame& frame, const Options& options = {});

// Key of a frame for dropping repeats: "<source>-<serial>-<16 hex digits>", the hash over command, time tag and ADU. A
// retry repeats the bytes; the serial alone is no key, because it begins at 0 with each connection.
std::string DedupKey(const Frame& frame);

enum class Fault {
  kNone,
  kGarbage,  // bytes outside of any frame; nobody to answer
  kLength,   // length above 1024
  kCommand,  // unknown command byte
  kChecksum,
  kEnd,        // no 23 23 where the length says
  kTruncated,  // GiveUp: the rest never came
};
std::string_view FaultName(Fault fault);

// Either a good frame (fault kNone) or a fault. With a fault other than kGarbage `frame` holds the header as it was
// read (no ADU), so that MakeDeny(frame) has the right serial and addresses.
struct Reading {
  Fault fault = Fault::kNone;
  Frame frame;
  size_t skipped = 0;  // kGarbage: how many bytes
  // The standard's answer to this fault is a deny. False for garbage and for broken acknowledgments and denials, which
  // would otherwise answer one another for ever.
  bool deny = false;
};

// Bytes in, frames out. Takes any split of the stream, finds the next frame after garbage, and looks for whole frames
// inside the extent of a broken one (whose faults inside are not reported again). Not thread-safe: one for a
// connection.
//
//   for (bytes = received; !bytes.empty() || reading;) { bytes.remove_prefix(reader.Push(bytes)); drain Pull(); }
class FrameReader {
 public:
  explicit FrameReader(Options options = {}) : options_(options) {}

  // Takes as many bytes as fit (kGb26875BufferBytesMax in all) and returns how many. After Pull has returned nullopt at
  // least kGb26875BufferBytesMax - 1100 fit, so a caller that alternates always gets on.
  size_t Push(std::string_view bytes);
  // The next reading, or nullopt until more bytes come.
  std::optional<Reading> Pull();
  // The pending frame will not become whole (the caller's time for it is over, or the connection ended): gives the
  // kTruncated reading of it and goes on behind its start, so that what stood behind a corrupt length gets out. nullopt
  // when nothing is pending. Pull afterwards.
  std::optional<Reading> GiveUp();
  // Stream offset of the incomplete frame that waits for bytes; a caller that sees the same value for too long (10 s is
  // the standard's own timeout) calls GiveUp.
  std::optional<uint64_t> PendingAt() const;
  size_t buffered() const { return buffer_.size() - begin_; }

 private:
  void Drop(size_t count);
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_); }
  std::optional<Reading> Fail(Fault fault, size_t extent);

  Options options_;
  std::string buffer_;
  size_t begin_ = 0;          // what lies before it is consumed
  uint64_t offset_ = 0;       // stream offset of begin_
  uint64_t quiet_until_ = 0;  // faults that begin before this offset lie inside one that was reported
};

}  // namespace liandong::adapters::gb26875

#endif  // LIANDONG_ADAPTERS_FIRE_119_GB26875_H_
