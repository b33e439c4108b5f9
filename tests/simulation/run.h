// One run: a seed, so many steps, then everything comes to rest.
#ifndef LIANDONG_TESTS_SIMULATION_RUN_H_
#define LIANDONG_TESTS_SIMULATION_RUN_H_

#include <cstdint>
#include <string>

#include "liandong/v1/site.pb.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/witness.h"

namespace liandong::sim {

struct RunResult {
  uint64_t steps = 0;  // done before the failure, or all
  uint64_t trace = 0;  // two runs of the same seed and steps agree in it
  uint64_t records = 0;
  Failure failure;
  Faults faults;
};

// The sample county, small enough for thousands of runs. `folder`: deploy/county/site.
v1::SiteSet LoadSite(const std::string& folder);

// `plant`: the name of a planted bug; then only the checker that must find it looks. `steps_begun`, for who looks on
// from outside; may be nullptr.
RunResult Run(const v1::SiteSet& site, uint64_t seed, uint64_t steps, const std::string& plant, uint64_t* steps_begun);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_RUN_H_
