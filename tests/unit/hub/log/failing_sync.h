// SQLite's own file access, except that syncing can be made to fail.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

namespace liandong::log {

// Becomes SQLite's default for files opened while it lives; one at a time.
class FailingSync {
 public:
  FailingSync();
  ~FailingSync();
  void Fail(bool fail);
  // Only files whose path ends so.
  void FailOnly(const std::string& ending);

 private:
  sqlite3_vfs vfs_;
};

}  // namespace liandong::log
