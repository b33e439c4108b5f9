// How alike two reports are, in points that a person can check.
#include "hub/core/suggest.h"

#include "gtest/gtest.h"
#include "hub/core/sketch.h"
#include "routing/load.h"
#include "routing/site.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

Sketch Of(const std::string& text, double lat = 0, double lng = 0) {
  v1::SealedPart sealed;
  sealed.set_description(text);
  if (lat != 0) {
    sealed.mutable_point()->set_has_wgs84(true);
    sealed.mutable_point()->set_lat(lat);
    sealed.mutable_point()->set_lng(lng);
  }
  return SketchOf(sealed);
}

v1::IncidentState Incident(uint64_t id, const std::string& category, const std::string& division, int64_t opened_ms) {
  v1::IncidentState incident;
  incident.set_id(id);
  incident.set_category(category);
  incident.set_division(division);
  incident.set_opened_at_ms(opened_ms);
  return incident;
}

class SuggestTest : public testing::Test {
 protected:
  const std::shared_ptr<const routing::Site> site_ = routing::Site::CompileAdopted({});
};

TEST(SketchTest, WordsAreAlikeByTheirPairs) {
  EXPECT_EQ(WordsAlike(Of("老街菜场门口着火"), Of("老街菜场门口着火")), 100);
  EXPECT_EQ(WordsAlike(Of("老街,菜场门口  着火!"), Of("老街菜场门口着火")), 100);  // signs and blanks say nothing
  const int near = WordsAlike(Of("老街菜场门口着火了快来"), Of("老街菜场着火,烟很大"));
  EXPECT_GT(near, 30);
  EXPECT_LT(near, 100);
  EXPECT_EQ(WordsAlike(Of("老街菜场门口着火"), Of("路灯不亮")), 0);
  EXPECT_EQ(WordsAlike(Of("老街菜场门口着火"), Of("")), -1);
  EXPECT_EQ(WordsAlike(Of("Road CLOSED"), Of("road closed")), 100);
}

TEST(SketchTest, BrokenBytesAreNoText) {
  EXPECT_TRUE(Of("\xE7\x81").pairs.size() <= 1);
  EXPECT_TRUE(Of("\xFF\xFE\x80").pairs.empty());
}

TEST(SketchTest, MetresOverTheGround) {
  // One minute of latitude is 1,853 m.
  EXPECT_NEAR(MetresApart(Of("", 28.0, 119.9), Of("", 28.0 + 1.0 / 60, 119.9)), 1853, 1);
  EXPECT_NEAR(MetresApart(Of("", 28.0, 119.9), Of("", 28.0, 119.901)), 98.2, 0.5);
  EXPECT_EQ(MetresApart(Of("", 28.0, 119.9), Of("")), -1);
}

TEST_F(SuggestTest, TheSameCallTwiceHasAllPoints) {
  const auto a = Incident(1, "accident.fire", "339921100000", 0), b = Incident(2, "accident.fire", "339921100000", 0);
  const v1::MergeSuggestion s = Score(*site_, a, b, {2, 40, 100});
  EXPECT_EQ(s.score(), 100u);
  EXPECT_EQ(s.within_m(), 100u);
  EXPECT_EQ(s.other(), 1u);
}

TEST_F(SuggestTest, EachPartCountsByItself) {
  const auto a = Incident(1, "accident.fire", "339921100000", 0);
  const auto base = Score(*site_, a, Incident(2, "accident.fire", "339921100000", 0), {2, 40, 60});
  EXPECT_EQ(base.score(), 100u);  // 60 % of common pairs is as alike as two people tell one thing
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire.vehicle", "339921100000", 0), {2, 40, 60}).category(), 14u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.firework", "339921100000", 0), {2, 40, 60}).category(),
            14u);  // a sibling
  EXPECT_EQ(Score(*site_, a, Incident(2, "health.injury", "339921100000", 0), {2, 40, 60}).category(), 0u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "", "339921100000", 0), {2, 40, 60}).category(), 10u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921100000", 0), {2, 250, 60}).place(), 34u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921100000", 0), {2, 9000, 60}).place(), 0u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921100000", 0), {2, -1, 60}).place(), 24u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921101000", 0), {2, -1, 60}).place(), 0u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "", 0), {2, -1, 60}).place(), 12u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921100000", 3'600'000), {2, 40, 60}).time(), 7u);
  EXPECT_EQ(Score(*site_, a, Incident(2, "accident.fire", "339921100000", 9'000'000), {2, 40, 60}).time(), 0u);
}

