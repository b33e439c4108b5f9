#include "routing/clause_index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "routing/calendar_day.h"
#include "routing/limits.h"
#include "routing/site.h"

namespace liandong::routing {
namespace {

constexpr char kTownshipOfIncident[] = "@township";
constexpr int32_t kNever = std::numeric_limits<int32_t>::max();

}  // namespace

ClauseIndex::ClauseIndex(const v1::SiteSet& set) {
  absl::flat_hash_set<std::string_view> parties = {kTownshipOfIncident};
  for (const v1::Party& party : set.party()) parties.insert(party.id());
  for (const v1::Agreement& agreement : set.agreement()) {
    for (const v1::Clause& proto : agreement.clause()) {
      Clause clause;
      clause.agreement = &agreement;
      clause.proto = &proto;
      clause.from_day = ParseDay(agreement.effective_from()).value_or(kNever);
      clause.until_day = ParseDay(agreement.effective_until());
      if (!clause.until_day && !agreement.effective_until().empty()) clause.from_day = kNever;
      for (const v1::DutySpec& duty : proto.duty()) {
        clause.leads = clause.leads || (duty.role() == v1::LEAD && parties.contains(duty.party()));
      }
      auto number = static_cast<uint32_t>(clauses_.size());
      clauses_.push_back(clause);
      if (proto.when().empty()) {
        auto id = static_cast<uint32_t>(conditions_.size());
        conditions_.emplace_back().clause = number;
        general_.push_back(id);
        without_words_.push_back(id);
      }
      for (const v1::Condition& when : proto.when()) AddCondition(when, number);
    }
  }
  alike_.clear();
  // Words that stand in nested conditions alone have ids too.
  by_word_.resize(words_.size());
  by_word_category_.resize(words_.size());
  CollectNearOnly();
  LinkOverrides();
}

void ClauseIndex::CollectNearOnly() {
  auto first_of = [](std::vector<uint32_t> all) {
    if (all.size() > limits::kNearMissLookedAt) all.resize(limits::kNearMissLookedAt);
    return all;
  };
  near_only_ = first_of(wordy_);
  const std::vector<uint32_t> with_category = first_of(wordy_category_);
  std::merge(near_only_.begin(), near_only_.end(), with_category.begin(), with_category.end(),
             std::back_inserter(near_only_any_category_));
}

void ClauseIndex::LinkOverrides() {
  absl::flat_hash_map<std::string, uint32_t> numbers;
  for (uint32_t number = 0; number < clauses_.size(); ++number) {
    numbers.emplace(absl::StrCat(clauses_[number].agreement->id(), "/", clauses_[number].proto->id()), number);
  }
  for (uint32_t number = 0; number < clauses_.size(); ++number) {
    for (const std::string& name : clauses_[number].proto->overrides()) {
      auto found = numbers.find(name);
      if (found != numbers.end() && found->second != number) clauses_[found->second].overridden_by.push_back(number);
    }
  }
}

bool ClauseIndex::Compile(const v1::Condition& proto, Condition* condition) {
  condition->proto = &proto;
  for (const v1::Condition& nested : proto.any_of()) {
    if (!Compile(nested, &condition->any_of.emplace_back())) return false;
  }
  for (const v1::Condition& nested : proto.none_of()) {
    if (!Compile(nested, &condition->none_of.emplace_back())) return false;
  }
  for (const std::string& division : proto.division()) condition->division.emplace_back(Site::Significant(division));
  for (const v1::TimeWindow& window : proto.time()) {
    std::optional<int> from = ParseTimeOfDay(window.from()), until = ParseTimeOfDay(window.until());
    if (from && until) condition->windows.emplace_back(*from, *until);
  }
  for (const std::string& word : proto.any_word()) {
    if (!word.empty()) condition->word.push_back(words_.Add(word));
  }
  std::sort(condition->word.begin(), condition->word.end());
  condition->word.erase(std::unique(condition->word.begin(), condition->word.end()), condition->word.end());
  return condition->windows.empty() == proto.time().empty() && condition->word.empty() == proto.any_word().empty();
}

void ClauseIndex::AddCondition(const v1::Condition& proto, uint32_t clause) {
  Condition condition;
  condition.clause = clause;
  if (!Compile(proto, &condition)) return;
  condition.proto = alike_.try_emplace(proto.SerializeAsString(), &proto).first->second;
  auto id = static_cast<uint32_t>(conditions_.size());
  for (const std::string& category : proto.category()) {
    std::vector<uint32_t>& list = by_category_[category];
    if (list.empty() || list.back() != id) list.push_back(id);
  }
  if (condition.word.empty()) {
    without_words_.push_back(id);
    if (proto.category().empty()) general_.push_back(id);
    conditions_.push_back(std::move(condition));
    return;
  }
  (proto.category().empty() ? wordy_ : wordy_category_).push_back(id);
  by_word_.resize(words_.size());
  by_word_category_.resize(words_.size());
  for (uint32_t word : condition.word) (proto.category().empty() ? by_word_ : by_word_category_)[word].push_back(id);
  conditions_.push_back(std::move(condition));
}

void ClauseIndex::AppendWordy(const std::vector<uint32_t>& found, bool with_category,
                              std::vector<uint32_t>* out) const {
  auto append = [&found, out](const std::vector<std::vector<uint32_t>>& by_word) {
    for (uint32_t word : found) out->insert(out->end(), by_word[word].begin(), by_word[word].end());
  };
  append(by_word_);
  if (with_category) append(by_word_category_);
}

ClauseIndex::Candidates ClauseIndex::Find(std::string_view category, std::string_view text) const {
  Candidates candidates;
  candidates.found_word = words_.Find(text);
  if (!text.empty()) candidates.near_only = category.empty() ? &near_only_any_category_ : &near_only_;
  std::vector<uint32_t>& list = candidates.condition;
  if (category.empty()) {
    if (text.empty()) {
      list.resize(conditions_.size());
      for (uint32_t id = 0; id < list.size(); ++id) list[id] = id;
      return candidates;
    }
    list = without_words_;
    AppendWordy(candidates.found_word, /*with_category=*/true, &list);
  } else {
    list = general_;
    for (std::string_view at = category;;) {
      if (auto listed = by_category_.find(at); listed != by_category_.end()) {
        list.insert(list.end(), listed->second.begin(), listed->second.end());
      }
      size_t dot = at.rfind('.');
      if (dot == std::string_view::npos) break;
      at = at.substr(0, dot);
    }
    if (text.empty()) {
      list.insert(list.end(), wordy_.begin(), wordy_.end());
    } else {
      AppendWordy(candidates.found_word, /*with_category=*/false, &list);
    }
  }
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return candidates;
}

}  // namespace liandong::routing
