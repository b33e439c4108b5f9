// Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 30 s, 6 digits), as every authenticator application makes them.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace liandong::security {

// 20 random bytes.
std::string MakeTotpSecret();
// Without padding, as applications take it.
std::string Base32(std::string_view bytes);
// "otpauth://totp/<issuer>:<account>?secret=...&issuer=<issuer>", for a QR code.
std::string TotpUri(std::string_view issuer, std::string_view account, std::string_view secret);

// The code of one time step.
std::string TotpCode(std::string_view secret, uint64_t step, int digits = 6);
uint64_t TotpStep(int64_t unix_ms);
// The step that the code belongs to: the present one or its neighbours (clocks differ), and later than `last_step`, so
// that a code works once. Nothing: a wrong code.
std::optional<uint64_t> MatchTotp(std::string_view secret, std::string_view code, int64_t unix_ms, uint64_t last_step);

}  // namespace liandong::security
