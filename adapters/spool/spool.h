// The adapter's durable store-and-forward between a party's own system and the hub.
//
// Invariants:
//   - What a method stored is on stable storage when it returns OK; callers that store at the same time share one sync.
//   - A record leaves the spool only by Done (the hub has it) or by becoming a dead letter.
//   - Within a lane, records leave in the order in which they were stored.
//   - An id given out by NewId is never given out again, by this spool or another one.
//   - Every body is sealed (security/seal.h) under a data key that the key file wraps; native ids and repeat keys are
//     kept as keyed hashes. What is in clear: numbers, times, link names, reason tokens.
//
// A second process (`liandong-adapter dead ...`) may open the same file beside the running adapter; only the adapter
// itself takes Lock.
//
// Thread-safety: every method may be called from any thread. Errors: ResourceExhausted (full: answer "busy"),
// Unavailable (another process holds the file too long), DataLoss (damaged, or another key), Internal (disk).
#ifndef LIANDONG_ADAPTERS_SPOOL_SPOOL_H_
#define LIANDONG_ADAPTERS_SPOOL_SPOOL_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/limits.h"
#include "adapters/spool/database.h"
#include "security/crypto.h"

namespace liandong::adapters {

// on-disk values: never renumber. The same numbers as liandong.v1.Lane.
enum class SpoolLane : uint8_t { kUrgent = 1, kOrdinary = 2 };
inline constexpr std::array<SpoolLane, 2> kSpoolLanes = {SpoolLane::kUrgent, SpoolLane::kOrdinary};

// on-disk values: never renumber. What `body` is: a liandong.v1 message of that name.
enum class InboundKind : uint8_t { kReport = 1, kAcknowledgment = 2, kTransfer = 3, kClose = 4 };

// on-disk values: never renumber. What `body` of a dead letter is.
enum class DeadKind : uint8_t {
  kNative = 1,          // bytes from the party's system that could not be read or mapped
  kReport = 2,          // liandong.v1.Report that the hub refused for good
  kAcknowledgment = 3,  // liandong.v1.Acknowledgment likewise, or one whose delivery never came
  kDelivery = 4,        // liandong.v1.Delivery that the party's system never took, or that cannot be rendered
  kAction = 5,          // liandong.v1.TransferRequest or CloseRequest that the hub refused for good
};
std::string_view DeadKindName(DeadKind kind);

struct SpoolOptions {
  std::string path;      // made when absent; its folder must exist
  std::string key_file;  // 32 bytes, made when absent (security/vault.h)
  security::Suite suite = security::Suite::kInternational;
  std::function<int64_t()> now_ms;  // milliseconds since 1970; empty: the wall clock
  // Bounds; tests make them small.
  uint64_t bytes_max = kSpoolBytesMax;
  uint64_t rows_max = kSpoolRowsMax;
  uint64_t dead_max = kSpoolDeadLettersMax;
};

struct InboundItem {
  SpoolLane lane = SpoolLane::kUrgent;
  InboundKind kind = InboundKind::kReport;
  std::string body;
};

struct SameThing {
  std::string same_as;
  std::string id;
};

struct PutRequest {
  std::string link;
  // Identifies the native message among repeats for kSpoolRepeatWindowMs; "": never a repeat.
  std::string repeat_key;
  std::string id;  // the message's durable id if it has none of its own (NewId), or ""
  std::vector<InboundItem> items;
  // Messages without ids that are about the same thing: until within_ms after the latest of them, IdFor gives `id`.
  std::vector<SameThing> same;
};

struct PutResult {
  uint64_t seq = 0;     // of the first item; of the first message's first item for a repeat; 0 without items
  bool repeat = false;  // stored before: nothing was stored now
  std::string id;       // PutRequest::id, or that of the first message for a repeat
};

struct SpooledRecord {
  uint64_t seq = 0;
  SpoolLane lane = SpoolLane::kUrgent;
  InboundKind kind = InboundKind::kReport;
  std::string link;
  std::string body;
  int64_t stored_at_ms = 0;
};

struct OutboundItem {
  std::string link;  // which link renders it; "": none, only remembered as received
  SpoolLane lane = SpoolLane::kUrgent;
  uint64_t sequence = 0;  // the hub's, within the lane
  uint64_t delivery_id = 0;
  int64_t queued_at_ms = 0;  // with delivery_id names a delivery for ever: a hub that was set up anew counts anew
  uint64_t incident_id = 0;
  uint64_t incident_revision = 0;
  uint64_t duty_id = 0;  // of TASK and UPDATE, whose later revision makes earlier ones pointless; else 0
  std::string body;      // liandong.v1.Delivery
};

struct SpooledDelivery {
  uint64_t row = 0;
  uint32_t tries = 0;  // failed ones so far
  int64_t stored_at_ms = 0;
  OutboundItem item;
};

// A native record of the other side, as a key (its field and value, for example "JJDBH=3399..."), and the delivery that
// acknowledgments about it answer.
struct NativeRef {
  uint64_t delivery_id = 0;
  uint64_t incident_id = 0;
  SpoolLane lane = SpoolLane::kUrgent;
};

// A report of ours whose receipt named its incident.
struct KnownReport {
  std::string link;
  std::string external_id;
  uint64_t incident_id = 0;
};

struct ParkedAck {
  uint64_t row = 0;
  std::string link;
  std::string body;  // liandong.v1.Acknowledgment without delivery_id
};

struct DeadLetter {
  uint64_t row = 0;
  DeadKind kind = DeadKind::kNative;
  std::string link;
  std::string reason;  // a token and what people need to know; nothing personal
  int64_t at_ms = 0;
  uint32_t times = 1;  // how often the same came
  uint64_t body_bytes = 0;
  bool resend = false;  // asked for, not yet done
  std::string context;  // sealed on disk: the path or file name that it came by
  std::string body;     // empty in lists
  // Where it goes back to.
  SpoolLane lane = SpoolLane::kUrgent;
  InboundKind inbound_kind = InboundKind::kReport;
  uint64_t outbound_row = 0;
};

struct SpoolStatus {
  struct Lane {
    uint64_t inbound = 0;
    uint64_t inbound_oldest_ms = 0;  // stored_at of the oldest, 0: none
    uint64_t outbound = 0;
    uint64_t outbound_failing = 0;  // with at least one failed try
    uint64_t cursor = 0;
  };
  std::array<Lane, 2> lane;  // urgent, ordinary
  uint64_t bytes = 0;
  uint64_t parked = 0;
  uint64_t dead = 0;
  std::vector<std::pair<std::string, uint64_t>> dead_by_link;
};

class Spool {
 public:
  static absl::StatusOr<std::unique_ptr<Spool>> Open(SpoolOptions options);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // FailedPrecondition when another process has taken it. Held until destruction.
  absl::Status Lock();
  const std::string& uuid() const { return uuid_; }
  int64_t NowMs() const { return options_.now_ms(); }

