#include "security/settle_wal.h"

#include <sqlite3.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace liandong::security {
namespace {

constexpr sqlite3_int64 kPieceBytes = 64 * 1024;  // SQLite's own files take no more than 128 KiB at once

absl::Status Error(int code, const std::string& path, const char* step) {
  const std::string text = absl::StrCat(path, ": ", step, ": ", sqlite3_errstr(code));
  if ((code & 0xff) == SQLITE_BUSY) return absl::UnavailableError(text);
  if ((code & 0xff) == SQLITE_FULL) return absl::ResourceExhaustedError(text);
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB) return absl::DataLossError(text);
  if ((code & 0xff) == SQLITE_READONLY || (code & 0xff) == SQLITE_CANTOPEN) return absl::FailedPreconditionError(text);
  return absl::InternalError(text);
}

// Bytes that are read and written back are dirty again, so the sync that follows writes them whatever befell the last.
int WriteAgain(sqlite3_file* file) {
  sqlite3_int64 size = 0;
  if (const int code = file->pMethods->xFileSize(file, &size); code != SQLITE_OK) return code;
  std::vector<char> piece(static_cast<size_t>(std::min(size, kPieceBytes)));
  for (sqlite3_int64 at = 0; at < size; at += kPieceBytes) {
    const int bytes = static_cast<int>(std::min(size - at, kPieceBytes));
    if (const int code = file->pMethods->xRead(file, piece.data(), bytes, at); code != SQLITE_OK) return code;
    if (const int code = file->pMethods->xWrite(file, piece.data(), bytes, at); code != SQLITE_OK) return code;
  }
  return size == 0 ? SQLITE_OK : file->pMethods->xSync(file, SQLITE_SYNC_FULL);
}

}  // namespace

absl::Status SettleWal(sqlite3* connection, const std::string& path) {
  // While this holds nobody appends to the WAL or begins it anew.
  int code = sqlite3_exec(connection, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Error(code, path, "waiting for the WAL");
  sqlite3_file* wal = nullptr;
  code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
  if (code == SQLITE_OK && wal != nullptr && wal->pMethods != nullptr) code = WriteAgain(wal);
  sqlite3_exec(connection, "ROLLBACK", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return Error(code, path, "writing the WAL once more");
  code = sqlite3_wal_checkpoint_v2(connection, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) return Error(code, path, "moving the WAL into the file");
  return absl::OkStatus();
}

}  // namespace liandong::security
