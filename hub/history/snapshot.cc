#include "hub/history/snapshot.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/history/limits.h"
#include "security/file.h"

namespace liandong::history {
namespace {

// on-disk values: never renumber.
constexpr std::string_view kMagic = "LDSNAP\r\n";
constexpr uint32_t kFileFormat = 1;
constexpr size_t kHeaderBytes = 8 + 4 + 4 + 8 + security::kHashBytes;

constexpr std::string_view kSuffix = ".snap";

std::string FolderOf(const std::string& data_dir) { return data_dir + "/snapshots"; }

void AppendNumber(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

uint64_t NumberAt(std::string_view bytes, size_t offset, int count) {
  uint64_t value = 0;
  for (int i = 0; i < count; ++i) {
    value |= uint64_t{static_cast<unsigned char>(bytes[offset + static_cast<size_t>(i)])} << (8 * i);
  }
  return value;
}

// Indexes of the folder's snapshot files, newest first. Temporary files have other names.
absl::StatusOr<std::vector<uint64_t>> ListSnapshots(const std::string& folder) {
  std::vector<uint64_t> indexes;
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return indexes;
  for (auto it = std::filesystem::directory_iterator(folder, error); !error && it != std::filesystem::end(it);
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    uint64_t index = 0;
    if (name.size() != 20 + kSuffix.size() || name.substr(20) != kSuffix) continue;
    if (absl::SimpleAtoi(name.substr(0, 20), &index)) indexes.push_back(index);
  }
  if (error) return absl::ErrnoToStatus(error.value(), absl::StrCat(folder, ": listing snapshots"));
  std::sort(indexes.rbegin(), indexes.rend());
  return indexes;
}

void RemoveOld(const std::string& data_dir) {
  const std::string folder = FolderOf(data_dir);
  const auto indexes = ListSnapshots(folder);
  if (!indexes.ok()) return;
  std::error_code ignored;
  for (size_t i = kSnapshotsKept; i < indexes->size(); ++i) {
    std::filesystem::remove(SnapshotPath(data_dir, (*indexes)[i]), ignored);
  }
  // What a crash in the middle of a write leaves behind.
  for (auto it = std::filesystem::directory_iterator(folder, ignored); !ignored && it != std::filesystem::end(it);
       it.increment(ignored)) {
    const std::string name = it->path().filename().string();
    std::error_code of_one;
    if (name.front() == '.' && name.find(".snap.tmp.") != std::string::npos)
      std::filesystem::remove(it->path(), of_one);
  }
}

}  // namespace

std::string SnapshotPath(const std::string& data_dir, uint64_t index) {
  std::string number = absl::StrCat(index);
  number.insert(0, 20 - std::min<size_t>(20, number.size()), '0');
  return absl::StrCat(FolderOf(data_dir), "/", number, std::string(kSuffix));
}

absl::StatusOr<size_t> WriteSnapshot(const std::string& data_dir, uint64_t index, std::string bytes,
                                     security::Suite suite) {
  if (bytes.size() > kSnapshotBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat("the state of record ", index, " takes ", bytes.size(),
                                                     " bytes; a snapshot holds at most ", kSnapshotBytesMax,
                                                     ": close incidents"));
  }
  if (auto status = security::MakeFolder(FolderOf(data_dir), 0700); !status.ok()) return status;
  std::string header(kMagic);
  AppendNumber(header, kFileFormat, 4);
  AppendNumber(header, static_cast<uint64_t>(suite), 4);
  AppendNumber(header, bytes.size(), 8);
  header += security::Hash(suite, bytes);
  const std::string& file = bytes.insert(0, header);
  if (auto status = security::WriteFileAtomic(SnapshotPath(data_dir, index), file, 0600); !status.ok()) return status;
  RemoveOld(data_dir);
  return file.size();
}

absl::StatusOr<v1::Snapshot> ReadSnapshotFile(const std::string& path) {
  const auto file = security::ReadFileBounded(path, kHeaderBytes + kSnapshotBytesMax);
  if (!file.ok()) return file.status();
  const std::string_view bytes = *file;
  if (bytes.size() < kHeaderBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return absl::DataLossError(absl::StrCat(path, ": no snapshot, or a damaged one"));
  }
  if (const uint64_t format = NumberAt(bytes, 8, 4); format != kFileFormat) {
    return absl::DataLossError(
        absl::StrCat(path, ": snapshot file format ", format, ", this program reads format ", kFileFormat));
  }
  const auto suite = security::SuiteFromNumber(static_cast<uint32_t>(NumberAt(bytes, 12, 4)));
  if (!suite.ok()) return absl::DataLossError(absl::StrCat(path, ": ", suite.status().message()));
  const std::string_view body = bytes.substr(kHeaderBytes);
  if (NumberAt(bytes, 16, 8) != body.size()) {
    return absl::DataLossError(
        absl::StrCat(path, ": ", body.size(), " bytes where the header says ", NumberAt(bytes, 16, 8)));
  }
  if (security::Hash(*suite, body) != bytes.substr(24, security::kHashBytes)) {
    return absl::DataLossError(absl::StrCat(path, ": the state does not have the hash that the header says"));
  }
  v1::Snapshot snapshot;
  if (!snapshot.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return absl::DataLossError(absl::StrCat(path, ": the state cannot be read"));
  }
  return snapshot;
}

absl::StatusOr<std::optional<v1::Snapshot>> LoadNewestSnapshot(const std::string& data_dir, log::EventLog& log,
                                                               const Warn& warn) {
  const auto indexes = ListSnapshots(FolderOf(data_dir));
  if (!indexes.ok()) return indexes.status();
  for (const uint64_t index : *indexes) {
    const std::string path = SnapshotPath(data_dir, index);
    auto snapshot = ReadSnapshotFile(path);
    if (snapshot.ok() && snapshot->index() != index) {
      snapshot = absl::DataLossError(absl::StrCat(path, ": holds the state of record ", snapshot->index()));
    }
    if (!snapshot.ok()) {
      if (warn) {
        warn(absl::StrCat("snapshot passed over (快照不可用,改用更早的): ", snapshot.status().message(),
                          "; the start takes longer, nothing is lost"));
      }
      continue;
    }
    // Only the log's check of its own link matters; the first batch after it ends the reading.
    const absl::Status rests =
        log.Read(index, snapshot->link(), [](const log::CommittedBatch&) { return absl::CancelledError("checked"); });
    if (!rests.ok() && rests.code() != absl::StatusCode::kCancelled) {
      return absl::Status(rests.code(), absl::StrCat(path, " does not rest on this log: ", rests.message()));
    }
    return *std::move(snapshot);
  }
  return std::nullopt;
}

}  // namespace liandong::history
