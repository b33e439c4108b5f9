// Making of X.509 objects with OpenSSL, without files. For pki.cc only.
//
// Thread-safety: pure functions. Errors are InvalidArgument and say which name or request is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/openssl.h"

namespace liandong::security {

struct LeafSpec {
  std::string common_name;
  std::string uri;
  std::vector<std::string> dns_names = {}, ip_addresses = {};
  bool client = true, server = true;
  int days = 0;
};

// Only characters that a name can have, so that none can smuggle in another extension.
absl::Status CheckSubjectNames(const std::vector<std::string>& dns_names, const std::vector<std::string>& ip_addresses);

EvpKeyPtr NewP256Key();
absl::StatusOr<X509Ptr> MakeCa(const std::string& common_name, const std::string& uri, int days, EVP_PKEY* key);
// Ends with the CA when that ends earlier.
absl::StatusOr<X509Ptr> MakeLeaf(const LeafSpec& spec, EVP_PKEY* public_key, X509* ca, EVP_PKEY* ca_key);

// From the CA's one URI name, spiffe://<trust domain>.
absl::StatusOr<std::string> TrustDomainOfCa(const X509* ca);

// Checks the request's own signature and that the key is strong enough.
absl::StatusOr<EvpKeyPtr> PublicKeyOfRequest(std::string_view csr_pem);
std::string RequestPem(EVP_PKEY* key, const std::string& common_name);

std::string PrivateKeyPem(EVP_PKEY* key);  // PKCS#8, clear
std::string CertificatePem(X509* certificate);
absl::StatusOr<std::string> Pkcs12Bundle(const std::string& password, const std::string& name, EVP_PKEY* key,
                                         X509* certificate, X509* ca);

}  // namespace liandong::security
