// What memory holds of the log. One thread owns a State (the sequencer's, or the second fold's); no locks here, and
// looking changes what is whole in memory and what is packed (shelf.h).
//
// Invariants, checked by Check():
//  - every OPEN incident has a holder that is a party of the site set, or the command centre;
//  - within (party, lane) the sequences of queued deliveries have no gap above the oldest that memory holds;
//  - every entity's incident is in memory;
//  - a deadline stands in the due index exactly once for each rung that is open;
//  - what has ended, is not held and has its key stands in the retention index exactly once, in memory or out of it.
#ifndef LIANDONG_HUB_CORE_STATE_H_
#define LIANDONG_HUB_CORE_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "hub/core/alike.h"
#include "hub/core/deadlines.h"
#include "hub/core/limits.h"
#include "hub/core/retention.h"
#include "hub/core/shelf.h"
#include "liandong/v1/record.pb.h"
#include "routing/site.h"

namespace liandong::core {

using ReportKey = std::pair<std::string, std::string>;  // party, external id

// One lane of one party: what was queued and is still in memory.
struct LaneBook {
  absl::btree_map<uint64_t, uint64_t> queued;  // sequence -> delivery id
  absl::btree_set<uint64_t> unreceived;        // sequences not yet RECEIVED
};

struct PartyBook {
  v1::PartyState state;
  LaneBook urgent;
  LaneBook ordinary;
  LaneBook& lane(v1::Lane lane) { return lane == v1::URGENT ? urgent : ordinary; }
  const LaneBook& lane(v1::Lane lane) const { return lane == v1::URGENT ? urgent : ordinary; }
};

class State {
 public:
  // `warm`: so many of each kind of entity stay whole in memory, the rest is packed.
  explicit State(size_t warm = limits::kWarmEntities);
  State(State&&) = default;
  State& operator=(State&&) = default;

  // Writes the record's outcome. Cannot fail: a record that this version does not know ends the process with a clear
  // message.
  void Apply(const v1::Record& record);
  // The same outcome; what changed is moved out of the record, not copied.
  void Apply(v1::Record&& record);

  static absl::StatusOr<State> FromSnapshot(const v1::Snapshot& snapshot);
  // The bytes of a v1::Snapshot in protobuf's deterministic encoding, with the chain link that the log knows.
  std::string SnapshotBytes(std::string_view link) const;
  // SHA-256 is the caller's; these are the bytes it covers: the same State gives the same bytes on every node.
  std::string CanonicalBytes() const { return SnapshotBytes(""); }
  v1::Snapshot ToSnapshot() const;

  uint64_t index() const { return index_; }
  int64_t time_ms() const { return time_ms_; }
  // nullptr before the first site set was adopted.
  const routing::Site* site() const { return site_.get(); }
  std::shared_ptr<const routing::Site> shared_site() const { return site_; }

  // What is found stays valid until the next Apply(). nullptr: not in memory.
  const v1::IncidentState* FindIncident(uint64_t id) const;
  const v1::DutyState* FindDuty(uint64_t id) const;
  const v1::DeliveryState* FindDelivery(uint64_t id) const;
  const v1::ReportState* FindReport(const std::string& party, const std::string& external_id) const;
  // What hangs on one incident, without what hangs on those merged into it. Reports in order of arrival.
  std::vector<const v1::ReportState*> ReportsOf(uint64_t incident_id) const;
  size_t CountReports(uint64_t incident_id) const;
  std::vector<const v1::DeliveryState*> DeliveriesOf(uint64_t incident_id) const;
  // The incident that a report with this key would join because some report names it; 0: none.
  uint64_t FindReference(const std::string& party, const std::string& external_id) const;
  // The incident that this one lives on in: itself unless MERGED.
  const v1::IncidentState* Root(uint64_t id) const;

  // Always there, empty for a party without deliveries.
  const PartyBook& Book(const std::string& party) const;

