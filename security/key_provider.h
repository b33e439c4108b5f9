// Where the master key of the key store comes from.
//
// Thread-safety: every method may be called from any thread. Errors (Chinese first) name the file and the mend.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/crypto.h"

namespace liandong::security {

// Where the master key lives: a file now, PKCS#11 or SDF (GM/T 0018) later. The master key need never leave the
// provider. Implementations are thread-safe.
class KeyProvider {
 public:
  virtual ~KeyProvider() = default;
  // Which master key this is, for errors and `status`: tells nothing about the key.
  virtual std::string Name() const = 0;
  virtual absl::StatusOr<std::string> Wrap(std::string_view aad, std::string_view data_key) = 0;
  // DataLoss when wrapped by another master key, moved (another aad) or changed.
  virtual absl::StatusOr<std::string> Unwrap(std::string_view aad, std::string_view wrapped) = 0;
};

// A file of exactly 32 bytes, mode 0600, made from random bytes when absent. FailedPrecondition when group or others
// can read it (with the chmod to run); DataLoss for another length. Also for spools and caches that seal with a key of
// their own.
absl::StatusOr<std::string> ReadOrCreateKeyFile(const std::string& path);

class FileKeyProvider : public KeyProvider {
 public:
  // New keys are wrapped by `suite`; those wrapped before by another suite still open.
  static absl::StatusOr<std::unique_ptr<FileKeyProvider>> Open(const std::string& path, Suite suite);
  ~FileKeyProvider() override;

  std::string Name() const override;
  absl::StatusOr<std::string> Wrap(std::string_view aad, std::string_view data_key) override;
  absl::StatusOr<std::string> Unwrap(std::string_view aad, std::string_view wrapped) override;

 private:
  FileKeyProvider(std::string path, std::string key, Suite suite);

  const std::string path_;
  std::string key_;
  const Suite suite_;
};

}  // namespace liandong::security
