// SQLite's view of the simulated disks. There is one thread, so two connections never work at the same moment; their
// locks only tell SQLite which one is the last to close.
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/simulation/sim_disk.h"

namespace liandong::sim {
namespace {

struct Open {
  sqlite3_file base;
  Machine* machine;
  DiskFile* file;
};

Open* Of(sqlite3_file* file) { return reinterpret_cast<Open*>(file); }

int Write(Open* open, DiskWrite write) {
  if (!open->machine->Operate()) return SQLITE_IOERR_WRITE;
  if (open->machine->TakeFull()) return SQLITE_FULL;
  Apply(open->file->now, write);
  open->file->unsynced.push_back(std::move(write));
  return SQLITE_OK;
}

int Close(sqlite3_file* file) {
  Of(file)->file->locks.erase(file);
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* to, int count, sqlite3_int64 at) {
  const Open* open = Of(file);
  if (open->machine->dead()) return SQLITE_IOERR_READ;
  const std::string& bytes = open->file->now;
  const auto from = static_cast<size_t>(at);
  const size_t have = from >= bytes.size() ? 0 : std::min(bytes.size() - from, static_cast<size_t>(count));
  std::memcpy(to, bytes.data() + std::min(from, bytes.size()), have);
  if (have == static_cast<size_t>(count)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + have, 0, static_cast<size_t>(count) - have);
  return SQLITE_IOERR_SHORT_READ;
}

int WriteBytes(sqlite3_file* file, const void* from, int count, sqlite3_int64 at) {
  return Write(Of(file), {at, std::string(static_cast<const char*>(from), static_cast<size_t>(count)), false});
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) { return Write(Of(file), {size, "", true}); }

int Sync(sqlite3_file* file, int) {
  Open* open = Of(file);
  if (!open->machine->Operate()) return SQLITE_IOERR_FSYNC;
  return open->machine->SyncFile(*open->file) ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

int Size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(Of(file)->file->now.size());
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) {
  auto& locks = Of(file)->file->locks;
  for (const auto& [other, held] : locks) {
    if (other == file) continue;
    if (level >= SQLITE_LOCK_PENDING && held >= SQLITE_LOCK_SHARED) return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && held >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
  }
  locks[file] = level;
  return SQLITE_OK;
}
int Unlock(sqlite3_file* file, int level) {
  Of(file)->file->locks[file] = level;
  return SQLITE_OK;
}
int CheckReserved(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int Control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return 512; }
// As SQLite's own files say of themselves, and as the disk here keeps it: a torn write hurts nothing beside it.
int Characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int MapShared(sqlite3_file* file, int page, int bytes, int, void volatile** out) {
  auto& shared = Of(file)->file->shared;
  while (shared.size() <= static_cast<size_t>(page)) {
    shared.push_back(std::make_unique<char[]>(static_cast<size_t>(bytes)));
  }
  *out = shared[static_cast<size_t>(page)].get();
  return SQLITE_OK;
}
int LockShared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
void Barrier(sqlite3_file*) {}
int UnmapShared(sqlite3_file* file, int remove) {
  if (remove != 0) Of(file)->file->shared.clear();
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    2,           Close,         Read,    WriteBytes, Truncate,        Sync,      Size,       Lock,
    Unlock,      CheckReserved, Control, SectorSize, Characteristics, MapShared, LockShared, Barrier,
    UnmapShared, nullptr,       nullptr};

// <folder>/<machine>/<file>
std::pair<std::string, std::string> Split(const std::string& path) {
  const size_t file = path.rfind('/');
  const size_t folder = file == std::string::npos || file == 0 ? std::string::npos : path.rfind('/', file - 1);
  if (folder == std::string::npos) return {"", path};
  return {path.substr(folder + 1, file - folder - 1), path.substr(file + 1)};
}

int OpenFile(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  static DiskFile* const kScratch = new DiskFile();
  Open* open = Of(file);
  open->base.pMethods = nullptr;
  const auto [machine, leaf] = Split(name == nullptr ? "" : name);
  open->machine = &SimDisks::Get().Of(machine);
  if (open->machine->dead()) return SQLITE_CANTOPEN;
  if (name == nullptr) {
    kScratch->now.clear();
    open->file = kScratch;
  } else {
    open->file = &open->machine->files[leaf];
  }
  open->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

// What is removed is gone at once: nobody here relies on a removal that a crash takes back.
int Delete(sqlite3_vfs*, const char* name, int) {
  const auto [machine, leaf] = Split(name);
  Machine& on = SimDisks::Get().Of(machine);
  if (!on.Operate()) return SQLITE_IOERR_DELETE;
  auto it = on.files.find(leaf);
  if (it == on.files.end()) return SQLITE_IOERR_DELETE_NOENT;
  // A connection may still have it open, so the entry stays, empty.
  it->second.now.clear();
  it->second.synced.clear();
  it->second.unsynced.clear();
  return SQLITE_OK;
}

int Access(sqlite3_vfs*, const char* name, int, int* out) {
  const auto [machine, leaf] = Split(name);
  Machine& on = SimDisks::Get().Of(machine);
  auto it = on.files.find(leaf);
  *out = it != on.files.end() && !it->second.now.empty();
  return SQLITE_OK;
}

int FullPath(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs*, int count, char* out) {
  std::memset(out, 7, static_cast<size_t>(count));
  return count;
}
int Sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
int CurrentTime(sqlite3_vfs*, double* out) {
  *out = 2461236.0;
  return SQLITE_OK;
}
int LastError(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

SimDisks& SimDisks::Get() {
  static SimDisks* const kDisks = new SimDisks();
  return *kDisks;
}

SimDisks::SimDisks() {
  static sqlite3_vfs vfs = {};
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Open);
  vfs.mxPathname = 512;
  vfs.zName = "liandong-sim";
  vfs.xOpen = OpenFile;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPath;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = LastError;
  sqlite3_vfs_register(&vfs, 1);
}

}  // namespace liandong::sim
