// Every bound of the hub in one place, each with its reason.
#ifndef LIANDONG_HUB_CORE_LIMITS_H_
#define LIANDONG_HUB_CORE_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace liandong::limits {

// ---- Reports
inline constexpr size_t kExternalIdBytes = 128;  // the longest id seen in the hotlines' formats is under 64
inline constexpr size_t kTextBytes = 64 * 1024;  // free text of one report: an hour of typing
inline constexpr size_t kShortTextBytes = 1024;  // names, numbers, addresses
inline constexpr int kReferences = 8;            // other systems' ids in one record
inline constexpr int kDetails = 64;              // further mapped fields
inline constexpr int kRevisionsKept = 64;  // per report, to tell repeats; older ones are older than the newest anyway
inline constexpr size_t kReportsPerIncident = 4096;  // a flood of calls about one fire; beyond it a new incident opens

// ---- Acknowledgments and acts
inline constexpr size_t kReasonBytes = 200;  // a token or a short sentence, some 60 Chinese characters; more is a note
inline constexpr size_t kNoteBytes = 8 * 1024;  // a situation report of a page or two
inline constexpr size_t kPersonBytes = 128;     // a name, a staff number or a post, with room
inline constexpr int kAcksPerRequest = 256;     // a whole window (kWindowMax) in one message
inline constexpr int kUnitsKept = 64;           // vehicles of one party at one incident
inline constexpr int kDeferrals = 3;            // a party may put off its answer so often, then the ladder climbs
inline constexpr int64_t kDeferMsMax = 24LL * 3600 * 1000;  // who cannot answer for a day has refused
inline constexpr int kFeedbackWaiting =
    256;  // changes waiting for one reporter; the oldest are joined into one line beyond it

// Somebody has taken up an escalation: so long the climb rests, at the least, before it goes on if the rung is still
// missed.
inline constexpr uint32_t kEscalationRestS = 600;

// ---- Incidents in memory
inline constexpr size_t kIncidentsInMemory = 200'000;  // about 1.4 GB; beyond it new ordinary reports are refused
// Of each kind of entity whole in memory, the rest packed: what changes within moments is never packed, at some 8 MB.
inline constexpr size_t kWarmEntities = 2048;
inline constexpr int kDuePerRecord = 256;    // deadlines handled by one record, so that a storm does not stall reports
inline constexpr int kEvictPerRecord = 256;  // likewise
// Incidents whose keys one record has destroyed: a backlog of a year is worked off in a quarter of an hour, at the cost
// of one more sync of keys.db a second.
inline constexpr size_t kErasePerRecord = 256;
// After an outage that is longer than this the clock may be wrong, and erasing cannot be undone: for as long again
// nothing is erased by time, so that a person has a day to look.
inline constexpr int64_t kEraseRestMs = 24LL * 3600 * 1000;
inline constexpr int kSummaryAbove = 5;  // more late ordinary duties than this to one target at once go as one notice

// ---- One event, many calls
inline constexpr size_t kCandidates = 8;            // compared in words and place: each may cost opening its reports
inline constexpr size_t kCandidatesOfCategory = 8;  // newest of one category and township; a flood is a storm
inline constexpr size_t kCandidatesLookedAt = 64;   // of all categories there, or anywhere when the place is not known
inline constexpr int kSuggestionsKept = 6;          // per incident: a duty officer looks at a handful
inline constexpr size_t kSketchPairs = 256;         // pairs of characters: a call's text has some hundred
inline constexpr size_t kSketchesKept = 4096;       // incidents whose sketches stay in memory, about 1 KB a report
inline constexpr size_t kSketchesPerIncident = 4;   // the first and the newest reports
inline constexpr size_t kStormLookedAt =
    1024;  // like incidents counted when a storm may begin: as many as may be asked for
inline constexpr size_t kStormsPerTurn = 16;  // storms looked at between two batches, so that reports get their turn
// Reports shown in one delivery or answer: the first and the newest. A flood has thousands, a frame holds half a
// megabyte.
inline constexpr size_t kReportsShown = 32;
inline constexpr size_t kReportsShownToDesk = 500;  // an answer holds 4 MiB

// ---- Statistics
inline constexpr uint32_t kStatsIds = 200;      // incidents named with each figure unless asked for more
inline constexpr uint32_t kStatsIdsMax = 1000;  // times some hundred figures still fit into one answer

