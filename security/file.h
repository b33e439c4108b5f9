// Files that must be whole or absent. Blocking; call from any thread. Errors name the path, the step and the mend, and
// never the content.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liandong::security {

// The whole file. NotFound, PermissionDenied, or OutOfRange when it is larger than bytes_max (a device or a pipe that
// never ends counts as larger).
absl::StatusOr<std::string> ReadFileBounded(const std::string& path, size_t bytes_max);

// Temporary file in the same folder with exactly `mode`, fsync, rename, fsync of the folder. After a crash `path` holds
// the old bytes or the new, never a mixture; a temporary file (".<name>.tmp.<random>") may be left behind.
absl::Status WriteFileAtomic(const std::string& path, std::string_view bytes, mode_t mode);

// The same, but AlreadyExists when the file is there: of two processes that try at once one wins.
absl::Status CreateFileAtomic(const std::string& path, std::string_view bytes, mode_t mode);

// FailedPrecondition when group or others may read or write the file, with the chmod that mends it; NotFound when
// absent.
absl::Status CheckPrivateFile(const std::string& path);

// Makes the folder and those above it with `mode` where absent. What exists is left as it is.
absl::Status MakeFolder(const std::string& path, mode_t mode);

// fsync of a folder, so that names made or removed in it last.
absl::Status SyncFolder(const std::string& path);

}  // namespace liandong::security
