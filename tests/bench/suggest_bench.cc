// What suggesting merges adds to a report: beside the decision of the report itself, in a county with many incidents
// open. Run at the root of the checkout: the sample county is read from deploy/county/site.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/sketch.h"
#include "hub/core/suggest.h"
#include "routing/load.h"

namespace liandong::core {
namespace {

constexpr int64_t kNowMs = 1'783'900'800'000;  // 2026-07-13: the county's agreements are in force
constexpr size_t kTextCharacters = 340;        // about 1 KB of Chinese
constexpr const char* kCategories[] = {"natural.flood", "natural.landslide", "accident.traffic", "accident.fire",
                                       "service.power", "accident.power",    "health.injury",    "other"};

std::string Han(std::mt19937& random, size_t characters) {
  std::string text;
  for (size_t i = 0; i < characters; ++i) {
    uint32_t code = 0x4E00 + random() % 3000;
    text.push_back(static_cast<char>(0xE0 | (code >> 12)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
  return text;
}

// Some thousand open incidents, each with one report, over all townships and some classes, within one hour.
struct County {
  State state;
  std::vector<std::string> townships;
  std::map<uint64_t, Sketch> sketches;
  std::mt19937 random{1};

  explicit County(int open) {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    if (!loaded.ok()) {
      std::cerr << loaded.status() << "\n";
      std::exit(1);
    }
    for (auto& division : *loaded->site.mutable_division()) division.clear_outline();
    loaded->site.mutable_settings()->set_storm_reports(0);
    for (const v1::Party& party : loaded->site.party()) {
      if (party.kind() == v1::TOWNSHIP) townships.push_back(party.division());
    }
    AdoptCommand adopt;
    adopt.site = loaded->site;
    Do(adopt, "command", 0);
    for (int i = 0; i < open; ++i) {
      v1::SealedPart sealed = Words();
      Do(NextReport(i), "police-110", int64_t{3'600'000} * i / std::max(1, open));
      sketches[static_cast<uint64_t>(i) + 1] = SketchOf(sealed);
    }
  }

  v1::SealedPart Words() {
    v1::SealedPart sealed;
    sealed.set_description(Han(random, kTextCharacters));
    return sealed;
  }

  ReportCommand NextReport(int number) {
    ReportCommand command;
    command.report.set_external_id(absl::StrCat("r", number));
    v1::OpenPart& open = *command.report.mutable_open();
    open.set_purpose(v1::ACTUAL);
    open.set_category(kCategories[random() % std::size(kCategories)]);
    open.set_severity(v1::GENERAL);
    open.set_division(townships[random() % townships.size()]);
    open.set_danger_to_life(v1::NO);
    command.sealed = std::string(1100, 's');
    command.content_mac = absl::StrCat("mac", number);
    return command;
  }

  Context ContextAt(int64_t ms, const std::string& party) const {
    Context context;
    context.now_ms = kNowMs + ms;
    context.index = state.index() + 1;
    context.fresh_key_id = state.next_key_id();
    context.actor.set_party(party);
    context.text = "。";
    return context;
  }

  void Do(const Command& command, const std::string& party, int64_t ms) {
    auto outcome = Decide(state, command, ContextAt(ms, party));
    if (!outcome.ok() || !outcome->record) {
      std::cerr << outcome.status() << "\n";
      std::exit(1);
    }
    state.Apply(*outcome->record);
  }
};

County& Cached(int open) {
  static auto* const kCounties = new std::map<int, County>();
  return kCounties->try_emplace(open, open).first->second;
}

// The report's own decision, for comparison; nothing is applied.
void Report(benchmark::State& bench) {
  County& county = Cached(static_cast<int>(bench.range(0)));
  const Context context = county.ContextAt(3'600'000, "police-110");
  int number = 1'000'000;
  double duties = 0;
  for (auto _ : bench) {
    bench.PauseTiming();
    ReportCommand command = county.NextReport(++number);
    const std::string text = Han(county.random, kTextCharacters);
    Context now = context;
    now.text = text;
    bench.ResumeTiming();
    auto outcome = Decide(county.state, command, now);
    benchmark::DoNotOptimize(outcome);
    bench.PauseTiming();
    if (!outcome.ok()) std::exit(1);
    duties += outcome->record->changes().duty_size();
    bench.ResumeTiming();
  }
  bench.counters["duties"] = benchmark::Counter(duties, benchmark::Counter::kAvgIterations);
}

// What comes after it: the sketch of its words, the candidates, how alike they are, and the decision.
void Suggest(benchmark::State& bench) {
  County& county = Cached(static_cast<int>(bench.range(0)));
  const uint64_t incidents = county.sketches.size();
  double compared = 0;
  for (auto _ : bench) {
    bench.PauseTiming();
    const uint64_t id = 1 + county.random() % incidents;
    const v1::SealedPart sealed = county.Words();
    const Context context = county.ContextAt(3'600'000, "hub");
    bench.ResumeTiming();
    const Sketch own = SketchOf(sealed);
    SuggestCommand command;
    command.incident_id = id;
    for (uint64_t other : Candidates(county.state, id)) {
      Likeness likeness{other};
      likeness.words_percent = WordsAlike(own, county.sketches[other]);
      likeness.distance_m = MetresApart(own, county.sketches[other]);
      command.likeness.push_back(likeness);
    }
    auto outcome = Decide(county.state, command, context);
    benchmark::DoNotOptimize(outcome);
    compared += static_cast<double>(command.likeness.size());
  }
  bench.counters["compared"] = benchmark::Counter(compared, benchmark::Counter::kAvgIterations);
}

BENCHMARK(Report)->ArgName("open")->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(Suggest)->ArgName("open")->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace liandong::core

BENCHMARK_MAIN();
