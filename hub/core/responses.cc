#include "hub/core/responses.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/core/limits.h"

namespace liandong::core {

bool IsFor(const v1::ResponseState& response, const v1::IncidentState& incident) {
  if (response.purpose() != incident.purpose()) return false;
  const std::string& asked = response.category();
  const bool of_class = asked.empty() || incident.category().empty() || incident.category() == asked ||
                        absl::StartsWith(incident.category(), absl::StrCat(asked, "."));
  if (!of_class) return false;
  return incident.division().empty() || absl::StartsWith(incident.division(), response.division());
}

v1::ResponseLevel ResponseLevelFor(const State& state, const v1::IncidentState& incident) {
  v1::ResponseLevel level = v1::RESPONSE_LEVEL_UNSPECIFIED;
  for (const auto& [id, response] : state.responses()) {
    if (response.ended_at_ms() == 0 && IsFor(response, incident)) level = std::max(level, response.level());
  }
  return level;
}

ToRoute NextToRoute(const State& state) {
  ToRoute out;
  for (const auto& [id, response] : state.responses()) {
    if (response.route_next() == 0) continue;
    out.response_id = id;
    size_t looked = 0;
    state.incidents().AscendFrom(response.route_next(), [&](uint64_t incident_id, const v1::IncidentState& incident) {
      if (looked++ >= limits::kRouteLookedAt || out.incidents.size() >= limits::kRoutePerRecord) {
        out.next = incident_id;
        return false;
      }
      if (incident.status() == v1::OPEN && !incident.secret() && IsFor(response, incident))
        out.incidents.push_back(incident.id());
      return true;
    });
    return out;
  }
  return out;
}

}  // namespace liandong::core
