#include "hub/core/suggest.h"

#include <algorithm>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "hub/core/alike.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

constexpr uint32_t kSuggestAtDefault = 60;
constexpr uint32_t kNeverAbove = 100;
constexpr int64_t kWindowMsDefault = 7'200'000;

// Points. The parts sum up to 100.
struct PlaceBand {
  uint32_t within_m, points;
};
constexpr PlaceBand kPlaceBands[] = {{100, 40}, {300, 34}, {1000, 24}, {3000, 10}};
constexpr uint32_t kSameTownship = 24, kPlaceUnknown = 12;
constexpr uint32_t kWords = 25, kWordsUnknown = 8;
constexpr int kWordsFullAt = 60;  // percent: the same event told by two people shares rarely more
constexpr uint32_t kSameCategory = 20, kNearCategory = 14, kSameRoot = 8, kCategoryUnknown = 10;
constexpr uint32_t kTime = 15;

uint32_t SuggestAt(const routing::Site& site) {
  return site.settings().suggest_at() > 0 ? site.settings().suggest_at() : kSuggestAtDefault;
}

int64_t WindowMs(const routing::Site& site) {
  const uint32_t s = site.settings().suggest_window_s();
  return s > 0 ? int64_t{s} * 1000 : kWindowMsDefault;
}

std::string_view Parent(std::string_view code) {
  const size_t dot = code.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : code.substr(0, dot);
}

uint32_t CategoryPoints(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return kCategoryUnknown;
  if (a == b) return kSameCategory;
  auto above = [](std::string_view x, std::string_view y) { return y.starts_with(x) && y[x.size()] == '.'; };
  if (above(a, b) || above(b, a) || (!Parent(a).empty() && Parent(a) == Parent(b))) return kNearCategory;
  return a.substr(0, a.find('.')) == b.substr(0, b.find('.')) ? kSameRoot : 0;
}

void ScorePlace(const v1::IncidentState& a, const v1::IncidentState& b, double distance_m, v1::MergeSuggestion* out) {
  const std::string town_a = TownshipDigits(a.division()), town_b = TownshipDigits(b.division());
  out->set_same_division(!town_a.empty() && town_a == town_b);
  if (distance_m >= 0) {
    for (const PlaceBand& band : kPlaceBands) {
      if (distance_m > band.within_m) continue;
      out->set_within_m(band.within_m);
      out->set_place(band.points);
      return;
    }
    return;  // both are known, and far apart
  }
  if (town_a.empty() || town_b.empty()) {
    out->set_place(kPlaceUnknown);
  } else if (out->same_division()) {
    out->set_place(kSameTownship);
  }
}

bool Comparable(const v1::IncidentState& one) { return one.status() == v1::OPEN && !one.secret(); }

// The clause of the younger's duties that asks for the least; nullptr: none lets the hub merge by itself.
const v1::ClauseRef* AutoMergeClause(const Draft& draft, const v1::IncidentState& younger, uint32_t* least) {
  const v1::ClauseRef* found = nullptr;
  for (uint64_t id : younger.duty()) {
    for (const v1::ClauseRef& ref : draft.FindDuty(id)->clause()) {
      const v1::Clause* clause = draft.site().FindClause(ref);
      if (clause == nullptr || clause->auto_merge_score() == 0) continue;
      if (found == nullptr || clause->auto_merge_score() < *least) {
        found = &ref;
        *least = clause->auto_merge_score();
      }
    }
  }
  return found;
}

// True: an agreement lets the hub merge these two without a person, and it has.
bool MergeByClause(Draft& draft, uint64_t younger, const v1::MergeSuggestion& suggestion) {
  uint32_t least = 0;
  const v1::ClauseRef* clause = AutoMergeClause(draft, *draft.FindIncident(younger), &least);
  if (clause == nullptr || suggestion.score() < least || !MayMerge(draft, suggestion.other(), younger).ok())
    return false;
  v1::IncidentsMerged* what = draft.record().mutable_incidents_merged();
  what->set_older(suggestion.other());
  what->set_younger(younger);
  *what->mutable_suggestion() = suggestion;
  *what->mutable_by_clause() = *clause;
  MergeInto(draft, suggestion.other(), younger);
  return true;
}

void Drop(v1::IncidentState& younger, uint64_t older) {
  auto& list = *younger.mutable_suggestion();
  list.erase(std::remove_if(list.begin(), list.end(), [&](const auto& one) { return one.other() == older; }),
             list.end());
}

void Keep(v1::IncidentState& younger, const v1::MergeSuggestion& suggestion) {
  Drop(younger, suggestion.other());
  auto& list = *younger.mutable_suggestion();
  *list.Add() = suggestion;
  // A no is kept before a yes: it must not be asked again.
  std::stable_sort(list.begin(), list.end(), [](const v1::MergeSuggestion& a, const v1::MergeSuggestion& b) {
    return a.dismissed() != b.dismissed() ? a.dismissed() : a.score() > b.score();
  });
  while (list.size() > limits::kSuggestionsKept) list.RemoveLast();
}

