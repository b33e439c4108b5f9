#include "security/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "security/crypto.h"

namespace liandong::security {
namespace {

constexpr size_t kReadPieceBytes = 64 * 1024;

absl::Status SystemError(const std::string& path, const char* step) {
  const int number = errno;
  return absl::ErrnoToStatus(number, absl::StrCat(path, ": ", step));
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string TemporaryBeside(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return absl::StrCat(FolderOf(path), "/.", name, ".tmp.", Hex(RandomBytes(8)));
}

absl::Status WriteAll(int file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError(path, "writing");
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

// A synced file under a temporary name; its path.
absl::StatusOr<std::string> WriteTemporary(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string temporary = TemporaryBeside(path);
  // Narrow from the first instant; the mode asked for comes by fchmod, which the umask cannot change.
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return SystemError(path, "making a temporary file beside it");
  absl::Status status = WriteAll(file, path, bytes);
  if (status.ok() && fchmod(file, mode) != 0) status = SystemError(path, "setting the mode");
  if (status.ok() && fsync(file) != 0) status = SystemError(path, "fsync");
  if (close(file) != 0 && status.ok()) status = SystemError(path, "closing");
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return temporary;
}

}  // namespace

absl::StatusOr<std::string> ReadFileBounded(const std::string& path, size_t bytes_max) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return SystemError(path, "opening");
  const absl::Cleanup closer = [file] { close(file); };
  std::string bytes;
  while (bytes.size() <= bytes_max) {
    const size_t start = bytes.size();
    bytes.resize(start + kReadPieceBytes);
    const ssize_t got = read(file, bytes.data() + start, kReadPieceBytes);
    bytes.resize(start + (got > 0 ? static_cast<size_t>(got) : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError(path, "reading");
    if (got == 0) return bytes;
  }
  return absl::OutOfRangeError(absl::StrCat(path, ": larger than ", bytes_max, " bytes"));
}

absl::Status WriteFileAtomic(const std::string& path, std::string_view bytes, mode_t mode) {
  const auto temporary = WriteTemporary(path, bytes, mode);
  if (!temporary.ok()) return temporary.status();
  if (rename(temporary->c_str(), path.c_str()) != 0) {
    const absl::Status status = SystemError(path, "renaming the finished file");
    unlink(temporary->c_str());
    return status;
  }
  return SyncFolder(FolderOf(path));
}

absl::Status CreateFileAtomic(const std::string& path, std::string_view bytes, mode_t mode) {
  const auto temporary = WriteTemporary(path, bytes, mode);
  if (!temporary.ok()) return temporary.status();
  // link, unlike rename, refuses a name that is taken.
  absl::Status status;
  if (link(temporary->c_str(), path.c_str()) != 0) status = SystemError(path, "creating");
  unlink(temporary->c_str());
  if (!status.ok()) return status;
  return SyncFolder(FolderOf(path));
}

absl::Status CheckPrivateFile(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return SystemError(path, "looking at its mode");
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": 密钥文件对组或其他用户开放, 请运行 chmod 600 ", path,
                                                      " / the key file is open to group or others; run: chmod 600 ",
                                                      path));
  }
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path, mode_t mode) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (!part.empty() && mkdir(part.c_str(), mode) != 0 && errno != EEXIST) {
      return SystemError(part, "making the folder");
    }
    if (slash == std::string::npos) break;
  }
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return SystemError(path, "looking at the folder");
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is a file, a folder is needed here"));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return SystemError(path, "opening the folder");
  const absl::Cleanup closer = [folder] { close(folder); };
  if (fsync(folder) != 0) return SystemError(path, "fsync of the folder");
  return absl::OkStatus();
}

}  // namespace liandong::security
