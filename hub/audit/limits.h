// Every bound of hub/audit, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace liandong::audit {

// Records between two checkpoints: a signature and a sync are then nothing beside the batches.
inline constexpr uint64_t kCheckpointEveryRecords = 10'000;
// And the most that stays unsigned of a quiet hub.
inline constexpr int64_t kCheckpointEveryMinutes = 5;
// How long the notary sleeps at most before it looks whether it is to stop.
inline constexpr int64_t kNotaryWaitMs = 200;
// A checkpoint that could not be signed or written (files being renewed, disk full) is tried again after this.
inline constexpr int64_t kNotaryRetryMs = 5'000;

// Entries that wait for the trail's disk: about 300 bytes each, so 1.5 MB; beyond, entries are counted instead of kept.
inline constexpr size_t kTrailWaitingMax = 5'000;
// Refusals of one party kept in a minute; a program that fails in a loop would fill the disk. The rest is counted.
inline constexpr uint32_t kDeniedPerMinute = 60;
// Parties counted in a minute; the site's own are fewer, and unknown names share one count.
inline constexpr size_t kDeniedPartiesMax = 1'024;
// 网络安全法 Art. 21: logs are kept six months at the least.
inline constexpr int64_t kTrailDaysMin = 180;
inline constexpr int64_t kTrailDays = 400;
inline constexpr uint32_t kTrailLinesMax = 1'000;
inline constexpr uint32_t kTrailLines = 100;
// Of one field of an entry: names and methods are shorter.
inline constexpr size_t kTrailTextBytes = 160;
// How often the trail looks for segments that are old enough to go.
inline constexpr int64_t kTrailSweepMs = 3'600'000;

}  // namespace liandong::audit
