// What happened to one incident, out of its records: for people. Blocking; for worker threads. Thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "hub/service/parts.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::service {

// The incident (and those merged with it) as the timeline needs them: whose keys may open the notes.
struct TimelineOf {
  uint64_t incident_id = 0;
  std::vector<v1::IncidentState> keys;  // id and key_id are what counts
  bool notes = false;                   // the reader may see free text
};

// The records that name the incident, oldest first, at most limits::kTimelineMax: the newest of them. Waits for history
// to hold `index`. UNAVAILABLE when it is not so far in limits::kHistoryWaitMs.
absl::StatusOr<std::vector<v1::Record>> RecordsOf(const Parts& parts, uint64_t incident_id, uint64_t index);

void AddTimeline(const Parts& parts, const routing::Site& site, const TimelineOf& of,
                 const std::vector<v1::Record>& records, v1::ShowIncidentReply* reply);

// Every decision about the incident among the records, with the words of the clauses as they were then.
void AddDecisions(const Parts& parts, const routing::Site& site, uint64_t incident_id,
                  const std::vector<v1::Record>& records, v1::ExplainIncidentReply* reply);

}  // namespace liandong::service
