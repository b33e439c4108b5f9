// Hashes, keyed hashes, random bytes and hexadecimal text. Every hash, link and seal that is kept names its *suite*, so
// that a site can choose Chinese commercial algorithms (GM/T 0002, 0003, 0004) and old bytes stay readable.
//
// Thread-safety: all functions may be called from any thread. Errors: what cannot fail on a working machine (OpenSSL
// out of memory, no entropy) ends the process with a message, since nothing may go on with a hash or key that is not
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liandong::security {

// on-disk value: never renumber.
enum class Suite : uint8_t {
  kInternational = 1,  // SHA-256, P-256, AES-256-GCM
  kShangmi = 2,        // SM3, SM2, SM4-CTR + HMAC-SM3 (encrypt then MAC; OpenSSL 3.0 has no SM4-GCM)
};

inline constexpr size_t kHashBytes = 32;  // both suites
inline constexpr size_t kKeyBytes = 32;   // data keys, master keys and MAC keys, both suites

// InvalidArgument names the number when it is no suite.
absl::StatusOr<Suite> SuiteFromNumber(uint32_t number);
// "international" or "shangmi": the words of configuration files.
std::string_view SuiteName(Suite suite);
absl::StatusOr<Suite> SuiteFromName(std::string_view name);

// 32 raw bytes.
std::string Sha256(std::string_view bytes);
std::string Sm3(std::string_view bytes);
std::string Hash(Suite suite, std::string_view bytes);

// 32 raw bytes; a key of any length.
std::string HmacSha256(std::string_view key, std::string_view bytes);
std::string HmacSm3(std::string_view key, std::string_view bytes);
std::string Hmac(Suite suite, std::string_view key, std::string_view bytes);

// From the operating system's generator, fit for keys.
std::string RandomBytes(size_t count);

// Lowercase, two digits a byte.
std::string Hex(std::string_view bytes);
// Either case. InvalidArgument for an odd length or another character; the text itself is not repeated in the error.
absl::StatusOr<std::string> FromHex(std::string_view text);

// Takes the same time wherever the difference is; lengths are not secret.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

// Overwrites the bytes and empties the string: for keys that are no longer needed.
void Wipe(std::string& secret);

}  // namespace liandong::security
