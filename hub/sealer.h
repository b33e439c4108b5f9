// Seals and opens personal fields under the key of their incident. Owned by the sequencer's thread; the vault behind it
// is thread-safe. The simulation has a sealer of its own, without randomness.
#ifndef LIANDONG_HUB_SEALER_H_
#define LIANDONG_HUB_SEALER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "liandong/v1/record.pb.h"
#include "liandong/v1/report.pb.h"
#include "security/vault.h"

namespace liandong::hub {

// An incident as far as sealing goes: its id and key.
struct SealKey {
  uint64_t incident_id = 0;
  uint64_t key_id = 0;
};

// With the clear key at hand: for who reads a log beside the hub.
absl::StatusOr<std::string> OpenSealed(const std::string& key, uint64_t incident_id, const std::string& sealed);

class Sealer {
 public:
  explicit Sealer(security::Vault* vault, security::Suite suite = security::Suite::kInternational)
      : vault_(vault), suite_(suite) {}
  virtual ~Sealer() = default;

  // The key that the next new incident will have. The same until Used() says that a record rests on it.
  virtual absl::StatusOr<uint64_t> FreshKey();
  virtual void Used(uint64_t key_id);

  // FailedPrecondition (reason ERASED): the incident's key was destroyed.
  virtual absl::StatusOr<std::string> Seal(const SealKey& key, const std::string& plain);
  virtual absl::StatusOr<std::string> Open(const SealKey& key, const std::string& sealed) const;
  // What tells a repeat from an amendment: a MAC over everything that was told.
  virtual absl::StatusOr<std::string> ContentMac(const SealKey& key, const v1::Report& report);

 private:
  absl::StatusOr<std::string> KeyOf(const SealKey& key) const;
  security::Vault* const vault_;
  const security::Suite suite_;
  uint64_t spare_key_ = 0;
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_SEALER_H_
