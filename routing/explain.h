// A decision as a person would tell it: which clauses fired and why, what is still to be verified, and which clauses
// missed by one condition. Pure, thread-safe. Holds nothing personal: a decision holds nothing personal.
#ifndef LIANDONG_ROUTING_EXPLAIN_H_
#define LIANDONG_ROUTING_EXPLAIN_H_

#include <string>

#include "liandong/v1/record.pb.h"
#include "routing/site.h"

namespace liandong::routing {

// Several lines, each ending with a line break. The site is the one in force now; where the decision was made with
// another version this is said, and a clause that is no longer there is cited by its number alone.
std::string ExplainZh(const Site& site, const v1::Decision& decision);
std::string ExplainEn(const Site& site, const v1::Decision& decision);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_EXPLAIN_H_
