// Clocks that the law sets: which rows of statutory.textproto apply to an incident, and the two national rows that a
// set may not change. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_STATUTORY_H_
#define LIANDONG_ROUTING_STATUTORY_H_

#include <string_view>
#include <vector>

#include "liandong/v1/site.pb.h"
#include "routing/check.h"
#include "routing/site.h"

namespace liandong::routing {

// Of the category or its nearest ancestor that says; ACCIDENT_LAW_UNSET: none does.
v1::AccidentLaw AccidentLawOf(const Site& site, std::string_view category);

// nullptr: the set has no such row.
const v1::StatutoryRule* FindStatutoryRule(const Site& site, std::string_view id);

// Whether the row is in force for such an incident. Unlike a clause it asks for a known category: an unsorted call
// starts no clock of the law. An unknown grade counts as reaching the one asked for.
bool Applies(const Site& site, const v1::StatutoryRule& rule, std::string_view category, v1::Severity severity);

// 国务院令493号 Art. 9 (unit to county, 1 h) and Art. 11 (each level up, 2 h), with the content of Art. 12 and the
// supplements of Art. 13. party, escalate and title are the county's own.
const std::vector<v1::StatutoryRule>& LockedRules();

void CheckStatutory(const v1::SiteSet& set, const Known& known, Findings* findings);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_STATUTORY_H_
