// A certificate authority for a small site and for the demo: a folder with ca.key and ca.crt. Larger sites bring
// certificates of their own; only the URI name matters (identity.h). P-256 keys, SHA-256 signatures, X.509 v3 with SAN
// URI (+ DNS, IP), basicConstraints, keyUsage, extendedKeyUsage, key identifiers, random 128-bit serial numbers.
//
// Every file is written whole (temporary file, fsync, rename); keys have mode 0600, certificates 0644.
// Thread-safety: safe from any thread; two callers for one party: one wins, the other gets AlreadyExists.
// Errors (Chinese first) name the file and the mend. InvalidArgument: a name or a number out of range. AlreadyExists:
// the file is there and is not replaced. FailedPrecondition: no CA in the folder, CA key open to others, CA expired.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::security {

struct CaOptions {
  int days = 3650;               // 1..kCaDaysMax
  std::string common_name = {};  // default: "Liandong CA <trust domain>"
};

struct IssueOptions {
  std::vector<std::string> dns_names = {};     // "localhost" for the demo
  std::vector<std::string> ip_addresses = {};  // "127.0.0.1", IPv4 or IPv6
  int days = 825;                              // 1..kLeafDaysMax; never beyond the CA's own end
  bool client = true;                          // extendedKeyUsage clientAuth
  bool server = true;                          // extendedKeyUsage serverAuth
  std::string pkcs12_password = {};            // not empty: also writes <party>.p12 (key, certificate, CA)
  std::string out_folder = {};  // where the party's files go with a copy of ca.crt; empty: the CA's folder
  bool replace = false;         // renewal: writes over the party's files that are there
};

struct IssuedFiles {
  std::string ca;      // …/ca.crt
  std::string cert;    // …/<party>.crt, the leaf and nothing else
  std::string key;     // …/<party>.key, PKCS#8 PEM; empty after SignCsr
  std::string pkcs12;  // …/<party>.p12, or empty
  std::string uri;     // spiffe://…
};

// Makes the folder (0700) when absent, ca.key and ca.crt. The CA's own URI name is spiffe://<trust domain>, which Issue
// and SignCsr read back. Refuses a folder that holds a CA: its certificates would all become worthless.
absl::Status InitCa(const std::string& folder, std::string_view trust_domain, const CaOptions& options = {});

absl::StatusOr<IssuedFiles> Issue(const std::string& folder, std::string_view party, const IssueOptions& options = {});

// For a party that keeps its own key. Only the public key is taken from the request (RSA of 2048 bits or more, P-256,
// P-384, Ed25519), after its signature was checked; names and usages come from here. pkcs12_password must be empty.
absl::StatusOr<IssuedFiles> SignCsr(const std::string& folder, std::string_view csr_pem, std::string_view party,
                                    const IssueOptions& options = {});

// A fresh P-256 key and a request for it, for the party's side: `key_path` (0600) and the returned PEM text.
absl::StatusOr<std::string> MakeCsr(const std::string& key_path, std::string_view party);

}  // namespace liandong::security
