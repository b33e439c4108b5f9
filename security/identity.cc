#include "security/identity.h"

#include "absl/strings/str_cat.h"
#include "security/crypto.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr std::string_view kPartyPath = "/party/";

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

absl::Status NoUri(const char* why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a party's name (", why, "); expected spiffe://<trust domain>/party/<id>"));
}

}  // namespace

absl::Status CheckPartyId(std::string_view id) {
  if (id.size() < kPartyIdBytesMin || id.size() > kPartyIdBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a party id has ", kPartyIdBytesMin, " to ", kPartyIdBytesMax,
                                                   " characters, this one has ", id.size()));
  }
  for (const char c : id) {
    if (!IsLowerOrDigit(c) && c != '-') {
      return absl::InvalidArgumentError("a party id is made of a-z, 0-9 and '-'");
    }
  }
  if (id.front() == '-' || id.back() == '-') {
    return absl::InvalidArgumentError("a party id neither starts nor ends with '-'");
  }
  return absl::OkStatus();
}

absl::Status CheckTrustDomain(std::string_view trust_domain) {
  if (trust_domain.empty() || trust_domain.size() > kTrustDomainBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a trust domain has 1 to ", kTrustDomainBytesMax,
                                                   " characters, this one has ", trust_domain.size()));
  }
  for (const char c : trust_domain) {
    if (!IsLowerOrDigit(c) && c != '.' && c != '-' && c != '_') {
      return absl::InvalidArgumentError("a trust domain is made of a-z, 0-9, '.', '-' and '_', like county.example");
    }
  }
  return absl::OkStatus();
}

std::string PartyUri(const Identity& identity) {
  return absl::StrCat("spiffe://", identity.trust_domain, "/party/", identity.party);
}

absl::StatusOr<Identity> ParsePartyUri(std::string_view uri) {
  if (uri.size() > kPartyUriBytesMax) return NoUri("too long");
  if (uri.substr(0, kScheme.size()) != kScheme) return NoUri("another scheme");
  uri.remove_prefix(kScheme.size());
  const size_t slash = uri.find('/');
  if (slash == std::string_view::npos) return NoUri("no path");
  const std::string_view trust_domain = uri.substr(0, slash);
  const std::string_view path = uri.substr(slash);
  if (path.substr(0, kPartyPath.size()) != kPartyPath) return NoUri("another path");
  const std::string_view party = path.substr(kPartyPath.size());
  if (absl::Status ok = CheckTrustDomain(trust_domain); !ok.ok()) return ok;
  if (absl::Status ok = CheckPartyId(party); !ok.ok()) return ok;
  return Identity{std::string(trust_domain), std::string(party)};
}

absl::StatusOr<Identity> PartyFromCertificatePem(std::string_view pem) {
  const X509Ptr certificate = CertificateFromPem(pem);
  if (certificate == nullptr) return absl::InvalidArgumentError("no certificate in PEM form was found");
  const auto uri = OnlyUriName(certificate.get());
  if (!uri.ok()) return uri.status();
  return ParsePartyUri(*uri);
}

absl::StatusOr<std::string> CertificateFingerprint(std::string_view pem) {
  const X509Ptr certificate = CertificateFromPem(pem);
  if (certificate == nullptr) return absl::InvalidArgumentError("no certificate in PEM form was found");
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CheckOpenssl(X509_digest(certificate.get(), EVP_sha256(), hash, &size) == 1, "certificate digest");
  return Hex({reinterpret_cast<const char*>(hash), size});
}

absl::StatusOr<absl::Time> CertificateExpiry(std::string_view pem) {
  const X509Ptr certificate = CertificateFromPem(pem);
  if (certificate == nullptr) return absl::InvalidArgumentError("no certificate in PEM form was found");
  return TimeFromAsn1(X509_get0_notAfter(certificate.get()));
}

}  // namespace liandong::security