// What stands in clear in the log gives away neither a place nor a text.
TEST_F(SuggestTest, ASuggestionHoldsBandsOnly) {
  const auto a = Incident(1, "accident.fire", "339921100000", 0), b = Incident(2, "accident.fire", "339921100000", 0);
  EXPECT_EQ(Score(*site_, a, b, {2, 12.3, 47}).SerializeAsString(),
            Score(*site_, a, b, {2, 98.7, 41}).SerializeAsString());
}

TEST_F(SuggestTest, SaysWhyInBothLanguages) {
  const auto a = Incident(1, "accident.fire", "339921100000", 0),
             b = Incident(2, "accident.fire", "339921100000", 120'000);
  const Words words = ExplainSuggestion(Score(*site_, a, b, {2, 250, 55}));
  EXPECT_EQ(
      words.en,
      "88 points: within 300 m (34/40), words alike by 50 % (20/25), the same category (20/20), 2 min apart (14/15)");
  EXPECT_EQ(words.zh, "88分:两处相距不超过300米(34/40),文字相似约50%(20/25),类别相同(20/20),先后相隔2分钟(14/15)");
}

v1::SiteSet CountyThatMergesFrom(uint32_t score) {
  auto loaded = routing::LoadSiteDir("deploy/county/site");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  for (auto& agreement : *loaded->site.mutable_agreement()) {
    for (auto& clause : *agreement.mutable_clause()) clause.set_auto_merge_score(score);
  }
  return loaded->site;
}

uint64_t Tell(scenarios::World& world, const std::string& party, const std::string& id, const std::string& text) {
  ReportCommand command;
  command.report.set_external_id(id);
  command.report.mutable_open()->set_purpose(v1::ACTUAL);
  command.report.mutable_open()->set_category("accident.fire.outdoor");
  command.report.mutable_open()->set_division("339921100000");
  command.sealed = text;
  command.content_mac = id + text;
  const auto answer = world.Do(command, party, text);
  EXPECT_TRUE(answer.ok()) << answer.status();
  const uint64_t incident = std::get<v1::Receipt>(*answer).incident_id();
  world.AfterReport(incident, text);
  return incident;
}

TEST(AutoMergeTest, AClauseLetsTheHubMergeAndTheRecordSaysWhich) {
  scenarios::World world(CountyThatMergesFrom(80));
  const uint64_t first = Tell(world, "fire-119", "a", "老街菜场门口着火"),
                 second = Tell(world, "police-110", "b", "老街菜场门口着火");
  ASSERT_NE(first, second);
  EXPECT_EQ(world.state().FindIncident(second)->merged_into(), first);
  const v1::IncidentsMerged* merged = nullptr;
  for (const v1::Record& record : world.records()) {
    if (!record.has_incidents_merged()) continue;
    merged = &record.incidents_merged();
    EXPECT_NE(InWords(record, world.state().site()).en.find("by the hub, as clause"), std::string::npos);
  }
  ASSERT_NE(merged, nullptr);
  EXPECT_FALSE(merged->by_clause().clause().empty());
  EXPECT_GE(merged->suggestion().score(), 80u);
  EXPECT_TRUE(world.CheckReplay().ok());
  // What a person takes apart the hub does not put together again.
  SplitCommand split;
  split.request.set_incident_id(second);
  ASSERT_TRUE(world.Do(split, "command").ok());
  world.AfterReport(second, "老街菜场门口着火");
  EXPECT_EQ(world.state().FindIncident(second)->status(), v1::OPEN);
}

TEST(AutoMergeTest, BelowItsScoreItIsOnlySuggested) {
  scenarios::World world(CountyThatMergesFrom(95));
  const uint64_t first = Tell(world, "fire-119", "a", "老街菜场门口着火"),
                 second = Tell(world, "police-110", "b", "老街菜场门口着火");
  EXPECT_EQ(world.state().FindIncident(second)->status(), v1::OPEN);
  EXPECT_NE(FindSuggestion(*world.state().FindIncident(second), first), nullptr);
}

}  // namespace
}  // namespace liandong::core
