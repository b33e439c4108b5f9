#include "security/password.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "security/crypto.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr char kScheme[] = "scrypt";

std::string Derive(std::string_view password, std::string_view salt, const PasswordCost& cost) {
  std::string out(kKeyBytes, '\0');
  const uint64_t n = uint64_t{1} << cost.log2_n;
  // OpenSSL refuses what needs more than it is allowed; scrypt takes 128·N·r and some blocks beside it.
  const uint64_t memory = 128 * n * cost.r + 128 * uint64_t{cost.r} * cost.p + 1024 * 1024;
  CheckOpenssl(EVP_PBE_scrypt(password.data(), password.size(), Bytes(salt), salt.size(), n, cost.r, cost.p, memory,
                              Bytes(out), out.size()) == 1,
               "scrypt");
  return out;
}

struct Kept {
  PasswordCost cost;
  std::string salt, hash;
};

bool Parse(std::string_view text, Kept* out) {
  const std::vector<std::string> parts = absl::StrSplit(absl::string_view(text.data(), text.size()), '$');
  if (parts.size() != 6 || parts[0] != kScheme) return false;
  if (!absl::SimpleAtoi(parts[1], &out->cost.log2_n) || !absl::SimpleAtoi(parts[2], &out->cost.r) ||
      !absl::SimpleAtoi(parts[3], &out->cost.p)) {
    return false;
  }
  if (out->cost.log2_n < 1 || out->cost.log2_n > kScryptLog2NMax || out->cost.r < 1 || out->cost.r > kScryptRMax ||
      out->cost.p < 1 || out->cost.p > kScryptPMax) {
    return false;
  }
  const auto salt = FromHex(parts[4]);
  const auto hash = FromHex(parts[5]);
  if (!salt.ok() || !hash.ok() || hash->size() != kKeyBytes) return false;
  out->salt = *salt;
  out->hash = *hash;
  return true;
}

}  // namespace

std::string HashPassword(std::string_view password, const PasswordCost& cost) {
  const std::string salt = RandomBytes(kSaltBytes);
  return absl::StrCat(kScheme, "$", cost.log2_n, "$", cost.r, "$", cost.p, "$", Hex(salt), "$",
                      Hex(Derive(password, salt, cost)));
}

bool VerifyPassword(std::string_view password, std::string_view kept, const PasswordCost& cost) {
  Kept one;
  if (!Parse(kept, &one)) {
    (void)Derive(password, std::string(kSaltBytes, '\0'), cost);
    return false;
  }
  return ConstantTimeEqual(Derive(password, one.salt, one.cost), one.hash);
}

absl::Status CheckNewPassword(std::string_view password, std::string_view account) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a password has ", kPasswordBytesMin, " to ", kPasswordBytesMax, " bytes"));
  }
  const std::string lower = absl::AsciiStrToLower(absl::string_view(password.data(), password.size()));
  if (!account.empty() && lower.find(std::string(account)) != std::string::npos)
    return absl::InvalidArgumentError("a password does not hold the account's name");
  if (password.find_first_not_of(password[0]) == std::string_view::npos)
    return absl::InvalidArgumentError("a password is more than one character repeated");
  return absl::OkStatus();
}

std::string MakePassword() {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";  // 31: neither i, l, o nor 0, 1
  std::string out;
  while (out.size() < 23) {
    const auto byte = static_cast<uint8_t>(RandomBytes(1)[0]);
    if (byte >= 256 / kLetters.size() * kLetters.size()) continue;  // each letter equally often
    out.push_back(kLetters[byte % kLetters.size()]);
    if (out.size() == 5 || out.size() == 11 || out.size() == 17) out.push_back('-');
  }
  return out;
}

}  // namespace liandong::security
