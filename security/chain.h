// The chain of the log: link = H(previous link ‖ H(stored bytes)), where H is the suite's hash and the previous link
// stands as its 33 encoded bytes (suite, digest). A site may change its suite between two links: each names its own.
// Anyone can check a log with nothing but a hash function; deploy and audit tools in other languages rely on this form.
//
// Thread-safety: pure functions and a value type.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "security/crypto.h"

namespace liandong::security {

inline constexpr size_t kChainLinkBytes = 1 + kHashBytes;

struct ChainLink {
  Suite suite = Suite::kInternational;
  std::string digest = std::string(kHashBytes, '\0');  // 32 raw bytes

  bool operator==(const ChainLink&) const = default;
};

// The link before the first: 32 zero bytes, on disk for ever.
ChainLink GenesisLink(Suite suite);

// `suite` is that of the new link. `stored` are the bytes exactly as they are kept.
ChainLink Next(Suite suite, const ChainLink& previous, std::string_view stored);
// The same with a hash that is known already (32 raw bytes by `suite`): a body need not be read again.
ChainLink NextFromHash(Suite suite, const ChainLink& previous, std::string_view stored_hash);

// 33 bytes: suite, digest. on-disk form.
std::string EncodeLink(const ChainLink& link);
// DataLoss for a wrong length or an unknown suite.
absl::StatusOr<ChainLink> DecodeLink(std::string_view bytes);

// "1:0a1b…": suite, colon, 64 hexadecimal digits; what people read to each other and compare.
std::string LinkText(const ChainLink& link);
// InvalidArgument says what is wrong.
absl::StatusOr<ChainLink> ParseLinkText(std::string_view text);

}  // namespace liandong::security