  const Shelf<uint64_t, v1::IncidentState>& incidents() const { return incidents_; }
  const absl::btree_map<std::string, PartyBook>& parties() const { return parties_; }
  // Responses in force, and those that have ended whose incidents are still to be routed again.
  const absl::btree_map<uint64_t, v1::ResponseState>& responses() const { return responses_; }
  // nullptr: not in memory.
  const v1::ResponseState* FindResponse(uint64_t id) const;
  // nullptr: nobody took the post over by hand.
  const v1::PostState* FindPost(const std::string& id) const;
  const DueIndex& due() const { return due_; }
  // Open incidents that a report may belong to, and those of them that take in a flood of like reports.
  const AlikeIndex& alike() const { return alike_; }
  const AlikeIndex& storming() const { return storming_; }
  // Pairs that may be one incident, dismissed ones too: the younger one, which holds the suggestion, and the other.
  const absl::btree_set<std::pair<uint64_t, uint64_t>>& suggested() const { return suggested_; }
  // Duties of the law's clocks that are not made yet, refused ones too.
  const absl::btree_set<uint64_t>& upward_due() const { return upward_due_; }
  // Storms to be looked at by now_ms, in order; when the next one is: INT64_MAX: never.
  std::vector<uint64_t> StormsDue(int64_t now_ms, size_t max) const;
  int64_t NextStorm() const;
  // Ended incidents out of memory whose key is there; nullptr: none of this id.
  const Kept* FindKept(uint64_t root) const;
  // What was merged into it, with the keys.
  const std::vector<v1::ErasedKey>& MergedIntoKept(uint64_t root) const;
  // Keys that a record says are destroyed.
  const KeyRanges& erased_keys() const { return erased_keys_; }
  // Incidents whose term is over, all by one rule; when the next one's is: INT64_MAX: never.
  RetentionIndex::Due ErasuresDue(int64_t now_ms, size_t max) const;
  int64_t NextErasure() const;
  // No term of a rule ends before this; 0: there is no such wait.
  int64_t erase_from_ms() const { return erase_from_ms_; }
  // The last record that changed the incident or anything that hangs on it: history must hold that before it leaves
  // memory.
  uint64_t LastTouched(uint64_t incident_id) const;
  size_t open_incidents() const { return open_incidents_; }
  // Open duties with a rung that was missed.
  size_t late_duties() const { return late_duties_; }
  size_t outstanding_deliveries() const { return outstanding_deliveries_; }

  uint64_t next_incident_id() const { return next_incident_id_; }
  uint64_t next_duty_id() const { return next_duty_id_; }
  uint64_t next_delivery_id() const { return next_delivery_id_; }
  uint64_t next_key_id() const { return next_key_id_; }

  // Internal error naming the first broken invariant.
  absl::Status Check() const;

 private:
  // Ids of what names an incident. Derived, so that neither records nor snapshots carry it.
  struct Members {
    absl::btree_set<uint64_t> deliveries;
    absl::btree_map<uint64_t, ReportKey> reports;  // by first_index
  };
  // Each Put takes what it is given: a const one is copied, an rvalue moved.
  void Begin(const v1::Record& record);
  void Settle();
  template <typename T>
  void PutIncident(T&& incident);
  void IndexIncident(const v1::IncidentState& incident);
  void UnindexIncident(const v1::IncidentState& incident);
  template <typename T>
  void PutDuty(T&& duty);
  template <typename T>
  void PutDelivery(T&& delivery);
  template <typename T>
  void PutReport(T&& report);
  template <typename T>
  void PutParty(T&& party);
  template <typename T>
  void PutResponse(T&& response);
  template <typename T>
  void PutPost(T&& post);
  void Evict(uint64_t incident_id);
  void PutKept(uint64_t root, const Kept& kept);
  void ForgetKept(uint64_t root);
  void PutRetention(const v1::Changes& changes);
  void WriteRetention(v1::Snapshot& out) const;
  absl::Status ReadRetention(const v1::Snapshot& snapshot);
  absl::Status CheckRetention() const;
  void AdoptSite(const v1::SiteSet& site);

  uint64_t index_ = 0;
  int64_t time_ms_ = 0;
  uint64_t next_incident_id_ = 1;
  uint64_t next_duty_id_ = 1;
  uint64_t next_delivery_id_ = 1;
  uint64_t next_key_id_ = 1;
  std::shared_ptr<const routing::Site> site_;
  Shelf<uint64_t, v1::IncidentState> incidents_;
  Shelf<uint64_t, v1::DutyState> duties_;
  Shelf<uint64_t, v1::DeliveryState> deliveries_;
  Shelf<ReportKey, v1::ReportState> reports_;
  absl::btree_map<ReportKey, uint64_t> references_;  // named by a report -> that report's incident
  absl::flat_hash_map<uint64_t, Members> members_;   // looked up only
  absl::btree_map<std::string, PartyBook> parties_;
  absl::btree_map<uint64_t, v1::ResponseState> responses_;
  absl::btree_map<std::string, v1::PostState> posts_;
  DueIndex due_;
  AlikeIndex alike_, storming_;
  absl::btree_set<std::pair<uint64_t, uint64_t>> suggested_;
  absl::btree_set<uint64_t> upward_due_;                     // duties
  absl::btree_set<std::pair<int64_t, uint64_t>> storm_due_;  // ms, incident
  absl::flat_hash_map<uint64_t, uint64_t> touched_;          // looked up only
  RetentionIndex retention_;
  absl::btree_map<uint64_t, Kept> kept_;
  absl::btree_map<uint64_t, std::vector<v1::ErasedKey>> kept_merged_;  // by root; few have any
  KeyRanges erased_keys_;
  int64_t erase_from_ms_ = 0;
  size_t open_incidents_ = 0;
  size_t late_duties_ = 0;
  size_t outstanding_deliveries_ = 0;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STATE_H_
