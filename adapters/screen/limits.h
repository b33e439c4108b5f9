// Every bound of liandong-screen, with its reason.
#ifndef LIANDONG_ADAPTERS_SCREEN_LIMITS_H_
#define LIANDONG_ADAPTERS_SCREEN_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace liandong::screen {

// --- the feed ---

// The hub sends a heartbeat every 2 s: three missed in a row and the page says that it is not current.
inline constexpr int64_t kFeedSilenceMsMax = 6'500;
// A feed that stays silent this long is connected anew: the line may be dead without anybody having said so.
inline constexpr int64_t kFeedReconnectMs = 15'000;
// Frames that wait for a snapshot: more than a minute of a hub at full load. What falls out shows as a gap again.
inline constexpr size_t kFrameQueueMax = 20'000;
// One message of the feed, in bytes, and messages that ZeroMQ holds for us: a stalled screen loses frames and recovers.
inline constexpr int64_t kFrameBytesMax = 8 * 1024 * 1024;
inline constexpr int kFramesHeldMax = 20'000;
// Between two tries of a snapshot that failed: quick enough after a restart of the hub, slow enough not to hinder it.
inline constexpr int64_t kSnapshotRetryMs = 1'000;
inline constexpr int64_t kSnapshotTimeoutMs = 3'000;

// --- the view ---

// An incident that has ended stays on the page this long, so that people see how it ended.
inline constexpr int64_t kEndedKeptMs = 600'000;
// Ended incidents that are kept, and removals that a browser can still be told of when it comes back: half a day of a
// typhoon. A browser that was away for longer is told to fetch everything.
inline constexpr size_t kEndedKeptMax = 2'000;
inline constexpr size_t kGoneKeptMax = 10'000;
// First responses that the medians rest on: a county's busiest month.
inline constexpr size_t kFirstResponsesMax = 20'000;
// "Now" is the last hour; with fewer responses in it the figure would jump, so at least this many are taken.
inline constexpr int64_t kFirstResponseNowMs = 3'600'000;
inline constexpr size_t kFirstResponseNowMin = 5;
inline constexpr int64_t kFirstResponseLongMs = int64_t{30} * 24 * 3'600'000;
// The median of those days is the hub's history to say. It moves little in half an hour and costs the hub a look at
// every incident of a month; after a failure it is asked for again a minute later.
inline constexpr int64_t kMonthEveryMs = 30 * 60'000;
inline constexpr int64_t kMonthRetryMs = 60'000;

// --- browsers ---

// Each browser has one stream and up to five other connections; several hundred browsers fit with room for reloads.
inline constexpr size_t kConnectionsMax = 4'096;
inline constexpr size_t kStreamsMax = 1'024;
// Streams of one session: a wall of several screens; more is a program that leaks.
inline constexpr size_t kSessionStreamsMax = 16;
inline constexpr size_t kIoThreads = 2;
// Calls that wait for the hub at the same time; looking at the view needs none of them for long.
inline constexpr size_t kCallThreads = 24;
// The largest request is a report by hand with its narrative (64 KiB of text, JSON's escapes included).
inline constexpr size_t kRequestBytesMax = 512 * 1024;
// A browser keeps its connection between two calls of the page this long.
inline constexpr int64_t kKeepAliveMs = 30'000;
// What waits for one browser: a page that has not read this much is not looking. Pieces are shared, not copied.
inline constexpr size_t kStreamBytesMax = 4 * 1024 * 1024;
inline constexpr size_t kStreamPiecesMax = 4'096;
// Status of the feed, the links and the counters; and the comment that keeps proxies from closing a quiet stream.
inline constexpr int64_t kStatusEveryMs = 2'000;
inline constexpr int64_t kCommentEveryMs = 10'000;

// --- sessions ---

// The hub is asked again whether a session still holds after this, so that a disabled account is out within seconds.
inline constexpr int64_t kSessionCheckMs = 5'000;
// An answer to that is waited for this long; while the hub is away the page may still look.
inline constexpr int64_t kSessionCheckTimeoutMs = 2'000;
// Sessions remembered: more than there are browsers; the ones that were used longest ago go first.
inline constexpr size_t kSessionsMax = 4'096;
inline constexpr size_t kSessionTokenBytesMax = 256;
// Sign-ins under way at once: each costs the hub a memory-hard hash.
inline constexpr int kSignInsMax = 4;
// The longest fields of a sign-in, as in the contract.
inline constexpr size_t kAccountBytesMax = 64;
inline constexpr size_t kPasswordBytesMax = 256;

// --- calls to the hub ---

// An act rests on a synced record; the page gives up after 20 s.
inline constexpr int64_t kActTimeoutMs = 10'000;
// A party's deliveries on one page of the hub's answer, and such pages: a township's night has some hundreds.
inline constexpr uint32_t kDeliveriesPage = 256;
inline constexpr int kDeliveryPagesMax = 16;
// Random bytes of a report's number that the page did not give.
inline constexpr size_t kReportIdBytes = 12;
// How old the list of links (Desk.Status) and the site set may be.
inline constexpr int64_t kLinksEveryMs = 2'000;
inline constexpr int64_t kSiteEveryMs = 30'000;

// --- the page ---

// All files of the page: charts, fonts and maps have some 2 MB.
inline constexpr size_t kPageBytesMax = 64 * 1024 * 1024;
inline constexpr size_t kPageFilesMax = 2'000;
// Smaller answers gain nothing by compression.
inline constexpr size_t kCompressFrom = 1'024;
// Walls without a keyboard of one screen.
inline constexpr int kWallsMax = 64;

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_LIMITS_H_
