// No undisclosed value appears in any byte that is sent to a party: deliveries, feedback, answers, errors, the desk's
// reads, the feed; nor does a personal one stand in the log or its lines. Under random agreements, whose words are read
// by rules of the test's own (papers.h), with random incidents (night.h).
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "tests/disclosure/night.h"

namespace liandong::disclosure {
namespace {

constexpr int kNights = 12;
constexpr int kSteps = 120;

TEST(Disclosure, NoPartyGetsAByteThatItsClausesDoNotDisclose) {
  std::map<v1::Field, int> shown, withheld;
  size_t bytes = 0;
  for (uint32_t seed = 1; seed <= kNights; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const v1::SiteSet papers = RandomPapers(random);
    Night night(seed, papers, papers);
    for (int step = 0; step < kSteps; ++step) night.Step();
    night.LookThroughTheLog();
    EXPECT_TRUE(night.leaks().empty()) << absl::StrJoin(night.leaks(), "\n");
    for (const auto& [field, times] : night.shown()) shown[field] += times;
    for (const auto& [field, times] : night.withheld()) withheld[field] += times;
    bytes += night.bytes();
  }
  // It was not silence that was proven.
  for (const v1::Field field : kFields) {
    EXPECT_GT(shown[field], 0) << v1::Field_Name(field) << " was never disclosed to anybody";
    EXPECT_GT(withheld[field], 0) << v1::Field_Name(field) << " was never said to be withheld";
  }
  for (const v1::Field field : kMasked) {
    EXPECT_GT(shown[field], 0) << v1::Field_Name(field) << " was never disclosed to anybody";
  }
  std::printf("%zu bytes in %d nights\n", bytes, kNights);
}

// A hub that discloses one field more than was signed is found out, whichever field it is.
TEST(Disclosure, OneFieldTooManyIsFound) {
  std::vector<v1::Field> every(kFields.begin(), kFields.end());
  every.insert(every.end(), kMasked.begin(), kMasked.end());
  for (const v1::Field field : every) {
    bool found = false;
    for (uint32_t seed = 1; seed <= kNights && !found; ++seed) {
      std::mt19937 random(seed);
      const v1::SiteSet papers = RandomPapers(random);
      v1::SiteSet in_force = papers;
      for (v1::Agreement& agreement : *in_force.mutable_agreement()) {
        for (v1::Clause& clause : *agreement.mutable_clause()) {
          for (v1::DutySpec& duty : *clause.mutable_duty()) duty.add_disclose(field);
        }
      }
      Night night(seed, papers, in_force);
      for (int step = 0; step < kSteps && !found; ++step) {
        night.Step();
        for (const std::string& leak : night.leaks()) {
          found = found || leak.find(v1::Field_Name(field) + " of report") != std::string::npos;
        }
      }
    }
    EXPECT_TRUE(found) << v1::Field_Name(field);
  }
}

}  // namespace
}  // namespace liandong::disclosure
