// Every bound of the adapters, with its reason. Bounds of the hub are in hub/core/limits.h.
#ifndef LIANDONG_ADAPTERS_LIMITS_H_
#define LIANDONG_ADAPTERS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace liandong::adapters {

// --- native messages (adapters/text and the codecs) ---

// One native message, in bytes. A call record with a long narrative is some 20 kB; attachments are never inline.
inline constexpr size_t kNativeMessageBytesMax = 1024 * 1024;
// Nesting of a native message. The deepest known format has 4; pugixml and JSON destructors recurse by it.
inline constexpr int kTreeDepthMax = 32;
// Values of one message in all. A message of kNativeMessageBytesMax made of "0," would hold half a million.
inline constexpr size_t kTreeNodesMax = 20000;
// Length of one field name in bytes: the longest known one has 24.
inline constexpr size_t kFieldNameBytesMax = 128;
// Text of one known field in UTF-8 bytes, by its sort: an id, a code, a time, a name or address, a narrative.
inline constexpr size_t kFieldIdBytesMax = 128;
inline constexpr size_t kFieldCodeBytesMax = 64;
inline constexpr size_t kFieldTimeBytesMax = 40;
inline constexpr size_t kFieldNameTextBytesMax = 2048;
inline constexpr size_t kFieldTextBytesMax = 256 * 1024;
inline constexpr size_t kFieldFlagBytesMax = 8;
// Elements of a known list field (vehicles, units): a whole county has fewer engines and ambulances than this.
inline constexpr size_t kFieldListItemsMax = 1000;
// People in one count field; more is a slip of the keyboard, not an incident of one county.
inline constexpr int64_t kFieldCountMax = 10'000'000;

// --- GB/T 26875.3 (adapters/fire_119) ---

// Application data unit, in bytes (GB/T 26875.3-2011 6.3: at most 1024).
inline constexpr size_t kGb26875AduBytesMax = 1024;
// Bytes that a frame reader holds: some fifteen whole frames, so that one read of a socket fits.
inline constexpr size_t kGb26875BufferBytesMax = 16 * 1024;

// --- client library (adapters/client) ---

// A call as a whole, in ms, when the caller names no time: longer than a hub's restart of some seconds, shorter than
// the patience of whoever waits at a terminal.
inline constexpr int64_t kClientCallMs = 15'000;
// One try of a call that may be tried again: a hub that does not answer in this time is taken for hung, and the next
// one is asked. A sync of a bad disk takes a second or two.
inline constexpr int64_t kClientTryMs = 5'000;
// Between two tries, doubling from the first to the second, with jitter: quick enough to catch a restart at once, slow
// enough that a county's clients together do not hinder it.
inline constexpr int64_t kClientBackoffMsMin = 100;
inline constexpr int64_t kClientBackoffMsMax = 5'000;
// The longest of these waits when several hubs are named: one of them takes over within some two seconds, and whoever
// waits longer than that is late.
inline constexpr int64_t kClientMoveBackoffMsMax = 500;
// A connection that is not made in this time is given up (an address that swallows packets).
inline constexpr int64_t kClientConnectMs = 5'000;
// How long one look at a channel's state lasts at most; the end of a client may wait this long for it.
inline constexpr int64_t kClientWatchMs = 1'000;
// HTTP/2 pings: proxies and servers end connections that are pinged more often than every 30 s.
inline constexpr int kClientKeepaliveMs = 60'000;
inline constexpr int kClientKeepaliveTimeoutMs = 20'000;
// Heartbeats of the hub, as often as its Welcome says: three missed in a row, and a second for the way, mean that
// nobody is there. The second figure is for a hub that does not say (every 15 s).
inline constexpr int64_t kLinkHeartbeatsMissed = 3;
inline constexpr int64_t kLinkSilenceMsMax = 50'000;
// From the Hello to the Welcome, and from a report in the pipe to any reply.
inline constexpr int64_t kStreamAnswerMsMax = 30'000;
// The same when several hubs are named: asking another one costs nothing, since a repeat is recognised.
inline constexpr int64_t kStreamMoveMsMax = 5'000;
// One message from the hub: a frame of many deliveries stays below the hub's own bound of 4 MiB; a site set, which Desk
// shows whole, has up to 16 MiB.
inline constexpr int kClientMessageBytesMax = 20 * 1024 * 1024;
// How often certificate files are looked at for a renewal, in seconds. Certificates are renewed days before they end.
inline constexpr unsigned kClientCertificatePollS = 60;
// Reports sent and not answered on one pipe: twice the hub's batch, so that the stream never runs dry while it syncs.
inline constexpr size_t kPipeInFlightMax = 256;
inline constexpr size_t kPipeInFlightBytesMax = 8 * 1024 * 1024;
// Acknowledgments in one request, as in the contract.
inline constexpr size_t kAcknowledgmentsMax = 256;
// Requests of acknowledgments that wait for an answer on one line; a town's desk has a few.
inline constexpr size_t kLinkPendingMax = 4'096;
// Delivery ids remembered against repeats on one line: what the hub can have under way (256) many times over.
inline constexpr size_t kLinkRecentMax = 16'384;

