#include "routing/precedence.h"

#include <algorithm>

#include "routing/calendar_day.h"
#include "routing/site.h"
#include "routing/words.h"

namespace liandong::routing {
namespace {

bool Under(std::string_view category, std::string_view root) {
  return category.starts_with(root) && (category.size() == root.size() || category[root.size()] == '.');
}

// The narrowest of the listed subtrees that the incident lies in; empty: none.
template <typename List>
std::string_view CategoryRoot(std::string_view category, const List& roots) {
  std::string_view best;
  for (const auto& root : roots) {
    if (Under(category, root) && root.size() > best.size()) best = root;
  }
  return best;
}

template <typename List>
std::string_view DivisionRoot(std::string_view division, const List& areas) {
  std::string_view best;
  for (const auto& area : areas) {
    std::string_view digits = Site::Significant(area);
    if (division.starts_with(digits) && digits.size() > best.size()) best = digits;
  }
  return best;
}

// Nothing asked is everything: wide may ask for nothing, narrow then for whatever it likes.
template <typename List>
bool Subset(const List& narrow, const List& wide) {
  if (wide.empty()) return true;
  if (narrow.empty()) return false;
  return std::all_of(narrow.begin(), narrow.end(),
                     [&wide](const auto& value) { return std::find(wide.begin(), wide.end(), value) != wide.end(); });
}

bool WordsInside(const v1::Condition& narrow, const v1::Condition& wide) {
  if (wide.any_word().empty()) return true;
  if (narrow.any_word().empty()) return false;
  for (const std::string& word : narrow.any_word()) {
    std::string folded = FoldText(word);
    // A text with "停电了" in it has "停电" in it.
    bool found = std::any_of(wide.any_word().begin(), wide.any_word().end(), [&folded](const std::string& other) {
      return folded.find(FoldText(other)) != std::string::npos;
    });
    if (!found) return false;
  }
  return true;
}

bool WindowInside(const v1::TimeWindow& narrow, const v1::TimeWindow& wide) {
  constexpr int kDay = 24 * 60;
  auto from = ParseTimeOfDay(narrow.from()), until = ParseTimeOfDay(narrow.until());
  auto wide_from = ParseTimeOfDay(wide.from()), wide_until = ParseTimeOfDay(wide.until());
  if (!from || !until || !wide_from || !wide_until) return false;
  auto length = [](int begin, int end) {
    return (end - begin + kDay) % kDay == 0 ? kDay : (end - begin + kDay) % kDay;
  };
  int offset = (*from - *wide_from + kDay) % kDay;
  return offset + length(*from, *until) <= length(*wide_from, *wide_until);
}

bool TimeInside(const v1::Condition& narrow, const v1::Condition& wide) {
  if (wide.time().empty()) return true;
  if (narrow.time().empty()) return false;
  return std::all_of(narrow.time().begin(), narrow.time().end(), [&wide](const v1::TimeWindow& one) {
    return std::any_of(wide.time().begin(), wide.time().end(),
                       [&one](const v1::TimeWindow& other) { return WindowInside(one, other); });
  });
}

// The parts of one condition, without what nests in it.
bool PartsInside(std::string_view category, std::string_view division, const v1::Condition& narrow,
                 const v1::Condition& wide) {
  const auto same_or_free = [](int own, int asked) { return asked == 0 || own == asked; };
  // What costs least is asked first: this runs for every two clauses that lead.
  if (narrow.severity_at_least() < wide.severity_at_least() ||
      narrow.response_level_at_least() < wide.response_level_at_least() ||
      !same_or_free(narrow.verified(), wide.verified()) ||
      !same_or_free(narrow.danger_to_life(), wide.danger_to_life()) ||
      !same_or_free(narrow.device_alarm(), wide.device_alarm())) {
    return false;
  }
  if (!wide.category().empty()) {
    std::string_view root = CategoryRoot(category, wide.category());
    std::string_view own = CategoryRoot(category, narrow.category());
    if (root.empty() || own.empty() || !Under(own, root)) return false;
  }
  if (!wide.division().empty()) {
    std::string_view root = DivisionRoot(division, wide.division());
    std::string_view own = DivisionRoot(division, narrow.division());
    if (root.empty() || own.empty() || !own.starts_with(root)) return false;
  }
  return Subset(narrow.source(), wide.source()) && Subset(narrow.channel(), wide.channel()) &&
         Subset(narrow.stage(), wide.stage()) && WordsInside(narrow, wide) && TimeInside(narrow, wide);
}

// Asks for less than the other or the same, word for word: an exception of one paper found again in another.
bool Excludes(const v1::Condition& condition, const v1::Condition& member) {
  std::string wanted = member.SerializeAsString();
  return std::any_of(condition.none_of().begin(), condition.none_of().end(),
                     [&wanted](const v1::Condition& own) { return own.SerializeAsString() == wanted; });
}

}  // namespace

bool Inside(std::string_view category, std::string_view division, const v1::Condition* narrow,
            const v1::Condition* wide) {
  if (wide == nullptr) return true;
  static const v1::Condition kAlways;
  if (narrow == nullptr) narrow = &kAlways;
  if (!PartsInside(category, division, *narrow, *wide)) return false;
  for (const v1::Condition& member : wide->none_of()) {
    if (!Excludes(*narrow, member)) return false;
  }
  if (wide->any_of().empty()) return true;
  auto in_one = [&](const v1::Condition& own) {
    return std::any_of(wide->any_of().begin(), wide->any_of().end(),
                       [&](const v1::Condition& member) { return Inside(category, division, &own, &member); });
  };
  return in_one(*narrow) ||
         (!narrow->any_of().empty() && std::all_of(narrow->any_of().begin(), narrow->any_of().end(), in_one));
}

bool Narrower(std::string_view category, std::string_view division, const v1::Condition* narrow,
              const v1::Condition* wide) {
  return Inside(category, division, narrow, wide) && !Inside(category, division, wide, narrow);
}

namespace {

class Resolver {
 public:
  Resolver(const ClauseIndex& index, std::string_view category, std::string_view division,
           const std::vector<Applied>& applied)
      : index_(index), category_(category), division_(division), applied_(applied), outcome_(applied.size()) {}

