// Key pairs for ZeroMQ's CURVE (Curve25519), written as ZeroMQ writes them: Z85, 40 characters for 32 bytes. The hub's
// own, and one for each program that reads the live feed.
//
// Thread-safety: safe from any thread. Errors (Chinese first) name the file and the mend, never the key.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liandong::security {

struct CurveKey {
  std::string public_z85;
  std::string secret_z85;
};

CurveKey MakeCurveKey();
// InvalidArgument: not 40 characters of Z85.
absl::StatusOr<CurveKey> CurveKeyFromSecret(std::string_view secret_z85);

// The file is two lines, "public = ..." and "secret = ...", mode 0600. AlreadyExists: it is not written over.
absl::StatusOr<CurveKey> CreateCurveKeyFile(const std::string& path);
// FailedPrecondition when group or others can read it; InvalidArgument when it is no key file or its two lines do not
// belong together.
absl::StatusOr<CurveKey> ReadCurveKeyFile(const std::string& path);

}  // namespace liandong::security
