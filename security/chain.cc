#include "security/chain.h"

#include "absl/strings/str_cat.h"
#include "security/openssl.h"

namespace liandong::security {

ChainLink GenesisLink(Suite suite) { return ChainLink{suite, std::string(kHashBytes, '\0')}; }

ChainLink Next(Suite suite, const ChainLink& previous, std::string_view stored) {
  return NextFromHash(suite, previous, Hash(suite, stored));
}

ChainLink NextFromHash(Suite suite, const ChainLink& previous, std::string_view stored_hash) {
  CheckOpenssl(stored_hash.size() == kHashBytes, "linking a hash that is not 32 bytes long");
  std::string joined = EncodeLink(previous);
  joined.append(stored_hash);
  return ChainLink{suite, Hash(suite, joined)};
}

std::string EncodeLink(const ChainLink& link) {
  CheckOpenssl(link.digest.size() == kHashBytes, "encoding a link that is not 32 bytes long");
  std::string bytes(1, static_cast<char>(link.suite));
  bytes += link.digest;
  return bytes;
}

absl::StatusOr<ChainLink> DecodeLink(std::string_view bytes) {
  if (bytes.size() != kChainLinkBytes) {
    return absl::DataLossError(absl::StrCat("a chain link has ", kChainLinkBytes, " bytes, these are ", bytes.size()));
  }
  const auto suite = SuiteFromNumber(static_cast<unsigned char>(bytes[0]));
  if (!suite.ok()) return absl::DataLossError(absl::StrCat("chain link: ", suite.status().message()));
  return ChainLink{*suite, std::string(bytes.substr(1))};
}

std::string LinkText(const ChainLink& link) {
  return absl::StrCat(static_cast<unsigned>(link.suite), ":", Hex(link.digest));
}

absl::StatusOr<ChainLink> ParseLinkText(std::string_view text) {
  if (text.size() != 2 + 2 * kHashBytes || text[1] != ':' || text[0] < '0' || text[0] > '9') {
    return absl::InvalidArgumentError(
        "a chain link is written as suite, colon and 64 hexadecimal digits, like 1:0a1b...");
  }
  const auto suite = SuiteFromNumber(static_cast<uint32_t>(text[0] - '0'));
  if (!suite.ok()) return suite.status();
  auto digest = FromHex(text.substr(2));
  if (!digest.ok()) return digest.status();
  return ChainLink{*suite, *std::move(digest)};
}

}  // namespace liandong::security
