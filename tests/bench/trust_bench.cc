// What trust costs a report, part by part: sealing its personal text, telling a repeat by its MAC, the chain over what
// is written of it, opening and cutting it for each party that gets it. Run at the root of the checkout: the sample
// county is read from deploy/county/site. Beside it stands the same without the part, where there is such a thing.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/render.h"
#include "routing/load.h"
#include "security/chain.h"
#include "security/crypto.h"
#include "security/seal.h"

namespace liandong::core {
namespace {

using security::Suite;

constexpr int64_t kNowMs = 1'783'900'800'000;  // 2026-07-13: the county's agreements are in force
constexpr size_t kTextBytes = 1000;
constexpr size_t kStoredBytes = 4100;  // the five records of a report and its acknowledgments, see README.md
constexpr char kAad[] = "report/1/1";

Suite SuiteOf(const benchmark::State& bench) { return static_cast<Suite>(bench.range(0)); }

void Seal(benchmark::State& bench) {
  const std::string key(32, 'k'), text(kTextBytes, 't');
  for (auto _ : bench) benchmark::DoNotOptimize(security::Seal(SuiteOf(bench), key, kAad, text));
}

void Open(benchmark::State& bench) {
  const std::string key(32, 'k'), sealed = security::Seal(SuiteOf(bench), key, kAad, std::string(kTextBytes, 't'));
  for (auto _ : bench) benchmark::DoNotOptimize(security::Open(key, kAad, sealed));
}

void Mac(benchmark::State& bench) {
  const std::string key(32, 'k'), text(kTextBytes, 't');
  for (auto _ : bench) benchmark::DoNotOptimize(security::Mac(SuiteOf(bench), key, text));
}

void Chain(benchmark::State& bench) {
  const std::string stored(kStoredBytes, 's');
  security::ChainLink link = security::GenesisLink(SuiteOf(bench));
  for (auto _ : bench) benchmark::DoNotOptimize(link = security::Next(SuiteOf(bench), link, stored));
}

// One incident of the sample county, as its deliveries wait.
struct Night {
  State state;
  const std::string key = std::string(32, 'k');
  Renderer renderer{state, [this](const v1::IncidentState&, const std::string& sealed) {
                      return clear.empty() ? security::Open(key, kAad, sealed) : absl::StatusOr<std::string>(clear);
                    }};
  std::string clear;  // not empty: what "opening" answers, so that no key is needed
  std::vector<const v1::DeliveryState*> deliveries;

  Night() {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    if (!loaded.ok()) Fail(loaded.status());
    AdoptCommand adopt;
    adopt.site = loaded->site;
    Do(adopt, "command");
    v1::SealedPart sealed;
    sealed.set_description(std::string(kTextBytes, 't'));
    sealed.set_caller_phone("13812341234");
    ReportCommand command;
    command.report.set_external_id("r1");
    v1::OpenPart& open = *command.report.mutable_open();
    open.set_purpose(v1::ACTUAL);
    open.set_category("accident.fire");
    open.set_severity(v1::LARGE);
    open.set_division("339921100000");
    open.set_danger_to_life(v1::YES);
    command.sealed = security::Seal(Suite::kInternational, key, kAad, sealed.SerializeAsString());
    command.content_mac = "mac";
    Do(command, "police-110");
    deliveries = state.DeliveriesOf(1);
    if (deliveries.empty()) Fail(absl::InternalError("nobody is told"));
  }
  [[noreturn]] static void Fail(const absl::Status& status) {
    std::cerr << status << "\n";
    std::exit(1);
  }
  void Do(const Command& command, const std::string& party) {
    Context context;
    context.now_ms = kNowMs;
    context.index = state.index() + 1;
    context.fresh_key_id = state.next_key_id();
    context.actor.set_party(party);
    context.text = "。";
    auto outcome = Decide(state, command, context);
    if (!outcome.ok() || !outcome->record) Fail(outcome.status());
    state.Apply(*outcome->record);
  }
};

// Everything that is done for one delivery when it leaves.
void Deliver(benchmark::State& bench) {
  Night night;
  size_t next = 0;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(night.renderer.Delivery(*night.deliveries[next++ % night.deliveries.size()], false));
  }
}

// The same with the text at hand: what is left is cutting and citing.
void DeliverWithoutOpening(benchmark::State& bench) {
  Night night;
  v1::SealedPart sealed;
  sealed.set_description(std::string(kTextBytes, 't'));
  night.clear = sealed.SerializeAsString();
  size_t next = 0;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(night.renderer.Delivery(*night.deliveries[next++ % night.deliveries.size()], false));
  }
}

// Which fields the party may see.
void Disclose(benchmark::State& bench) {
  Night night;
  const v1::IncidentState& incident = *night.state.FindIncident(1);
  size_t next = 0;
  for (auto _ : bench) {
    const std::string& party = night.deliveries[next++ % night.deliveries.size()]->party();
    benchmark::DoNotOptimize(night.renderer.DisclosureFor(party, incident));
  }
}

// Argument: the suite, 1 international, 2 SM.
BENCHMARK(Seal)->ArgName("suite")->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(Open)->ArgName("suite")->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(Mac)->ArgName("suite")->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(Chain)->ArgName("suite")->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(Deliver)->Unit(benchmark::kMicrosecond);
BENCHMARK(DeliverWithoutOpening)->Unit(benchmark::kMicrosecond);
BENCHMARK(Disclose)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace liandong::core

BENCHMARK_MAIN();
