// The coverage of random sets against brute force: every point of a small space is put to the matcher.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "routing/coverage.h"
#include "routing/match.h"
#include "tests/unit/routing/sample_site.h"

namespace liandong::routing {
namespace {

constexpr int64_t kNowMs = 1'700'000'000'000;
constexpr uint32_t kSets = 12;

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(engine_() % n); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  template <size_t n>
  const char* Of(const char* const (&list)[n]) {
    return list[Below(n)];
  }

 private:
  std::mt19937 engine_;
};

constexpr const char* kCategories[] = {"natural",  "natural.flood", "natural.landslide",
                                       "accident", "accident.fire", "service"};
constexpr const char* kDivisions[] = {"339921", "339921100", "339921100201", "339921101"};
constexpr const char* kSources[] = {"police", "fire", "water"};
constexpr const char* kParties[] = {"power", "water", "fire", "@township", "qingshi", "command"};

v1::Condition Plain(Random& random) {
  v1::Condition when;
  if (random.OneIn(2)) when.add_category(random.Of(kCategories));
  if (random.OneIn(4)) when.add_category(random.Of(kCategories));
  if (random.OneIn(3)) when.set_severity_at_least(static_cast<v1::Severity>(1 + random.Below(4)));
  if (random.OneIn(3)) when.add_division(random.Of(kDivisions));
  if (random.OneIn(6)) when.add_division(random.Of(kDivisions));
  if (random.OneIn(4)) when.add_source(random.Of(kSources));
  if (random.OneIn(5)) when.set_danger_to_life(random.OneIn(2) ? v1::YES : v1::NO);
  if (random.OneIn(6)) when.set_device_alarm(random.OneIn(2) ? v1::YES : v1::NO);
  if (random.OneIn(6)) when.add_channel("internet");
  if (random.OneIn(5)) when.add_stage(static_cast<v1::Stage>(1 + random.Below(4)));
  if (random.OneIn(6)) when.set_response_level_at_least(static_cast<v1::ResponseLevel>(1 + random.Below(4)));
  if (when.ByteSizeLong() == 0) when.set_severity_at_least(v1::LARGE);
  return when;
}

std::string WordOf(size_t clause) { return absl::StrCat("<", clause, ">"); }

v1::SiteSet RandomSet(Random& random) {
  v1::SiteSet set = testing::SampleSet();
  v1::Agreement* agreement = set.add_agreement();
  agreement->set_id("a1");
  agreement->set_title("协议");
  agreement->set_effective_from("2020-01-01");
  for (const char* party : {"power", "water", "fire", "qingshi"}) agreement->add_party(party);
  size_t count = 2 + random.Below(7);
  for (size_t i = 0; i < count; ++i) {
    v1::Clause* clause = agreement->add_clause();
    clause->set_id(absl::StrCat(i));
    clause->set_text("条款");
    const bool chance = random.OneIn(4);
    for (uint32_t n = chance ? 1 : random.Below(3); n > 0; --n) {
      v1::Condition* when = clause->add_when();
      *when = Plain(random);
      if (random.OneIn(4)) *when->add_none_of() = Plain(random);
      if (random.OneIn(4)) {
        *when->add_any_of() = Plain(random);
        *when->add_any_of() = Plain(random);
      }
      if (chance) when->add_any_word(WordOf(i));
    }
    v1::DutySpec* duty = clause->add_duty();
    duty->set_party(random.Of(kParties));
    duty->set_role(random.OneIn(6) ? v1::SUPPORT : v1::LEAD);
    clause->set_fallback(duty->role() == v1::LEAD && random.OneIn(8));
    // To those before it only, so that there is no circle.
    if (i > 0 && !clause->fallback() && random.OneIn(4)) {
      clause->add_overrides(absl::StrCat("a1/", random.Below(static_cast<uint32_t>(i))));
    }
  }
  return set;
}

using Point = std::array<uint32_t, kAxes>;

Facts FactsAt(const Space& space, const Point& at) {
  Facts facts;
  facts.category = space.category[at[0]];
  facts.severity = static_cast<v1::Severity>(at[1] + v1::GENERAL);
  facts.stage = static_cast<v1::Stage>(at[2] + v1::WARNING);
  facts.response_level = static_cast<v1::ResponseLevel>(at[3]);
  facts.danger_to_life = at[4] == 0 ? v1::YES : v1::NO;
  facts.device_alarm = at[5] == 0;
  facts.channel = space.channel[at[6]].empty() ? "telephone" : space.channel[at[6]];
  facts.sources = {space.source[at[7]]};
  facts.division = space.division[at[8]];
  facts.opened_at_ms = kNowMs;
  facts.text = "。";
  return facts;
}

// Calls visit with every point of a box.
template <typename Visit>
void EachPoint(const Region& region, Visit visit) {
  std::array<size_t, kAxes> at{};
  for (;;) {
    Point point;
    for (size_t axis = 0; axis < kAxes; ++axis) point[axis] = region.values[axis][at[axis]];
    visit(point);
    size_t axis = 0;
    while (axis < kAxes && ++at[axis] == region.values[axis].size()) at[axis++] = 0;
    if (axis == kAxes) return;
  }
}

struct Said {
  std::set<std::string> leaders;
  std::set<uint32_t> fired, standing;  // clauses; those whose LEAD stands
};

Said Ask(const Site& site, const Facts& facts) {
  Said said;
  Routing routing = Match(site, facts, kNowMs);
  for (const RoutedDuty& duty : routing.duties) {
    if (duty.role == v1::LEAD) said.leaders.insert(duty.party);
  }
  for (const v1::Fired& fired : routing.decision.fired()) {
    auto number = static_cast<uint32_t>(std::stoul(fired.clause().clause()));
    said.fired.insert(number);
    const bool leads = site.FindClause(fired.clause())->duty(0).role() == v1::LEAD;
    if (leads && !fired.has_lead_yields_to()) said.standing.insert(number);
  }
  return said;
}

// What the coverage says of one set, and what the matcher says point by point.
class Compare {
 public:
  explicit Compare(const v1::SiteSet& set)
      : site_(testing::Compiled(set)), coverage_(Cover(*site_, 0)), clauses_(coverage_.use.size()) {
    for (uint32_t i = 0; i < clauses_; ++i) {
      const v1::Clause& clause = site_->proto().agreement(0).clause(static_cast<int>(i));
      if (clause.when_size() > 0 && clause.when(0).any_word_size() > 0) chances_.push_back(i);
    }
  }

