// liandong-sim: runs seeds until one fails or all are done. A failure prints the seed and the shortest prefix of steps
// that fails; the same command with them does the same again.
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "CLI/CLI.hpp"
#include "tests/simulation/plants.h"
#include "tests/simulation/run.h"

namespace liandong::sim {
namespace {

uint64_t g_seed = 0;
uint64_t g_steps = 0;

// A CHECK of the core ends the process: say which run it was.
void OnAbort(int) {
  char text[160];
  const int size = std::snprintf(text, sizeof text, "\nFAILED seed %llu: a CHECK ended it\nagain: liandong-sim --seed %llu --steps %llu\n",
                                 static_cast<unsigned long long>(g_seed), static_cast<unsigned long long>(g_seed),
                                 static_cast<unsigned long long>(g_steps));
  std::fwrite(text, 1, static_cast<size_t>(size), stdout);
  std::fflush(stdout);
  signal(SIGABRT, SIG_DFL);
}

int Main(int argc, char** argv) {
  CLI::App app{"Simulates hub, adapters, agencies, network, disks and clocks; every choice comes from the seed"};
  uint64_t seed = 1, steps = 1000, seeds = 1, seconds = 0, faults_wanted = 0;
  std::string plant, site_folder = "deploy/county/site";
  bool trace = false, fresh = false, expect_failure = false, list = false;
  app.add_option("--seed", seed, "the first seed");
  app.add_option("--steps", steps, "steps of each run; then everything comes to rest");
  app.add_option("--seeds", seeds, "so many seeds, one after another");
  app.add_option("--seconds", seconds, "go on with further seeds for so long");
  app.add_option("--faults", faults_wanted, "go on with further seeds until so many faults were injected");
  app.add_option("--site", site_folder, "site set");
  app.add_option("--plant", plant, "a bug planted on purpose; only the checker that must find it looks");
  app.add_flag("--plants", list, "lists the planted bugs");
  app.add_flag("--fresh", fresh, "begin with a seed from the clock");
  app.add_flag("--trace", trace, "print each run's trace hash");
  app.add_flag("--expect-failure", expect_failure, "succeed when the checker of --plant finds it");
  CLI11_PARSE(app, argc, argv);
  if (list) {
    for (const Plant& one : kPlants) std::printf("%-20s found by %-16s %s\n", one.name, one.checker, one.what);
    return 0;
  }
  const Plant* planted = FindPlant(plant);
  if (!plant.empty() && planted == nullptr) return std::fprintf(stderr, "no such plant: %s; see --plants\n", plant.c_str()), 2;
  using Steady = std::chrono::steady_clock;
  if (fresh) seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count()) / 1000 % 1'000'000'000'000;
  const v1::SiteSet site = LoadSite(site_folder);
  if (site.party().empty()) return std::fprintf(stderr, "%s: no site set\n", site_folder.c_str()), 2;
  signal(SIGABRT, OnAbort);

  const auto begin = Steady::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(Steady::now() - begin).count(); };
  Faults faults;
  uint64_t done = 0, steps_done = 0, records = 0;
  std::printf("first seed %llu, %llu steps each\n", static_cast<unsigned long long>(seed), static_cast<unsigned long long>(steps));
  for (; done < seeds || elapsed() < static_cast<double>(seconds) || faults.total() < faults_wanted; ++done) {
    g_seed = seed + done;
    g_steps = steps;
    const RunResult result = Run(site, g_seed, steps, plant);
    faults.Add(result.faults);
    steps_done += result.steps;
    records += result.records;
    if (trace) std::printf("seed %llu trace %016llx\n", static_cast<unsigned long long>(g_seed), static_cast<unsigned long long>(result.trace));
    if (!result.failure.any()) continue;
    const uint64_t shortest = ShortestFailingPrefix(site, g_seed, std::max<uint64_t>(result.steps, 1), plant);
    std::printf("%s seed %llu: %s: %s\n", expect_failure ? "found" : "FAILED", static_cast<unsigned long long>(g_seed),
                result.failure.checker.c_str(), result.failure.what.c_str());
    std::printf("again: liandong-sim --seed %llu --steps %llu%s%s\n", static_cast<unsigned long long>(g_seed),
                static_cast<unsigned long long>(shortest), plant.empty() ? "" : " --plant ", plant.c_str());
    return expect_failure && planted != nullptr && result.failure.checker == planted->checker ? 0 : 1;
  }
  std::printf("%llu seeds, %llu steps, %llu records, %llu faults, no promise broken; %.0f s, %.0f steps a second\n",
              static_cast<unsigned long long>(done), static_cast<unsigned long long>(steps_done),
              static_cast<unsigned long long>(records), static_cast<unsigned long long>(faults.total()), elapsed(),
              static_cast<double>(steps_done) / elapsed());
  for (const auto& [kind, count] : faults.counts())
    std::printf("  %-28s %llu\n", kind.c_str(), static_cast<unsigned long long>(count));
  return expect_failure ? 1 : 0;
}

}  // namespace
}  // namespace liandong::sim

int main(int argc, char** argv) { return liandong::sim::Main(argc, argv); }
