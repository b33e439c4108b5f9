// What parties do in the linkage procedure: assign, review returns, hand posts over, start responses, change settings.
#ifndef LIANDONG_TESTS_SCENARIOS_LINKAGE_ACTS_H_
#define LIANDONG_TESTS_SCENARIOS_LINKAGE_ACTS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "tests/scenarios/words.h"
#include "tests/scenarios/world.h"

namespace liandong::scenarios {

// How a script's short names are read.
struct Names {
  std::function<std::string(const std::string&)> party;
  std::function<uint64_t(const std::string&)> incident;
  std::function<uint64_t(const std::string& party, uint64_t incident_id)> duty;
};

// Nothing when the verb is none of these.
std::optional<absl::StatusOr<core::Answer>> LinkageAct(World& world, const Names& names, const std::string& who,
                                                       const std::string& verb, Words& words);

// Whether any delivery to the party about the incident holds these words.
bool Read(const World& world, const std::string& party, uint64_t incident_id, const std::string& text);

v1::TransferWay WayOf(const std::string& word);

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_LINKAGE_ACTS_H_
