// What a run consists of, shared by its parts.
#ifndef LIANDONG_TESTS_SIMULATION_WORLD_H_
#define LIANDONG_TESTS_SIMULATION_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/sequencer.h"
#include "liandong/v1/site.pb.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/net.h"
#include "tests/simulation/random.h"
#include "tests/simulation/witness.h"

namespace liandong::sim {

// A wall clock that jumps and one that does not.
class SimClock : public hub::Clock {
 public:
  int64_t WallMs() const override { return wall_ms_; }
  int64_t MonotonicMs() const override { return stuck ? 0 : mono_ms_; }
  int64_t now_ms() const { return mono_ms_; }
  void Pass(int64_t ms) {
    wall_ms_ += ms;
    mono_ms_ += ms;
  }
  void Jump(int64_t ms) { wall_ms_ += ms; }
  bool stuck = false;  // planted

 private:
  int64_t wall_ms_ = 1'783'900'800'000;  // 2026-07-13 08:00 in China, a Monday
  int64_t mono_ms_ = 0;
};

struct World {
  World(uint64_t seed, std::string planted, std::string real_folder)
      : random(seed), net(&random, &faults), plant(std::move(planted)), folder(std::move(real_folder)) {
    clock.stuck = plant == "deaf-clock";
  }
  Random random;
  Faults faults;
  SimClock clock;
  Net net;
  Failure failure;
  std::vector<std::unique_ptr<Witness>> checkers;
  const std::string plant;   // empty: none
  const std::string folder;  // a real one, for the key files; what matters is on simulated disks
  uint64_t trace = 14695981039346656037u;

  bool Planted(std::string_view name) const { return plant == name; }
  // For who reads --records.
  void Note(const std::string& text) const {
    if (faults.told) faults.told(text);
  }
  // Everything that a run does goes into its trace: two runs of a seed must agree in it.
  void Trace(std::string_view bytes) {
    for (unsigned char byte : bytes) trace = (trace ^ byte) * 1099511628211u;
  }
  template <typename... Parameters, typename... Arguments>
  void Tell(void (Witness::*what)(Parameters...), const Arguments&... arguments) {
    for (auto& checker : checkers) (checker.get()->*what)(arguments...);
  }
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_WORLD_H_
