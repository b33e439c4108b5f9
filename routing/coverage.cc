#include "routing/coverage.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "routing/clause_index.h"
#include "routing/deadline_merge.h"
#include "routing/limits.h"
#include "routing/precedence.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";
constexpr int kOpen = -1;  // an axis of which nothing is settled yet

enum class Truth : uint8_t { kNo, kMaybe, kYes };

// One part of a condition on one axis: which of its values it takes.
struct Part {
  Axis axis;
  std::vector<bool> takes;
  // Of several categories or divisions each by itself: precedence asks which of them it is.
  std::vector<std::vector<bool>> each;
};

// A condition with its parts as sets of values.
struct Asks {
  const v1::Condition* proto = nullptr;
  std::vector<Part> parts;
  bool chance = false;  // words, a time window, verification
  std::vector<Asks> any_of, none_of;
};

struct Clause {
  uint32_t number = 0;
  std::vector<Asks> alternatives;
};

using Cell = std::array<int, kAxes>;  // a value that stands for all of its class; kOpen

Truth Ask(const Asks& asks, const Cell& cell) {
  Truth truth = asks.chance ? Truth::kMaybe : Truth::kYes;
  for (const Part& part : asks.parts) {
    int value = cell[static_cast<size_t>(part.axis)];
    if (value == kOpen) {
      truth = Truth::kMaybe;
    } else if (!part.takes[static_cast<size_t>(value)]) {
      return Truth::kNo;
    }
  }
  if (!asks.any_of.empty()) {
    Truth any = Truth::kNo;
    for (const Asks& one : asks.any_of) any = std::max(any, Ask(one, cell));
    truth = std::min(truth, any);
  }
  for (const Asks& one : asks.none_of) {
    Truth not_one = Ask(one, cell);
    truth = std::min(truth, not_one == Truth::kYes ? Truth::kNo : not_one == Truth::kNo ? Truth::kYes : Truth::kMaybe);
  }
  return truth;
}

Truth Ask(const Clause& clause, const Cell& cell) {
  Truth truth = Truth::kNo;
  for (const Asks& asks : clause.alternatives) truth = std::max(truth, Ask(asks, cell));
  return truth;
}

void CollectParts(const Asks& asks, Axis axis, std::vector<const std::vector<bool>*>* out) {
  for (const Part& part : asks.parts) {
    if (part.axis != axis) continue;
    out->push_back(&part.takes);
    for (const std::vector<bool>& one : part.each) out->push_back(&one);
  }
  for (const Asks& one : asks.any_of) CollectParts(one, axis, out);
  for (const Asks& one : asks.none_of) CollectParts(one, axis, out);
}

class Compiler {
 public:
  explicit Compiler(const Space& space) : space_(space) {}

  Asks Compile(const v1::Condition& when) const {
    Asks asks;
    asks.proto = &when;
    asks.chance = !when.any_word().empty() || !when.time().empty() || when.verified() != v1::ANY_VERIFICATION;
    auto part = [&](Axis axis, bool asked, auto takes) {
      if (!asked) return;
      Part& added = asks.parts.emplace_back();
      added.axis = axis;
      added.takes.resize(space_.size[static_cast<size_t>(axis)]);
      for (size_t i = 0; i < added.takes.size(); ++i) added.takes[i] = takes(i);
    };
    auto listed = [](const auto& list, const auto& value) {
      return std::find(list.begin(), list.end(), value) != list.end();
    };
    auto each_of = [&](Axis axis, const auto& list, auto takes) {
      if (list.empty()) return;
      Part& added = asks.parts.emplace_back();
      added.axis = axis;
      added.takes.resize(space_.size[static_cast<size_t>(axis)]);
      if (list.size() > 1) added.each.resize(static_cast<size_t>(list.size()), added.takes);
      for (int at = 0; at < list.size(); ++at) {
        for (size_t i = 0; i < added.takes.size(); ++i) {
          if (!takes(i, list.at(at))) continue;
          added.takes[i] = true;
          if (!added.each.empty()) added.each[static_cast<size_t>(at)][i] = true;
        }
      }
    };
    each_of(Axis::kCategory, when.category(), [&](size_t i, const std::string& root) {
      const std::string& code = space_.category[i];
      return code.starts_with(root) && (code.size() == root.size() || code[root.size()] == '.');
    });
    part(Axis::kSeverity, when.severity_at_least() != v1::SEVERITY_UNKNOWN,
         [&](size_t i) { return static_cast<int>(i) + v1::GENERAL >= when.severity_at_least(); });
    part(Axis::kStage, !when.stage().empty(),
         [&](size_t i) { return listed(when.stage(), static_cast<int>(i) + v1::WARNING); });
    part(Axis::kResponseLevel, when.response_level_at_least() != v1::RESPONSE_LEVEL_UNSPECIFIED,
         [&](size_t i) { return static_cast<int>(i) >= when.response_level_at_least(); });
    part(Axis::kDanger, when.danger_to_life() != v1::ANSWER_UNKNOWN,
         [&](size_t i) { return (i == 0) == (when.danger_to_life() == v1::YES); });
    part(Axis::kDevice, when.device_alarm() != v1::ANSWER_UNKNOWN,
         [&](size_t i) { return (i == 0) == (when.device_alarm() == v1::YES); });
    part(Axis::kChannel, !when.channel().empty(),
         [&](size_t i) { return !space_.channel[i].empty() && listed(when.channel(), space_.channel[i]); });
    part(Axis::kSource, !when.source().empty(), [&](size_t i) { return listed(when.source(), space_.source[i]); });
    each_of(Axis::kDivision, when.division(), [&](size_t i, const std::string& area) {
      return Site::Significant(space_.division[i]).starts_with(Site::Significant(area));
    });
    for (const v1::Condition& one : when.any_of()) asks.any_of.push_back(Compile(one));
    for (const v1::Condition& one : when.none_of()) asks.none_of.push_back(Compile(one));
    return asks;
  }

