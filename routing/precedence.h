// What becomes of the clauses whose conditions hold when several of them speak at once: overrides first, then fallback,
// then the specific before the general. The matcher and the coverage analysis share it. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_PRECEDENCE_H_
#define LIANDONG_ROUTING_PRECEDENCE_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "routing/clause_index.h"

namespace liandong::routing {

// Whether, for an incident of this category and division (significant digits), everything that `wide` asks for is asked
// for by `narrow` too, at least as narrowly. Then wherever narrow holds, wide holds. Of several categories or divisions
// those count that the incident lies in. nullptr: asks for nothing. A preorder: Narrower is its strict part.
bool Inside(std::string_view category, std::string_view division, const v1::Condition* narrow,
            const v1::Condition* wide);
bool Narrower(std::string_view category, std::string_view division, const v1::Condition* narrow,
              const v1::Condition* wide);

// A clause of which an alternative holds.
struct Applied {
  uint32_t clause = 0;                        // number in the index
  std::vector<const v1::Condition*> holding;  // all alternatives that hold; nullptr: asks for nothing
  std::vector<const v1::Condition*> certain;  // those of them that hold whatever is still unknown
};

struct Outcome {
  enum class What : uint8_t { kFires, kOverridden, kFallbackNotNeeded };
  What what = What::kFires;
  int by = -1;         // overridden by, or not needed because of: index into the applied clauses
  int yields_to = -1;  // the LEAD duties become SUPPORT because of this one
};

// applied: ascending by clause. The same answer for the same question, whatever else the set holds.
std::vector<Outcome> Resolve(const ClauseIndex& index, std::string_view category, std::string_view division,
                             const std::vector<Applied>& applied);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_PRECEDENCE_H_
