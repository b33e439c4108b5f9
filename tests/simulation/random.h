// The seed's choices, all of them: the same seed gives the same run on every machine.
#ifndef LIANDONG_TESTS_SIMULATION_RANDOM_H_
#define LIANDONG_TESTS_SIMULATION_RANDOM_H_

#include <cstdint>

namespace liandong::sim {

class Random {
 public:
  // Mixed first: seeds beside each other would otherwise give the same numbers, one place apart.
  explicit Random(uint64_t seed) : state_(Mix(seed + 0x1234567)) {}
  uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15u); }  // splitmix64
  // 0 .. bound - 1
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_RANDOM_H_