  Clause Compile(uint32_t number, const v1::Clause& proto) const {
    Clause clause;
    clause.number = number;
    for (const v1::Condition& when : proto.when()) clause.alternatives.push_back(Compile(when));
    if (proto.when().empty()) clause.alternatives.emplace_back();
    return clause;
  }

 private:
  const Space& space_;
};

// Splits the space, axis by axis, at what the clauses that may still hold distinguish.
class Walker {
 public:
  Walker(const Site& site, int32_t today, Coverage* coverage)
      : site_(site), index_(site.clauses()), coverage_(*coverage), space_(coverage->space) {
    Compiler compiler(space_);
    coverage_.use.resize(index_.clauses().size());
    std::vector<bool> meets(index_.clauses().size());
    for (uint32_t number = 0; number < meets.size(); ++number) {
      const ClauseIndex::Clause& clause = index_.clauses()[number];
      meets[number] = meets[number] || clause.leads || clause.proto->fallback() || !clause.overridden_by.empty();
      for (uint32_t by : clause.overridden_by) meets[by] = true;
    }
    for (uint32_t number = 0; number < meets.size(); ++number) {
      const ClauseIndex::Clause& clause = index_.clauses()[number];
      ClauseUse& use = coverage_.use[number];
      use.in_force = today == 0 || (today >= clause.from_day && (!clause.until_day || today <= *clause.until_day));
      if (use.in_force) (meets[number] ? meeting_ : alone_).push_back(compiler.Compile(number, *clause.proto));
    }
    for (const std::string& code : space_.category) dangerous_.push_back(site.CategoryDanger(code) == v1::YES);
  }

  void Run() {
    cell_.fill(kOpen);
    std::vector<const Clause*> alive;
    for (const Clause& clause : meeting_) alive.push_back(&clause);
    Split(0, alive);
    // The others neither lead nor set aside nor are set aside: each is asked by itself whether it can ever hold.
    for (const Clause& clause : alone_) {
      only_ = true;
      Split(0, {&clause});
    }
    only_ = false;
    FindClashes();
    Collect();
  }

