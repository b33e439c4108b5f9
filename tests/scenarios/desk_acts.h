// What the desk does to duties and incidents that are under way: takes back, reassigns, merges, splits, notes.
#ifndef LIANDONG_TESTS_SCENARIOS_DESK_ACTS_H_
#define LIANDONG_TESTS_SCENARIOS_DESK_ACTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "tests/scenarios/linkage_acts.h"
#include "tests/scenarios/words.h"
#include "tests/scenarios/world.h"

namespace liandong::scenarios {

// Nothing when the verb is none of these.
std::optional<absl::StatusOr<core::Answer>> DeskAct(World& world, const Names& names, const std::string& who,
                                                    const std::string& verb, Words& words);

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_DESK_ACTS_H_
