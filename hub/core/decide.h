// Decide: what follows from a command. Pure: no clock, no randomness, no I/O; the same State, Command and Context give
// the same Outcome.
//
// Every refusal is a status with a stable reason (errors.h) and changes nothing.
#ifndef LIANDONG_HUB_CORE_DECIDE_H_
#define LIANDONG_HUB_CORE_DECIDE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "hub/core/state.h"

namespace liandong::core {

absl::StatusOr<Outcome> Decide(const State& state, const Command& command, const Context& context);

// Which incident a report belongs to, as far as memory knows; decides under whose key it is sealed.
struct Location {
  uint64_t incident_id = 0;   // 0: a new one
  bool known_report = false;  // the key itself is known
  bool by_reference = false;
  bool by_storm = false;  // a flood of like reports joins one incident
};
Location Locate(const State& state, const std::string& party, const v1::Report& report);

// Bounds and types of a report, before it costs anything. OK also means: open.division is 12 digits or empty.
absl::Status CheckReport(const v1::Report& report);
absl::Status CheckAcknowledgment(const v1::Acknowledgment& ack);

// Moves what is personal out of the open part: a village's code becomes its township's, the full one goes to the sealed
// part.
void Normalize(v1::Report* report);

// Whether this report is dangerous to life or may be, before routing: which lane it waits in when the hub is full.
v1::Lane LaneOf(const routing::Site* site, const v1::OpenPart& open);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_DECIDE_H_
