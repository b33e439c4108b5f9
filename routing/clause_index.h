// Finds the clauses that an incident can fire without looking at all of them. Immutable once built; thread-safe.
#ifndef LIANDONG_ROUTING_CLAUSE_INDEX_H_
#define LIANDONG_ROUTING_CLAUSE_INDEX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "liandong/v1/site.pb.h"
#include "routing/words.h"

namespace liandong::routing {

class ClauseIndex {
 public:
  // One alternative of a clause, with what can be worked out ahead. proto is nullptr for a clause that has none and so
  // always applies; alternatives that say the same share the first one's, so that precedence need not compare them.
  struct Condition {
    const v1::Condition* proto = nullptr;
    uint32_t clause = 0;                       // index into clauses()
    std::vector<std::string> division;         // significant digits
    std::vector<uint32_t> word;                // ids in the word index, sorted
    std::vector<std::pair<int, int>> windows;  // minutes since midnight, [from, until)
    std::vector<Condition> any_of, none_of;
  };
  struct Clause {
    const v1::Agreement* agreement = nullptr;
    const v1::Clause* proto = nullptr;
    int32_t from_day = 0;                 // days since 1970-01-01
    std::optional<int32_t> until_day;     // last day in force
    bool leads = false;                   // has a LEAD duty of a party that there is
    std::vector<uint32_t> overridden_by;  // clauses that say so
  };
  struct Candidates {
    // Indexes into conditions(), ascending, hence in the order of the agreements.
    std::vector<uint32_t> condition;
    // Those of which only "the word is not in the text" can be told, beside some that stand in `condition` too.
    const std::vector<uint32_t>* near_only = nullptr;
    std::vector<uint32_t> found_word;  // ids, ascending
  };

  // The set outlives the index. What cannot be read in a set that was not checked (a day, a time, an empty word) makes
  // its clause or its alternative apply never.
  explicit ClauseIndex(const v1::SiteSet& set);

  const std::vector<Clause>& clauses() const { return clauses_; }
  const std::vector<Condition>& conditions() const { return conditions_; }

  // Every alternative that can hold for this category and text. category empty: unknown, so that any category can hold.
  // text empty: nothing is known of it, so that any word can hold.
  Candidates Find(std::string_view category, std::string_view text) const;

 private:
  // False: it can never hold.
  bool Compile(const v1::Condition& proto, Condition* condition);
  void LinkOverrides();
  void AddCondition(const v1::Condition& proto, uint32_t clause);
  void AppendWordy(const std::vector<uint32_t>& found, bool with_category, std::vector<uint32_t>* out) const;
  void CollectNearOnly();

  absl::flat_hash_map<std::string, const v1::Condition*> alike_;  // while building: by content
  std::vector<Clause> clauses_;
  std::vector<Condition> conditions_;
  WordIndex words_;
  absl::flat_hash_map<std::string_view, std::vector<uint32_t>> by_category_;  // keys point into the set
  std::vector<uint32_t> general_;                                             // asks for neither category nor words
  std::vector<uint32_t> wordy_;                                               // asks for words, not for a category
  std::vector<uint32_t> wordy_category_;                                      // asks for both
  std::vector<uint32_t> without_words_;                                       // all that ask for no words
  std::vector<std::vector<uint32_t>> by_word_;                                // by word id: of wordy_
  std::vector<std::vector<uint32_t>> by_word_category_;  // by word id: those that ask for a category too
  // The first of wordy_; of wordy_ and wordy_category_ together. Ascending.
  std::vector<uint32_t> near_only_, near_only_any_category_;
};

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_CLAUSE_INDEX_H_
