// What must be true of a site set as a whole, whether it comes from files or over the wire. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_CHECK_H_
#define LIANDONG_ROUTING_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "liandong/v1/site.pb.h"
#include "routing/finding.h"
#include "routing/limits.h"

namespace liandong::routing {

// now_ms > 0: also warns of agreements that have expired or will within expiry_days.
void CheckSet(const v1::SiteSet& set, int64_t now_ms, Findings* findings, int expiry_days = limits::kExpirySoonDays);

// The rest is shared by the parts of the check.

// Ids that the set defines, for lookups and for "did you mean".
struct Known {
  explicit Known(const v1::SiteSet& set);
  bool HasTarget(const std::string& id) const { return parties.count(id) > 0 || posts.count(id) > 0; }

  std::map<std::string, v1::PartyKind> parties;
  std::map<std::string, std::string> posts;  // to its party
  std::set<std::string> categories;
  std::set<std::string> divisions;  // 12 digits each
  std::set<std::string> clauses;    // "agreement/clause"
  std::string command_party;
  std::vector<std::string> party_ids, target_ids, category_codes, division_codes, clause_names;  // in file order
};

void CheckAgreement(const v1::Agreement& agreement, const Known& known, int32_t utc_offset_minutes, int64_t now_ms,
                    int expiry_days, Findings* findings);

void CheckRetention(const v1::SiteSettings& settings, Findings* findings);

// One rung after the other; 0: none. ladder names the four fields.
void CheckLadder(const google::protobuf::Message& at, const std::string& what, const std::string& what_zh,
                 const std::vector<std::pair<std::string, uint32_t>>& ladder, Findings* findings);

bool IsId(std::string_view id);  // [a-z0-9-]{2,64}
// For texts in errors: at most 80 bytes of what was written, cut at a character.
std::string Quoted(std::string_view text);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_CHECK_H_