  // --- From the party's system to the hub ---

  // "<spool uuid>-<number>", unique for ever and safe to use at once: numbers are reserved in durable blocks.
  absl::StatusOr<std::string> NewId();
  // The id that was last stored for `same_as` (PutRequest::same), if that was at most within_ms ago; else a new one.
  absl::StatusOr<std::string> IdFor(std::string_view link, std::string_view same_as, int64_t within_ms);
  // All items or none. Full: ordinary reports are refused first, then urgent ones, acknowledgments last.
  absl::StatusOr<PutResult> Put(const PutRequest& request);
  // The oldest records of a lane in order, at most `max` and kSpoolPeekBytesMax of bodies (at least one).
  absl::StatusOr<std::vector<SpooledRecord>> Peek(SpoolLane lane, size_t max);
  // The hub has them. `known`: what its receipts said of the reports among them.
  absl::Status Done(const std::vector<uint64_t>& seqs, const std::vector<KnownReport>& known = {});
  // The incident that a report of this link (of any link for "") belongs to; 0: no receipt of it is known.
  absl::StatusOr<uint64_t> IncidentOf(std::string_view link, std::string_view external_id);
  // The hub refuses it for good: becomes a dead letter.
  absl::Status Refuse(const SpooledRecord& inbound, std::string_view reason);

  // --- From the hub to the party's system ---

  // Stores what is new of `items` (a delivery and link once, ever) and moves the cursors. Afterwards RECEIVED may be
  // said of all of them.
  absl::Status StoreDeliveries(const std::vector<OutboundItem>& items);
  // The last sequence stored of a lane, to resume after; 0: none yet.
  absl::StatusOr<uint64_t> Cursor(SpoolLane lane);
  // For a hub with another past, that has not given out so many yet.
  absl::Status ResetCursor(SpoolLane lane, uint64_t sequence);
  // The next delivery for `link` that is due: urgent first, by sequence; one whose incident has an earlier delivery of
  // the same lane waiting is not due before that one is through.
  absl::StatusOr<std::optional<SpooledDelivery>> NextOutbound(std::string_view link);
  // When the earliest waiting delivery of `link` is due, whether or not another is before it; nullopt: none waits.
  absl::StatusOr<std::optional<int64_t>> NextDueMs(std::string_view link);
  // The highest incident revision that `link` has taken of this duty; 0: none.
  absl::StatusOr<uint64_t> TakenRevision(std::string_view link, uint64_t duty_id);
  absl::Status OutboundDone(uint64_t row);
  absl::Status OutboundRetry(uint64_t row, int64_t next_try_ms);
  absl::Status OutboundFailed(const SpooledDelivery& outbound, std::string_view reason);

  // --- Ids of the party's system: the caller makes them unique across its links ---