// ---- Emergency responses
inline constexpr size_t kResponses = 256;  // in force at once; a county has a dozen classes and a score of townships
inline constexpr size_t kMattersBytes = 1024;       // 响应事项: a sentence or two
inline constexpr size_t kMeasuresBytes = 4 * 1024;  // 应急处置措施: a page
inline constexpr size_t kRoutePerRecord = 32;  // incidents routed again by one record; each may task a score of parties
inline constexpr size_t kRouteLookedAt = 1024;  // incidents that one such record looks at

// ---- Sequencer
inline constexpr size_t kQueueCommands = 8192;  // commands waiting; 200 ms of work at full speed
// Of one party: eight full report streams; one that floods the hub leaves three quarters of the room to the others.
inline constexpr size_t kQueueOfParty = kQueueCommands / 4;
// Of the room in all and of a party's own, in percent: ordinary reports are refused first, urgent ones next, acts last.
inline constexpr size_t kQueueOrdinaryReportsPercent = 60;
inline constexpr size_t kQueueUrgentReportsPercent = 80;
inline constexpr size_t kAcksPerWeight = 8;    // acknowledgments in one message that count as one more command waiting
inline constexpr size_t kBatchCommands = 256;  // decided before one sync
inline constexpr size_t kBatchBytes = 1024 * 1024;  // what the cluster's log takes as one value
inline constexpr size_t kBatchesInFlight = 4;       // decided but not yet on disk
inline constexpr uint32_t kRetryAfterMs = 1000;     // told to a refused client

// ---- Streams
inline constexpr uint32_t kWindowDefault = 64;  // deliveries sent and not RECEIVED on one stream
inline constexpr uint32_t kWindowMax = 256;     // more is no faster on a county line, and a break sends them all again
inline constexpr size_t kFrameBytes = 512 * 1024;         // of one Deliveries message; more go in the next
inline constexpr size_t kStreamsPerParty = 16;            // an agency's programs and terminals, with room
inline constexpr size_t kStreams = 2048;                  // 128 parties with all of theirs
inline constexpr size_t kWatchQueue = 1024;               // events; a watcher further behind is ended
inline constexpr size_t kRequestBytes = 4 * 1024 * 1024;  // gRPC's own default; 256 notes at their longest are 2 MiB
inline constexpr size_t kSiteSetBytes =
    16 * 1024 * 1024;  // the sample county's is 120 KB; a hundred times that, and one gRPC message
inline constexpr int kUpMessagesInFlight = 64;  // of one stream, decided but not answered; reading pauses beyond it
// Of one stream, read and not answered: reading pauses beyond it, so that the largest messages do not add up.
inline constexpr size_t kUpBytesInFlight = 4 * 1024 * 1024;
inline constexpr int kReportsInFlight = 256;     // of one ReportStream
inline constexpr int64_t kHeartbeatMs = 15'000;  // shorter than the minute after which firewalls forget a silent line

// ---- Service
// Of the text of an error: a client takes 8 KiB of trailers by default, and a Chinese character is 9 bytes in one.
inline constexpr size_t kStatusMessageBytes = 768;
inline constexpr int kWorkerThreads = 2;            // reads from history; more would only queue at the disk
inline constexpr size_t kWorkerQueue = 256;         // reads waiting; a screen asks for one or two at a time
inline constexpr int kCallsPerConnection = 1024;    // at once; the largest client holds a few streams and some calls
inline constexpr int64_t kHistoryWaitMs = 5'000;    // for the second fold to reach what an answer must show
inline constexpr size_t kSiteSetsCached = 4;        // older site sets, compiled, for explanations
inline constexpr int kCertificateAlarmDays = 30;    // before its end a certificate is an alarm
inline constexpr int kConnectMs = 10'000;           // a connection without its handshake is dropped after this
inline constexpr int kKeepaliveMs = 30'000;         // a peer that is gone is noticed after this ...
inline constexpr int kKeepaliveTimeoutMs = 10'000;  // ... and this without an answer
inline constexpr int kPingMsMin = 5'000;            // a client may ping this often; ours do every 30 s
inline constexpr int kCertificatePollS = 5;         // renewed certificate files are noticed within this
inline constexpr int64_t kStopMs = 10'000;          // calls under way get this long at a stop

// ---- Pages
inline constexpr uint32_t kListDefault = 50;           // a page on a terminal
inline constexpr uint32_t kListMax = 500;              // what fits into one answer; further ones page by page
inline constexpr int kFeedSnapshotIncidents = 10'000;  // 10 MB; a county in its worst night has 2,000 open
inline constexpr size_t kTimelineMax = 2000;           // an incident's records in one answer, the newest of them
inline constexpr size_t kTimelinePage = 500;           // records of one read

}  // namespace liandong::limits

#endif  // LIANDONG_HUB_CORE_LIMITS_H_
