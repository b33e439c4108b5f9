// Storm mode: a flood of like reports becomes one incident with many reports, and one notice with counts for each of
// its parties instead of one message a report.
//
// "Like" means: the same purpose, the same township, the same category, and a category of which many calls tell of one
// event (Category.storm): sick people in one village are each a case of their own. SiteSettings.storm_reports of them
// within storm_window_s begin it; it ends after storm_quiet_s without one. Both are records.
//
// Nothing is swallowed: each report is recorded, has its receipt, and its hotline hears what becomes of it. What raises
// lane, grade, danger or casualties, or makes another clause fire, goes out at once as ever. A report of danger to life
// that raises nothing is counted apart and told within storm_urgent_notice_s.
#ifndef LIANDONG_HUB_CORE_STORM_H_
#define LIANDONG_HUB_CORE_STORM_H_

#include <cstdint>
#include <string>

#include "hub/core/draft.h"
#include "hub/core/state.h"

namespace liandong::core {

// The incident in which such a report's flood is gathered; 0: none.
uint64_t StormFor(const State& state, const v1::OpenPart& open);

// The incident around which a storm begins with this report, which has not been decided yet; 0: none does. Then
// StormCommand for it comes first, and Locate finds the storm.
uint64_t StormBegins(const State& state, const std::string& party, const v1::Report& report, int64_t now_ms);

// Counts a report that joined. True: it brought nothing that the parties must hear before their next notice.
// `before`: the incident before the report was summed up.
bool CountInStorm(const Draft& draft, v1::IncidentState& incident, const v1::IncidentState& before,
                  const v1::OpenPart& open);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STORM_H_
