// Open incidents by purpose, township and category: where to look for one that a report may belong to. A look costs by
// what is near, not by what is open.
#ifndef LIANDONG_HUB_CORE_ALIKE_H_
#define LIANDONG_HUB_CORE_ALIKE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/btree_set.h"
#include "liandong/v1/record.pb.h"

namespace liandong::core {

// The township's nine digits of a 12-digit code; empty when the code names none.
std::string TownshipDigits(const std::string& division);

class AlikeIndex {
 public:
  // Only OPEN incidents that are not secret are held; others are ignored.
  void Add(const v1::IncidentState& incident);
  void Remove(const v1::IncidentState& incident);

  // Newest first, of exactly this category and township, at most `max`.
  std::vector<uint64_t> Same(v1::Purpose purpose, const std::string& township, const std::string& category,
                             size_t max) const;
  // The newest of every category in this township, at most `of_each` of one category and `max` in all; with an empty
  // township those of all townships.
  std::vector<uint64_t> Near(v1::Purpose purpose, const std::string& township, size_t of_each, size_t max) const;

 private:
  struct Key {
    int purpose = 0;
    std::string township, category;
    uint64_t id = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  static Key KeyOf(const v1::IncidentState& incident);
  absl::btree_set<Key> keys_;
};

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_ALIKE_H_
