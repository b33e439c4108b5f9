// The coverage of a site set as findings: where it was written, which region in words, what would mend it.
#ifndef LIANDONG_ROUTING_COVERAGE_FINDINGS_H_
#define LIANDONG_ROUTING_COVERAGE_FINDINGS_H_

#include <string>

#include "routing/coverage.h"
#include "routing/finding.h"

namespace liandong::routing {

// Only the axes on which it is not everything: "类别：火灾、燃气泄漏；级别：重大、特别重大；区域：青石镇". Empty:
// everywhere.
std::string RegionZh(const Site& site, const Space& space, const Region& region);
std::string RegionEn(const Site& site, const Space& space, const Region& region);

// Gaps, overlaps, clauses that never apply and LEADs that never stand, parties that nobody could ring up. All warnings:
// a set with them works, but not as the papers meant. source: the set that positions are known for, in the same order
// as the site's.
void CheckCoverage(const Site& site, const v1::SiteSet& source, const Coverage& coverage, Findings* findings);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_COVERAGE_FINDINGS_H_
