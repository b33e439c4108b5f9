// What destroys data keys: the key store of the node that leads (Vault) and of one that stands by (KeyCopy).
//
// Thread-safety: as the class behind it says.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::security {

class KeyDestroyer {
 public:
  virtual ~KeyDestroyer() = default;
  // All in one transaction with one sync: either all ids are known and destroyed, or none is. Durable when it returns
  // OK. Destroying again is OK; NotFound: one was never handed out. Unavailable: the keys are destroyed but their bytes
  // could not yet be cut from the WAL; call again (the next start does it too).
  virtual absl::Status DestroyAll(const std::vector<uint64_t>& ids) = 0;
  // Which of these ids, both ends included, have a key still.
  virtual absl::StatusOr<std::vector<uint64_t>> LiveKeys(uint64_t first, uint64_t last) = 0;
};

}  // namespace liandong::security
