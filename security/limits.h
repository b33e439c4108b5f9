// Every bound of security/, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace liandong::security {

// Certificates and requests: a P-256 leaf is 1 KB; an RSA-4096 chain of several links stays below this.
inline constexpr size_t kPemBytesMax = 64 * 1024;
// SPIFFE bounds an id at 2048 bytes; nothing longer is read as a party's name.
inline constexpr size_t kPartyUriBytesMax = 2048;
// SPIFFE: a trust domain has at most 255 bytes, as a DNS name.
inline constexpr size_t kTrustDomainBytesMax = 255;
// A party id stands in file names, topics and screens.
inline constexpr size_t kPartyIdBytesMin = 2;
inline constexpr size_t kPartyIdBytesMax = 64;

// Names in one certificate: a machine with more is a mistake in a script.
inline constexpr size_t kSubjectNamesMax = 64;
// A certificate that outlives everyone who knows of it is not looked after; 20 years is the most for a CA.
inline constexpr int kCaDaysMax = 7305;
inline constexpr int kLeafDaysMax = 3653;
// How soon a server notices renewed files; reading three small ones costs nothing beside a handshake.
inline constexpr absl::Duration kServerContextPoll = absl::Seconds(1);
// A revocation list with some ten thousand entries, and how long one counts before it is to be signed again.
inline constexpr size_t kCrlBytesMax = 1024 * 1024;
inline constexpr int64_t kCrlDays = 365;
// Certificates whose answer is remembered: those of a large site; about 1 KB each.
inline constexpr size_t kCrlAnswersMax = 4096;
// PKCS#12 password derivation: OpenSSL's own default count is 2048, too cheap to guess against.
inline constexpr int kPkcs12Iterations = 100'000;

// Keys of one durable batch of the vault: one sync each, about 100 bytes a key. 1,024 new incidents a batch stay well
// ahead of the fastest rate that the hub was measured at, and a crash leaves at most this many ids unused.
inline constexpr uint32_t kVaultBatchKeys = 1024;
inline constexpr uint32_t kVaultBatchKeysMax = 65'536;
// Unwrapped keys kept in memory: about 150 bytes each, so 10 MB; a county has fewer open incidents than this.
inline constexpr size_t kVaultCachedKeys = 65'536;
// A refill that fails (disk full) is tried again after this; until then a taker gets the error at once.
inline constexpr int64_t kVaultRefillRetryMs = 1'000;
// Another process (a backup) may hold the file for a moment.
inline constexpr int kVaultBusyMs = 2'000;

// Passwords: shorter ones are guessed, longer ones are no passwords. What a kept hash may ask for is bounded, so that a
// changed file cannot ask for all memory.
inline constexpr size_t kPasswordBytesMin = 10;
inline constexpr size_t kPasswordBytesMax = 256;
inline constexpr uint32_t kScryptLog2NMax = 20;
inline constexpr uint32_t kScryptRMax = 16;
inline constexpr uint32_t kScryptPMax = 16;

// Two short lines.
inline constexpr size_t kCurveKeyFileBytesMax = 1024;

// Symmetric primitives are fed in pieces, since OpenSSL counts in int.
inline constexpr size_t kCipherPieceBytes = size_t{1} << 28;

}  // namespace liandong::security
