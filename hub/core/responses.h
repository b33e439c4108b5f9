// Emergency responses in force: which incidents they are about, and the level that routing goes by. Reads only.
#ifndef LIANDONG_HUB_CORE_RESPONSES_H_
#define LIANDONG_HUB_CORE_RESPONSES_H_

#include <cstdint>
#include <vector>

#include "hub/core/state.h"

namespace liandong::core {

// Whether the response is for an incident of this class, place and purpose. An unknown class or place counts as within:
// unknown is not no.
bool IsFor(const v1::ResponseState& response, const v1::IncidentState& incident);

// The gravest level in force for the incident.
v1::ResponseLevel ResponseLevelFor(const State& state, const v1::IncidentState& incident);

// Open incidents that are to be routed again next because a response began, changed or ended; bounded, so that a great
// response stalls nobody.
struct ToRoute {
  uint64_t response_id = 0;  // 0: nothing waits
  std::vector<uint64_t> incidents;
  uint64_t next = 0;  // where to go on; 0: done
};
ToRoute NextToRoute(const State& state);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_RESPONSES_H_
