// Passwords as they are kept: scrypt (RFC 7914), memory-hard. The text form names its parameters, so that they may be
// raised later and old ones still verify.
//
// Thread-safety: safe from any thread. Each call takes some hundred milliseconds and PasswordCost::MemoryBytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liandong::security {

struct PasswordCost {
  uint32_t log2_n = 15;  // 32 MiB at r = 8
  uint32_t r = 8;
  uint32_t p = 3;
};

// "scrypt$15$8$3$<salt hex>$<hash hex>" with a fresh salt.
std::string HashPassword(std::string_view password, const PasswordCost& cost = {});
// Whether the password is the one of `kept`. With a `kept` that is no hash: false, after the same work, so that nobody
// learns from the time whether there is an account.
bool VerifyPassword(std::string_view password, std::string_view kept, const PasswordCost& cost = {});

// InvalidArgument says what a new password lacks; `account` must not be in it.
absl::Status CheckNewPassword(std::string_view password, std::string_view account);
// For a first sign-in: 20 characters without those that are mistaken for another.
std::string MakePassword();

}  // namespace liandong::security
