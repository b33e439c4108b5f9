#include "tests/unit/hub/log/failing_sync.h"

#include <mutex>
#include <set>

namespace liandong::log {
namespace {

sqlite3_vfs* real = nullptr;
std::atomic<bool> fails = false;

std::mutex mutex;
std::string ending;                 // guarded by mutex
std::set<sqlite3_file*> concerned;  // guarded by mutex

// SQLite uses one method table for files with locks and one for those without; each gets its copy.
struct Methods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods ours = {};
};
Methods tables[2];  // guarded by mutex

const sqlite3_io_methods* RealOf(sqlite3_file* file) {
  std::lock_guard lock(mutex);
  for (const Methods& table : tables) {
    if (file->pMethods == &table.ours) return table.real;
  }
  return nullptr;
}

int Sync(sqlite3_file* file, int flags) {
  if (fails) {
    std::lock_guard lock(mutex);
    if (concerned.count(file) > 0) return SQLITE_IOERR_FSYNC;
  }
  return RealOf(file)->xSync(file, flags);
}

int Close(sqlite3_file* file) {
  const sqlite3_io_methods* methods = RealOf(file);
  {
    std::lock_guard lock(mutex);
    concerned.erase(file);
  }
  return methods->xClose(file);
}

int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int result = real->xOpen(real, name, file, flags, out_flags);
  if (result != SQLITE_OK || file->pMethods == nullptr) return result;
  std::lock_guard lock(mutex);
  for (Methods& table : tables) {
    if (table.real == nullptr) {
      table.real = file->pMethods;
      table.ours = *file->pMethods;
      table.ours.xSync = Sync;
      table.ours.xClose = Close;
    }
    if (table.real != file->pMethods) continue;
    file->pMethods = &table.ours;
    const std::string path = name == nullptr ? "" : name;
    if (path.size() >= ending.size() && path.compare(path.size() - ending.size(), ending.size(), ending) == 0) {
      concerned.insert(file);
    }
    break;
  }
  return result;
}

}  // namespace

FailingSync::FailingSync() {
  real = sqlite3_vfs_find(nullptr);
  vfs_ = *real;
  vfs_.zName = "failing-sync";
  vfs_.pNext = nullptr;
  vfs_.xOpen = Open;
  sqlite3_vfs_register(&vfs_, 1);
  FailOnly("");
}

FailingSync::~FailingSync() {
  fails = false;
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(real, 1);
}

void FailingSync::Fail(bool fail) { fails = fail; }

void FailingSync::FailOnly(const std::string& path_ending) {
  std::lock_guard lock(mutex);
  ending = path_ending;
}

}  // namespace liandong::log
