// The lines of a scenario about what is kept and what is erased. The language is in README.md.
#ifndef LIANDONG_TESTS_SCENARIOS_ERASURE_LINES_H_
#define LIANDONG_TESTS_SCENARIOS_ERASURE_LINES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "tests/scenarios/event_lines.h"
#include "tests/scenarios/linkage_acts.h"
#include "tests/scenarios/words.h"
#include "tests/scenarios/world.h"

namespace liandong::scenarios {

// Words with "来电人" in them tell who called, and on which number.
core::ReportCommand CommandOf(const v1::Report& report, const std::string& text);

// retains DAYS [of CLASS ...] · erases NAME because "why" · holds NAME because "why" · lifts NAME because "why".
// nullopt: another verb.
std::optional<absl::StatusOr<core::Answer>> ErasureAct(World& world, const Names& names, const std::string& who,
                                                       const std::string& verb, Words& words);

// What follows "expect": erased NAME [by RULE|a-person] · kept NAME. nullopt: something else.
std::optional<absl::Status> ErasureExpect(const World& world, Words& words, const IncidentNamed& incident);

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_ERASURE_LINES_H_
