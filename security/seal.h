// Authenticated encryption of one piece of bytes. The sealed bytes describe themselves:
//
//   suite 1: version(1)=1 suite(1)=1 nonce(12) ciphertext(n) tag(16)                AES-256-GCM
//   suite 2: version(1)=1 suite(1)=2 nonce(16) ciphertext(n) tag(32)                SM4-CTR, then HMAC-SM3
//
// Version, suite and the caller's aad are authenticated too. aad says what the bytes are and where they belong (for
// example "report/<incident>/<revision>"), so that a sealed part that was moved elsewhere does not open. Suite 2
// derives its cipher key and its MAC key from the 32-byte key by HMAC-SM3 with fixed labels. Nonces are random: fewer
// than 2^32 seals by one key.
//
// Thread-safety: pure functions. A key that is not 32 bytes long is a defect of the caller and ends the process.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "security/crypto.h"

namespace liandong::security {

// How many bytes Seal adds to the plaintext.
size_t SealOverheadBytes(Suite suite);

std::string Seal(Suite suite, std::string_view key, std::string_view aad, std::string_view plaintext);

// DataLoss when a byte of the sealed part was changed, the key or aad is another, the bytes are too short or of a
// version or suite unknown here. The error holds none of the bytes.
absl::StatusOr<std::string> Open(std::string_view key, std::string_view aad, std::string_view sealed);

// The suite that the sealed bytes name; DataLoss when they are not sealed bytes.
absl::StatusOr<Suite> SealedSuite(std::string_view sealed);

// A keyed hash of content, to tell a repeat from other content without keeping what was said: 33 bytes, suite(1) and
// HMAC(32) under a key derived from `key`, so that one key may both seal and mac. Compare with ConstantTimeEqual or ==.
std::string Mac(Suite suite, std::string_view key, std::string_view bytes);

}  // namespace liandong::security
