#include "routing/match.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "routing/calendar_day.h"
#include "routing/clause_index.h"
#include "routing/evaluate.h"
#include "routing/limits.h"
#include "routing/precedence.h"
#include "routing/rungs.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";

// The category as far as the site knows it; empty when it knows nothing of it.
std::string_view KnownCategory(const Site& site, std::string_view category) {
  while (!category.empty() && site.FindCategory(category) == nullptr) {
    size_t dot = category.rfind('.');
    category = dot == std::string_view::npos ? std::string_view() : category.substr(0, dot);
  }
  return category;
}

v1::Answer DangerOf(const Site& site, const Facts& facts, std::string_view category) {
  return facts.danger_to_life != v1::ANSWER_UNKNOWN ? facts.danger_to_life : site.CategoryDanger(category);
}

// Gathers what the fired clauses ask, a party at a time.
class DutyMerger {
 public:
  DutyMerger(const Site& site, const Facts& facts) : site_(site), facts_(facts) {}

  // certain: no condition of the clause held merely because something is unknown. yields: a more specific clause leads;
  // who would have led helps it, so that precedence never leaves a party uncalled.
  void Add(const v1::ClauseRef& ref, const v1::DutySpec& spec, bool yields, bool certain) {
    if (spec.role() == v1::ROLE_UNSPECIFIED) return;
    const v1::Role role = yields && spec.role() == v1::LEAD ? v1::SUPPORT : spec.role();
    std::string party = spec.party();
    if (party == kTownshipOfIncident) {
      const v1::Party* township = site_.TownshipOf(facts_.division);
      if (township == nullptr) township_unknown_ = true;
      party = township == nullptr ? site_.settings().command_party() : township->id();
    }
    if (site_.FindParty(party) == nullptr) {
      unknown_parties_.insert(party);
      return;
    }
    Merged& merged = duties_[party];
    RoutedDuty& duty = merged.duty;
    duty.party = party;
    // LEAD is the least number and the strongest role.
    duty.role = duty.role == v1::ROLE_UNSPECIFIED ? role : std::min(duty.role, role);
    if (duty.clauses.empty() || duty.clauses.back().agreement() != ref.agreement() ||
        duty.clauses.back().clause() != ref.clause()) {
      duty.clauses.push_back(ref);
    }
    for (int field : spec.disclose()) {
      if (certain || field == v1::PLACE) merged.disclosed.insert(static_cast<v1::Field>(field));
    }
    const Rungs asked = AskedOrDefault(spec, site_.settings(), role);
    uint32_t* const rungs[] = {&duty.receive_within_s,  &duty.see_within_s,    &duty.accept_within_s,
                               &duty.en_route_within_s, &duty.arrive_within_s, &duty.complete_within_s};
    for (size_t i = 0; i < asked.size(); ++i) *rungs[i] = Stricter(*rungs[i], asked[i]);
    duty.remind_before_s = std::max(duty.remind_before_s, spec.remind_before_s());
    duty.verify_first = duty.verify_first || spec.verify_first();
    for (const v1::EscalationStep& step : spec.escalate()) AddStep(step, &duty);
  }

  std::vector<RoutedDuty> Take() {
    std::vector<RoutedDuty> list;
    for (auto& [party, merged] : duties_) {
      merged.duty.disclose.assign(merged.disclosed.begin(), merged.disclosed.end());
      EndWithCommand(&merged.duty);
      list.push_back(std::move(merged.duty));
    }
    return list;
  }
  bool township_unknown() const { return township_unknown_; }
  // Of a set that was adopted without today's checks.
  const std::set<std::string>& unknown_parties() const { return unknown_parties_; }

 private:
  uint32_t WaitOf(uint32_t wait_s) const {
    if (wait_s != 0) return wait_s;
    uint32_t by_default = site_.settings().escalation_wait_s();
    return by_default != 0 ? by_default : limits::kEscalationWaitDefaultSeconds;
  }

  void AddStep(const v1::EscalationStep& step, RoutedDuty* duty) const {
    // Telling a party that it is late itself is no step up.
    if (step.to() == duty->party) return;
    bool there = std::any_of(duty->steps.begin(), duty->steps.end(),
                             [&step](const v1::EscalationStepState& other) { return other.to() == step.to(); });
    if (there) return;
    v1::EscalationStepState& added = duty->steps.emplace_back();
    added.set_to(step.to());
    added.set_wait_s(WaitOf(step.wait_s()));
  }

