#include "security/curve_key.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

constexpr std::string_view kZ85 =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
constexpr size_t kZ85Bytes = 40;

// Four bytes, most significant first, become five digits of base 85.
std::string ToZ85(std::string_view bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 4) {
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
    char digits[5];
    for (int i = 4; i >= 0; --i, value /= 85) digits[i] = kZ85[value % 85];
    out.append(digits, 5);
  }
  return out;
}

absl::StatusOr<std::string> FromZ85(std::string_view text) {
  if (text.size() != kZ85Bytes) return absl::InvalidArgumentError("a CURVE key has 40 characters of Z85");
  std::string out;
  for (size_t at = 0; at < text.size(); at += 5) {
    uint64_t value = 0;
    for (size_t i = 0; i < 5; ++i) {
      const size_t digit = kZ85.find(text[at + i]);
      if (digit == std::string_view::npos) return absl::InvalidArgumentError("a CURVE key is written in Z85");
      value = value * 85 + digit;
    }
    if (value > UINT32_MAX) return absl::InvalidArgumentError("a CURVE key is written in Z85");
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
  }
  return out;
}

CurveKey FromRaw(std::string secret) {
  const EvpKeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, Bytes(secret), secret.size()));
  std::string open(kKeyBytes, '\0');
  size_t size = open.size();
  CheckOpenssl(key != nullptr && EVP_PKEY_get_raw_public_key(key.get(), Bytes(open), &size) == 1 && size == kKeyBytes,
               "X25519 public key");
  CurveKey out{ToZ85(open), ToZ85(secret)};
  Wipe(secret);
  return out;
}

}  // namespace

CurveKey MakeCurveKey() { return FromRaw(RandomBytes(kKeyBytes)); }

absl::StatusOr<CurveKey> CurveKeyFromSecret(std::string_view secret_z85) {
  auto secret = FromZ85(secret_z85);
  if (!secret.ok()) return secret.status();
  return FromRaw(*std::move(secret));
}

absl::StatusOr<CurveKey> CreateCurveKeyFile(const std::string& path) {
  CurveKey key = MakeCurveKey();
  std::string text = absl::StrCat("public = ", key.public_z85, "\nsecret = ", key.secret_z85, "\n");
  const absl::Status status = CreateFileAtomic(path, text, 0600);
  Wipe(text);
  if (!status.ok()) return status;
  return key;
}

absl::StatusOr<CurveKey> ReadCurveKeyFile(const std::string& path) {
  if (auto status = CheckPrivateFile(path); !status.ok()) return status;
  auto text = ReadFileBounded(path, kCurveKeyFileBytesMax);
  if (!text.ok()) return text.status();
  std::string open, secret;
  for (absl::string_view line : absl::StrSplit(*text, '\n')) {
    if (absl::ConsumePrefix(&line, "public = ")) open = std::string(line);
    if (absl::ConsumePrefix(&line, "secret = ")) secret = std::string(line);
  }
  Wipe(*text);
  auto key = CurveKeyFromSecret(secret);
  Wipe(secret);
  if (!key.ok() || key->public_z85 != open) {
    return absl::InvalidArgumentError(absl::StrCat(
        path,
        ": 不是推送密钥文件,请用 liandong pki feed-key 重新生成 is no key file of the feed; make one with: "
        "liandong pki feed-key"));
  }
  return key;
}

}  // namespace liandong::security
