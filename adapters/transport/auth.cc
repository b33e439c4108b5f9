#include "adapters/transport/auth.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/limits.h"
#include "security/crypto.h"
#include "security/file.h"

namespace liandong::adapters {
namespace {

absl::string_view View(std::string_view text) { return absl::string_view(text.data(), text.size()); }

constexpr std::string_view kDefaultSigned = "{timestamp}\n{method}\n{path}\n{body}";

}  // namespace

std::string_view HeaderValue(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, View(name))) return value;
  }
  return {};
}

absl::StatusOr<LinkSecret> LinkSecret::Load(const v1::LinkAuth& auth) {
  if (absl::Status status = security::CheckPrivateFile(auth.secret_file()); !status.ok()) return status;
  auto text = security::ReadFileBounded(auth.secret_file(), kSecretBytesMax);
  if (!text.ok()) return text.status();
  std::string secret(absl::StripAsciiWhitespace(*text));
  security::Wipe(*text);
  if (secret.size() < kSecretBytesMin) {
    return absl::InvalidArgumentError(absl::StrCat(auth.secret_file(), ": 密钥过短,至少 ", kSecretBytesMin,
                                                   " 字节 (the secret is too short: at least ", kSecretBytesMin,
                                                   " bytes)"));
  }
  if (auth.token_header().empty() && auth.hmac_header().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        auth.secret_file(), ": 配置中须写明 token_header 或 hmac_header (name token_header or hmac_header)"));
  }
  return LinkSecret(auth, std::move(secret));
}

std::string LinkSecret::Signature(std::string_view method, std::string_view path, std::string_view timestamp,
                                  std::string_view nonce, std::string_view body) const {
  const std::string_view pattern = auth_.hmac_signed().empty() ? kDefaultSigned : std::string_view(auth_.hmac_signed());
  const std::pair<std::string_view, std::string_view> parts[] = {
      {"{method}", method}, {"{path}", path}, {"{timestamp}", timestamp}, {"{nonce}", nonce}, {"{body}", body}};
  std::string text;
  text.reserve(pattern.size() + body.size() + 128);
  for (size_t i = 0; i < pattern.size();) {
    bool replaced = false;
    for (const auto& [name, value] : parts) {
      if (pattern.substr(i, name.size()) != name) continue;
      text.append(value);
      i += name.size();
      replaced = true;
      break;
    }
    if (!replaced) text.push_back(pattern[i++]);
  }
  const std::string mac =
      auth_.hmac_hash() == v1::LinkAuth::SM3 ? security::HmacSm3(secret_, text) : security::HmacSha256(secret_, text);
  return auth_.hmac_writing() == v1::LinkAuth::BASE64 ? absl::Base64Escape(mac) : security::Hex(mac);
}

absl::Status LinkSecret::Check(std::string_view method, std::string_view path, const HeaderList& headers,
                               std::string_view body, int64_t now_s) const {
  if (!auth_.token_header().empty()) {
    const std::string expected = auth_.token_prefix() + secret_;
    if (!security::ConstantTimeEqual(HeaderValue(headers, auth_.token_header()), expected)) {
      return absl::UnauthenticatedError(absl::StrCat("令牌不符 (wrong token): ", auth_.token_header()));
    }
  }
  if (auth_.hmac_header().empty()) return absl::OkStatus();
  const std::string_view timestamp =
      auth_.timestamp_header().empty() ? std::string_view() : HeaderValue(headers, auth_.timestamp_header());
  if (!auth_.timestamp_header().empty()) {
    const int64_t skew_max = auth_.max_skew_s() == 0 ? kAuthSkewS : auth_.max_skew_s();
    int64_t at_s = 0;
    if (!absl::SimpleAtoi(View(timestamp), &at_s) || at_s < now_s - skew_max || at_s > now_s + skew_max) {
      return absl::UnauthenticatedError(
          absl::StrCat("时间戳缺失或相差超过 ", skew_max, " 秒 (timestamp missing or more than ", skew_max, " s off)"));
    }
  }
  const std::string_view nonce =
      auth_.nonce_header().empty() ? std::string_view() : HeaderValue(headers, auth_.nonce_header());
  const std::string expected = Signature(method, path, timestamp, nonce, body);
  std::string given(HeaderValue(headers, auth_.hmac_header()));
  if (auth_.hmac_writing() == v1::LinkAuth::HEX) absl::AsciiStrToLower(&given);
  if (!security::ConstantTimeEqual(given, expected)) {
    return absl::UnauthenticatedError(absl::StrCat("签名不符 (wrong signature): ", auth_.hmac_header()));
  }
  return absl::OkStatus();
}

HeaderList LinkSecret::Sign(std::string_view method, std::string_view path, std::string_view body,
                            int64_t now_s) const {
  HeaderList headers;
  if (!auth_.token_header().empty()) headers.emplace_back(auth_.token_header(), auth_.token_prefix() + secret_);
  if (auth_.hmac_header().empty()) return headers;
  const std::string timestamp = absl::StrCat(now_s);
  const std::string nonce = security::Hex(security::RandomBytes(16));
  if (!auth_.timestamp_header().empty()) headers.emplace_back(auth_.timestamp_header(), timestamp);
  if (!auth_.nonce_header().empty()) headers.emplace_back(auth_.nonce_header(), nonce);
  headers.emplace_back(auth_.hmac_header(), Signature(method, path, auth_.timestamp_header().empty() ? "" : timestamp,
                                                      auth_.nonce_header().empty() ? "" : nonce, body));
  return headers;
}

}  // namespace liandong::adapters
