#include "hub/log/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace liandong::log {

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& data_dir) {
  const std::string path = data_dir + "/log.lock";
  FolderLock lock;
  lock.file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock.file_ < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": opening"));
  // flock, not fcntl: it belongs to this open file, so closing another one cannot release it.
  while (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": locking"));
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        ": another hub is running on this folder (本目录已有另一个 hub 在运行); stop it, or give another folder"));
  }
  return lock;
}

}  // namespace liandong::log
