// Whether one alternative of a clause holds for what is known of an incident. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_EVALUATE_H_
#define LIANDONG_ROUTING_EVALUATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "routing/clause_index.h"
#include "routing/match.h"

namespace liandong::routing {

// The parts of a condition, in the order in which they are asked and named. Their names are the fields of
// v1::Condition, and "effective" for the agreement's own dates.
enum class Part : uint8_t {
  kEffective,
  kCategory,
  kSeverity,
  kDivision,
  kSource,
  kAnyWord,
  kTime,
  kVerified,
  kDanger,
  kDeviceAlarm,
  kChannel,
  kStage,
  kResponseLevel,
  kAnyOf,
  kNoneOf
};
inline constexpr int kPartCount = 15;
const char* PartName(Part part);  // "severity_at_least"

// An incident's facts, worked out once for all clauses.
struct Asked {
  const Site* site = nullptr;
  const Facts* facts = nullptr;
  std::string_view category;  // empty: unknown
  std::string_view division;  // significant digits; empty: unknown
  v1::Answer danger = v1::ANSWER_UNKNOWN;
  const std::vector<uint32_t>* found_word = nullptr;  // ascending
  int32_t local_day = 0;                              // of now
  int local_minute = 0;                               // of the incident's opening
};

// The stage that the incident is in: what was told, or RESPONSE.
v1::Stage StageOf(const Facts& facts);

// One bit a part.
struct Verdict {
  uint32_t failed = 0;
  uint32_t uncertain = 0;
  bool Holds() const { return failed == 0; }
};

// Asked by its own: it is the clause's, whatever alternative is asked.
bool InForce(const ClauseIndex::Clause& clause, int32_t local_day);

// Stops once two parts have failed: then the clause is not even a near miss.
Verdict Evaluate(const Asked& asked, const ClauseIndex::Condition& condition);

// Names of the parts whose bits are set.
std::vector<std::string> PartNames(uint32_t bits);

// What the failed part wanted and what was found, as stable tokens. Holds nothing of a report's text.
v1::NearMiss Explain(const Asked& asked, const ClauseIndex::Clause& clause, const ClauseIndex::Condition& condition,
                     Part failed);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_EVALUATE_H_
