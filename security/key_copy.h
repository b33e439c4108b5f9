// The key store of a node that does not lead: takes over the wrapped keys that another node made, so that it can lead
// with them later. Holds keys.db as Vault does (exclusive lock): close it before the vault opens.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/key_destroyer.h"
#include "security/key_provider.h"
#include "security/vault_file.h"

namespace liandong::security {

class KeyCopy : public KeyDestroyer {
 public:
  // Makes the file when absent. `provider` is the master key that all nodes have.
  static absl::StatusOr<std::unique_ptr<KeyCopy>> Open(const std::string& path, std::shared_ptr<KeyProvider> provider);

  // 0: none yet.
  uint64_t highest_id() const { return highest_id_; }
  // Keys first_id, first_id + 1 ... Those that are here are passed over. Durable when it returns OK. DataLoss: they
  // were wrapped under another master key than this node's.
  absl::Status Add(uint64_t first_id, const std::vector<std::string>& wrapped);

  absl::Status DestroyAll(const std::vector<uint64_t>& ids) override;
  absl::StatusOr<std::vector<uint64_t>> LiveKeys(uint64_t first, uint64_t last) override;

 private:
  KeyCopy(std::unique_ptr<VaultFile> file, std::shared_ptr<KeyProvider> provider, uint64_t highest_id)
      : file_(std::move(file)), provider_(std::move(provider)), highest_id_(highest_id) {}

  const std::unique_ptr<VaultFile> file_;
  const std::shared_ptr<KeyProvider> provider_;
  uint64_t highest_id_;
};

}  // namespace liandong::security
