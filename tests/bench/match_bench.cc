// How the time of one decision grows with the number of clauses. Every iteration has a text that was never seen
// before: matchers that cache by text look good on repeated texts only.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/match.h"

namespace liandong::routing {
namespace {

constexpr int64_t kNowMs = 1'700'000'000'000;
constexpr size_t kTextCharacters = 340;  // about 1 KB of Chinese
constexpr int kCategoriesTop = 10;
constexpr int kCategoriesSub = 20;

// A character of the 3,000 from U+4E00, in UTF-8.
void AppendHan(std::mt19937& random, std::string* out) {
  uint32_t code = 0x4E00 + random() % 3000;
  out->push_back(static_cast<char>(0xE0 | (code >> 12)));
  out->push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
  out->push_back(static_cast<char>(0x80 | (code & 0x3F)));
}

std::string Han(std::mt19937& random, size_t characters) {
  std::string text;
  for (size_t i = 0; i < characters; ++i) AppendHan(random, &text);
  return text;
}

std::string CategoryCode(std::mt19937& random) {
  return absl::StrCat("c", random() % kCategoriesTop, ".s", random() % kCategoriesSub);
}

// kWords: every clause asks for words, so that few fire however many there are, and what is measured is the search.
// kMixed: one in ten asks for words alone, the others for a category, and half of those for words too.
enum class Asks { kWords, kMixed };

void AddClause(std::mt19937& random, Asks asks, int number, int parties, v1::Agreement* agreement) {
  v1::Clause* clause = agreement->add_clause();
  clause->set_id(absl::StrCat(number));
  clause->set_text(Han(random, 20));
  v1::Condition* when = clause->add_when();
  bool words_only = random() % 10 == 0;
  if (!words_only) when->add_category(CategoryCode(random));
  if (asks == Asks::kWords || words_only || random() % 2 == 0) {
    for (int i = 0; i < 3; ++i) when->add_any_word(Han(random, 2 + random() % 3));
  }
  if (random() % 2 == 0) when->set_severity_at_least(v1::LARGE);
  v1::DutySpec* duty = clause->add_duty();
  duty->set_party(absl::StrCat("party-", random() % static_cast<uint32_t>(parties)));
  duty->set_role(v1::LEAD);
  duty->add_disclose(v1::PLACE);
}

std::shared_ptr<const Site> SiteOf(int clauses, Asks asks) {
  constexpr int kParties = 40;
  std::mt19937 random(1);
  v1::SiteSet set;
  set.mutable_settings()->set_name("测试县");
  set.mutable_settings()->set_trust_domain("bench.example");
  set.mutable_settings()->set_command_party("command");
  set.mutable_settings()->set_utc_offset_minutes(480);
  auto add_party = [&set](const std::string& id, v1::PartyKind kind) {
    v1::Party* party = set.add_party();
    party->set_id(id);
    party->set_kind(kind);
    party->set_name_zh(id);
  };
  add_party("command", v1::COMMAND);
  for (int i = 0; i < kParties; ++i) add_party(absl::StrCat("party-", i), v1::AGENCY);
  for (int top = 0; top < kCategoriesTop; ++top) {
    for (int sub = -1; sub < kCategoriesSub; ++sub) {
      v1::Category* category = set.add_category();
      category->set_code(sub < 0 ? absl::StrCat("c", top) : absl::StrCat("c", top, ".s", sub));
      category->set_name_zh(category->code());
    }
  }
  v1::Agreement* agreement = set.add_agreement();
  agreement->set_id("bench");
  agreement->set_title("协议");
  agreement->set_effective_from("2020-01-01");
  for (int i = 0; i < kParties; ++i) agreement->add_party(absl::StrCat("party-", i));
  for (int i = 0; i < clauses; ++i) AddClause(random, asks, i, kParties, agreement);
  auto site = Site::Compile(std::move(set));
  if (!site.ok()) {
    std::cerr << site.status() << "\n";
    std::exit(1);
  }
  return *site;
}

void BM_Match(benchmark::State& state, Asks asks, bool category_known) {
  auto site = SiteOf(static_cast<int>(state.range(0)), asks);
  std::mt19937 random(2);
  Facts facts;
  facts.severity = v1::LARGE;
  facts.danger_to_life = v1::NO;
  facts.opened_at_ms = kNowMs;
  std::string text;
  int64_t fired = 0;
  for (auto _ : state) {
    state.PauseTiming();
    text = Han(random, kTextCharacters);
    facts.text = text;
    if (category_known) facts.category = CategoryCode(random);
    state.ResumeTiming();
    Routing routing = Match(*site, facts, kNowMs);
    fired += routing.decision.fired_size();
    benchmark::DoNotOptimize(routing);
  }
  state.counters["fired"] = benchmark::Counter(static_cast<double>(fired), benchmark::Counter::kAvgIterations);
}

BENCHMARK_CAPTURE(BM_Match, words_category_known, Asks::kWords, true)->Arg(40)->Arg(400)->Arg(4000)->Arg(40000);
BENCHMARK_CAPTURE(BM_Match, words_category_unknown, Asks::kWords, false)->Arg(40)->Arg(400)->Arg(4000)->Arg(40000);
BENCHMARK_CAPTURE(BM_Match, mixed_category_known, Asks::kMixed, true)->Arg(40)->Arg(400)->Arg(4000)->Arg(40000);
// Every clause that asks for nothing but a category fires, and what fires must be told: this grows with the clauses.
BENCHMARK_CAPTURE(BM_Match, mixed_category_unknown, Asks::kMixed, false)->Arg(40)->Arg(400)->Arg(4000)->Arg(40000);

void BM_Compile(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(SiteOf(static_cast<int>(state.range(0)), Asks::kMixed));
}
BENCHMARK(BM_Compile)->Arg(400)->Arg(40000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace liandong::routing

BENCHMARK_MAIN();
