// Keeps a second process out of a data folder. The kernel lets go when the process ends, however it ends.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace liandong::log {

class FolderLock {
 public:
  // Makes <data_dir>/log.lock and locks it. FailedPrecondition when another holder has it.
  static absl::StatusOr<FolderLock> Take(const std::string& data_dir);

  FolderLock() = default;
  FolderLock(FolderLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  int file_ = -1;
};

}  // namespace liandong::log
