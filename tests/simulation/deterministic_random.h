#ifndef LIANDONG_TESTS_SIMULATION_DETERMINISTIC_RANDOM_H_
#define LIANDONG_TESTS_SIMULATION_DETERMINISTIC_RANDOM_H_

#include <cstdint>

namespace liandong::sim {

// What keys and nonces are drawn from in this program. Each run sets it anew.
void SetDeterministicRandom(uint64_t seed);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_DETERMINISTIC_RANDOM_H_
