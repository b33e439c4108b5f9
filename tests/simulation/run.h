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

struct Job {
  uint64_t seed = 0;
  uint64_t steps = 0;
  std::string plant;    // a planted bug's name: then only the checker that must find it looks; empty: none
  std::string records;  // a file that what happens is written to, for people; empty: none
};

// `steps_begun`: for who looks on from outside; may be nullptr.
RunResult Run(const v1::SiteSet& site, const Job& job, uint64_t* steps_begun);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_RUN_H_