 private:
  // Only clauses that can clash at all are walked together, with all that may set them aside or give the party an
  // earlier deadline.
  void FindClashes() {
    std::map<uint32_t, const Clause*> all;
    for (const Clause& clause : meeting_) all.emplace(clause.number, &clause);
    for (const Clause& clause : alone_) all.emplace(clause.number, &clause);
    std::map<std::string, std::vector<uint32_t>> of_party;
    for (const auto& [number, clause] : all) {
      std::set<std::string> parties;
      for (const v1::DutySpec& duty : index_.clauses()[number].proto->duty()) parties.insert(duty.party());
      for (const std::string& party : parties) of_party[party].push_back(number);
    }
    const std::vector<uint32_t> of_township = of_party[kTownshipOfIncident];
    bool all_looked_at = true;
    for (auto& [party, numbers] : of_party) {
      const bool township = MayBeTownship(site_, party);
      if (township) numbers.insert(numbers.end(), of_township.begin(), of_township.end());
      std::sort(numbers.begin(), numbers.end());
      numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
      const std::vector<DeadlinePair> pairs = ClashingPairs(site_, party, numbers);
      all_looked_at = all_looked_at && pairs.size() < limits::kDeadlinePairsMax;
      for (const DeadlinePair& pair : pairs) {
        if (!coverage_.whole) return;
        std::vector<const Clause*> alive;
        for (const auto& [number, clause] : all) {
          const bool meets =
              std::any_of(meeting_.begin(), meeting_.end(), [at = clause](const Clause& one) { return &one == at; });
          const bool gives = std::binary_search(numbers.begin(), numbers.end(), number);
          if (meets || gives) alive.push_back(clause);
        }
        clash_ = &pair;
        clash_party_ = party;
        clash_found_ = clash_possible_ = false;
        Split(0, alive);
        clash_ = nullptr;
        if (clash_found_ || clash_possible_) coverage_.clashes.push_back(found_clash_);
      }
    }
    clash_found_ = false;
    coverage_.whole = coverage_.whole && all_looked_at;
  }

  // Whether the two clash here: with what applies for certain, else with the two applying by chance.
  void SettleClash(const std::vector<const Clause*>& alive) {
    std::vector<Applied> applied;
    bool by_chance = false;
    for (const Clause* clause : alive) {
      const bool of_the_two = clause->number == clash_->low_clause || clause->number == clash_->high_clause;
      const Truth truth = Ask(*clause, cell_);
      if (truth == Truth::kYes) {
        applied.push_back(AppliedOf(*clause, false));
      } else if (of_the_two) {
        applied.push_back(AppliedOf(*clause, true));
        by_chance = true;
      }
    }
    const std::vector<Outcome> outcome =
        Resolve(index_, space_.category[static_cast<size_t>(cell_[0])], Site::Significant(Division()), applied);
    MergedDeadlines merged(site_.settings(), clash_party_, TownshipAt(Division()) == clash_party_);
    for (size_t i = 0; i < applied.size(); ++i) {
      if (outcome[i].what != Outcome::What::kFires) continue;
      merged.Add(applied[i].clause, *index_.clauses()[applied[i].clause].proto, outcome[i].yields_to >= 0);
    }
    const std::optional<DeadlinePair> told = merged.Clash();
    if (!told || told->low_clause != clash_->low_clause || told->high_clause != clash_->high_clause) return;
    if (clash_possible_ && by_chance) return;
    clash_found_ = clash_found_ || !by_chance;
    clash_possible_ = true;
    found_clash_ = {told->low_clause, told->high_clause, clash_party_, told->low, told->high,
                    told->low_s,      told->high_s,      by_chance,    region_};
  }

  void Split(size_t axis, const std::vector<const Clause*>& alive) {
    if (!coverage_.whole || clash_found_ || (only_ && coverage_.use[alive.front()->number].holds)) return;
    if (clash_ != nullptr && !(Alive(alive, clash_->low_clause) && Alive(alive, clash_->high_clause))) return;
    if (++coverage_.steps > limits::kCoverageStepsMax) {
      coverage_.whole = false;
      return;
    }
    if (axis == kAxes) {
      clash_ == nullptr ? Settle(alive) : SettleClash(alive);
      return;
    }
    std::vector<const std::vector<bool>*> parts;
    for (const Clause* clause : alive) {
      for (const Asks& asks : clause->alternatives) CollectParts(asks, static_cast<Axis>(axis), &parts);
    }
    const bool danger_fixed = axis == static_cast<size_t>(Axis::kDanger) && dangerous_[static_cast<size_t>(cell_[0])];
    std::map<std::vector<bool>, std::vector<uint32_t>> classes;
    std::vector<bool> signature;
    for (uint32_t value = 0; value < (danger_fixed ? 1 : space_.size[axis]); ++value) {
      signature.clear();
      for (const std::vector<bool>* takes : parts) signature.push_back((*takes)[value]);
      if (axis == 0) signature.push_back(dangerous_[value]);
      if (axis == static_cast<size_t>(Axis::kDivision)) AddTownship(value, alive, &signature);
      classes[signature].push_back(value);
    }
    for (auto& [key, values] : classes) {
      cell_[axis] = static_cast<int>(values.front());
      region_.values[axis] = std::move(values);
      std::vector<const Clause*> still;
      for (const Clause* clause : alive) {
        if (Ask(*clause, cell_) != Truth::kNo) still.push_back(clause);
      }
      if (!only_ || !still.empty()) Split(axis + 1, still);
    }
    cell_[axis] = kOpen;
  }