bool SameButTime(v1::MergeSuggestion a, v1::MergeSuggestion b) {
  a.set_at_ms(0);
  b.set_at_ms(0);
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

std::vector<uint64_t> Candidates(const State& state, uint64_t incident_id) {
  const v1::IncidentState* incident = state.FindIncident(incident_id);
  if (incident == nullptr || !Comparable(*incident) || SuggestAt(*state.site()) > kNeverAbove) return {};
  const std::string township = TownshipDigits(incident->division());
  std::vector<uint64_t> near =
      state.alike().Near(incident->purpose(), township, limits::kCandidatesOfCategory, limits::kCandidatesLookedAt);
  if (!township.empty()) {
    const std::vector<uint64_t> nowhere =
        state.alike().Same(incident->purpose(), "", incident->category(), limits::kCandidatesOfCategory);
    near.insert(near.end(), nowhere.begin(), nowhere.end());
  }
  std::vector<std::pair<uint32_t, uint64_t>> ranked;
  for (uint64_t id : near) {
    const v1::IncidentState* other = state.FindIncident(id);
    if (id == incident_id || std::abs(other->opened_at_ms() - incident->opened_at_ms()) > WindowMs(*state.site()))
      continue;
    ranked.emplace_back(Score(*state.site(), *incident, *other, Likeness{id}).score(), id);
  }
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second > b.second; });
  std::vector<uint64_t> out;
  for (size_t i = 0; i < ranked.size() && i < limits::kCandidates; ++i) out.push_back(ranked[i].second);
  return out;
}

