// The site set, compiled: everything that decisions read, indexed for lookup. Immutable after Compile, so any thread
// may read it.
#ifndef LIANDONG_ROUTING_SITE_H_
#define LIANDONG_ROUTING_SITE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/site.pb.h"

namespace liandong::routing {

class ClauseIndex;

class Site {
 public:
  // Checks the set as a whole and indexes it. InvalidArgument lists every finding, one a line; nothing is half taken.
  static absl::StatusOr<std::shared_ptr<const Site>> Compile(v1::SiteSet set);
  // For a set that a record adopted: indexes it without the checks, so that a stricter check in a later version never
  // makes an old log unreadable. Cannot fail: what does not make sense is skipped in matching.
  static std::shared_ptr<const Site> CompileAdopted(v1::SiteSet set);
  ~Site();

  const v1::SiteSet& proto() const { return set_; }
  const v1::SiteSettings& settings() const { return set_.settings(); }
  uint64_t version() const { return set_.version(); }

  // nullptr when there is none.
  const v1::Party* FindParty(std::string_view id) const;
  const v1::Post* FindPost(std::string_view id) const;
  const v1::Category* FindCategory(std::string_view code) const;
  const v1::Division* FindDivision(std::string_view code12) const;
  const v1::Agreement* FindAgreement(std::string_view id) const;
  const v1::Clause* FindClause(const v1::ClauseRef& ref) const;

  // Party ids of kind TOWNSHIP, in file order.
  const std::vector<std::string>& townships() const { return townships_; }
  // The township party whose division holds this code; nullptr for a code above township level or unknown.
  const v1::Party* TownshipOf(std::string_view division) const;
  // The party that a "to" of an escalation step means: the party itself or the party of the post. nullptr: neither.
  const v1::Party* PartyOfTarget(std::string_view party_or_post) const;

  // Whether this category is dangerous to life by its own or its nearest ancestor's setting.
  v1::Answer CategoryDanger(std::string_view code) const;

  // Significant digits of a 12-digit code: "339921100000" -> "339921100". Prefix containment is area containment.
  static std::string_view Significant(std::string_view division);

  const ClauseIndex& clauses() const { return *clauses_; }

 private:
  Site();
  v1::SiteSet set_;
  std::vector<std::string> townships_;
  struct Tables;
  std::unique_ptr<Tables> tables_;
  std::unique_ptr<ClauseIndex> clauses_;
};

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_SITE_H_
