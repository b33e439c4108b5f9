#include "routing/deadline_merge.h"

#include <algorithm>

#include "routing/clause_index.h"
#include "routing/limits.h"
#include "routing/rungs.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";
constexpr std::array<const char*, 6> kFields = {"receive_within_s",  "see_within_s",    "accept_within_s",
                                                "en_route_within_s", "arrive_within_s", "complete_within_s"};

}  // namespace

void MergedDeadlines::Add(uint32_t number, const v1::Clause& clause, bool yields) {
  for (const v1::DutySpec& duty : clause.duty()) {
    const bool own_duty = duty.party() == party_ || (township_ && duty.party() == kTownshipOfIncident);
    if (!own_duty || duty.role() == v1::ROLE_UNSPECIFIED) continue;
    const v1::Role role = yields && duty.role() == v1::LEAD ? v1::SUPPORT : duty.role();
    const Rungs all = AskedOrDefault(duty, *settings_, role);
    for (size_t i = 0; i < rungs_.size(); ++i) {
      const uint32_t asked = all[i];
      if (asked != 0 && (rungs_[i].seconds == 0 || asked < rungs_[i].seconds)) rungs_[i] = {asked, number};
    }
  }
}

void MergedDeadlines::Add(const MergedDeadlines& other) {
  for (size_t i = 0; i < rungs_.size(); ++i) {
    const Rung& rung = other.rungs_[i];
    if (rung.seconds != 0 && (rungs_[i].seconds == 0 || rung.seconds < rungs_[i].seconds)) rungs_[i] = rung;
  }
}

std::optional<DeadlinePair> MergedDeadlines::Clash() const {
  for (size_t low = 0; low < rungs_.size(); ++low) {
    for (size_t high = low + 1; high < rungs_.size(); ++high) {
      if (rungs_[low].seconds == 0 || rungs_[high].seconds == 0 || rungs_[low].seconds <= rungs_[high].seconds)
        continue;
      return DeadlinePair{rungs_[low].clause, rungs_[high].clause, kFields[low],
                          kFields[high],      rungs_[low].seconds, rungs_[high].seconds};
    }
  }
  return std::nullopt;
}

bool Names(const v1::Clause& clause, const std::string& party) {
  return std::any_of(clause.duty().begin(), clause.duty().end(),
                     [&party](const v1::DutySpec& duty) { return duty.party() == party; });
}

bool MayBeTownship(const Site& site, const std::string& party) {
  const v1::Party* known = site.FindParty(party);
  return known != nullptr && (known->kind() == v1::TOWNSHIP || known->kind() == v1::COMMAND);
}

std::vector<DeadlinePair> ClashingPairs(const Site& site, const std::string& party,
                                        const std::vector<uint32_t>& numbers) {
  const std::vector<ClauseIndex::Clause>& clauses = site.clauses().clauses();
  std::vector<MergedDeadlines> alone;
  std::vector<bool> named;
  for (uint32_t number : numbers) {
    alone.emplace_back(site.settings(), party, MayBeTownship(site, party)).Add(number, *clauses[number].proto, false);
    named.push_back(Names(*clauses[number].proto, party));
  }
  std::vector<DeadlinePair> pairs;
  for (size_t i = 0; i < alone.size(); ++i) {
    if (auto clash = alone[i].Clash(); clash && named[i]) pairs.push_back(*clash);
    for (size_t j = i + 1; j < alone.size(); ++j) {
      if (!named[i] && !named[j]) continue;
      MergedDeadlines merged = alone[i];
      merged.Add(alone[j]);
      const auto clash = merged.Clash();
      if (clash && clash->low_clause != clash->high_clause) pairs.push_back(*clash);
      if (pairs.size() >= limits::kDeadlinePairsMax) return pairs;
    }
  }
  return pairs;
}

}  // namespace liandong::routing
