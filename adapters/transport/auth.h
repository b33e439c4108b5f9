// How the two sides of a link prove themselves in HTTP headers (Profile.auth_in, auth_out).
//
// Thread-safety: immutable after construction.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_AUTH_H_
#define LIANDONG_ADAPTERS_TRANSPORT_AUTH_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// The first value of a header, names compared without case; "" when absent.
std::string_view HeaderValue(const HeaderList& headers, std::string_view name);

class LinkSecret {
 public:
  // Reads the secret file: private, kSecretBytesMin..kSecretBytesMax bytes after white space around it is dropped.
  // FailedPrecondition, NotFound or InvalidArgument name the file and the mend, never the secret.
  static absl::StatusOr<LinkSecret> Load(const v1::LinkAuth& auth);

  // Unauthenticated with the rule that failed, for the log; the caller is told nothing of it. A timestamp is checked
  // against now_s where the rule names its header. Repeats inside that time are the spool's to notice.
  absl::Status Check(std::string_view method, std::string_view path, const HeaderList& headers, std::string_view body,
                     int64_t now_s) const;

  // The headers that a call of ours carries.
  HeaderList Sign(std::string_view method, std::string_view path, std::string_view body, int64_t now_s) const;

 private:
  LinkSecret(v1::LinkAuth auth, std::string secret) : auth_(std::move(auth)), secret_(std::move(secret)) {}
  std::string Signature(std::string_view method, std::string_view path, std::string_view timestamp,
                        std::string_view nonce, std::string_view body) const;

  v1::LinkAuth auth_;
  std::string secret_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_AUTH_H_