  static bool Alive(const std::vector<const Clause*>& alive, uint32_t number) {
    return std::any_of(alive.begin(), alive.end(), [number](const Clause* one) { return one->number == number; });
  }

  // "@township" and a township named by its own id may be the same party: it depends on where.
  void AddTownship(uint32_t value, const std::vector<const Clause*>& alive, std::vector<bool>* signature) const {
    const v1::Party* township = site_.TownshipOf(space_.division[value]);
    if (clash_ != nullptr) signature->push_back(TownshipAt(space_.division[value]) == clash_party_);
    for (const Clause* clause : alive) {
      for (const v1::DutySpec& duty : index_.clauses()[clause->number].proto->duty()) {
        const v1::Party* party = duty.role() == v1::LEAD ? site_.FindParty(duty.party()) : nullptr;
        if (party == nullptr || (party->kind() != v1::TOWNSHIP && party->kind() != v1::COMMAND)) continue;
        signature->push_back(township == party || (township == nullptr && party->kind() == v1::COMMAND));
      }
    }
  }

  Applied AppliedOf(const Clause& clause, bool by_chance) const {
    Applied applied;
    applied.clause = clause.number;
    for (const Asks& asks : clause.alternatives) {
      Truth truth = Ask(asks, cell_);
      if (truth != Truth::kYes && !(by_chance && truth == Truth::kMaybe)) continue;
      applied.holding.push_back(asks.proto);
    }
    applied.certain = applied.holding;
    return applied;
  }

  // Whose "@township" is there.
  const std::string& TownshipAt(const std::string& division) const {
    const v1::Party* township = site_.TownshipOf(division);
    return township == nullptr ? site_.settings().command_party() : township->id();
  }

  std::set<std::string> Leaders(uint32_t number) const {
    std::set<std::string> parties;
    for (const v1::DutySpec& duty : index_.clauses()[number].proto->duty()) {
      if (duty.role() != v1::LEAD) continue;
      std::string party = duty.party();
      if (party == kTownshipOfIncident) {
        party = TownshipAt(Division());
      }
      if (site_.FindParty(party) != nullptr) parties.insert(party);
    }
    return parties;
  }

  const std::string& Division() const { return space_.division[static_cast<size_t>(cell_.back())]; }

  // Resolves what applies, notes what each clause comes to, and gives the clauses whose LEAD stands.
  std::vector<uint32_t> Standing(const std::vector<Applied>& applied, std::set<std::string>* parties) {
    std::vector<Outcome> outcome =
        Resolve(index_, space_.category[static_cast<size_t>(cell_[0])], Site::Significant(Division()), applied);
    std::vector<uint32_t> standing;
    for (size_t i = 0; i < applied.size(); ++i) {
      const uint32_t number = applied[i].clause;
      ClauseUse& use = coverage_.use[number];
      use.holds = true;
      const bool fires = outcome[i].what == Outcome::What::kFires;
      const bool leads = fires && outcome[i].yields_to < 0 && index_.clauses()[number].leads;
      use.fires = use.fires || fires;
      use.leads = use.leads || leads;
      const int by = fires ? outcome[i].yields_to : outcome[i].by;
      if (by >= 0 && !use.set_aside_by) use.set_aside_by = applied[static_cast<size_t>(by)].clause;
      if (!leads) continue;
      standing.push_back(number);
      std::set<std::string> own = Leaders(number);
      parties->insert(own.begin(), own.end());
    }
    return standing;
  }

  void Settle(const std::vector<const Clause*>& alive) {
    std::vector<Applied> certain;
    std::vector<Applied> chances;
    for (const Clause* clause : alive) {
      if (only_) coverage_.use[clause->number].holds = coverage_.use[clause->number].fires = true;
      Truth truth = Ask(*clause, cell_);
      if (truth == Truth::kYes) certain.push_back(AppliedOf(*clause, false));
      // One that holds anyway may hold by a narrower alternative too.
      Applied by_chance = AppliedOf(*clause, true);
      if (truth == Truth::kMaybe || by_chance.holding.size() > certain.back().holding.size()) {
        chances.push_back(std::move(by_chance));
      }
    }
    if (only_) return;
    std::set<std::string> parties;
    std::vector<uint32_t> standing = Standing(certain, &parties);
    if (parties.empty()) Add(Hole::kGap, {});
    if (parties.size() > 1) Add(Hole::kOverlap, standing);
    // Where two lead for certain a third is no news.
    Chances(certain, parties.size() > 1, chances);
  }

