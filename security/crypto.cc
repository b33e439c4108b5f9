#include "security/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <climits>

#include "absl/strings/str_cat.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

// Fetched once: an implicit fetch on every hash costs more than hashing a short text.
const EVP_MD* Digest(Suite suite) {
  static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  EVP_MD* const digest = suite == Suite::kShangmi ? sm3 : sha256;
  CheckOpenssl(digest != nullptr, "fetching the hash function");
  return digest;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<Suite> SuiteFromNumber(uint32_t number) {
  switch (number) {
    case static_cast<uint32_t>(Suite::kInternational):
      return Suite::kInternational;
    case static_cast<uint32_t>(Suite::kShangmi):
      return Suite::kShangmi;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("crypto suite ", number, " is unknown to this version; known: 1 international, 2 shangmi"));
}

std::string_view SuiteName(Suite suite) { return suite == Suite::kShangmi ? "shangmi" : "international"; }

absl::StatusOr<Suite> SuiteFromName(std::string_view name) {
  if (name == SuiteName(Suite::kInternational)) return Suite::kInternational;
  if (name == SuiteName(Suite::kShangmi)) return Suite::kShangmi;
  return absl::InvalidArgumentError(
      absl::StrCat("crypto suite \"", std::string(name), "\" is unknown; write \"international\" or \"shangmi\""));
}

std::string Hash(Suite suite, std::string_view bytes) {
  std::string hash(kHashBytes, '\0');
  unsigned int size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), Bytes(hash), &size, Digest(suite), nullptr);
  CheckOpenssl(ok == 1 && size == kHashBytes, "hashing");
  return hash;
}

std::string Sha256(std::string_view bytes) { return Hash(Suite::kInternational, bytes); }
std::string Sm3(std::string_view bytes) { return Hash(Suite::kShangmi, bytes); }

std::string Hmac(Suite suite, std::string_view key, std::string_view bytes) {
  CheckOpenssl(key.size() <= INT_MAX, "taking a MAC key longer than 2 GiB");
  std::string mac(kHashBytes, '\0');
  unsigned int size = 0;
  // A null key would mean "the key of the last call".
  const void* key_data = key.empty() ? "" : static_cast<const void*>(key.data());
  const unsigned char* done =
      HMAC(Digest(suite), key_data, static_cast<int>(key.size()), Bytes(bytes), bytes.size(), Bytes(mac), &size);
  CheckOpenssl(done != nullptr && size == kHashBytes, "computing a MAC");
  return mac;
}

std::string HmacSha256(std::string_view key, std::string_view bytes) { return Hmac(Suite::kInternational, key, bytes); }
std::string HmacSm3(std::string_view key, std::string_view bytes) { return Hmac(Suite::kShangmi, key, bytes); }

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (count > 0) CheckOpenssl(RAND_bytes_ex(nullptr, Bytes(bytes), count, 0) == 1, "drawing random bytes");
  return bytes;
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
  }
  return text;
}

absl::StatusOr<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return absl::InvalidArgumentError(absl::StrCat("hexadecimal text has an odd length: ", text.size()));
  }
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]);
    const int low = HexDigit(text[i + 1]);
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError(absl::StrCat("not a hexadecimal digit near character ", i + 1));
    }
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

void Wipe(std::string& secret) {
  if (!secret.empty()) OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

}  // namespace liandong::security
