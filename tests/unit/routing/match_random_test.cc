// The matcher against a naive one that looks at every clause, on random sites and incidents. Which LEAD yields to which
// is taken from the matcher: precedence_test.cc and coverage_random_test.cc look at that.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/match.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

constexpr int64_t kDayMs = 24 * 3600 * 1000;
constexpr int64_t kOffsetMs = 8 * 3600 * 1000;

const std::vector<std::string> kCategories = {"natural",           "natural.flood",      "natural.flood.urban",
                                              "natural.landslide", "accident",           "accident.fire",
                                              "service",           "service.streetlight"};
const std::vector<std::string> kDivisions = {"339921", "339921100", "339921100201", "339921101", "339921101000"};
const std::vector<std::string> kPlaces = {"339921000000", "339921100000", "339921100201", "339921101000"};
const std::vector<std::string> kWords = {"停电", "停", "电线", "落水", "水", "gas", "路灯不亮"};
const std::vector<std::string> kTexts = {"路灯不亮", "停电了，电线落水", "GAS泄漏", "没有这些字"};
const std::vector<std::string> kParties = {"power", "water", "fire", "@township", "command"};
const std::vector<std::string> kTargets = {"power-leader", "county-leader", "police"};
const std::vector<std::string> kTimes = {"00:00", "06:00", "12:00", "22:30"};

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return engine_() % n; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  const std::string& Of(const std::vector<std::string>& list) { return list[Below(list.size())]; }

 private:
  std::mt19937 engine_;
};

v1::Condition RandomCondition(Random& random) {
  v1::Condition when;
  if (!random.OneIn(3)) when.add_category(random.Of(kCategories));
  if (random.OneIn(4)) when.add_category(random.Of(kCategories));
  if (random.OneIn(3)) when.set_severity_at_least(static_cast<v1::Severity>(1 + random.Below(4)));
  if (random.OneIn(3)) when.add_division(random.Of(kDivisions));
  if (random.OneIn(5)) when.add_source(random.OneIn(2) ? "police" : "fire");
  for (size_t i = random.OneIn(2) ? 1 + random.Below(2) : 0; i > 0; --i) when.add_any_word(random.Of(kWords));
  if (random.OneIn(6)) {
    v1::TimeWindow* window = when.add_time();
    window->set_from(random.Of(kTimes));
    do window->set_until(random.Of(kTimes));
    while (window->until() == window->from());
  }
  if (random.OneIn(5)) when.set_verified(static_cast<v1::Verification_Condition>(1 + random.Below(2)));
  if (random.OneIn(5)) when.set_danger_to_life(random.OneIn(2) ? v1::YES : v1::NO);
  if (random.OneIn(8)) when.set_device_alarm(random.OneIn(2) ? v1::YES : v1::NO);
  if (random.OneIn(8)) when.add_channel(random.OneIn(2) ? "telephone" : "internet");
  if (when.ByteSizeLong() == 0) when.add_any_word("停电");
  return when;
}

v1::DutySpec RandomDuty(Random& random) {
  v1::DutySpec duty;
  duty.set_party(random.Of(kParties));
  duty.set_role(static_cast<v1::Role>(1 + random.Below(3)));
  if (random.OneIn(2)) duty.set_receive_within_s(static_cast<uint32_t>(1 + random.Below(30)));
  if (random.OneIn(2)) duty.set_accept_within_s(static_cast<uint32_t>(30 + random.Below(600)));
  if (random.OneIn(3)) duty.set_complete_within_s(static_cast<uint32_t>(4000 + random.Below(600)));
  size_t first = random.Below(kTargets.size());
  for (size_t i = 0; i < random.Below(3); ++i) {
    v1::EscalationStep* step = duty.add_escalate();
    step->set_to(kTargets[(first + i) % kTargets.size()]);
    if (random.OneIn(2)) step->set_wait_s(static_cast<uint32_t>(10 + random.Below(60)));
  }
  for (int field = v1::PLACE; field <= v1::DETAILS; ++field) {
    if (random.OneIn(3)) duty.add_disclose(static_cast<v1::Field>(field));
  }
  duty.set_verify_first(random.OneIn(5));
  return duty;
}

