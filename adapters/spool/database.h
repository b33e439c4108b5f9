// A thin owner of one SQLite connection, for the files of adapters/spool only. Not thread-safe: its user locks.
#ifndef LIANDONG_ADAPTERS_SPOOL_DATABASE_H_
#define LIANDONG_ADAPTERS_SPOOL_DATABASE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

struct sqlite3;
struct sqlite3_stmt;

namespace liandong::adapters::spool {

// StrCat for std::string_view, which Debian's Abseil keeps apart from its own.
inline absl::string_view Piece(std::string_view text) { return absl::string_view(text.data(), text.size()); }
template <typename T>
const T& Piece(const T& value) {
  return value;
}
template <typename... T>
std::string Join(const T&... parts) {
  return absl::StrCat(Piece(parts)...);
}

// One use of a prepared statement: bind in order, then Step until it is false. Errors are remembered and every later
// call does nothing, so that status() is looked at once, at the end. Bytes are bound without a copy and must live
// until the last Step.
class Query {
 public:
  Query(sqlite3* db, sqlite3_stmt* statement);
  ~Query();
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;

  Query& Int(int64_t value);
  Query& Blob(std::string_view bytes);
  Query& Text(std::string_view text);

  // True when there is a row to read.
  bool Step();
  // For statements without rows.
  absl::Status Run();
  const absl::Status& status() const { return status_; }

  int64_t IntAt(int column) const;
  uint64_t UintAt(int column) const { return static_cast<uint64_t>(IntAt(column)); }
  std::string BytesAt(int column) const;

 private:
  void Check(int code);
  sqlite3* db_;
  sqlite3_stmt* statement_;
  int bound_ = 0;
  absl::Status status_;
};

class Database {
 public:
  // WAL with synchronous=FULL: a commit that returned survives a power cut. Makes the file with mode 0600.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::Status Exec(const char* sql);
  // `sql` must be a literal: statements are kept by it.
  Query Prepare(const char* sql);
  int Changes() const;
  sqlite3* handle() const { return db_; }

 private:
  explicit Database(sqlite3* db) : db_(db) {}
  sqlite3* db_;
  std::map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace liandong::adapters::spool

#endif  // LIANDONG_ADAPTERS_SPOOL_DATABASE_H_
