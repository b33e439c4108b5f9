// Frames of GB/T 26875.3 from the domain reference (5.8): real and published traffic, checksums recomputed.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_FIRE_119_SAMPLES_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_FIRE_119_SAMPLES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "adapters/fire_119/gb26875.h"

namespace liandong::adapters::gb26875 {

inline std::string Hex(std::string_view text) {
  return absl::HexStringToBytes(absl::StrReplaceAll(absl::string_view(text.data(), text.size()), {{" ", ""}}));
}

inline constexpr char kSmokeAlarm[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 79 03 00 00 00 00 38 5B 01 00 00 00 30 00 02 02 01 01 01 28 0A 00 02 00 02 00 "
    "20 20 "
    "20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 20 00 02 3A 09 1A 09 0C 46 23 23";
inline constexpr char kSmokeAck[] =
    "40 40 01 00 01 01 23 3A 09 1A 09 0C 38 5B 01 00 00 00 79 03 00 00 00 00 00 00 03 AB 23 23";
inline constexpr char kSmokeDeny[] =
    "40 40 01 00 01 01 23 3A 09 1A 09 0C 38 5B 01 00 00 00 79 03 00 00 00 00 00 00 06 AE 23 23";
inline constexpr char kMainPowerFault[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 79 03 00 00 00 00 38 5B 01 00 00 00 09 00 02 15 01 08 02 3A 09 1A 09 0C 42 23 "
    "23";
inline constexpr char kReadDeviceState[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 38 5B 01 00 00 00 79 03 00 00 00 00 03 00 04 51 01 00 FE 23 23";
inline constexpr char kDeviceStateReply[] =
    "40 40 01 00 01 01 20 3A 09 1A 09 0C 79 03 00 00 00 00 38 5B 01 00 00 00 09 00 05 15 01 08 02 3A 09 1A 09 0C 45 23 "
    "23";
inline constexpr char kHeartbeat[] =
    "40 40 07 00 01 01 0F 1E 0E 14 07 19 AB 45 23 01 00 00 01 00 00 00 00 00 00 00 02 8F 23 23";
inline constexpr char kHeartbeatAck[] =
    "40 40 07 00 01 01 0F 1E 0E 14 07 19 01 00 00 00 00 00 AB 45 23 01 00 00 00 00 03 90 23 23";
inline constexpr char kSystemFire[] =
    "40 40 08 00 01 01 0F 1E 0E 14 07 19 AB 45 23 01 00 00 01 00 00 00 00 00 0C 00 02 01 01 01 01 03 00 0F 1E 0E 14 07 "
    "19 12 "
    "23 23";

inline std::vector<std::string> AllSamples() {
  std::vector<std::string> all;
  for (const char* text : {kSmokeAlarm, kSmokeAck, kSmokeDeny, kMainPowerFault, kReadDeviceState, kDeviceStateReply,
                           kHeartbeat, kHeartbeatAck, kSystemFire}) {
    all.push_back(Hex(text));
  }
  return all;
}

// Everything that a reader gives for `bytes`, pushed in pieces of `piece` bytes.
inline std::vector<Reading> ReadAll(FrameReader& reader, std::string_view bytes, size_t piece = 1 << 20) {
  std::vector<Reading> readings;
  while (!bytes.empty()) {
    size_t taken = reader.Push(bytes.substr(0, piece));
    bytes.remove_prefix(taken);
    while (std::optional<Reading> reading = reader.Pull()) readings.push_back(*reading);
    if (taken == 0) break;
  }
  return readings;
}

inline Frame ReadOne(std::string_view bytes, Options options = {}) {
  FrameReader reader(options);
  std::vector<Reading> readings = ReadAll(reader, bytes);
  return readings.size() == 1 && readings[0].fault == Fault::kNone ? readings[0].frame : Frame{};
}

}  // namespace liandong::adapters::gb26875

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_FIRE_119_SAMPLES_H_