v1::SiteSet RandomSite(Random& random) {
  v1::SiteSet set = testing::SampleSet();
  for (size_t a = 0; a < 3; ++a) {
    v1::Agreement* agreement = set.add_agreement();
    agreement->set_id(absl::StrCat("agreement-", a));
    agreement->set_title("协议");
    for (const char* party : {"power", "water", "fire"}) agreement->add_party(party);
    agreement->set_effective_from(random.OneIn(4) ? "2023-11-15" : "2020-01-01");
    if (random.OneIn(3)) agreement->set_effective_until(random.OneIn(2) ? "2023-11-15" : "2023-11-16");
    for (size_t c = 0; c < 1 + random.Below(20); ++c) {
      v1::Clause* clause = agreement->add_clause();
      clause->set_id(absl::StrCat(c));
      clause->set_text("条款");
      for (size_t w = random.Below(4); w > 0; --w) *clause->add_when() = RandomCondition(random);
      for (size_t d = 1 + random.Below(2); d > 0; --d) *clause->add_duty() = RandomDuty(random);
    }
  }
  return set;
}

Facts RandomFacts(Random& random) {
  Facts facts;
  if (!random.OneIn(4)) facts.category = random.Of(kCategories);
  facts.severity = static_cast<v1::Severity>(random.Below(5));
  if (!random.OneIn(4)) facts.division = random.Of(kPlaces);
  facts.danger_to_life = static_cast<v1::Answer>(random.Below(3));
  facts.device_alarm = random.OneIn(3);
  facts.verification = random.OneIn(3) ? v1::VERIFIED : v1::UNVERIFIED;
  if (!random.OneIn(5)) facts.sources.push_back("police");
  if (random.OneIn(3)) facts.sources.push_back("fire");
  if (!random.OneIn(4)) facts.channel = random.OneIn(2) ? "telephone" : "internet";
  facts.opened_at_ms = 1'700'000'000'000 + static_cast<int64_t>(random.Below(24)) * 3600 * 1000;
  if (!random.OneIn(4)) facts.text = random.Of(kTexts);
  return facts;
}

// ---- The naive matcher: no index, no folding beyond ASCII case, strings compared as they stand.

enum class Truth { kNo, kUnknown, kYes };

