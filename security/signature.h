// Signatures over bytes by a key that a certificate of the site's CA names: P-256 or RSA with SHA-256, Ed25519, or SM2
// with SM3. The key decides which.
//
// Thread-safety: pure functions. Errors never show a key.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace liandong::security {

// InvalidArgument when the text holds no clear private key.
absl::StatusOr<std::string> SignBytes(std::string_view key_pem, std::string_view bytes);

// DataLoss when the signature is not of these bytes by the certificate's key; InvalidArgument when there is no
// certificate.
absl::Status VerifyBytes(std::string_view certificate_pem, std::string_view bytes, std::string_view signature);

// DataLoss when the first certificate does not chain to a root of `ca_pem` at that time. Its own end does not matter
// later: what it signed while it was good stays signed.
absl::Status CheckIssuedBy(std::string_view certificate_pem, std::string_view ca_pem, absl::Time at);

}  // namespace liandong::security
