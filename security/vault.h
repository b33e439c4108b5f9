// The key store of sealed personal fields: one data key for each incident (or spool, or dead letter), kept wrapped in a
// SQLite file of its own. Destroying a key here erases what it sealed everywhere: in the log, in snapshots, in copies.
//
// Invariants:
//   - An id is handed out once, ever. Ids rise strictly; gaps are normal (a crash skips what was made ahead).
//   - A key that is handed out was on stable storage before, so no receipt rests on a key that a crash could lose.
//   - After Destroy returns OK, neither the file nor its WAL holds the wrapped key, and memory does not either.
//   - The clear key is never written anywhere.
//
// On disk (format 1): table meta(name, value); table data_key(id, live, wrapped). `wrapped` is KeyProvider::Wrap of 32
// bytes, with "liandong vault key <id>" as aad. A destroyed key's row stays, its wrapped bytes overwritten with zeros
// in place: rows never move between pages, so that no stale copy of one can be left in a page's free space. One process
// at a time (exclusive lock). Not part of ordinary backups: a backup that holds a destroyed key would undo the
// destruction.
//
// Thread-safety: every method may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/key_destroyer.h"
#include "security/key_provider.h"
#include "security/limits.h"

namespace liandong::security {

struct VaultOptions {
  uint32_t batch_keys = kVaultBatchKeys;  // 2..kVaultBatchKeysMax; refilled when fewer than half are ready
  size_t cached_keys = kVaultCachedKeys;  // at least 1
  // Opens although the log names keys that this file does not hold (a lost or older key store): what they sealed stays
  // unreadable. Only for an operator who has decided so.
  bool accept_lost_keys = false;
  // In a cluster: makes a batch of wrapped keys (ids first_id, first_id + 1 ...; `after_id` is the highest one before)
  // durable on other nodes too, before any of them is handed out. On the thread that makes keys. When it fails, the
  // batch is dropped: nobody may then have kept it under the same ids, or the process must end. Ids that were shared
  // are not used for other keys, also when they cannot be written here.
  std::function<absl::Status(uint64_t after_id, uint64_t first_id, const std::vector<std::string>& wrapped)> share = {};
  // All keys up to this one are durable in this file too. On the same thread; may be empty.
  std::function<void(uint64_t last_id)> kept = {};
};

class Vault : public KeyDestroyer {
 public:
  // Makes the file (mode 0600) when absent; its folder must exist. `first_unused_id`: the lowest id that no record of
  // the log has used (0 and 1 mean an empty log). Returns once the first batch is durable. DataLoss: the log has used
  // ids that this file never made (see accept_lost_keys), or the master key is not the one that wrapped these keys.
  // Unavailable: another process has the file open.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(const std::string& path, std::shared_ptr<KeyProvider> provider,
                                                     uint64_t first_unused_id, VaultOptions options = {});
  // Notes where a clean stop left off, so that the next start leaves no gap.
  ~Vault() override;
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // The id of a key never handed out before, from 1 on. No sync and no disk access while keys are ready; waits for the
  // batch under way when they have run out, and returns its error (Unavailable) when that batch cannot be written.
  absl::StatusOr<uint64_t> TakeFreshKey();

  // The 32 clear bytes. NotFound: never handed out here. FailedPrecondition: destroyed. DataLoss: the row does not
  // unwrap.
  absl::StatusOr<std::string> Key(uint64_t id);

  absl::Status Destroy(uint64_t id) { return DestroyAll({id}); }
  absl::Status DestroyAll(const std::vector<uint64_t>& ids) override;
  absl::StatusOr<std::vector<uint64_t>> LiveKeys(uint64_t first, uint64_t last) override;

  // Keys ready to be taken without waiting; for `status` and tests.
  size_t ReadyKeys() const;

 private:
  class Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::security