std::string WithoutZeros(std::string code) {
  if (code.size() == 12 && code.ends_with("000")) code.resize(9);
  if (code.size() == 9 && code.ends_with("000")) code.resize(6);
  return code;
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

template <typename List, typename Holds>
Truth AnyOf(const List& list, bool unknown, Holds holds) {
  if (unknown) return Truth::kUnknown;
  return std::any_of(list.begin(), list.end(), holds) ? Truth::kYes : Truth::kNo;
}

Truth NaiveDivision(const v1::Condition& when, const Facts& facts) {
  std::string place = WithoutZeros(facts.division);
  bool maybe = false;
  for (const std::string& division : when.division()) {
    std::string area = WithoutZeros(division);
    if (place.starts_with(area)) return Truth::kYes;
    maybe = maybe || area.starts_with(place);
  }
  return maybe ? Truth::kUnknown : Truth::kNo;
}

v1::Answer NaiveDanger(const Facts& facts) {
  if (facts.danger_to_life != v1::ANSWER_UNKNOWN) return facts.danger_to_life;
  if (facts.category.starts_with("natural.flood")) return v1::YES;
  return facts.category.starts_with("service") ? v1::NO : v1::ANSWER_UNKNOWN;
}

bool NaiveInWindow(const v1::TimeWindow& window, const Facts& facts) {
  int64_t minute = (facts.opened_at_ms + kOffsetMs) % kDayMs / 60000;
  std::string now =
      absl::StrCat(minute / 60 < 10 ? "0" : "", minute / 60, ":", minute % 60 < 10 ? "0" : "", minute % 60);
  if (window.from() < window.until()) return window.from() <= now && now < window.until();
  return window.from() <= now || now < window.until();
}

// What each condition that is asked says, by its name.
std::map<std::string, Truth> NaiveAsk(const v1::Condition& when, const Facts& facts) {
  std::map<std::string, Truth> said;
  if (when.category_size() > 0) {
    said["category"] = AnyOf(when.category(), facts.category.empty(), [&](const std::string& root) {
      return facts.category == root || facts.category.starts_with(root + ".");
    });
  }
  if (when.severity_at_least() != 0) {
    said["severity_at_least"] = facts.severity == 0                          ? Truth::kUnknown
                                : facts.severity >= when.severity_at_least() ? Truth::kYes
                                                                             : Truth::kNo;
  }
  if (when.division_size() > 0) said["division"] = NaiveDivision(when, facts);
  if (when.source_size() > 0) {
    said["source"] = AnyOf(when.source(), facts.sources.empty(), [&](const std::string& party) {
      return std::count(facts.sources.begin(), facts.sources.end(), party) > 0;
    });
  }
  if (when.any_word_size() > 0) {
    said["any_word"] = AnyOf(when.any_word(), facts.text.empty(), [&](const std::string& word) {
      return Lower(std::string(facts.text)).find(Lower(word)) != std::string::npos;
    });
  }
  if (when.time_size() > 0) {
    said["time"] = AnyOf(when.time(), false, [&](const v1::TimeWindow& w) { return NaiveInWindow(w, facts); });
  }
  if (when.verified() != 0) {
    bool wants_verified = when.verified() == v1::ONLY_VERIFIED;
    said["verified"] = (facts.verification == v1::VERIFIED) == wants_verified ? Truth::kYes : Truth::kNo;
  }
  if (when.danger_to_life() != 0) {
    v1::Answer danger = NaiveDanger(facts);
    said["danger_to_life"] = danger == 0 ? Truth::kUnknown : danger == when.danger_to_life() ? Truth::kYes : Truth::kNo;
  }
  if (when.device_alarm() != 0) {
    said["device_alarm"] = facts.device_alarm == (when.device_alarm() == v1::YES) ? Truth::kYes : Truth::kNo;
  }
  if (when.channel_size() > 0) {
    said["channel"] = AnyOf(when.channel(), facts.channel.empty(),
                            [&](const std::string& channel) { return channel == facts.channel; });
  }
  return said;
}

struct NaiveVerdict {
  bool fired = false;
  std::set<std::string> uncertain;
  std::string near;  // the only condition that failed
};

NaiveVerdict NaiveClause(const v1::Agreement& agreement, const v1::Clause& clause, const Facts& facts,
                         const std::string& today) {
  bool in_force = agreement.effective_from() <= today &&
                  (agreement.effective_until().empty() || today <= agreement.effective_until());
  NaiveVerdict verdict;
  std::vector<v1::Condition> alternatives(clause.when().begin(), clause.when().end());
  if (alternatives.empty()) alternatives.emplace_back();
  for (const v1::Condition& when : alternatives) {
    std::set<std::string> failed, uncertain;
    for (const auto& [name, truth] : NaiveAsk(when, facts)) {
      if (truth == Truth::kNo) failed.insert(name);
      if (truth == Truth::kUnknown) uncertain.insert(name);
    }
    if (!in_force) failed.insert("effective");
    if (failed.empty()) {
      if (!verdict.fired || uncertain.size() < verdict.uncertain.size()) verdict.uncertain = uncertain;
      verdict.fired = true;
    } else if (failed.size() == 1 && failed.count("category") == 0 && verdict.near.empty()) {
      verdict.near = *failed.begin();
    }
  }
  return verdict;
}

uint32_t DefaultFor(v1::Role role, const std::string& rung) {
  static const std::map<std::pair<v1::Role, std::string>, uint32_t> kDefaults = {
      {{v1::LEAD, "receive"}, 10},    {{v1::LEAD, "accept"}, 300},    {{v1::LEAD, "arrive"}, 3600},
      {{v1::SUPPORT, "receive"}, 20}, {{v1::SUPPORT, "accept"}, 600}, {{v1::INFORM, "receive"}, 60}};
  auto found = kDefaults.find({role, rung});
  return found == kDefaults.end() ? 0 : found->second;
}

struct NaiveDuty {
  std::set<int> roles, disclose;
  std::map<std::string, std::set<uint32_t>> deadlines;
  std::vector<std::string> clauses;
  std::vector<std::string> steps;
  bool verify_first = false;
};

void NaiveAdd(const v1::DutySpec& spec, const std::string& cite, bool certain, const std::string& party,
              NaiveDuty* duty) {
  duty->roles.insert(spec.role());
  for (int field : spec.disclose()) {
    if (certain || field == v1::PLACE) duty->disclose.insert(field);
  }
  auto rung = [&](const char* name, uint32_t own) {
    uint32_t seconds = own != 0 ? own : DefaultFor(spec.role(), name);
    if (seconds != 0) duty->deadlines[name].insert(seconds);
  };
  rung("receive", spec.receive_within_s());
  rung("accept", spec.accept_within_s());
  rung("arrive", spec.arrive_within_s());
  rung("complete", spec.complete_within_s());
  if (duty->clauses.empty() || duty->clauses.back() != cite) duty->clauses.push_back(cite);
  for (const v1::EscalationStep& step : spec.escalate()) {
    bool there = std::any_of(duty->steps.begin(), duty->steps.end(),
                             [&](const std::string& other) { return other.starts_with(step.to() + " "); });
    if (!there && step.to() != party) {
      duty->steps.push_back(absl::StrCat(step.to(), " ", step.wait_s() != 0 ? step.wait_s() : 120));
    }
  }
  duty->verify_first = duty->verify_first || spec.verify_first();
}

std::string Told(const NaiveDuty& duty, const std::string& party) {
  std::string out = absl::StrCat(party, " role ", *duty.roles.begin(), " verify ", duty.verify_first);
  for (const char* rung : {"receive", "accept", "arrive", "complete"}) {
    auto found = duty.deadlines.find(rung);
    absl::StrAppend(&out, " ", found == duty.deadlines.end() ? 0 : *found->second.begin());
  }
  for (const std::string& clause : duty.clauses) absl::StrAppend(&out, " [", clause, "]");
  for (int field : duty.disclose) absl::StrAppend(&out, " d", field);
  for (const std::string& step : duty.steps) absl::StrAppend(&out, " >", step);
  if (party != "command") absl::StrAppend(&out, " >command 120");
  return out + "\n";
}

// yielding: "agreement clause" of those whose LEAD is a SUPPORT.
std::string Naive(const v1::SiteSet& set, const Facts& facts, const std::string& today,
                  const std::set<std::string>& yielding) {
  std::string fired, near;
  int near_count = 0;
  bool township_unknown = false;
  std::map<std::string, NaiveDuty> duties;
  for (const v1::Agreement& agreement : set.agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      NaiveVerdict verdict = NaiveClause(agreement, clause, facts, today);
      std::string cite = absl::StrCat(agreement.id(), " ", clause.id());
      if (!verdict.fired) {
        if (!verdict.near.empty() && ++near_count <= 8) absl::StrAppend(&near, "near ", cite, " ", verdict.near, "\n");
        continue;
      }
      absl::StrAppend(&fired, "fired ", cite);
      for (const std::string& name : verdict.uncertain) absl::StrAppend(&fired, " ?", name);
      absl::StrAppend(&fired, "\n");
      for (v1::DutySpec spec : clause.duty()) {
        if (spec.role() == v1::LEAD && yielding.count(cite) > 0) spec.set_role(v1::SUPPORT);
        std::string party = spec.party();
        if (party == "@township") {
          party = facts.division.starts_with("339921100")   ? "qingshi"
                  : facts.division.starts_with("339921101") ? "baiyun"
                                                            : "command";
          township_unknown = township_unknown || party == "command";
        }
        NaiveAdd(spec, cite, verdict.uncertain.empty(), party, &duties[party]);
      }
    }
  }
  std::string told;
  for (const auto& [party, duty] : duties) told += Told(duty, party);
  return absl::StrCat(fired, near, township_unknown ? "TOWNSHIP_UNKNOWN\n" : "", fired.empty() ? "NO_CLAUSE\n" : "",
                      told);
}

