// How long sealed fields are kept: classes of fields, the rules of the site set, and which ended incidents' term is
// over.
//
// Thread-safety: values without locks, owned like State.
#ifndef LIANDONG_HUB_CORE_RETENTION_H_
#define LIANDONG_HUB_CORE_RETENTION_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "liandong/v1/report.pb.h"
#include "liandong/v1/site.pb.h"
#include "liandong/v1/state.pb.h"

namespace liandong::core {

// What a reader gets instead of text that is destroyed.
inline constexpr char kErasedZh[] = "个人信息已依法销毁";
inline constexpr char kErasedEn[] = "the personal data were destroyed as the law asks";

// Bit n stands for Field n.
using FieldClasses = uint32_t;
constexpr FieldClasses ClassBit(v1::Field field) { return FieldClasses{1} << field; }
// What a rule may name: what is sealed and told whole.
inline constexpr FieldClasses kSealedClasses = ClassBit(v1::PLACE) | ClassBit(v1::DESCRIPTION) |
                                               ClassBit(v1::CALLER_NAME) | ClassBit(v1::CALLER_PHONE) |
                                               ClassBit(v1::MEDICAL) | ClassBit(v1::DETAILS);

// What the report tells. DESCRIPTION always: notes and orders of its incident are free text under the same key.
FieldClasses ClassesOf(const v1::SealedPart& sealed);
FieldClasses ClassesOf(const v1::RetentionRule& rule);

// Whether a rule's term runs for it: it has ended, is not merged into another, not held and not erased.
bool AwaitsErasure(const v1::IncidentState& incident);

// The rule that keeps such fields the longest, of equal ones the first; nullptr: there are no rules. `classes` 0: not
// known, so all of them.
const v1::RetentionRule* LongestRule(const v1::SiteSettings& settings, FieldClasses classes);

// Ended incidents that are not held, by what they hold and when they ended: a change of the rules costs nothing, and a
// look at the clock costs what is due.
class RetentionIndex {
 public:
  void Add(FieldClasses classes, int64_t ended_ms, uint64_t incident_id);
  void Remove(FieldClasses classes, int64_t ended_ms, uint64_t incident_id);

  struct Due {
    const v1::RetentionRule* rule = nullptr;  // nullptr: nothing is due
    std::vector<uint64_t> incidents;          // oldest first
  };
  // Up to `max` incidents whose term is over, all by one rule.
  Due Until(const v1::SiteSettings& settings, int64_t now_ms, size_t max) const;
  // When the next term is over; INT64_MAX: never.
  int64_t Next(const v1::SiteSettings& settings) const;
  bool operator==(const RetentionIndex&) const = default;

 private:
  absl::btree_map<FieldClasses, absl::btree_set<std::pair<int64_t, uint64_t>>> ended_;  // ms, incident
};

// Numbers that lie together mostly: what is erased leaves few gaps, so this stays small for ever.
class KeyRanges {
 public:
  void Add(uint64_t key_id);
  void AddRange(uint64_t first, uint64_t last);
  bool Contains(uint64_t key_id) const;
  // First and last, both included; never adjacent.
  const absl::btree_map<uint64_t, uint64_t>& ranges() const { return ranges_; }

 private:
  absl::btree_map<uint64_t, uint64_t> ranges_;
};

// What State knows of an ended incident that has left memory, without what is merged into it.
struct Kept {
  uint64_t key_id = 0;
  int64_t ended_ms = 0;
  int64_t held_since_ms = 0;
  FieldClasses classes = 0;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_RETENTION_H_