// --- profiles and mapping (adapters/mapping) ---

// A profile or settings file, in bytes. The largest known value table (all villages of a county) has some 50 kB.
inline constexpr size_t kConfigFileBytesMax = 2 * 1024 * 1024;
// Bounds of the contract (protos/liandong/v1): what is longer would be refused by the hub.
inline constexpr size_t kReportIdBytesMax = 128;
inline constexpr size_t kReportTextBytesMax = 64 * 1024;
inline constexpr int kReportDetailsMax = 64;
inline constexpr int kReportReferencesMax = 8;
inline constexpr size_t kAckReasonBytesMax = 200;
inline constexpr size_t kAckNoteBytesMax = 8 * 1024;
// Other texts of a report: a name, a number, an address.
inline constexpr size_t kReportFieldBytesMax = 1024;
// One further field that a profile maps; the hub takes 8 KiB with its name.
inline constexpr size_t kReportDetailBytesMax = 4 * 1024;
// Codes of the open part; and who took a call, or which vehicle.
inline constexpr size_t kReportCodeBytesMax = 128;
inline constexpr size_t kPersonBytesMax = 128;

// --- adapters/spool ---

// Sealed bodies in all, in bytes: some 200,000 reports of 5 kB, a week of a county's calls with the hub away.
inline constexpr uint64_t kSpoolBytesMax = uint64_t{1} << 30;
// Records waiting in all; each costs about 200 bytes beside its body.
inline constexpr uint64_t kSpoolRowsMax = 500'000;
// Share of both bounds, in percent, that each sort of record may fill: what comes from the hub waits there just as
// well, ordinary reports are refused before urgent ones, acknowledgments (small, and they end duties) last.
inline constexpr uint64_t kSpoolShareOutbound = 60;
inline constexpr uint64_t kSpoolShareOrdinary = 80;
inline constexpr uint64_t kSpoolShareUrgent = 90;
inline constexpr uint64_t kSpoolShareAcknowledgment = 100;
// Dead letters: more than an operator can look at; beyond it senders are told to wait.
inline constexpr uint64_t kSpoolDeadLettersMax = 20'000;
inline constexpr size_t kSpoolDeadListMax = 1'000;
// Writes that share one sync: 256 of 5 kB are written in about 3 ms, so that nobody waits long for the others.
inline constexpr size_t kSpoolBatchMax = 256;
// Ids reserved by one durable step; a crash leaves at most this many unused.
inline constexpr uint64_t kSpoolIdBlock = 1'024;
// Bodies read at once for sending, in bytes.
inline constexpr size_t kSpoolPeekBytesMax = 8 * 1024 * 1024;
// Waiting for the other process that has the file open (liandong-adapter dead).
inline constexpr int kSpoolBusyMs = 5'000;
// A native message that comes again within this time is a repeat. Deployed senders retry for 30 minutes (DOMAIN 4.2);
// later ones reach the hub, which knows repeats for ever.
inline constexpr int64_t kSpoolRepeatWindowMs = int64_t{24} * 3600 * 1000;
// An acknowledgment whose delivery is not known yet: deliveries take seconds, so an hour covers any order of arrival.
inline constexpr int64_t kSpoolParkMs = int64_t{3600} * 1000;
inline constexpr uint64_t kSpoolParkedMax = 20'000;
// Native ids and taken delivery ids are known this long: incidents with a follow-up period of months still resolve.
inline constexpr int64_t kSpoolIndexKeepMs = int64_t{400} * 24 * 3600 * 1000;
// Reason of a dead letter, in bytes.
inline constexpr size_t kSpoolReasonBytesMax = 1'024;

// --- adapters/transport ---

