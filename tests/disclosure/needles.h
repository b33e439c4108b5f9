// Finds many texts in many bytes at once.
#ifndef LIANDONG_TESTS_DISCLOSURE_NEEDLES_H_
#define LIANDONG_TESTS_DISCLOSURE_NEEDLES_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace liandong::disclosure {

class Needles {
 public:
  // `id` comes back from Find. At least kPrefix bytes.
  void Add(std::string_view needle, size_t id) { by_prefix_[Prefix(needle)].push_back({std::string(needle), id}); }

  template <typename Visit>
  void Find(std::string_view bytes, Visit visit) const {
    for (; bytes.size() >= kPrefix; bytes.remove_prefix(1)) {
      const auto found = by_prefix_.find(Prefix(bytes));
      if (found == by_prefix_.end()) continue;
      for (const auto& [needle, id] : found->second) {
        if (bytes.substr(0, needle.size()) == needle) visit(id);
      }
    }
  }

 private:
  static constexpr size_t kPrefix = 7;
  static uint64_t Prefix(std::string_view bytes) {
    uint64_t out = 0;
    std::memcpy(&out, bytes.data(), kPrefix);
    return out;
  }
  std::unordered_map<uint64_t, std::vector<std::pair<std::string, size_t>>> by_prefix_;
};

}  // namespace liandong::disclosure

#endif  // LIANDONG_TESTS_DISCLOSURE_NEEDLES_H_
