// What one look at the clock costs: by what is due, not by what waits. Outstanding deliveries are made by parties that
// store nothing; each waits with a deadline of its own.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/limits.h"

namespace liandong::core {
namespace {

constexpr int64_t kNowMs = 1'783'900'800'000;
constexpr int kParties = 100;
constexpr int kDeliveriesPerIncident = 4;

v1::SiteSet SmallSite() {
  v1::SiteSet set;
  v1::SiteSettings& settings = *set.mutable_settings();
  settings.set_name("测试县");
  settings.set_trust_domain("bench.example");
  settings.set_command_party("command");
  settings.set_utc_offset_minutes(480);
  auto add = [&set](const std::string& id, v1::PartyKind kind) {
    v1::Party* party = set.add_party();
    party->set_id(id);
    party->set_kind(kind);
    party->set_name_zh(id);
  };
  add("command", v1::COMMAND);
  for (int i = 0; i < kParties; ++i) add(absl::StrCat("agency-", i), v1::AGENCY);
  return set;
}

void Put(State& state, v1::Record record) {
  record.set_index(state.index() + 1);
  record.set_time_ms(kNowMs);
  state.Apply(record);
}

// `outstanding` tasks, none of them stored; the first `due` of them are late at kNowMs, the others an hour later.
State Made(int outstanding, int due) {
  State state;
  v1::Record adopted;
  *adopted.mutable_site_set_adopted()->mutable_site() = SmallSite();
  Put(state, adopted);
  std::map<std::string, uint64_t> sequence;
  for (int made = 0; made < outstanding;) {
    v1::Record record;
    record.mutable_report_recorded();
    v1::Changes& changes = *record.mutable_changes();
    v1::IncidentState& incident = *changes.add_incident();
    incident.set_id(state.next_incident_id());
    incident.set_status(v1::OPEN);
    incident.set_lane(v1::URGENT);
    incident.set_purpose(v1::ACTUAL);
    incident.set_holder("command");
    for (int i = 0; i < kDeliveriesPerIncident && made < outstanding; ++i, ++made) {
      const std::string party = absl::StrCat("agency-", made % kParties);
      const uint64_t id = static_cast<uint64_t>(made) + 1;
      v1::DutyState& duty = *changes.add_duty();
      duty.set_id(id);
      duty.set_incident_id(incident.id());
      duty.set_party(party);
      duty.set_role(v1::SUPPORT);
      duty.set_status(v1::DUTY_OPEN);
      duty.set_accept_by_ms(made < due ? kNowMs : kNowMs + 3'600'000 + made);
      duty.add_step()->set_to("command");
      incident.add_duty(id);
      v1::DeliveryState& delivery = *changes.add_delivery();
      delivery.set_id(id);
      delivery.set_party(party);
      delivery.set_lane(v1::URGENT);
      delivery.set_sequence(++sequence[party]);
      delivery.set_incident_id(incident.id());
      delivery.set_duty_id(id);
      delivery.set_kind(v1::TASK);
      delivery.set_receive_by_ms(kNowMs + 7'200'000 + made);
      v1::PartyState& book = *changes.add_party();
      book.set_party(party);
      book.set_urgent_sequence(sequence[party]);
    }
    Put(state, record);
  }
  return state;
}

const State& Cached(int outstanding, int due) {
  static auto* const kStates = new std::map<std::pair<int, int>, State>();
  auto [it, fresh] = kStates->try_emplace({outstanding, due});
  if (fresh) it->second = Made(outstanding, due);
  return it->second;
}

// The decision alone, from the same State each time; what is due of it is in the record.
void Tick(benchmark::State& bench) {
  const int outstanding = static_cast<int>(bench.range(0)), due = static_cast<int>(bench.range(1));
  const State& state = Cached(outstanding, due);
  if (state.outstanding_deliveries() != static_cast<size_t>(outstanding)) {
    std::cerr << "wanted " << outstanding << " outstanding deliveries, made " << state.outstanding_deliveries() << "\n";
    std::exit(1);
  }
  Context context;
  context.now_ms = kNowMs;
  context.index = state.index() + 1;
  context.actor.set_party("hub");
  size_t missed = 0;
  for (auto _ : bench) {
    // As the sequencer looks: nothing is decided while nothing is due.
    if (state.due().Next() > kNowMs) {
      benchmark::DoNotOptimize(missed);
      continue;
    }
    auto outcome = Decide(state, DueCommand{}, context);
    missed = static_cast<size_t>(outcome->record->deadlines_missed().missed_size());
    benchmark::DoNotOptimize(outcome);
  }
  if (missed != static_cast<size_t>(due)) {
    std::cerr << "wanted " << due << " due, found " << missed << "\n";
    std::exit(1);
  }
  bench.counters["outstanding"] = outstanding;
  bench.counters["due"] = due;
}
BENCHMARK(Tick)
    ->ArgNames({"outstanding", "due"})
    ->ArgsProduct({{1'000, 10'000, 100'000}, {0, 1, 16, limits::kDuePerRecord}})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace liandong::core

BENCHMARK_MAIN();
