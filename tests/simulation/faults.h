// What goes wrong in a run, counted.
#ifndef LIANDONG_TESTS_SIMULATION_FAULTS_H_
#define LIANDONG_TESTS_SIMULATION_FAULTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace liandong::sim {

class Faults {
 public:
  // Off: the rest of the run is kind, so that everything under way can come to its end.
  bool on = true;
  std::function<void(const std::string& kind)> told;  // each, as it happens; may be empty
  void Count(const std::string& kind, uint64_t times = 1) {
    counts_[kind] += times;
    if (told) told(kind);
  }
  // What came of one that is counted already: shown, but no fault of its own.
  void CountEffect(const std::string& kind, uint64_t times = 1) { effects_[kind] += times; }
  void Add(const Faults& other) {
    for (const auto& [kind, count] : other.counts_) counts_[kind] += count;
    for (const auto& [kind, count] : other.effects_) effects_[kind] += count;
  }
  const std::map<std::string, uint64_t>& effects() const { return effects_; }
  const std::map<std::string, uint64_t>& counts() const { return counts_; }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const auto& [kind, count] : counts_) sum += count;
    return sum;
  }

 private:
  std::map<std::string, uint64_t> counts_, effects_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_FAULTS_H_
