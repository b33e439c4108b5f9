// The CA's revocation list (X.509 CRL in PEM form), watched: Changed looks at the file.
//
// Thread-safety: every method from any thread. Errors (Chinese first) name the file and the mend.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace liandong::security {

class Revocations {
 public:
  // FailedPrecondition: the list is not signed by a CA of `ca_path`; NotFound and others: the file cannot be read.
  static absl::StatusOr<std::unique_ptr<Revocations>> Open(const std::string& crl_path, const std::string& ca_path);

  // Looks at the file; true when another list counts from now on. One that cannot be read or is not the CA's changes
  // nothing.
  bool Changed();

  // Of the first certificate. A text that holds none counts as revoked: nobody can say that it is not.
  bool IsRevoked(std::string_view certificate_pem) const;
  size_t size() const;
  // Until when the list says that it is good; one that is older counts on, but is to be signed again.
  absl::Time next_update() const;

 private:
  absl::StatusOr<bool> Refresh();
  Revocations(std::string crl_path, std::string ca_path)
      : crl_path_(std::move(crl_path)), ca_path_(std::move(ca_path)) {}

  const std::string crl_path_, ca_path_;
  mutable std::mutex mutex_;
  std::string seen_;               // guarded by mutex_; the file's bytes
  std::set<std::string> serials_;  // guarded by mutex_; "issuer's DER ‖ serial" of what is revoked
  absl::Time next_update_;         // guarded by mutex_
  // Every call asks, and reading a certificate costs more than the rest of the gate. Guarded by mutex_; empty after
  // each change of the list, bounded by kCrlAnswersMax.
  mutable std::map<std::string, bool, std::less<>> answers_;
};

// Adds the certificate to <folder>/ca.crl, which is made when absent, and signs it with the CA's key. Valid for
// kCrlDays: sign it again before (without a certificate: an empty text).
absl::Status RevokeCertificate(const std::string& ca_folder, std::string_view certificate_pem);

}  // namespace liandong::security