// A hotline's system keeps a handful of connections; more is a fault or an attack.
inline constexpr size_t kHttpConnectionsMax = 256;
// Beyond the bound on connections: those that were dropped for new ones and are not gone yet.
inline constexpr size_t kHttpLeavingMax = 64;
// Request line and headers, in bytes: real ones have some 500, a client certificate's forwarded headers a few thousand.
inline constexpr uint32_t kHttpHeaderBytesMax = 16 * 1024;
// A caller gets this long for the handshake, for the headers (idle time of a kept connection included), for the body
// and for taking the answer: their own timeout is 3 s (DOMAIN 4.2), so whoever is slower has given up already.
inline constexpr int64_t kHttpHandshakeMs = 5'000;
inline constexpr int64_t kHttpHeaderMs = 10'000;
inline constexpr int64_t kHttpBodyMs = 15'000;
inline constexpr int64_t kHttpWriteMs = 10'000;
// After a refusal what the caller is still sending is read and dropped for so long and so far, or it would lose the
// answer: eight messages of the largest size, and longer than their own timeout would be of no use.
inline constexpr int64_t kHttpLingerMs = 3'000;
inline constexpr size_t kHttpLingerBytesMax = 8 * kNativeMessageBytesMax;
inline constexpr size_t kHttpLingerPieceBytes = 64 * 1024;
// Calls handled at once: each waits for a sync of the spool, and those that wait share it.
inline constexpr size_t kHandlerThreads = 16;
// Connections for metrics: one Prometheus, its spare, and an operator's curl.
inline constexpr size_t kScrapersMax = 8;
// At a stop answers that are being written get this long.
inline constexpr int64_t kHttpStopMs = 2'000;
// HMAC timestamps may be this far off: clocks without NTP drift by minutes.
inline constexpr int64_t kAuthSkewS = 300;
inline constexpr size_t kSecretBytesMax = 4 * 1024;
inline constexpr size_t kSecretBytesMin = 16;

// Our calls: connect, write and read each; an answer is a small record.
inline constexpr int64_t kPeerTimeoutMs = 3'000;
inline constexpr int64_t kPeerTimeoutMsMax = 60'000;
inline constexpr size_t kPeerAnswerBytesMax = 256 * 1024;

// Transmission devices of a county's key premises (DOMAIN 8 counts 99), many times over.
inline constexpr size_t kFrameConnectionsMax = 1'024;
// GB/T 26875.3-2011 6.5.4 and 6.5.5: at most 10 s for an answer, 3 tries.
inline constexpr int64_t kFrameAnswerMs = 10'000;
inline constexpr int kFrameTriesMax = 3;
// Heartbeats come every 20 to 30 s; several missed in a row mean that nobody is there.
inline constexpr int64_t kFrameIdleMs = 300'000;
// Downlink commands of one device that wait for their answers.
inline constexpr size_t kFrameCommandsMax = 64;

// Files of a directory pair looked at in one scan, by name; the others wait for the next.
inline constexpr size_t kDirectoryScanMax = 1'000;
inline constexpr int64_t kDirectoryPollMs = 1'000;
inline constexpr int64_t kDirectoryKeepS = int64_t{7} * 24 * 3600;
// Files of ours that the other side has not taken: beyond it writing fails, and the operator hears of it.
inline constexpr size_t kDirectoryOutMax = 10'000;
inline constexpr size_t kDirectoryNameBytesMax = 200;

// --- adapters/runtime ---

// Tries that a configuration may ask for (the profile's default stands below): more would never reach the operator.
inline constexpr uint32_t kRetryTimesMax = 1'000;
// Records of a lane that are under way to the hub together; as many as fit into one pipe (kPipeInFlightMax).
inline constexpr size_t kUplinkBatchMax = 256;
// After the hub said "later" for something, doubling from the first to the second.
inline constexpr int64_t kUplinkBackoffMsMin = 100;
inline constexpr int64_t kUplinkBackoffMsMax = 5'000;
// Links of one adapter; a party has two or three systems.
inline constexpr int kLinksMax = 32;
// Dead letters that an operator asked for, expired acknowledgments and old files are looked for this often.
inline constexpr int64_t kHousekeepingMs = 1'000;
// How long the person on duty has to press the key (GB 26875.1: the sound lasts up to 10 minutes).
inline constexpr uint32_t kInspectAnswerMin = 10;
// What senders are told to wait when the spool is full.
inline constexpr int kBusyRetryS = 30;

// Calls to a hotline's system where the profile says nothing: the deployed 110-12345 interface (DOMAIN 4.2).
inline constexpr uint32_t kHttpTimeoutMsDefault = 3000;
inline constexpr uint32_t kHttpRetryEverySDefault = 300;
inline constexpr uint32_t kHttpTriesMaxDefault = 5;

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_LIMITS_H_
