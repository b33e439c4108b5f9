// A thin owner of SQLite connections and statements that speaks absl::Status. Errors name the file, the step and the
// mend: ResourceExhausted for a full disk, DataLoss for a damaged file, Unavailable when another connection holds it,
// FailedPrecondition when it may not be opened or written, Internal for anything else.
//
// Thread-safety: one thread at a time for a connection and its statements (opened with SQLITE_OPEN_NOMUTEX).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::log {

class Statement {
 public:
  Statement() = default;

  // Parameters count from 1. Text and blobs are not copied: they must live until the statement is reset.
  Statement& Bind(int parameter, uint64_t value);
  Statement& Bind(int parameter, int64_t value);
  Statement& BindText(int parameter, std::string_view text);
  Statement& BindBlob(int parameter, std::string_view bytes);

  // True: there is a row. After false or an error the statement is reset.
  absl::StatusOr<bool> Step();
  // Steps to the end and resets.
  absl::Status Run();
  // Ends the read transaction that an unfinished statement holds, and forgets the parameters' bytes.
  void Reset();

  // Columns count from 0. Views live until the next Step or Reset.
  uint64_t Number(int column) const;
  int64_t Signed(int column) const;
  std::string_view Bytes(int column) const;

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  Statement(sqlite3_stmt* statement, std::string path) : statement_(statement), path_(std::move(path)) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::string path_;
};

class Connection {
 public:
  enum class Mode { kReadOnly, kReadWrite, kCreate };

  static absl::StatusOr<Connection> Open(const std::string& path, Mode mode, int busy_ms);
  Connection() = default;

  // One or more statements whose rows nobody needs.
  absl::Status Run(const char* sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // First column of the first row; NotFound when there is none.
  absl::StatusOr<int64_t> QueryNumber(std::string_view sql);

  // Moves what it can from the WAL into the file without waiting for anyone. True when nothing is left in the WAL that
  // the next write could not write over.
  absl::StatusOr<bool> CheckpointPassive();

  sqlite3* handle() const { return handle_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
  std::string path_;
};

// The status of the connection's last error.
absl::Status SqliteError(sqlite3* handle, const std::string& path, std::string_view step);

}  // namespace liandong::log