  // Later messages about these ids answer this delivery; with `keep_known` an id that is known keeps its delivery.
  // Acknowledgments that waited for one of them are returned, for Unpark.
  absl::StatusOr<std::vector<ParkedAck>> Remember(const std::vector<std::string>& native_ids, const NativeRef& ref,
                                                  bool keep_known = false);
  absl::StatusOr<std::optional<NativeRef>> Find(std::string_view native_id);
  // For an acknowledgment that came before its delivery: waits up to kSpoolParkMs, then becomes a dead letter. Returns
  // the delivery, and parks nothing, when one of the ids has become known. A repeat (repeat_key) is not parked twice.
  // `quiet`: may be about nothing of ours, and is then only forgotten.
  absl::StatusOr<std::optional<NativeRef>> Park(std::string_view link, std::string_view repeat_key,
                                                const std::vector<std::string>& native_ids, std::string_view body,
                                                bool quiet);
  // Puts the completed acknowledgment into the lane and forgets the parked one, in one step.
  absl::Status Unpark(uint64_t row, std::string_view link, const InboundItem& completed);
  // Makes dead letters of what has waited too long; how many. Also forgets repeat keys past their window.
  absl::StatusOr<uint64_t> Expire();

  // --- Dead letters ---

  // A native message that cannot be read or mapped. The same again (repeat_key) counts `times` up and takes
  // the new reason.
  absl::StatusOr<uint64_t> PutDead(DeadKind kind, std::string_view link, std::string_view repeat_key,
                                   std::string_view reason, std::string_view context, std::string_view body);
  // Oldest first; without bodies. At most kSpoolDeadListMax.
  absl::StatusOr<std::vector<DeadLetter>> ListDead();
  absl::StatusOr<DeadLetter> ShowDead(uint64_t row);  // NotFound
  // The running adapter takes it up within a second.
  absl::Status AskResend(uint64_t row);  // NotFound
  // Those asked for, with bodies, and takes the mark off.
  absl::StatusOr<std::vector<DeadLetter>> TakeResends();
  absl::Status DropDead(uint64_t row);  // NotFound
  // A dead letter of kinds kReport, kAcknowledgment and kAction goes back to the end of its lane; kDelivery back to its
  // link, to be tried at once. InvalidArgument for kNative.
  absl::Status Revive(const DeadLetter& letter);

  absl::StatusOr<SpoolStatus> Status();

  // --- Waiting for work ---

  // Grows with every commit of this process.
  uint64_t Version() const;
  // True as soon as Version() is past `version`; false after `timeout`.
  bool WaitPast(uint64_t version, absl::Duration timeout) const;
  // Waits whatever is committed meanwhile, by a clock that never jumps; ends early when Wake finds `stop` true.
  void Pause(absl::Duration time, const std::atomic<bool>& stop) const;
  // Wakes all waiters once (for shutdown).
  void Wake();

 private:
  struct Write;
  struct Counters {
    uint64_t rows = 0;
    uint64_t bytes = 0;
    uint64_t dead = 0;
  };
  explicit Spool(SpoolOptions options) : options_(std::move(options)) {}
  absl::Status Start();
  absl::Status LoadMeta();
  absl::Status LoadCounters();

  // Runs `work` in a transaction shared with whatever other writes wait; returns after its sync.
  absl::Status Commit(std::function<absl::Status(spool::Database&)> work);
  void RunBatch(std::deque<Write*>& batch);
  // `share`: how much of the bounds, in percent, this sort of record may fill.
  absl::Status CheckRoom(uint64_t bytes, uint64_t share) const;

  std::string Seal(std::string_view table, uint64_t row, std::string_view body) const;
  absl::StatusOr<std::string> OpenBody(std::string_view table, uint64_t row, std::string_view sealed) const;
  std::string KeyHash(std::string_view purpose, std::string_view link, std::string_view key) const;
  uint64_t NextRow();
  absl::Status InsertInbound(spool::Database& db, std::string_view link, const InboundItem& item, uint64_t* seq);
  // Takes kind, link, reason, context, body and where it goes back to from `letter`; gives its row.
  absl::StatusOr<uint64_t> InsertDead(spool::Database& db, const DeadLetter& letter, std::string_view hash);
  absl::StatusOr<std::vector<DeadLetter>> ReadDead(const char* sql, uint64_t parameter, bool with_bodies);

  SpoolOptions options_;
  std::string uuid_;
  std::string data_key_;
  int lock_fd_ = -1;

  // Held by the thread that writes a batch; guards writer_, counters_ and the numbers.
  mutable std::mutex writer_mutex_;
  std::unique_ptr<spool::Database> writer_;
  Counters counters_;
  uint64_t next_row_ = 1;

  std::mutex id_mutex_;
  uint64_t next_id_ = 0;
  uint64_t ids_until_ = 0;

  std::mutex reader_mutex_;
  std::unique_ptr<spool::Database> reader_;

  mutable std::mutex queue_mutex_;
  mutable std::condition_variable queue_changed_;  // a batch is done
  mutable std::condition_variable version_changed_;
  std::deque<Write*> queue_;
  bool writing_ = false;
  uint64_t version_ = 0;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_SPOOL_SPOOL_H_
