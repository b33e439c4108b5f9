// Who leads, over everything that can happen: the whole space of category × severity × stage × response level × danger
// to life × device alarm × channel × source × division, split at what the clauses distinguish, so that nothing is left
// out and nothing is sampled. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_COVERAGE_H_
#define LIANDONG_ROUTING_COVERAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "routing/site.h"

namespace liandong::routing {

// In the order in which the space is split: few values first.
enum class Axis : uint8_t {
  kCategory,       // every node of the tree: an incident may be told no closer than "natural"
  kSeverity,       // GENERAL to EXTREME
  kStage,          // WARNING to RECOVERY
  kResponseLevel,  // none to LEVEL_I
  kDanger,         // YES, NO; only YES for a category that is dangerous by itself
  kDevice,         // YES, NO
  kChannel,        // those that clauses name, and any other
  kSource,         // each party but the hub, alone
  kDivision        // divisions that hold no other
};
inline constexpr size_t kAxes = 9;

// What each axis is made of.
struct Space {
  std::array<size_t, kAxes> size{};
  std::vector<std::string> category;  // codes
  std::vector<std::string> channel;   // the last is any other, ""
  std::vector<std::string> source;    // party ids
  std::vector<std::string> division;  // 12 digits; one "" when the site has none
};
Space SpaceOf(const Site& site);
// Categories that have none below them, in the set's order.
std::vector<std::string> CategoryLeaves(const v1::SiteSet& set);

// A box of the space: on each axis the values, ascending.
struct Region {
  std::array<std::vector<uint32_t>, kAxes> values;
};

enum class Hole : uint8_t {
  kGap,             // nobody leads
  kOverlap,         // several lead, and no precedence says which
  kPossibleOverlap  // the same, where also a clause applies that depends on words, a time or verification
};

struct CoverageHole {
  Hole hole = Hole::kGap;
  std::vector<uint32_t> clauses;  // whose LEADs meet; ascending, empty for a gap
  Region region;                  // of a possible overlap: a box around all places where these clauses may meet
};

// Two clauses that apply together give one party deadlines that cannot be kept in order: a rung merged from one comes
// after a higher rung merged from the other.
struct DeadlineClash {
  uint32_t low_clause = 0, high_clause = 0;  // who set each; the same clause when a default of the site clashes
  std::string party;
  std::string low, high;  // fields: "accept_within_s", "complete_within_s"
  uint32_t low_s = 0, high_s = 0;
  bool possible = false;  // only where a clause applies that depends on words, a time or verification
  Region region;          // the first place found
};

struct ClauseUse {
  bool in_force = false;
  bool holds = false;  // its conditions hold somewhere
  bool fires = false;  // and it is not set aside everywhere
  bool leads = false;  // and its LEAD stands somewhere
  // Where its conditions hold and it does not fire or lead: one of the clauses that set it aside.
  std::optional<uint32_t> set_aside_by;
};

struct Coverage {
  Space space;
  std::vector<CoverageHole> holes;  // gaps, overlaps, possible overlaps; each sort by its clauses
  std::vector<DeadlineClash> clashes;
  std::vector<ClauseUse> use;  // by number in the index
  bool whole = true;           // false: stopped at a bound of limits.h; what was found is true, but not all
  size_t steps = 0;
};

// A condition that asks for words, a time window or verification holds *possibly*: it covers nothing when gaps are
// sought. today: days since 1970-01-01; agreements that are not in force on it cover nothing. 0: all are in force.
Coverage Cover(const Site& site, int32_t today);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_COVERAGE_H_
