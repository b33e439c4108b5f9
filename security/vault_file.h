// The SQLite file under Vault: rows, transactions and the erasing of one row. For vault.cc, key_reader.cc and
// key_copy.cc only.
//
// Thread-safety: none; the owner locks. Errors: Unavailable when the disk is full, fails or another process holds the
// file; DataLoss when it is no key store or is damaged; FailedPrecondition when a newer version wrote it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::security {

struct VaultRow {
  uint64_t id = 0;
  bool live = true;     // false: destroyed, `wrapped` is zeros
  std::string wrapped;  // as the key provider made it
};

// on-disk value: where a clean stop left off, in decimal digits.
inline constexpr char kVaultCleanStop[] = "clean_stop_next_id";

// What ties a wrapped key to its id.
std::string VaultKeyAad(uint64_t id);

class VaultFile {
 public:
  // Makes the file (0600) when absent, takes the exclusive lock, and empties the WAL that a crash may have left.
  static absl::StatusOr<std::unique_ptr<VaultFile>> Open(const std::string& path);
  ~VaultFile();
  VaultFile(const VaultFile&) = delete;
  VaultFile& operator=(const VaultFile&) = delete;

  const std::string& path() const { return path_; }

  // Named values beside the keys.
  absl::StatusOr<std::optional<std::string>> Value(const std::string& name);
  absl::Status SetValue(const std::string& name, const std::string& value);
  absl::Status RemoveValue(const std::string& name);

  // 0 when no key was ever made.
  absl::StatusOr<uint64_t> HighestId();
  absl::StatusOr<std::optional<VaultRow>> Find(uint64_t id);
  // Live rows with this id or a higher one, in order.
  absl::StatusOr<std::vector<VaultRow>> RowsFrom(uint64_t id);
  // Ids of live rows, both ends included.
  absl::StatusOr<std::vector<uint64_t>> LiveIds(uint64_t first, uint64_t last);
  // One transaction, durable on return.
  absl::Status Add(const std::vector<VaultRow>& rows);
  // Overwrites the wrapped keys in one transaction, durable on return. NotFound names the first unknown id; then
  // nothing has changed.
  absl::Status Erase(const std::vector<uint64_t>& ids);
  // Moves the WAL into the file and cuts it to nothing, so that it holds no erased row.
  absl::Status CutWal();

 private:
  class Statement;
  VaultFile(std::string path, sqlite3* db);

  absl::Status Prepare();
  absl::Status Run(const char* sql);
  absl::StatusOr<std::string> Ask(const char* sql);
  absl::Status InTransaction(absl::Status body);
  absl::Status Error(const char* step) const;

  const std::string path_;
  sqlite3* const db_;
};

}  // namespace liandong::security
