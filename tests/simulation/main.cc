// liandong-sim: runs seeds until one fails or all are done. A failure prints the seed and the shortest prefix of steps
// that fails; the same command with them does the same again.
#include <sys/resource.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "tests/simulation/apart.h"
#include "tests/simulation/plants.h"
#include "tests/simulation/run.h"

namespace liandong::sim {
namespace {

struct Options {
  uint64_t seed = 1;
  uint64_t steps = 1000;
  uint64_t seeds = 1;
  uint64_t cpu_seconds = 0;
  uint64_t jobs = 1;
  std::string plant;
  std::string site = "deploy/county/site";
  std::string records;
  bool fresh = false;
  bool trace = false;
  bool keep_going = false;
  bool expect_failure = false;
  bool plants = false;
};

double CpuSeconds() {
  double sum = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used = {};
    getrusage(who, &used);
    sum += static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  }
  return sum;
}

class Series {
 public:
  Series(const v1::SiteSet& site, const Options& options)
      : options_(options), apart_(site), planted_(FindPlant(options.plant)) {}

  int Go() {
    std::printf("first seed %" PRIu64 ", %" PRIu64 " steps each\n", options_.seed, options_.steps);
    std::fflush(stdout);
    while (true) {
      while (!over_ && apart_.running() < options_.jobs && More()) {
        apart_.Launch({options_.seed + launched_, options_.steps, options_.plant, options_.records});
        ++launched_;
      }
      if (apart_.running() == 0) break;
      Job job;
      const RunResult result = apart_.Next(&job);
      Take(job, result);
      if (over_) break;
    }
    Print();
    if (options_.expect_failure) return found_ ? 0 : 1;
    return failed_ == 0 ? 0 : 1;
  }

 private:
  bool More() const {
    return launched_ < options_.seeds ||
           (options_.cpu_seconds > 0 && CpuSeconds() < static_cast<double>(options_.cpu_seconds));
  }

  void Take(const Job& job, const RunResult& result) {
    ++done_;
    faults_.Add(result.faults);
    steps_ += result.steps;
    records_ += result.records;
    if (options_.trace) std::printf("seed %" PRIu64 " trace %016" PRIx64 "\n", job.seed, result.trace);
    if (!result.failure.any()) return;
    found_ = planted_ != nullptr && result.failure.checker == planted_->checker;
    ++failed_;
    over_ = !options_.keep_going;
    std::printf("%s seed %" PRIu64 ": %s: %s\n", found_ && options_.expect_failure ? "found" : "FAILED", job.seed,
                result.failure.checker.c_str(), result.failure.what.c_str());
    std::fflush(stdout);
    if (found_ && options_.expect_failure) return;
    const uint64_t shortest = apart_.ShortestFailingPrefix({job.seed, result.steps, job.plant, ""});
    std::printf("again: liandong-sim --seed %" PRIu64 " --steps %" PRIu64 "%s%s\n", job.seed, shortest,
                job.plant.empty() ? "" : " --plant ", job.plant.c_str());
    std::fflush(stdout);
  }

  void Print() const {
    const double cpu = CpuSeconds();
    std::printf("%" PRIu64 " seeds, %" PRIu64 " steps, %" PRIu64 " records, %" PRIu64 " faults, %" PRIu64
                " seeds failed; %.1f s of CPU time, %.0f steps a second\n",
                done_, steps_, records_, faults_.total(), failed_, cpu, static_cast<double>(steps_) / cpu);
    for (const auto& [kind, count] : faults_.counts()) std::printf("  %-28s %" PRIu64 "\n", kind.c_str(), count);
    for (const auto& [kind, count] : faults_.effects())
      std::printf("  %-28s %" PRIu64 "\n", ("(" + kind + ")").c_str(), count);
  }

  const Options& options_;
  Apart apart_;
  const Plant* const planted_;
  uint64_t launched_ = 0, done_ = 0, failed_ = 0, steps_ = 0, records_ = 0;
  bool found_ = false, over_ = false;
  Faults faults_;
};

// Every checker with a bug that it must find: who adds one without fails here.
int ListPlants(const v1::SiteSet& site) {
  for (const Plant& one : kPlants) std::printf("%-20s found by %-16s %s\n", one.name, one.checker, one.what);
  Failure failure;
  for (const auto& checker : MakeCheckers(site, "", &failure)) {
    bool has = false;
    for (const Plant& one : kPlants) has = has || checker->name() == one.checker;
    if (!has) return std::fprintf(stderr, "no planted bug for the checker %s\n", checker->name().c_str()), 1;
  }
  return 0;
}

int Main(int argc, char** argv) {
  CLI::App app{"Simulates hub, adapters, agencies, network, disks and clocks; every choice comes from the seed"};
  Options options;
  app.add_option("--seed", options.seed, "the first seed");
  app.add_option("--steps", options.steps, "steps of each run; then faults end and everything comes to rest");
  app.add_option("--seeds", options.seeds, "so many seeds, one after another");
  app.add_option("--cpu-seconds", options.cpu_seconds, "go on with further seeds for so long, in CPU time");
  app.add_option("--jobs", options.jobs, "runs at the same time")->check(CLI::PositiveNumber);
  app.add_option("--site", options.site, "site set");
  app.add_option("--plant", options.plant, "a bug planted on purpose; only the checker that must find it looks");
  app.add_option("--records", options.records,
                 "a file for what each record says as it becomes durable, and each delivery");
  app.add_flag("--plants", options.plants, "lists the planted bugs");
  app.add_flag("--fresh", options.fresh, "begin with a seed from the clock");
  app.add_flag("--trace", options.trace, "print each run's trace hash");
  app.add_flag("--keep-going", options.keep_going, "do not end with the first seed that fails");
  app.add_flag("--expect-failure", options.expect_failure, "succeed when the checker of --plant finds it");
  CLI11_PARSE(app, argc, argv);
  const v1::SiteSet site = LoadSite(options.site);
  if (site.party().empty()) return std::fprintf(stderr, "%s: no site set\n", options.site.c_str()), 2;
  if (options.plants) return ListPlants(site);
  if (!options.plant.empty() && FindPlant(options.plant) == nullptr)
    return std::fprintf(stderr, "no such plant: %s; see --plants\n", options.plant.c_str()), 2;
  if (options.fresh)
    options.seed =
        static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1));
  return Series(site, options).Go();
}

}  // namespace
}  // namespace liandong::sim

int main(int argc, char** argv) { return liandong::sim::Main(argc, argv); }
