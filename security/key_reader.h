// Reads a key store without changing it: for tools that look into a stopped hub's folder or a copy of it. The vault
// itself (vault.h) makes keys ahead when it opens.
//
// Thread-safety: one thread.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/key_provider.h"

namespace liandong::security {

class KeyReader {
 public:
  // NotFound: one of the two files is not there. Unavailable: the hub runs on this folder; stop it or look at a copy.
  static absl::StatusOr<std::unique_ptr<KeyReader>> Open(const std::string& keys_path, const std::string& master_path);

  // The 32 clear bytes. FailedPrecondition: destroyed. NotFound: not in this store. DataLoss: the master key is another
  // one, or the row was changed.
  absl::StatusOr<std::string> Key(uint64_t id);

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  KeyReader() = default;

  std::string path_;
  std::unique_ptr<sqlite3, Close> db_;
  std::unique_ptr<sqlite3_stmt, Close> find_;
  std::unique_ptr<KeyProvider> provider_;
};

}  // namespace liandong::security
