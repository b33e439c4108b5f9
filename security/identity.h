// Who a peer is: the party named by the one URI in its certificate, spiffe://<trust domain>/party/<id>.
//
// Thread-safety: pure functions. Errors are InvalidArgument and say which rule was broken.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace liandong::security {

struct Identity {
  std::string trust_domain;  // "county.example"
  std::string party;         // "police-110"

  bool operator==(const Identity&) const = default;
};

// Lowercase letters, digits and '-', 2 to 64 characters, first and last no '-'.
absl::Status CheckPartyId(std::string_view id);
// SPIFFE: lowercase letters, digits, '.', '-', '_', 1 to 255 characters.
absl::Status CheckTrustDomain(std::string_view trust_domain);

// "spiffe://county.example/party/police-110". The parts must have passed the checks above.
std::string PartyUri(const Identity& identity);
absl::StatusOr<Identity> ParsePartyUri(std::string_view uri);

// From the first certificate of the text. Exactly one URI name, and that a party's: a certificate with two would be two
// parties. (gRPC hands out the peer's URI names and PEM in its auth context; both ways lead here.)
absl::StatusOr<Identity> PartyFromCertificatePem(std::string_view pem);

// SHA-256 of the first certificate's DER form, lowercase hexadecimal: `openssl x509 -fingerprint -sha256` without
// colons.
absl::StatusOr<std::string> CertificateFingerprint(std::string_view pem);

// notAfter of the first certificate of the text.
absl::StatusOr<absl::Time> CertificateExpiry(std::string_view pem);

}  // namespace liandong::security
