// The second fold: follows the log on its own thread, keeps history.db (everything that may have left memory: dedup
// keys for ever, incidents with their duties, deliveries and reports, which records are about which incident) and
// writes snapshots of State, so that neither stalls the sequencer.
//
// history.db is derived. It stores how far it has come in the same transaction as what it holds; when it is behind it
// catches up from the log, and when it is lost or damaged it is built anew from record 1, in the background.
//
// Until it holds everything that the log held at the start, queries answer Unavailable: "not found" from a half-built
// history would make a known report a new incident. Catching up after a clean stop takes nothing, after a crash
// milliseconds, a rebuild minutes (about 30,000 records a second).
//
// Thread-safety: every method may be called from any thread. Queries read with connections of their own and never wait
// for the fold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/history/fold.h"
#include "hub/history/limits.h"
#include "hub/history/snapshot.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"

namespace liandong::history {

struct HistoryOptions {
  std::string data_dir;  // holds history.db and snapshots/; made when absent
  uint64_t snapshot_every_records = kSnapshotEveryRecords;
  security::Suite suite = security::Suite::kInternational;  // of snapshots' hashes
  Warn warn;                                                // called on the starting thread and on History's own
};

// Empty or 0: any.
struct IncidentFilter {
  v1::IncidentStatus status = v1::INCIDENT_STATUS_UNSPECIFIED;
  v1::Purpose purpose = v1::PURPOSE_UNSPECIFIED;
  v1::Severity severity_at_least = v1::SEVERITY_UNKNOWN;  // an unknown severity passes: unknown is not no
  std::string category;         // this one and those below it in the tree: "natural" has "natural.flood"
  std::string division_prefix;  // "3399"
  std::string holder;           // party id
  std::string reporter;         // party id: has a report of this party
  int64_t opened_from_ms = 0;   // inclusive
  int64_t opened_until_ms = 0;  // exclusive
};

using IncidentVisit = std::function<void(const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties)>;

class History {
 public:
  // Reads the newest snapshot, checks history.db against the log and starts the thread. `log` outlives this object.
  // DataLoss when history.db or a snapshot has seen records that the log does not have (any more).
  static absl::StatusOr<std::unique_ptr<History>> Start(const HistoryOptions& options, log::EventLog* log,
                                                        const FoldFactory& make_fold);
  // As Stop, without its answer.
  ~History();

  // Folds what the log has committed, writes a snapshot and ends the thread. Append nothing more before. Idempotent.
  absl::Status Stop();

  // ---- How far it is.

  // Everything up to this record is in history.db. A power loss may take it back; the log then gives it again.
  uint64_t index() const;
  // False when the time is over or History has stopped.
  bool WaitForIndex(uint64_t index, absl::Duration timeout);
  // False while queries answer Unavailable.
  bool ready() const;
  // OK; or why it does not go on: Unavailable is tried again (disk full), anything else is final (the log is damaged).
  absl::Status status() const;
  uint64_t last_snapshot_index() const;

  // ---- Queries. Errors: Unavailable while not ready (when to ask again is up to the caller), Internal or DataLoss
  // when history.db cannot be read.

  // What is known of a party's own record id, for ever.
  absl::StatusOr<std::optional<v1::ReportState>> FindReport(std::string_view party, std::string_view external_id);
  // The incident of the newest report that names this record as a reference; 0: none does.
  absl::StatusOr<uint64_t> FindReference(std::string_view party, std::string_view external_id);
  absl::StatusOr<std::optional<v1::DeliveryState>> FindDelivery(uint64_t delivery_id);
  absl::StatusOr<std::optional<v1::IncidentState>> FindIncident(uint64_t incident_id);
  // The incident with all its duties, deliveries and reports, as they stood when it left memory (or stand at index()):
  // what IncidentRecalled carries. NotFound when there is no such incident.
  absl::StatusOr<v1::Changes> LoadIncident(uint64_t incident_id);
  // Timeline: the records that name the incident, oldest first, after `after_index`.
  absl::StatusOr<std::vector<v1::Record>> RecordsOf(uint64_t incident_id, size_t limit, uint64_t after_index = 0);
  // Newest first, those with an id below `before_id` (0: from the newest).
  absl::StatusOr<std::vector<v1::IncidentState>> ListIncidents(const IncidentFilter& filter, uint64_t before_id,
                                                               size_t limit);

  // Incidents of this purpose opened in [from_ms, until_ms), oldest first, each with its duties.
  absl::Status VisitIncidents(v1::Purpose purpose, int64_t from_ms, int64_t until_ms, const IncidentVisit& visit);

 private:
  class Impl;
  explicit History(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::history
