// Every bound of hub/log, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::log {

// Batches of one transaction. One sync already serves 256 batches at over 100,000 rows a second; more would only make
// the first of them wait longer.
inline constexpr size_t kGroupBatchesMax = 256;
// Bytes of one transaction: about 10 ms of writing, so that a burst of large batches does not hold up the first.
inline constexpr size_t kGroupBytesMax = 4 * 1024 * 1024;
// SQLite refuses rows beyond 1,000,000,000 bytes and protobuf messages beyond 2 GiB; a batch comes nowhere near.
inline constexpr size_t kBatchBytesMax = 256 * 1024 * 1024;

// Batches checked at opening. What a crash can tear is the end; the whole chain is VerifyChain's work.
inline constexpr uint64_t kTailBatchesVerified = 64;

// A read transaction takes at most this, then lets the checkpoint pass: a few milliseconds of copying.
inline constexpr size_t kReadBatchesMax = 64;
inline constexpr size_t kReadBytesMax = 1024 * 1024;
// Read connections kept open for the next reader: the second fold, and a few queries at once.
inline constexpr size_t kIdleReadersMax = 8;

// Pages (4 KiB) in the WAL that start a checkpoint: 4 MiB, SQLite's own default. Larger only makes reads slower and
// the recovery after a crash longer.
inline constexpr int kWalCheckpointPages = 1000;
// Beyond this the writer itself ends the checkpoint, since under endless load no other moment comes: 64 MiB.
inline constexpr int kWalPagesMax = 16'000;
// Passes of the checkpoint thread; each has less left than the one before.
inline constexpr int kCheckpointPassesMax = 4;
// A WAL that a burst made larger than this is cut at the next checkpoint.
inline constexpr int64_t kWalKeptBytes = 64 * 1024 * 1024;
// Another connection (a backup, a tool) may hold the file for a moment.
inline constexpr int kBusyMs = 10'000;

}  // namespace liandong::log