// ---- The matcher's answer in the same words.

std::string Told(const Routing& routing) {
  std::string out;
  for (const v1::Fired& fired : routing.decision.fired()) {
    absl::StrAppend(&out, "fired ", fired.clause().agreement(), " ", fired.clause().clause());
    std::set<std::string> uncertain(fired.uncertain().begin(), fired.uncertain().end());
    for (const std::string& name : uncertain) absl::StrAppend(&out, " ?", name);
    absl::StrAppend(&out, "\n");
  }
  for (const v1::NearMiss& miss : routing.decision.near_miss()) {
    absl::StrAppend(&out, "near ", miss.clause().agreement(), " ", miss.clause().clause(), " ", miss.condition(), "\n");
  }
  for (const std::string& note : routing.decision.note()) absl::StrAppend(&out, note, "\n");
  for (const RoutedDuty& duty : routing.duties) {
    absl::StrAppend(&out, duty.party, " role ", static_cast<int>(duty.role), " verify ", duty.verify_first, " ",
                    duty.receive_within_s, " ", duty.accept_within_s, " ", duty.arrive_within_s, " ",
                    duty.complete_within_s);
    for (const v1::ClauseRef& ref : duty.clauses) absl::StrAppend(&out, " [", ref.agreement(), " ", ref.clause(), "]");
    for (v1::Field field : duty.disclose) absl::StrAppend(&out, " d", static_cast<int>(field));
    for (const v1::EscalationStepState& step : duty.steps) absl::StrAppend(&out, " >", step.to(), " ", step.wait_s());
    absl::StrAppend(&out, "\n");
  }
  return out;
}

