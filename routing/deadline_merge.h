// The deadlines that one party has when several clauses apply: of each rung the strictest, as the matcher merges them.
#ifndef LIANDONG_ROUTING_DEADLINE_MERGE_H_
#define LIANDONG_ROUTING_DEADLINE_MERGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "routing/site.h"

namespace liandong::routing {

// Two rungs out of order, and the clauses that set them.
struct DeadlinePair {
  uint32_t low_clause = 0, high_clause = 0;  // numbers in the index
  std::string low, high;                     // fields, the lower rung first
  uint32_t low_s = 0, high_s = 0;            // low_s > high_s
};

class MergedDeadlines {
 public:
  // township: the party is (or may be) the township of the incident, so that duties of "@township" are its own too.
  MergedDeadlines(const v1::SiteSettings& settings, std::string party, bool township)
      : settings_(&settings), party_(std::move(party)), township_(township) {}

  // yields: its LEAD is asked as SUPPORT.
  void Add(uint32_t number, const v1::Clause& clause, bool yields);
  // As if the other's clauses had been added too.
  void Add(const MergedDeadlines& other);
  // The first two rungs that cannot be kept in order.
  std::optional<DeadlinePair> Clash() const;

 private:
  struct Rung {
    uint32_t seconds = 0;  // 0: no deadline
    uint32_t clause = 0;
  };
  const v1::SiteSettings* settings_;
  std::string party_;
  bool township_;
  std::array<Rung, 6> rungs_{};
};

// Whether the clause gives the party a duty by its name ("@township" is a name too).
bool Names(const v1::Clause& clause, const std::string& party);
// Whether the party can be the township of an incident: a township, or the command centre where there is none.
bool MayBeTownship(const Site& site, const std::string& party);

// Pairs of these clauses (or one with itself, for a default of the site) whose deadlines for the party clash when no
// other applies; at most limits::kDeadlinePairsMax. At least one of the two names the party.
std::vector<DeadlinePair> ClashingPairs(const Site& site, const std::string& party,
                                        const std::vector<uint32_t>& numbers);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_DEADLINE_MERGE_H_