  void Run() {
    ASSERT_TRUE(coverage_.whole);
    for (const CoverageHole& hole : coverage_.holes) {
      if (hole.hole == Hole::kPossibleOverlap) {
        for (uint32_t number : hole.clauses) said_possible_.insert(number);
        continue;
      }
      EachPoint(hole.region, [&](const Point& point) {
        EXPECT_TRUE(said_.emplace(point, hole.hole).second) << "told twice";
        if (hole.hole == Hole::kOverlap) overlapping_[point] = hole.clauses;
      });
    }
    Region all;
    for (size_t axis = 0; axis < kAxes; ++axis) {
      for (uint32_t value = 0; value < coverage_.space.size[axis]; ++value) all.values[axis].push_back(value);
    }
    EachPoint(all, [&](const Point& point) { Look(point); });
    EXPECT_TRUE(said_.empty()) << said_.size() << " points invented";
    for (uint32_t number : chances_) {
      EXPECT_EQ(said_possible_.count(number) > 0, possible_.count(number) > 0) << "clause " << number;
    }
    for (uint32_t number = 0; number < clauses_; ++number) {
      EXPECT_EQ(coverage_.use[number].fires, fired_.count(number) > 0) << "clause " << number;
    }
  }

  size_t gaps = 0, overlaps = 0;
  size_t possible() const { return possible_.size(); }

 private:
  void Look(const Point& point) {
    Facts facts = FactsAt(coverage_.space, point);
    // Nobody denies what the kind of incident says by itself.
    if (facts.danger_to_life == v1::NO && site_->CategoryDanger(facts.category) == v1::YES) return;
    Said certain = Ask(*site_, facts);
    fired_.insert(certain.fired.begin(), certain.fired.end());
    auto told = said_.find(point);
    if (certain.leaders.empty()) {
      ++gaps;
      ASSERT_TRUE(told != said_.end() && told->second == Hole::kGap) << "a gap not found";
    } else if (certain.leaders.size() > 1) {
      ++overlaps;
      ASSERT_TRUE(told != said_.end() && told->second == Hole::kOverlap) << "an overlap not found";
      std::set<uint32_t> clauses(overlapping_[point].begin(), overlapping_[point].end());
      ASSERT_EQ(clauses, certain.standing);
    } else {
      ASSERT_TRUE(told == said_.end()) << "invented";
    }
    if (told != said_.end()) said_.erase(told);
    LookAtChances(facts, certain);
  }

  void LookAtChances(Facts& facts, const Said& certain) {
    std::vector<uint32_t> alone;
    for (uint32_t number : chances_) {
      std::string text = WordOf(number);
      facts.text = text;
      Said said = Ask(*site_, facts);
      fired_.insert(said.fired.begin(), said.fired.end());
      if (certain.leaders.size() > 1 || said.standing.count(number) == 0) continue;
      if (said.leaders.size() > 1) {
        possible_.insert(number);
      } else {
        alone.push_back(number);
      }
    }
    for (uint32_t first : alone) {
      for (uint32_t second : alone) {
        if (first == second) continue;
        std::string text = WordOf(first) + WordOf(second);
        facts.text = text;
        Said said = Ask(*site_, facts);
        if (said.leaders.size() > 1 && said.standing.count(first) > 0 && said.standing.count(second) > 0) {
          possible_.insert({first, second});
        }
      }
    }
  }

  std::shared_ptr<const Site> site_;
  Coverage coverage_;
  const size_t clauses_;
  std::vector<uint32_t> chances_;
  std::map<Point, Hole> said_;
  std::map<Point, std::vector<uint32_t>> overlapping_;
  std::set<uint32_t> said_possible_, possible_, fired_;
};

TEST(CoverageRandomTest, FindsAllAndInventsNothing) {
  size_t gaps = 0, overlaps = 0, possible = 0;
  for (uint32_t seed = 1; seed <= kSets; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    Compare compare(RandomSet(random));
    compare.Run();
    if (HasFailure()) return;
    gaps += compare.gaps;
    overlaps += compare.overlaps;
    possible += compare.possible();
  }
  // The comparison says something only when all three were frequent.
  EXPECT_GT(gaps, 1000u);
  EXPECT_GT(overlaps, 1000u);
  EXPECT_GT(possible, 3u);
}

}  // namespace
}  // namespace liandong::routing