TEST(MatchRandomTest, AgreesWithLookingAtEveryClause) {
  int fired = 0, uncertain = 0, near = 0;
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Random random(seed);
    v1::SiteSet set = RandomSite(random);
    auto site = testing::Compiled(set);
    for (int i = 0; i < 25; ++i) {
      Facts facts = RandomFacts(random);
      // 2023-11-14 to 17, so that agreements begin and end among them.
      int64_t day = static_cast<int64_t>(random.Below(4));
      int64_t now_ms = 1'699'950'000'000 + day * kDayMs;
      Routing routing = Match(*site, facts, now_ms);
      std::set<std::string> yielding;
      for (const v1::Fired& clause : routing.decision.fired()) {
        if (!clause.has_lead_yields_to()) continue;
        yielding.insert(absl::StrCat(clause.clause().agreement(), " ", clause.clause().clause()));
      }
      ASSERT_EQ(Told(routing), Naive(set, facts, absl::StrCat("2023-11-", 14 + day), yielding))
          << "seed " << seed << " " << i;
      for (const v1::Fired& clause : routing.decision.fired()) {
        ++fired;
        if (clause.uncertain_size() > 0) ++uncertain;
      }
      near += routing.decision.near_miss_size();
    }
  }
  // The comparison says something only when all three outcomes were frequent.
  EXPECT_GT(fired - uncertain, 1000);
  EXPECT_GT(uncertain, 1000);
  EXPECT_GT(near, 1000);
}

TEST(MatchRandomTest, SameInputSameBytes) {
  Random random(4711);
  v1::SiteSet set = RandomSite(random);
  auto one = testing::Compiled(set), other = testing::Compiled(set);
  for (int i = 0; i < 50; ++i) {
    Facts facts = RandomFacts(random);
    Routing a = Match(*one, facts, 1'700'000'000'000), b = Match(*other, facts, 1'700'000'000'000);
    EXPECT_EQ(a.decision.SerializeAsString(), b.decision.SerializeAsString());
    EXPECT_EQ(Told(a), Told(b));
  }
}

}  // namespace
}  // namespace liandong::routing
