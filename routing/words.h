// Finds the words of all clauses in a text in one pass: its cost grows with the text, not with the number of words.
#ifndef LIANDONG_ROUTING_WORDS_H_
#define LIANDONG_ROUTING_WORDS_H_

#include <bitset>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace liandong::routing {

// ASCII letters to lower case, full-width forms (U+FF01..FF5E, U+3000) to their ASCII ones, so that "ＬＰＧ" is "lpg".
std::string FoldText(std::string_view text);

// Add everything first, then Find from any thread.
class WordIndex {
 public:
  WordIndex() = default;
  WordIndex(const WordIndex&) = delete;
  WordIndex& operator=(const WordIndex&) = delete;

  // The word's id, from 0; the same id for words that fold to the same. A word must fold to something.
  uint32_t Add(std::string_view word);
  // Ids of the words that stand in the text, sorted, each once.
  std::vector<uint32_t> Find(std::string_view text) const;
  size_t size() const { return ids_.size(); }

 private:
  // Words that begin with the same two characters: which lengths they have, in bytes, ascending.
  struct Lead {
    std::vector<uint32_t> lengths;
  };
  static constexpr int kLeadBits = 19;  // 64 KB: 12,000 words set one bit in forty

  std::deque<std::string> folded_;  // never moves its elements: the keys below point into them
  absl::flat_hash_map<std::string_view, uint32_t> ids_;
  absl::flat_hash_map<uint64_t, Lead> leads_;
  absl::flat_hash_map<uint32_t, uint32_t> single_;  // words of one character
  // Most pairs of characters in a text begin no word: a bit by the pair's hash spares them the lookup.
  std::bitset<(size_t{1} << kLeadBits)> begins_;
};

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_WORDS_H_
