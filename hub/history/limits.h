// Every bound of hub/history, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::history {

// Records between two snapshots while State is small, and so about the most that a start then has to replay.
inline constexpr uint64_t kSnapshotEveryRecords = 10'000;
// A snapshot up to this size costs milliseconds and is written as often as that. A larger one waits until as many bytes
// were logged, but for no more records than this: a second of replay.
inline constexpr size_t kSnapshotCheapBytes = 4 * 1024 * 1024;
inline constexpr uint64_t kSnapshotRecordsMax = 100'000;
// Two, so that a damaged newest one costs only a longer replay.
inline constexpr int kSnapshotsKept = 2;
// protobuf's own limit is 2 GiB; a county's open incidents take a hundredth of this.
inline constexpr size_t kSnapshotBytesMax = size_t{1} << 30;

// Records of one history.db transaction while catching up, and bytes of batches held for it.
inline constexpr uint64_t kFoldRecordsMax = 4096;
inline constexpr size_t kFoldBytesMax = 8 * 1024 * 1024;
// How long the thread sleeps at most before it looks whether it is to stop.
inline constexpr int64_t kIdleWaitMs = 200;
// New records gather so long before they are taken, unless somebody waits for them: an incident changes many times
// within moments, and is then parsed in one piece and written once. Nothing rests on history being this far.
inline constexpr int64_t kGatherMs = 100;
// history.db could not be written (disk full): tried again after this, without end, since the log keeps everything.
inline constexpr int64_t kRetryMs = 1'000;
// At a clean stop: records still caught up before the last snapshot is written. Beyond (a rebuild) the next start goes
// on instead, so that stopping does not take minutes.
inline constexpr uint64_t kCatchUpAtStopMax = 100'000;

// One answer of a list query: a screen's page many times over.
inline constexpr size_t kListLimitMax = 1000;
inline constexpr size_t kIdleReadersMax = 8;
// Another program (a backup) may hold the file for a moment; then the step is tried again as a whole.
inline constexpr int kBusyMs = 2'000;
// Pages (4 KiB) in history.db's WAL that start a checkpoint on History's own thread: 16 MiB, nobody waits for it.
inline constexpr int kWalCheckpointPages = 4000;

}  // namespace liandong::history