  // What happens where clauses apply too that depend on chance: each alone, and each two.
  void Chances(const std::vector<Applied>& certain, bool overlap, const std::vector<Applied>& chances) {
    std::vector<const Applied*> alone;
    for (const Applied& chance : chances) {
      std::vector<Applied> applied = certain;
      auto at = std::lower_bound(applied.begin(), applied.end(), chance.clause,
                                 [](const Applied& other, uint32_t number) { return other.clause < number; });
      if (at != applied.end() && at->clause == chance.clause) {
        *at = chance;
      } else {
        applied.insert(at, chance);
      }
      std::set<std::string> parties;
      std::vector<uint32_t> standing = Standing(applied, &parties);
      if (overlap || !std::binary_search(standing.begin(), standing.end(), chance.clause)) continue;
      if (parties.size() > 1) {
        AddPossible(standing);
      } else {
        alone.push_back(&chance);
      }
    }
    for (size_t i = 0; i < alone.size(); ++i) {
      for (size_t j = i + 1; j < alone.size(); ++j) {
        std::set<std::string> parties;
        std::vector<uint32_t> standing = Standing({*alone[i], *alone[j]}, &parties);
        if (standing.size() == 2 && parties.size() > 1) AddPossible(standing);
      }
    }
  }

  void Add(Hole hole, std::vector<uint32_t> clauses) {
    if (found_.size() >= limits::kCoverageBoxesMax) {
      coverage_.whole = false;
      return;
    }
    found_.push_back({hole, std::move(clauses), region_});
  }

  // One box around all the places where these clauses may meet.
  void AddPossible(const std::vector<uint32_t>& clauses) {
    auto& around = possible_[clauses];
    for (size_t axis = 0; axis < kAxes; ++axis) {
      around[axis].resize(space_.size[axis]);
      for (uint32_t value : region_.values[axis]) around[axis][value] = true;
    }
  }

  // Boxes that differ on one axis only are one box.
  void Collect() {
    for (size_t axis = kAxes; axis-- > 0;) {
      std::map<std::tuple<Hole, std::vector<uint32_t>, std::array<std::vector<uint32_t>, kAxes>>, std::set<uint32_t>>
          boxes;
      for (CoverageHole& one : found_) {
        std::vector<uint32_t> values = std::move(one.region.values[axis]);
        one.region.values[axis].clear();
        boxes[{one.hole, std::move(one.clauses), std::move(one.region.values)}].insert(values.begin(), values.end());
      }
      found_.clear();
      for (const auto& [key, values] : boxes) {
        CoverageHole& one = found_.emplace_back();
        std::tie(one.hole, one.clauses, one.region.values) = key;
        one.region.values[axis].assign(values.begin(), values.end());
      }
    }
    coverage_.holes = std::move(found_);
    for (const auto& [clauses, around] : possible_) {
      CoverageHole& one = coverage_.holes.emplace_back();
      one.hole = Hole::kPossibleOverlap;
      one.clauses = clauses;
      for (size_t axis = 0; axis < kAxes; ++axis) {
        for (uint32_t value = 0; value < around[axis].size(); ++value) {
          if (around[axis][value]) one.region.values[axis].push_back(value);
        }
      }
    }
  }

  const Site& site_;
  const ClauseIndex& index_;
  Coverage& coverage_;
  const Space& space_;
  std::vector<Clause> meeting_, alone_;
  std::vector<bool> dangerous_;
  bool only_ = false;
  const DeadlinePair* clash_ = nullptr;  // the two that are walked now
  std::string clash_party_;
  bool clash_found_ = false, clash_possible_ = false;
  DeadlineClash found_clash_;
  Cell cell_{};
  Region region_;
  std::vector<CoverageHole> found_;
  std::map<std::vector<uint32_t>, std::array<std::vector<bool>, kAxes>> possible_;
};

}  // namespace

Coverage Cover(const Site& site, int32_t today) {
  Coverage coverage;
  coverage.space = SpaceOf(site);
  Walker(site, today, &coverage).Run();
  return coverage;
}

}  // namespace liandong::routing
