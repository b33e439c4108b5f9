// Snapshots of State: <data_dir>/snapshots/<20-digit index>.snap, whole or absent.
//
// File: magic "LDSNAP\r\n" (8), format (u32), suite of the hash (u32), length (u64), state hash (32), then that many
// bytes of v1::Snapshot in protobuf's deterministic encoding; numbers little-endian. The hash covers the v1::Snapshot
// bytes. on-disk values: never renumber.
//
// Thread-safety: free functions; one writer a folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"
#include "security/crypto.h"

namespace liandong::history {

// Called with one line for the operator's log.
using Warn = std::function<void(std::string_view line)>;

// The newest valid snapshot, nothing when there is none. A damaged one is passed over for the next older, with a
// warning. DataLoss when a valid one is beyond the log's end or rests on another link than the log has: then the log
// has lost or changed records that were answered for.
absl::StatusOr<std::optional<v1::Snapshot>> LoadNewestSnapshot(const std::string& data_dir, log::EventLog& log,
                                                               const Warn& warn);

// `bytes`: of a v1::Snapshot with this index. Synced, then renamed. Keeps the kSnapshotsKept newest and removes older
// ones. The size of the file. ResourceExhausted: more than kSnapshotBytesMax.
absl::StatusOr<size_t> WriteSnapshot(const std::string& data_dir, uint64_t index, std::string bytes,
                                     security::Suite suite = security::Suite::kInternational);

// DataLoss says what is wrong with the file.
absl::StatusOr<v1::Snapshot> ReadSnapshotFile(const std::string& path);

std::string SnapshotPath(const std::string& data_dir, uint64_t index);

}  // namespace liandong::history
