#include "security/totp.h"

#include <openssl/hmac.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "security/crypto.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

constexpr int64_t kStepMs = 30'000;
constexpr size_t kSecretBytes = 20;
constexpr int kDigits = 6;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    out += plain ? std::string(1, c) : absl::StrFormat("%%%02X", static_cast<uint8_t>(c));
  }
  return out;
}

}  // namespace

std::string MakeTotpSecret() { return RandomBytes(kSecretBytes); }

std::string Base32(std::string_view bytes) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = held << 8 | static_cast<uint8_t>(c);
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(kLetters[held >> (bits - 5) & 31]);
    held &= (1u << bits) - 1;
  }
  if (bits > 0) out.push_back(kLetters[held << (5 - bits) & 31]);
  return out;
}

std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret) {
  return absl::StrCat("otpauth://totp/", Escape(issuer), ":", Escape(account), "?secret=", Base32(secret),
                      "&issuer=", Escape(issuer));
}

std::string TotpCode(std::string_view secret, uint64_t step, int digits) {
  unsigned char counter[8];
  for (int i = 7; i >= 0; --i, step >>= 8) counter[i] = static_cast<unsigned char>(step & 0xFF);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CheckOpenssl(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter, sizeof counter, mac, &size) !=
                       nullptr &&
                   size == 20,
               "HMAC-SHA-1");
  const int at = mac[19] & 15;
  const uint32_t word = (mac[at] & 127u) << 24 | mac[at + 1] << 16 | mac[at + 2] << 8 | mac[at + 3];
  uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  return absl::StrFormat("%0*d", digits, word % modulus);
}

uint64_t TotpStep(int64_t unix_ms) { return static_cast<uint64_t>(unix_ms / kStepMs); }

std::optional<uint64_t> MatchTotp(std::string_view secret, std::string_view code, int64_t unix_ms, uint64_t last_step) {
  const uint64_t now = TotpStep(unix_ms);
  for (uint64_t step = now - 1; step <= now + 1; ++step) {
    if (step > last_step && ConstantTimeEqual(TotpCode(secret, step, kDigits), code)) return step;
  }
  return std::nullopt;
}

}  // namespace liandong::security
