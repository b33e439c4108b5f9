// Every bound of hub/cluster, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace liandong::cluster {

// One value, and all batches of one transaction together: etcd refuses requests beyond 1.5 MiB.
inline constexpr size_t kValueBytesMax = 1024 * 1024;
// Batches of one transaction: the sequencer has no more under way, and etcd takes 128 operations.
inline constexpr size_t kTxnBatchesMax = 16;
// Parts of one batch: 64 MiB, four times the largest site set.
inline constexpr size_t kPartsMax = 64;
// Entries that a follower asks for at once: 16 MiB at the worst.
inline constexpr int64_t kFetchEntries = 16;
// Key batches that a follower asks for at once, about 100 KB each.
inline constexpr int64_t kFetchKeys = 4;
// An answer of etcd: what the two above make, and some.
inline constexpr int kAnswerBytesMax = 32 * 1024 * 1024;

// One try of a request. A write takes 4 to 20 ms; what was handed to a leader that died is never answered, and trying
// again is safe, so waiting longer only makes the gap longer.
inline constexpr absl::Duration kTry = absl::Milliseconds(600);
// After a try that failed at once: an election takes about a second.
inline constexpr absl::Duration kTryAgainAfter = absl::Milliseconds(50);
// Without an answer of etcd for so long the active node ends, so that its parties look for another one: several
// elections of etcd.
inline constexpr absl::Duration kGiveUpAfter = absl::Seconds(10);
// Tries of founding a cluster: a person waits for it.
inline constexpr size_t kFoundAttempts = 20;
// While none is connected, how long each endpoint is waited for before the next one.
inline constexpr absl::Duration kConnectWait = absl::Milliseconds(100);
// A dead connection to etcd is tried again this soon.
inline constexpr int kReconnectMsMin = 50;
inline constexpr int kReconnectMsMax = 500;
// How often renewed certificate files are looked for, in seconds.
inline constexpr unsigned kCertificatePollS = 60;

// The active node says that it is there this often: five times before the others give it up.
inline constexpr absl::Duration kBeatEvery = absl::Milliseconds(300);
// Silence after which another node takes over, when the settings name none. Longer than a stall of a busy machine, and
// with the rest of a takeover below three seconds.
inline constexpr absl::Duration kTakeoverAfter = absl::Milliseconds(1500);
// The part of that time after a beat in which the active node may be sure of itself: the rest is for clocks that run
// unequally fast.
inline constexpr double kLeaseOfTakeover = 0.8;
// Below this a stall of one disk would make a takeover.
inline constexpr uint32_t kTakeoverMsMin = 500;
// Between two members of the list, so that they do not campaign at the same moment.
inline constexpr absl::Duration kRankStep = absl::Milliseconds(100);
// How often a follower that has everything looks again.
inline constexpr absl::Duration kFollowEvery = absl::Milliseconds(100);

// Silence on a party's line after which the active node sends a heartbeat: parties notice within some seconds that a
// machine is gone that closed no connection.
inline constexpr int64_t kLineHeartbeatMs = 1'500;

// How often nodes write how far they are, and the active node trims.
inline constexpr absl::Duration kTendEvery = absl::Seconds(5);
// Between two compactions of etcd's own history: what was deleted or written over before stays readable until then.
inline constexpr absl::Duration kCompactEvery = absl::Minutes(1);
// Records kept for members that are away. With 4 KB a record below half of etcd's default quota of 2 GiB; beyond it,
// what a majority has goes.
inline constexpr uint64_t kRecordsKeptMax = 200'000;
// Keys kept for members that are away: 1,000 batches of about 100 KB.
inline constexpr uint64_t kKeysKeptMax = 1'000'000;

// A cluster that stays useful when one node dies has three; more than seven make every write slower.
inline constexpr int kMembersMax = 7;
// Stands in keys of etcd and in log lines.
inline constexpr size_t kNodeNameBytesMax = 32;

}  // namespace liandong::cluster
