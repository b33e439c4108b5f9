#include "security/key_reader.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "security/limits.h"
#include "security/vault_file.h"

namespace liandong::security {
namespace {

absl::Status CheckThere(const std::string& path) {
  if (access(path.c_str(), R_OK) == 0) return absl::OkStatus();
  return absl::NotFoundError(absl::StrCat(path, ": 没有此文件或不能读 is not there or cannot be read"));
}

absl::Status Busy(const std::string& path, sqlite3* db) {
  return absl::UnavailableError(
      absl::StrCat(path,
                   ": 密钥库正被使用或打不开,请停下枢纽或用副本 the key store is in use or does "
                   "not open; stop the hub, or look at a copy: ",
                   db == nullptr ? "" : sqlite3_errmsg(db)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyReader>> KeyReader::Open(const std::string& keys_path,
                                                           const std::string& master_path) {
  for (const std::string& path : {keys_path, master_path}) {
    if (auto status = CheckThere(path); !status.ok()) return status;
  }
  auto provider = FileKeyProvider::Open(master_path, Suite::kInternational);
  if (!provider.ok()) return provider.status();
  std::unique_ptr<KeyReader> reader(new KeyReader());
  reader->path_ = keys_path;
  reader->provider_ = *std::move(provider);
  sqlite3* db = nullptr;
  const int opened = sqlite3_open_v2(keys_path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  reader->db_.reset(db);
  if (opened != SQLITE_OK) return Busy(keys_path, db);
  sqlite3_busy_timeout(db, kVaultBusyMs);
  sqlite3_stmt* find = nullptr;
  if (sqlite3_prepare_v2(db, "SELECT live, wrapped FROM data_key WHERE id = ?", -1, &find, nullptr) != SQLITE_OK) {
    return Busy(keys_path, db);
  }
  reader->find_.reset(find);
  return reader;
}

absl::StatusOr<std::string> KeyReader::Key(uint64_t id) {
  sqlite3_stmt* const find = find_.get();
  sqlite3_bind_int64(find, 1, static_cast<int64_t>(id));
  const int step = sqlite3_step(find);
  if (step == SQLITE_DONE) {
    sqlite3_reset(find);
    return absl::NotFoundError(absl::StrCat("data key ", id, " is not in the key store ", path_));
  }
  if (step != SQLITE_ROW) {
    sqlite3_reset(find);
    return Busy(path_, db_.get());
  }
  const bool live = sqlite3_column_int(find, 0) != 0;
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(find, 1));
  const std::string wrapped(bytes == nullptr ? "" : bytes, static_cast<size_t>(sqlite3_column_bytes(find, 1)));
  sqlite3_reset(find);
  if (!live) return absl::FailedPreconditionError(absl::StrCat("data key ", id, " is destroyed"));
  return provider_->Unwrap(VaultKeyAad(id), wrapped);
}

}  // namespace liandong::security