  void EndWithCommand(RoutedDuty* duty) const {
    const std::string& command = site_.settings().command_party();
    auto is_command = [&command](const v1::EscalationStepState& step) { return step.to() == command; };
    v1::EscalationStepState last;
    last.set_to(command);
    last.set_wait_s(WaitOf(0));
    if (auto it = std::find_if(duty->steps.begin(), duty->steps.end(), is_command); it != duty->steps.end()) {
      last = *it;
      duty->steps.erase(it);
    }
    bool own = duty->party == command || command.empty();
    size_t room = limits::kMergedStepsMax - (own ? 0 : 1);
    if (duty->steps.size() > room) duty->steps.resize(room);
    if (!own) duty->steps.push_back(std::move(last));
  }

  const Site& site_;
  const Facts& facts_;
  struct Merged {
    RoutedDuty duty;
    std::set<v1::Field> disclosed;
  };
  std::map<std::string, Merged> duties_;
  std::set<std::string> unknown_parties_;
  bool township_unknown_ = false;
};

v1::ClauseRef RefOf(const Site& site, const ClauseIndex::Clause& clause) {
  v1::ClauseRef ref;
  ref.set_agreement(clause.agreement->id());
  ref.set_clause(clause.proto->id());
  ref.set_site_version(site.version());
  return ref;
}

// The best alternative of one clause: one that holds with the fewest unknowns, else the first that fails in one part.
struct Best {
  Applied applied;
  uint32_t uncertain = 0;
  const ClauseIndex::Condition* near = nullptr;
  Part near_part = Part::kEffective;
  bool Holds() const { return !applied.holding.empty(); }
};

Best BestOf(const Asked& asked, const ClauseIndex& index, const ClauseIndex::Clause& clause, const uint32_t* begin,
            const uint32_t* end) {
  Best best;
  bool in_force = InForce(clause, asked.local_day);
  for (const uint32_t* id = begin; id != end; ++id) {
    const ClauseIndex::Condition& condition = index.conditions()[*id];
    Verdict verdict = Evaluate(asked, condition);
    if (!in_force) verdict.failed |= 1u << static_cast<uint32_t>(Part::kEffective);
    if (verdict.Holds()) {
      if (!best.Holds() || std::popcount(verdict.uncertain) < std::popcount(best.uncertain)) {
        best.uncertain = verdict.uncertain;
      }
      best.applied.holding.push_back(condition.proto);
      if (verdict.uncertain == 0) best.applied.certain.push_back(condition.proto);
    } else if (best.near == nullptr && std::popcount(verdict.failed) == 1) {
      best.near = &condition;
      best.near_part = static_cast<Part>(std::countr_zero(verdict.failed));
    }
  }
  return best;
}

// Goes through the candidates clause by clause. Those that can only be near misses are looked at no longer than near
// misses are still wanted: there may be many, and most sets name enough of them soon.
class Candidates {
 public:
  Candidates(const ClauseIndex& index, const ClauseIndex::Candidates& found)
      : index_(index), can_hold_(found.condition), near_only_(found.near_only) {}

  // The alternatives of the next clause, ascending; empty at the end.
  const std::vector<uint32_t>& Next(bool near_misses_wanted) {
    group_.clear();
    uint32_t id = 0;
    while (Front(near_misses_wanted, &id)) {
      if (!group_.empty() && index_.conditions()[id].clause != index_.conditions()[group_.back()].clause) break;
      group_.push_back(id);
      if (at_ < can_hold_.size() && can_hold_[at_] == id) ++at_;
      if (near_misses_wanted && near_only_ != nullptr && near_at_ < near_only_->size() &&
          (*near_only_)[near_at_] == id) {
        ++near_at_;
      }
    }
    return group_;
  }

 private:
  // The least of both lists that was not taken; false: none is left.
  bool Front(bool near_misses_wanted, uint32_t* id) const {
    const bool near = near_misses_wanted && near_only_ != nullptr && near_at_ < near_only_->size();
    const bool holds = at_ < can_hold_.size();
    if (near) *id = (*near_only_)[near_at_];
    if (holds && (!near || can_hold_[at_] < *id)) *id = can_hold_[at_];
    return near || holds;
  }

  const ClauseIndex& index_;
  const std::vector<uint32_t>& can_hold_;
  const std::vector<uint32_t>* const near_only_;
  size_t at_ = 0, near_at_ = 0;
  std::vector<uint32_t> group_;
};

