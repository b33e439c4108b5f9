// Runs in processes of their own: a CHECK that aborts, a crash or an endless loop is a finding like any other, with its
// seed and its shortest prefix.
#ifndef LIANDONG_TESTS_SIMULATION_APART_H_
#define LIANDONG_TESTS_SIMULATION_APART_H_

#include <sys/types.h>

#include <cstdint>
#include <list>
#include <string>

#include "liandong/v1/site.pb.h"
#include "tests/simulation/run.h"

namespace liandong::sim {

// Thread-safety: one thread.
class Apart {
 public:
  explicit Apart(const v1::SiteSet& site) : site_(site) {}
  // What still runs is ended.
  ~Apart();

  void Launch(const Job& job);
  size_t running() const { return children_.size(); }
  // Waits for the next to end. Something must be running.
  RunResult Next(Job* job);

  // Alone, from beginning to end.
  RunResult Run(const Job& job);
  // Fewer steps that fail too, so that one step less does not. `job` fails.
  uint64_t ShortestFailingPrefix(const Job& job);

 private:
  struct Child {
    Job job;
    pid_t pid = 0;
    int output = -1;
    uint64_t* steps_done = nullptr;  // shared with it
    std::string said;
  };
  static RunResult Collect(Child& child);

  const v1::SiteSet& site_;
  std::list<Child> children_;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_APART_H_
