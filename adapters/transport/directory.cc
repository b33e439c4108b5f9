#include "adapters/transport/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "security/file.h"

namespace liandong::adapters {
namespace {

// Files of the two exchanging systems: their group may read them, others may not.
constexpr mode_t kFolderMode = 0770;
constexpr mode_t kFileMode = 0640;

bool IsRecordName(const std::string& name) {
  return name.size() <= kDirectoryNameBytesMax && name.front() != '.' && !absl::StrContains(name, ".receipt.") &&
         (absl::EndsWithIgnoreCase(name, ".json") || absl::EndsWithIgnoreCase(name, ".xml"));
}

// The names in a folder that begin with no dot, sorted; at most `max`.
std::vector<std::string> NamesIn(const std::string& folder, size_t max, bool (*wanted)(const std::string&)) {
  std::vector<std::string> names;
  DIR* directory = ::opendir(folder.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = ::readdir(directory)) {
    std::string name = entry->d_name;
    if (wanted(name)) names.push_back(std::move(name));
  }
  ::closedir(directory);
  std::sort(names.begin(), names.end());
  if (names.size() > max) names.resize(max);
  return names;
}

bool AnyName(const std::string& name) { return name.front() != '.'; }

// Of a regular file: a link or a pipe is nobody's record.
bool Regular(const std::string& path, struct stat* info) {
  return ::lstat(path.c_str(), info) == 0 && S_ISREG(info->st_mode);
}

std::string ReceiptName(const std::string& name) {
  const size_t dot = name.rfind('.');
  return absl::StrCat(name.substr(0, dot), ".receipt", name.substr(dot));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DirectoryExchange>> DirectoryExchange::Start(DirectoryOptions options, Handler handler) {
  for (const std::string& folder : {options.in, options.out}) {
    if (folder.empty()) continue;
    if (absl::Status status = security::MakeFolder(folder, kFolderMode); !status.ok()) return status;
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
      return absl::PermissionDeniedError(absl::StrCat(
          folder, ": 目录不可读写,请检查权限 (the folder cannot be read and written: check its permissions)"));
    }
  }
  if (!options.in.empty() && !options.discard_taken) {
    for (const char* sub : {"/done", "/bad"}) {
      if (absl::Status status = security::MakeFolder(options.in + sub, kFolderMode); !status.ok()) return status;
    }
  }
  std::unique_ptr<DirectoryExchange> result(new DirectoryExchange(std::move(options), std::move(handler)));
  if (!result->options_.in.empty()) result->thread_ = std::thread([exchange = result.get()] { exchange->Loop(); });
  return result;
}

DirectoryExchange::~DirectoryExchange() { Stop(); }

void DirectoryExchange::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void DirectoryExchange::Loop() {
  while (true) {
    Scan();
    Clean("/done");
    Clean("/bad");
    std::unique_lock<std::mutex> lock(mutex_);
    if (changed_.wait_for(lock, std::chrono::milliseconds(options_.poll_ms), [this] { return stopping_; })) return;
  }
}

void DirectoryExchange::Scan() {
  std::map<std::string, Seen> now;
  for (const std::string& name : NamesIn(options_.in, kDirectoryScanMax, IsRecordName)) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
    }
    struct stat info {};
    if (!Regular(absl::StrCat(options_.in, "/", name), &info)) continue;
    const Seen seen{info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
    const auto before = seen_.find(name);
    // Some writers do write in place: a file counts as whole when it has not changed since the last look.
    if (before == seen_.end() || !(before->second == seen) || !Take(name)) now[name] = seen;
  }
  seen_ = std::move(now);
}

// False when the file stays.
bool DirectoryExchange::Take(const std::string& name) {
  const std::string path = absl::StrCat(options_.in, "/", name);
  auto bytes = security::ReadFileBounded(path, kNativeMessageBytesMax);
  const bool too_large = absl::IsOutOfRange(bytes.status());
  if (!bytes.ok() && !too_large) return false;
  const FileAnswer answer = handler_(name, too_large ? std::string() : *bytes, too_large);
  if (answer.verdict == FileVerdict::kBusy) return false;
  if (!answer.receipt.empty() && !options_.out.empty()) {
    // Without its receipt the file stays and is taken again as a repeat.
    if (!Write(ReceiptName(name), answer.receipt).ok()) return false;
  }
  PutAway(name, answer.verdict == FileVerdict::kTaken ? "/done" : "/bad");
  return true;
}

void DirectoryExchange::PutAway(const std::string& name, const char* folder) {
  const std::string path = absl::StrCat(options_.in, "/", name);
  if (options_.discard_taken) {
    ::unlink(path.c_str());
  } else {
    std::string target = absl::StrCat(options_.in, folder, "/", name);
    for (int i = 1; ::access(target.c_str(), F_OK) == 0 && i < 10'000; ++i) {
      target = absl::StrCat(options_.in, folder, "/", i, "-", name);
    }
    // Counted from now on by Clean.
    ::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
    if (::rename(path.c_str(), target.c_str()) != 0) ::unlink(path.c_str());
  }
  security::SyncFolder(options_.in).IgnoreError();
}

void DirectoryExchange::Clean(const char* folder) {
  if (options_.discard_taken) return;
  const std::string path = options_.in + folder;
  const time_t old = std::time(nullptr) - options_.keep_taken_s;
  for (const std::string& name : NamesIn(path, kDirectoryScanMax, AnyName)) {
    const std::string file = absl::StrCat(path, "/", name);
    struct stat info {};
    if (Regular(file, &info) && info.st_mtim.tv_sec <= old) ::unlink(file.c_str());
  }
}

absl::Status DirectoryExchange::Write(const std::string& name, const std::string& bytes) {
  if (options_.out.empty()) return absl::FailedPreconditionError("directories.out: 未配置 (not configured)");
  if (NamesIn(options_.out, kDirectoryOutMax, AnyName).size() >= kDirectoryOutMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat(options_.out, ": 对方未取走的文件过多 (too many files that the other side has not taken)"));
  }
  return security::WriteFileAtomic(absl::StrCat(options_.out, "/", name), bytes, kFileMode);
}

}  // namespace liandong::adapters
