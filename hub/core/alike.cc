#include "hub/core/alike.h"

#include <limits>

namespace liandong::core {
namespace {

constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();

}  // namespace

std::string TownshipDigits(const std::string& division) {
  if (division.size() != 12 || division.compare(6, 3, "000") == 0) return "";
  return division.substr(0, 9);
}

AlikeIndex::Key AlikeIndex::KeyOf(const v1::IncidentState& incident) {
  return {incident.purpose(), TownshipDigits(incident.division()), incident.category(), incident.id()};
}

void AlikeIndex::Add(const v1::IncidentState& incident) {
  if (incident.status() == v1::OPEN && !incident.secret()) keys_.insert(KeyOf(incident));
}

void AlikeIndex::Remove(const v1::IncidentState& incident) { keys_.erase(KeyOf(incident)); }

std::vector<uint64_t> AlikeIndex::Same(v1::Purpose purpose, const std::string& township, const std::string& category,
                                       size_t max) const {
  std::vector<uint64_t> out;
  auto it = keys_.upper_bound({purpose, township, category, kEnd});
  while (out.size() < max && it != keys_.begin()) {
    --it;
    if (it->purpose != purpose || it->township != township || it->category != category) break;
    out.push_back(it->id);
  }
  return out;
}

std::vector<uint64_t> AlikeIndex::Near(v1::Purpose purpose, const std::string& township, size_t of_each,
                                       size_t max) const {
  std::vector<uint64_t> out;
  auto it = keys_.lower_bound({purpose, township, "", 0});
  while (it != keys_.end() && it->purpose == purpose && (township.empty() || it->township == township) &&
         out.size() < max) {
    for (uint64_t id : Same(purpose, it->township, it->category, std::min(of_each, max - out.size())))
      out.push_back(id);
    it = keys_.upper_bound({purpose, it->township, it->category, kEnd});
  }
  return out;
}

}  // namespace liandong::core
