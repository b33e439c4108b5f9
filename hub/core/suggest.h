// One event, many calls: which open incidents may be the one that a report tells of, how surely, and why.
//
// The score is the sum of four parts, each of which a person can check: place (0..40), words (0..25), category (0..20)
// and time (0..15). What is not known counts about half: unknown is not no. Different purposes are never compared, nor
// are secret incidents.
//
// Words and coordinates are sealed. The sequencer, which may open them, compares the few candidates and hands in how
// alike they are; State and log get bands (not further apart than 300 m, words alike in steps of 10 %) out of which
// neither a text nor a place can be read.
#ifndef LIANDONG_HUB_CORE_SUGGEST_H_
#define LIANDONG_HUB_CORE_SUGGEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "hub/core/command.h"
#include "hub/core/print.h"
#include "hub/core/state.h"

namespace liandong::core {

// Open incidents worth comparing with this one, likeliest first, at most limits::kCandidates. Empty when suggestions
// are off.
std::vector<uint64_t> Candidates(const State& state, uint64_t incident_id);

// `a` and `b` in any order; `likeness` is of the two.
v1::MergeSuggestion Score(const routing::Site& site, const v1::IncidentState& a, const v1::IncidentState& b,
                          const Likeness& likeness);

// Why, part by part.
Words ExplainSuggestion(const v1::MergeSuggestion& suggestion);

// The younger's suggestion that names the older; nullptr: none.
const v1::MergeSuggestion* FindSuggestion(const v1::IncidentState& younger, uint64_t older);

// Open suggestions that this incident is part of (0: all), best first.
struct PairSuggested {
  uint64_t younger = 0;
  const v1::MergeSuggestion* suggestion = nullptr;
};
std::vector<PairSuggested> OpenSuggestions(const State& state, uint64_t incident_id, size_t max);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_SUGGEST_H_
