// The lines of a scenario about one event with many calls, and about reports upward. The language is in README.md.
#ifndef LIANDONG_TESTS_SCENARIOS_EVENT_LINES_H_
#define LIANDONG_TESTS_SCENARIOS_EVENT_LINES_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "tests/scenarios/words.h"
#include "tests/scenarios/world.h"

namespace liandong::scenarios {

using IncidentNamed = std::function<uint64_t(const std::string&)>;

// keeps-apart A B · files RULE of A [as KIND] [by FORM] [without FIELD] [dead N] [injured N]. nullopt: another verb.
std::optional<absl::StatusOr<core::Answer>> EventAct(World& world, const std::string& who, const std::string& verb,
                                                     Words& words, const IncidentNamed& incident);

// What follows "expect NAME": may be OTHER [from N points] · is-not suggested with OTHER · gathers N reports · is calm.
std::optional<absl::Status> EventExpect(const World& world, uint64_t incident_id, Words& words,
                                        const IncidentNamed& incident);

// What follows "expect PARTY": must file RULE of NAME [as KIND] [late|in time] · need not file RULE of NAME.
std::optional<absl::Status> FilingExpect(const World& world, const std::string& party, const std::string& verb,
                                         Words& words, const IncidentNamed& incident);

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_EVENT_LINES_H_