// Writes what became of the clauses that hold, and gathers the duties of those that fire.
void TellOutcome(const Site& site, const std::vector<Applied>& applied, const std::vector<uint32_t>& uncertain,
                 const std::vector<Outcome>& outcome, DutyMerger* merger, v1::Decision* decision) {
  const ClauseIndex& index = site.clauses();
  auto ref = [&](size_t i) { return RefOf(site, index.clauses()[applied[i].clause]); };
  for (size_t i = 0; i < applied.size(); ++i) {
    if (outcome[i].what == Outcome::What::kFires) {
      v1::Fired& fired = *decision->add_fired();
      *fired.mutable_clause() = ref(i);
      for (std::string& name : PartNames(uncertain[i])) fired.add_uncertain(std::move(name));
      const bool yields = outcome[i].yields_to >= 0;
      if (yields) *fired.mutable_lead_yields_to() = ref(static_cast<size_t>(outcome[i].yields_to));
      for (const v1::DutySpec& spec : index.clauses()[applied[i].clause].proto->duty()) {
        merger->Add(fired.clause(), spec, yields, uncertain[i] == 0);
      }
    } else if (decision->near_miss_size() < limits::kNearMissesMax) {
      v1::NearMiss& miss = *decision->add_near_miss();
      *miss.mutable_clause() = ref(i);
      miss.set_condition(outcome[i].what == Outcome::What::kOverridden ? "overrides" : "fallback");
      v1::ClauseRef by = ref(static_cast<size_t>(outcome[i].by));
      miss.set_wanted(absl::StrCat(by.agreement(), "/", by.clause()));
    }
  }
}

}  // namespace

Routing Match(const Site& site, const Facts& facts, int64_t now_ms) {
  Routing routing;
  v1::Decision& decision = routing.decision;
  decision.set_site_version(site.version());
  if (facts.verification == v1::FALSE_ALARM) {
    decision.add_note("FALSE_ALARM");
    decision.add_note("NO_CLAUSE");
    return routing;
  }

  const ClauseIndex& index = site.clauses();
  int32_t offset = site.settings().utc_offset_minutes();
  Asked asked;
  asked.site = &site;
  asked.facts = &facts;
  asked.category = KnownCategory(site, facts.category);
  asked.division = Site::Significant(facts.division);
  asked.danger = DangerOf(site, facts, asked.category);
  asked.local_day = LocalDay(now_ms, offset);
  asked.local_minute = LocalMinute(facts.opened_at_ms, offset);
  const ClauseIndex::Candidates found = index.Find(asked.category, facts.text);
  asked.found_word = &found.found_word;

  DutyMerger merger(site, facts);
  std::vector<Applied> applied;
  std::vector<uint32_t> uncertain;
  std::vector<std::pair<const ClauseIndex::Clause*, Best>> missed;
  Candidates candidates(index, found);
  for (;;) {
    const bool near_misses_wanted = missed.size() < limits::kNearMissesMax;
    const std::vector<uint32_t>& ids = candidates.Next(near_misses_wanted);
    if (ids.empty()) break;
    const uint32_t number = index.conditions()[ids.front()].clause;
    const ClauseIndex::Clause& clause = index.clauses()[number];
    Best best = BestOf(asked, index, clause, ids.data(), ids.data() + ids.size());
    if (best.Holds()) {
      best.applied.clause = number;
      applied.push_back(std::move(best.applied));
      uncertain.push_back(best.uncertain);
    } else if (best.near != nullptr && near_misses_wanted) {
      missed.emplace_back(&clause, std::move(best));
    }
  }
  TellOutcome(site, applied, uncertain, Resolve(index, asked.category, asked.division, applied), &merger, &decision);
  for (const auto& [clause, best] : missed) {
    if (decision.near_miss_size() >= limits::kNearMissesMax) break;
    v1::NearMiss miss = Explain(asked, *clause, *best.near, best.near_part);
    *miss.mutable_clause() = RefOf(site, *clause);
    *decision.add_near_miss() = std::move(miss);
  }
  if (!facts.category.empty() && asked.category.empty()) decision.add_note("CATEGORY_UNKNOWN");
  if (merger.township_unknown()) decision.add_note("TOWNSHIP_UNKNOWN");
  for (const std::string& party : merger.unknown_parties()) decision.add_note(absl::StrCat("UNKNOWN_PARTY:", party));
  if (decision.fired().empty()) decision.add_note("NO_CLAUSE");
  routing.duties = merger.Take();
  return routing;
}

}  // namespace liandong::routing