v1::MergeSuggestion Score(const routing::Site& site, const v1::IncidentState& a, const v1::IncidentState& b,
                          const Likeness& likeness) {
  v1::MergeSuggestion out;
  out.set_other(std::min(a.id(), b.id()));
  ScorePlace(a, b, likeness.distance_m, &out);
  if (likeness.words_percent < 0) {
    out.set_words(kWordsUnknown);
  } else {
    out.set_words_percent(static_cast<uint32_t>(likeness.words_percent) / 10 * 10);
    out.set_words(kWords * static_cast<uint32_t>(std::min<int>(out.words_percent(), kWordsFullAt)) / kWordsFullAt);
  }
  out.set_category(CategoryPoints(a.category(), b.category()));
  const int64_t apart_ms = std::abs(a.opened_at_ms() - b.opened_at_ms());
  out.set_minutes_apart(static_cast<uint32_t>(apart_ms / 60'000));
  const int64_t window_ms = WindowMs(site);
  if (apart_ms <= window_ms) out.set_time(static_cast<uint32_t>(kTime * (window_ms - apart_ms) / window_ms));
  out.set_score(out.place() + out.words() + out.category() + out.time());
  return out;
}

Words ExplainSuggestion(const v1::MergeSuggestion& s) {
  Words place, words, category;
  if (s.within_m() > 0) {
    place = {absl::StrCat("两处相距不超过", s.within_m(), "米"), absl::StrCat("within ", s.within_m(), " m")};
  } else if (s.place() == kPlaceUnknown) {
    place = {"一方地点不明", "the place of one is not known"};
  } else if (s.same_division() && s.place() > 0) {
    place = {"同一乡镇", "the same township"};
  } else {
    place = {"地点不同", "different places"};
  }
  if (!s.has_words_percent()) {
    words = {"无文字可比", "no words to compare"};
  } else {
    words = {absl::StrCat("文字相似约", s.words_percent(), "%"),
             absl::StrCat("words alike by ", s.words_percent(), " %")};
  }
  switch (s.category()) {
    case kSameCategory:
      category = {"类别相同", "the same category"};
      break;
    case kNearCategory:
      category = {"类别相近", "a near category"};
      break;
    case kSameRoot:
      category = {"同一大类", "the same class"};
      break;
    case kCategoryUnknown:
      category = {"一方类别不明", "the category of one is not known"};
      break;
    default:
      category = {"类别不同", "different classes"};
      break;
  }
  return {absl::StrCat(s.score(), "分:", place.zh, "(", s.place(), "/40),", words.zh, "(", s.words(), "/25),",
                       category.zh, "(", s.category(), "/20),先后相隔", s.minutes_apart(), "分钟(", s.time(), "/15)"),
          absl::StrCat(s.score(), " points: ", place.en, " (", s.place(), "/40), ", words.en, " (", s.words(), "/25), ",
                       category.en, " (", s.category(), "/20), ", s.minutes_apart(), " min apart (", s.time(), "/15)")};
}

const v1::MergeSuggestion* FindSuggestion(const v1::IncidentState& younger, uint64_t older) {
  for (const auto& one : younger.suggestion()) {
    if (one.other() == older) return &one;
  }
  return nullptr;
}

std::vector<PairSuggested> OpenSuggestions(const State& state, uint64_t incident_id, size_t max) {
  std::vector<PairSuggested> out;
  for (const auto& [id, other] : state.suggested()) {
    if (incident_id != 0 && incident_id != id && incident_id != other) continue;
    const v1::IncidentState* younger = state.FindIncident(id);
    const v1::IncidentState* older = state.FindIncident(other);
    if (older == nullptr || !Comparable(*younger) || !Comparable(*older)) continue;
    const v1::MergeSuggestion* one = FindSuggestion(*younger, other);
    if (!one->dismissed()) out.push_back({id, one});
  }
  std::stable_sort(out.begin(), out.end(), [](const PairSuggested& a, const PairSuggested& b) {
    return a.suggestion->score() > b.suggestion->score();
  });
  if (out.size() > max) out.resize(max);
  return out;
}

absl::StatusOr<Answer> DecideSuggest(Draft& draft, const SuggestCommand& command) {
  const v1::IncidentState* incident = draft.FindIncident(command.incident_id);
  if (incident == nullptr || !Comparable(*incident)) return Answer();
  struct Pair {
    uint64_t younger;
    v1::MergeSuggestion suggestion;
  };
  std::vector<Pair> fresh;
  std::vector<std::pair<uint64_t, uint64_t>> stale;  // what was told since makes it unlikely: younger, older
  for (const Likeness& likeness : command.likeness) {
    const v1::IncidentState* other = draft.FindIncident(likeness.incident_id);
    if (other == nullptr || other == incident || !Comparable(*other) || other->purpose() != incident->purpose())
      continue;
    v1::MergeSuggestion one = Score(draft.site(), *incident, *other, likeness);
    one.set_at_ms(draft.now());
    const uint64_t younger = std::max(incident->id(), other->id());
    const v1::MergeSuggestion* known = FindSuggestion(*draft.FindIncident(younger), one.other());
    if (known != nullptr && (known->dismissed() || SameButTime(*known, one))) continue;
    if (one.score() >= SuggestAt(draft.site())) {
      fresh.push_back({younger, one});
    } else if (known != nullptr) {
      stale.emplace_back(younger, one.other());
    }
  }
  if (fresh.empty() && stale.empty()) return Answer();
  for (const auto& [younger, older] : stale) Drop(draft.Incident(younger), older);
  std::stable_sort(fresh.begin(), fresh.end(),
                   [](const Pair& a, const Pair& b) { return a.suggestion.score() > b.suggestion.score(); });
  if (!fresh.empty() && MergeByClause(draft, fresh.front().younger, fresh.front().suggestion)) return Answer();
  v1::MergesSuggested* what = draft.record().mutable_merges_suggested();
  what->set_incident_id(command.incident_id);
  for (size_t i = 0; i < fresh.size() && i < limits::kSuggestionsKept; ++i) {
    Keep(draft.Incident(fresh[i].younger), fresh[i].suggestion);
    *what->add_suggestion() = fresh[i].suggestion;
  }
  return Answer();
}

absl::StatusOr<Answer> DecideDismiss(Draft& draft, const DismissCommand& command) {
  const uint64_t older = std::min(command.request.older(), command.request.younger()),
                 younger = std::max(command.request.older(), command.request.younger());
  if (command.request.reason().size() > limits::kReasonBytes) {
    return Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                  absl::StrCat("reason has more than ", limits::kReasonBytes, " bytes"), "理由超出长度上限", "reason");
  }
  absl::StatusOr<uint64_t> open = OpenIncident(draft, younger);
  if (!open.ok()) return open.status();
  const v1::MergeSuggestion* known = FindSuggestion(*draft.FindIncident(younger), older);
  if (known == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "NO_SUGGESTION",
                  absl::StrCat("it is not suggested that incidents ", older, " and ", younger,
                               " are one; list what is with: liandong suggestions"),
                  absl::StrCat("没有关于事件 ", older, " 与 ", younger, " 的并案建议"), "younger");
  }
  if (known->dismissed()) return Answer(ActionOn(draft, younger));  // a repeat
  v1::SuggestionDismissed* what = draft.record().mutable_suggestion_dismissed();
  what->set_incident_id(younger);
  what->set_other(older);
  what->set_reason(command.request.reason());
  draft.record().add_incident_id(older);
  MarkDismissed(draft, older, younger);
  return Answer(ActionOn(draft, younger));
}

void MarkDismissed(Draft& draft, uint64_t older, uint64_t younger) {
  v1::IncidentState& incident = draft.Incident(younger);
  v1::MergeSuggestion one;
  if (const v1::MergeSuggestion* known = FindSuggestion(incident, older)) one = *known;
  one.set_other(older);
  one.set_dismissed(true);
  Keep(incident, one);
}

}  // namespace liandong::core
