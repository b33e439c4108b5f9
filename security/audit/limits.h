// Every bound of security/audit, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::audit {

// A checkpoint with its certificate and a frontier of at most 64 hashes is below 8 KiB.
inline constexpr size_t kCheckpointBytesMax = 64 * 1024;
// Checkpoints of a file: one each minute for 20 years.
inline constexpr uint64_t kCheckpointsMax = 12'000'000;
// Records of one incident in a package, and their bytes: a storm of a county, many times over.
inline constexpr size_t kPackageRecordsMax = 100'000;
inline constexpr size_t kPackageBytesMax = 512 * 1024 * 1024;
// A batch as the log bounds it.
inline constexpr size_t kBatchBytesMax = 256 * 1024 * 1024;
// Snapshots as history bounds them, and their header.
inline constexpr size_t kSnapshotFileBytesMax = (size_t{1} << 30) + 4096;
// A hub may be writing: SQLite waits for it this long.
inline constexpr int kBusyMs = 10'000;

}  // namespace liandong::audit
