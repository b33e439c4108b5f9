// How long the coverage of a large county takes: 200 agreements with 20 clauses each, 300 categories, 500 divisions.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "routing/coverage.h"

namespace liandong::routing {
namespace {

constexpr int kTops = 12, kSubs = 25;           // 300 leaves
constexpr int kTownships = 25, kVillages = 20;  // 500 divisions
constexpr int kParties = 60, kClausesEach = 20;

std::string Category(std::mt19937& random) { return absl::StrCat("c", random() % kTops, ".s", random() % kSubs); }

std::string Township(uint32_t number) { return absl::StrFormat("339921%03d", 100 + number); }

void AddClause(std::mt19937& random, v1::Agreement* agreement, int number) {
  v1::Clause* clause = agreement->add_clause();
  clause->set_id(absl::StrCat(number));
  v1::Condition* when = clause->add_when();
  when->add_category(Category(random));
  if (random() % 2 == 0) when->set_severity_at_least(static_cast<v1::Severity>(1 + random() % 4));
  if (random() % 3 == 0) when->add_division(Township(random() % kTownships));
  if (random() % 4 == 0) when->add_source(absl::StrCat("party-", random() % kParties));
  if (random() % 6 == 0) when->add_stage(static_cast<v1::Stage>(1 + random() % 4));
  if (random() % 6 == 0) when->set_response_level_at_least(static_cast<v1::ResponseLevel>(1 + random() % 4));
  if (random() % 3 == 0) when->add_any_word("停电");
  v1::DutySpec* duty = clause->add_duty();
  duty->set_party(absl::StrCat("party-", random() % kParties));
  duty->set_role(random() % 2 == 0 ? v1::LEAD : v1::SUPPORT);
}

std::shared_ptr<const Site> SiteOf(int agreements) {
  std::mt19937 random(1);
  v1::SiteSet set;
  set.mutable_settings()->set_command_party("party-0");
  for (int i = 0; i < kParties; ++i) {
    v1::Party* party = set.add_party();
    party->set_id(absl::StrCat("party-", i));
    party->set_kind(i == 0 ? v1::COMMAND : v1::AGENCY);
  }
  for (int top = 0; top < kTops; ++top) {
    set.add_category()->set_code(absl::StrCat("c", top));
    for (int sub = 0; sub < kSubs; ++sub) set.add_category()->set_code(absl::StrCat("c", top, ".s", sub));
  }
  for (uint32_t township = 0; township < kTownships; ++township) {
    for (int village = 0; village < kVillages; ++village) {
      set.add_division()->set_code(absl::StrCat(Township(township), absl::StrFormat("%03d", 200 + village)));
    }
  }
  for (int i = 0; i < agreements; ++i) {
    v1::Agreement* agreement = set.add_agreement();
    agreement->set_id(absl::StrCat("a", i));
    agreement->set_effective_from("2020-01-01");
    for (int number = 0; number < kClausesEach; ++number) AddClause(random, agreement, number);
  }
  return Site::CompileAdopted(std::move(set));
}

void BM_Cover(benchmark::State& state) {
  auto site = SiteOf(static_cast<int>(state.range(0)));
  Coverage coverage;
  for (auto _ : state) benchmark::DoNotOptimize(coverage = Cover(*site, 0));
  state.counters["clauses"] = static_cast<double>(coverage.use.size());
  state.counters["holes"] = static_cast<double>(coverage.holes.size());
  state.counters["steps"] = static_cast<double>(coverage.steps);
  state.counters["whole"] = coverage.whole ? 1 : 0;
}
BENCHMARK(BM_Cover)->Arg(20)->Arg(200)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace liandong::routing

BENCHMARK_MAIN();