  std::vector<Outcome> Run() {
    state_.resize(applied_.size(), State::kNew);
    for (size_t i = 0; i < applied_.size(); ++i) Overridden(i);
    int leader = -1;
    for (size_t i = 0; i < applied_.size() && leader < 0; ++i) {
      if (Fires(i) && !Clause(i).proto->fallback() && Clause(i).leads) leader = static_cast<int>(i);
    }
    for (size_t i = 0; i < applied_.size() && leader >= 0; ++i) {
      if (!Fires(i) || !Clause(i).proto->fallback()) continue;
      outcome_[i].what = Outcome::What::kFallbackNotNeeded;
      outcome_[i].by = leader;
    }
    Yield();
    return std::move(outcome_);
  }

 private:
  enum class State : uint8_t { kNew, kAsked, kDone };

  const ClauseIndex::Clause& Clause(size_t i) const { return index_.clauses()[applied_[i].clause]; }
  bool Fires(size_t i) const { return outcome_[i].what == Outcome::What::kFires; }

  // Who overrides is itself not overridden. A circle, which the check refuses, ends where it began.
  bool Overridden(size_t i) {
    if (state_[i] != State::kNew) return !Fires(i);
    state_[i] = State::kAsked;
    for (uint32_t other : Clause(i).overridden_by) {
      auto found = std::lower_bound(applied_.begin(), applied_.end(), other,
                                    [](const Applied& one, uint32_t number) { return one.clause < number; });
      if (found == applied_.end() || found->clause != other || found->certain.empty()) continue;
      auto by = static_cast<size_t>(found - applied_.begin());
      if (state_[by] == State::kAsked || Overridden(by)) continue;
      outcome_[i].what = Outcome::What::kOverridden;
      outcome_[i].by = static_cast<int>(by);
      break;
    }
    state_[i] = State::kDone;
    return !Fires(i);
  }

  bool MoreSpecific(size_t narrow, size_t wide) const {
    for (const v1::Condition* held : applied_[wide].holding) {
      bool inside = std::any_of(
          applied_[narrow].certain.begin(), applied_[narrow].certain.end(),
          [&](const v1::Condition* own) { return own != held && Narrower(category_, division_, own, held); });
      if (!inside) return false;
    }
    return true;
  }

  void Yield() {
    std::vector<size_t> leads, certain;
    for (size_t i = 0; i < applied_.size(); ++i) {
      if (!Fires(i) || !Clause(i).leads) continue;
      leads.push_back(i);
      if (!applied_[i].certain.empty()) certain.push_back(i);
    }
    size_t yielding = 0;
    for (size_t wide : leads) {
      for (size_t narrow : certain) {
        if (narrow == wide || !MoreSpecific(narrow, wide)) continue;
        outcome_[wide].yields_to = static_cast<int>(narrow);
        ++yielding;
        break;
      }
    }
    // Somebody always leads.
    if (yielding < leads.size()) return;
    for (size_t i : leads) outcome_[i].yields_to = -1;
  }

  const ClauseIndex& index_;
  const std::string_view category_, division_;
  const std::vector<Applied>& applied_;
  std::vector<Outcome> outcome_;
  std::vector<State> state_;
};

}  // namespace

std::vector<Outcome> Resolve(const ClauseIndex& index, std::string_view category, std::string_view division,
                             const std::vector<Applied>& applied) {
  return Resolver(index, category, division, applied).Run();
}

}  // namespace liandong::routing
