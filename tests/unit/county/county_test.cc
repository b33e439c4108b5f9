// The sample county of deploy/county: its files are sound, everybody has a leader, callers stay private, and typical
// incidents reach whom a duty officer would expect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "liandong/v1/config.pb.h"
#include "liandong/v1/screen_config.pb.h"
#include "routing/load.h"
#include "routing/match.h"
#include "routing/site.h"

namespace liandong::routing {
namespace {

constexpr char kSiteDir[] = "deploy/county/site";
constexpr int64_t kHourMs = 3'600'000;
// 2026-07-12T16:00:00Z is midnight of 2026-07-13 in the county.
constexpr int64_t kMidnightMs = 1'783'872'000'000;
constexpr int64_t kNoonMs = kMidnightMs + 12 * kHourMs;
constexpr int64_t kNightMs = kMidnightMs + 23 * kHourMs;

std::shared_ptr<const Site> County() {
  static const std::shared_ptr<const Site>* site = [] {
    absl::StatusOr<LoadedSite> loaded = LoadSiteDir(kSiteDir);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    if (!loaded.ok()) return new std::shared_ptr<const Site>();
    loaded->site.set_version(1);
    absl::StatusOr<std::shared_ptr<const Site>> compiled = Site::Compile(loaded->site);
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    return new std::shared_ptr<const Site>(compiled.ok() ? *compiled : nullptr);
  }();
  return *site;
}

class CountyTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(County(), nullptr); }
};

TEST_F(CountyTest, HasNoErrorsAndNoWarnings) {
  CheckOptions options;
  options.coverage = true;
  absl::StatusOr<std::vector<Finding>> findings = CheckSiteDir(kSiteDir, options);
  ASSERT_TRUE(findings.ok()) << findings.status();
  for (const Finding& finding : *findings) ADD_FAILURE() << finding.Text();
}

TEST_F(CountyTest, HasTheParties) {
  std::map<v1::PartyKind, int> count;
  for (const v1::Party& party : County()->proto().party()) ++count[party.kind()];
  EXPECT_EQ(count[v1::HOTLINE], 4);
  EXPECT_EQ(count[v1::AGENCY], 7);
  EXPECT_EQ(count[v1::TOWNSHIP], 12);
  EXPECT_EQ(count[v1::COMMAND], 1);
  EXPECT_EQ(count[v1::SCREEN], 1);
  for (const v1::Division& division : County()->proto().division()) {
    EXPECT_EQ(division.code().substr(0, 6), "339921") << division.code();
  }
}

// Every edge of a township's outline is another township's edge the other way round, or the county's own.
TEST_F(CountyTest, TownshipsTileTheCounty) {
  using Point = std::pair<double, double>;
  std::map<std::pair<Point, Point>, int> edges;
  std::set<std::pair<Point, Point>> border;
  for (const v1::Division& division : County()->proto().division()) {
    const auto& ring = division.outline();
    ASSERT_GE(ring.size(), 13) << division.code();
    EXPECT_EQ(ring[0].lat(), ring[ring.size() - 1].lat()) << division.code();
    EXPECT_EQ(ring[0].lng(), ring[ring.size() - 1].lng()) << division.code();
    for (int i = 0; i + 1 < ring.size(); ++i) {
      std::pair<Point, Point> edge{{ring[i].lat(), ring[i].lng()}, {ring[i + 1].lat(), ring[i + 1].lng()}};
      if (division.code() == "339921000000") {
        border.insert(edge);
      } else {
        ++edges[edge];
      }
    }
  }
  size_t on_border = 0;
  for (const auto& [edge, times] : edges) {
    EXPECT_EQ(times, 1);
    if (border.count(edge) > 0) {
      ++on_border;
    } else {
      EXPECT_EQ(edges.count({edge.second, edge.first}), 1u) << edge.first.first << " " << edge.first.second;
    }
  }
  EXPECT_EQ(on_border, border.size());
}

TEST_F(CountyTest, EveryLeafSeverityAndTownshipHasALead) {
  const Site& site = *County();
  std::set<std::string> inner;
  for (const v1::Category& category : site.proto().category()) {
    size_t dot = category.code().rfind('.');
    if (dot != std::string::npos) inner.insert(category.code().substr(0, dot));
  }
  int leaves = 0;
  for (const v1::Category& category : site.proto().category()) {
    if (inner.count(category.code()) > 0) continue;
    ++leaves;
    for (v1::Severity severity : {v1::SEVERITY_UNKNOWN, v1::GENERAL, v1::LARGE, v1::MAJOR, v1::EXTREME}) {
      for (const std::string& township : site.townships()) {
        Facts facts;
        facts.category = category.code();
        facts.severity = severity;
        facts.division = site.FindParty(township)->division();
        facts.danger_to_life = v1::NO;
        facts.sources = {township};
        facts.channel = "telephone";
        facts.opened_at_ms = kNoonMs;
        facts.text = "。";
        Routing routing = Match(site, facts, kNoonMs);
        bool led = std::any_of(routing.duties.begin(), routing.duties.end(),
                               [](const RoutedDuty& duty) { return duty.role == v1::LEAD; });
        EXPECT_TRUE(led) << category.code() << " " << v1::Severity_Name(severity) << " " << township;
      }
    }
  }
  EXPECT_GE(leaves, 80);
}

TEST_F(CountyTest, UsesEveryKindOfCondition) {
  std::set<std::string> used;
  for (const v1::Agreement& agreement : County()->proto().agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      for (const v1::Condition& when : clause.when()) {
        std::vector<const google::protobuf::FieldDescriptor*> fields;
        when.GetReflection()->ListFields(when, &fields);
        for (const auto* field : fields) used.insert(field->name());
      }
    }
  }
  EXPECT_EQ(static_cast<int>(used.size()), v1::Condition::descriptor()->field_count()) << absl::StrJoin(used, " ");
}

// DOMAIN: least necessary. Illness to 120 alone; a caller's number to who must call back; a name to the two desks.
TEST_F(CountyTest, DisclosesTheLeastNecessary) {
  const std::set<std::string> may_call_back = {
      "hotline-12345", "police-110",       "fire-119",           "medical-120",   "telecom",
      "power-supply",  "resources-bureau", "agriculture-bureau", "highway-bureau"};
  for (const v1::Agreement& agreement : County()->proto().agreement()) {
    for (const v1::Clause& clause : agreement.clause()) {
      for (const v1::DutySpec& duty : clause.duty()) {
        std::string where = absl::StrCat(agreement.id(), " ", clause.id(), " ", duty.party());
        for (int field : duty.disclose()) {
          if (field == v1::MEDICAL) {
            EXPECT_EQ(duty.party(), "medical-120") << where;
          } else if (field == v1::CALLER_NAME) {
            EXPECT_TRUE(duty.party() == "police-110" || duty.party() == "hotline-12345") << where;
          } else if (field == v1::CALLER_PHONE) {
            EXPECT_EQ(may_call_back.count(duty.party()), 1u) << where;
          }
        }
      }
    }
  }
}

TEST_F(CountyTest, NamesNoComplainantToTheUnitComplainedOf) {
  for (const char* text : {"投诉供电公司乱收费", "投诉移动公司信号差还扣费", "投诉镇里不修路"}) {
    Facts facts;
    facts.category = "service.complaint";
    facts.division = "339921100000";
    facts.sources = {"hotline-12345"};
    facts.channel = "telephone";
    facts.opened_at_ms = kNoonMs;
    facts.text = text;
    for (const RoutedDuty& duty : Match(*County(), facts, kNoonMs).duties) {
      EXPECT_EQ(duty.party, "hotline-12345") << text;
    }
  }
}

// A first call of which nothing is known: it may be anybody's, so everybody hears of the place, and of nothing else.
TEST_F(CountyTest, NothingKnownReachesEverybodyAndTellsThePlaceAlone) {
  Facts facts;
  facts.sources = {"hotline-12345"};
  Routing routing = Match(*County(), facts, kNoonMs);
  EXPECT_EQ(routing.duties.size(), 12u);  // all but the townships: which one it is, is not known either
  for (const RoutedDuty& duty : routing.duties) {
    EXPECT_THAT(duty.disclose, ::testing::ElementsAre(v1::PLACE)) << duty.party;
    if (duty.party == "command") continue;
    ASSERT_GE(duty.steps.size(), 2u) << duty.party;
    EXPECT_EQ(duty.steps.back().to(), "command") << duty.party;
  }
}

template <typename Message>
void ExpectParses(const std::string& path) {
  std::ifstream file(path);
  ASSERT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  Message message;
  std::vector<Finding> findings;
  EXPECT_TRUE(ParseText(path, text.str(), &message, &findings).ok()) << path;
  for (const Finding& finding : findings) ADD_FAILURE() << finding.Text();
  EXPECT_GT(message.ByteSizeLong(), 0u) << path;
}

TEST(CountyConfigTest, SamplesParse) {
  ExpectParses<v1::HubConfig>("deploy/county/hub.textproto");
  ExpectParses<v1::ClientConfig>("deploy/county/client.textproto");
  ExpectParses<v1::ScreenConfig>("deploy/county/screen.textproto");
}

struct Case {
  std::string name;
  std::string source, category, division, text;
  v1::Severity severity = v1::GENERAL;
  v1::Answer danger = v1::ANSWER_UNKNOWN;
  std::string expected;  // "party:L party:S party:I", sorted by party; the reporter's own duties included
  bool device = false;
  v1::Verification verification = v1::UNVERIFIED;
  std::string channel = "telephone";
  int64_t opened_at_ms = kNoonMs;
};

void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class TypicalIncident : public ::testing::TestWithParam<Case> {};

TEST_P(TypicalIncident, ReachesWhoMustAct) {
  ASSERT_NE(County(), nullptr);
  const Case& c = GetParam();
  Facts facts;
  facts.category = c.category;
  facts.severity = c.severity;
  facts.division = c.division;
  facts.danger_to_life = c.danger;
  facts.device_alarm = c.device;
  facts.verification = c.verification;
  facts.sources = {c.source};
  facts.channel = c.channel;
  facts.opened_at_ms = c.opened_at_ms;
  facts.text = c.text;
  Routing routing = Match(*County(), facts, c.opened_at_ms);
  std::vector<std::string> got;
  for (const RoutedDuty& duty : routing.duties) {
    EXPECT_FALSE(duty.clauses.empty()) << duty.party;
    got.push_back(absl::StrCat(duty.party, ":", v1::Role_Name(duty.role).substr(0, 1)));
  }
  std::vector<std::string> fired;
  for (const v1::Fired& clause : routing.decision.fired()) {
    fired.push_back(absl::StrCat(clause.clause().agreement(), "/", clause.clause().clause(),
                                 clause.uncertain_size() > 0 ? "?" : ""));
  }
  EXPECT_EQ(absl::StrJoin(got, " "), c.expected) << "fired: " << absl::StrJoin(fired, " ");
}

constexpr char kQingshi[] = "339921100000";
constexpr char kYuncheng[] = "339921001000";
constexpr char kSongling[] = "339921203000";
constexpr char kAllTownshipsSupport[] =
    " town-baisha:S town-dawan:S town-dongxi:S town-fengping:S town-gaoao:S town-longtan:S town-meiyang:S "
    "town-qingshi:S town-shiliang:S town-songling:S town-yuncheng:S town-zhuyuan:S";
constexpr char kAllTownshipsInform[] =
    " town-baisha:I town-dawan:I town-dongxi:I town-fengping:I town-gaoao:I town-longtan:I town-meiyang:I "
    "town-qingshi:I town-shiliang:I town-songling:I town-yuncheng:I town-zhuyuan:I";

std::vector<Case> Cases() {
  std::vector<Case> cases = {
      {"StreetlightTold110GoesTo12345", "police-110", "service.streetlight", kYuncheng, "路口路灯不亮三天了",
       v1::GENERAL, v1::ANSWER_UNKNOWN, "hotline-12345:L power-supply:S"},
      {"ComplaintStaysWith12345", "hotline-12345", "service.complaint", kYuncheng, "投诉供电公司乱收费", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "hotline-12345:L"},
      {"ServiceMatterWithDangerGoesTo110First", "hotline-12345", "service.water", kYuncheng, "水管爆裂冲塌围墙",
       v1::GENERAL, v1::YES, "hotline-12345:S police-110:L"},
      {"BreakInTold12345GoesTo110", "hotline-12345", "security.theft", kQingshi, "家里被撬了", v1::GENERAL, v1::NO,
       "police-110:L"},
      {"DisputeWithoutViolence", "police-110", "order.dispute.neighbour", kQingshi, "两家争田埂，请来调解", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "hotline-12345:L town-qingshi:S"},
      {"DisputeWithAHoe", "hotline-12345", "order.dispute.neighbour", kQingshi, "邻居拿锄头要打人", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "hotline-12345:S police-110:L town-qingshi:S"},
      {"ThreatOfCrowdTold12345", "hotline-12345", "service.other", kYuncheng, "明天要去堵路拉横幅", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "hotline-12345:S police-110:L"},
      {"HeartAttackTold110", "police-110", "health.critical", kQingshi, "老人胸口痛，喘不上气", v1::GENERAL, v1::YES,
       "medical-120:L"},
      {"HeartAttackTold12345", "hotline-12345", "health.critical", kQingshi, "老人胸口痛，喘不上气", v1::GENERAL,
       v1::YES, "medical-120:L police-110:S"},
      {"CrashWithInjured", "police-110", "accident.traffic.injury", kSongling, "货车撞了，两人受伤，一人被困驾驶室",
       v1::GENERAL, v1::YES, "fire-119:S medical-120:S police-110:L"},
      {"ScratchedCars", "police-110", "accident.traffic.damage", kYuncheng, "两车剐蹭", v1::GENERAL, v1::NO,
       "police-110:L"},
      {"DwellingFireTold119", "fire-119", "accident.fire.dwelling", kYuncheng, "三楼冒烟", v1::GENERAL, v1::YES,
       "fire-119:L medical-120:S police-110:S power-supply:S"},
      {"MachineAlarmByDay", "fire-119", "accident.fire", kQingshi, "点型感烟探测器 1区2号", v1::SEVERITY_UNKNOWN,
       v1::ANSWER_UNKNOWN, "command:I fire-119:L town-qingshi:S", true, v1::UNVERIFIED, "fire-alarm"},
      {"MachineAlarmWithoutText", "fire-119", "accident.fire", kQingshi, "", v1::SEVERITY_UNKNOWN, v1::ANSWER_UNKNOWN,
       "command:I fire-119:L town-qingshi:S", true, v1::UNVERIFIED, "fire-alarm"},
      {"MachineAlarmByNight", "fire-119", "accident.fire", kQingshi, "点型感烟探测器 1区2号", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "fire-119:L police-110:S town-qingshi:S", true, v1::UNVERIFIED, "fire-alarm", kNightMs},
      {"MachineAlarmVerified", "fire-119", "accident.fire", kQingshi, "点型感烟探测器 1区2号", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "fire-119:L medical-120:S police-110:S power-supply:S town-qingshi:S", true, v1::VERIFIED,
       "fire-alarm"},
      {"TankerLeak", "fire-119", "accident.hazmat.transport", kSongling, "槽罐车侧翻，有刺鼻气味", v1::LARGE, v1::YES,
       "fire-119:L highway-bureau:S medical-120:S police-110:S power-supply:S town-songling:S weather-bureau:S"},
      {"LandslideWithBuriedHouse", "police-110", "natural.landslide", kQingshi,
       "后山滑坡，房子被埋，有人被困，电线杆倒了", v1::LARGE, v1::YES,
       "commerce-bureau:S fire-119:S medical-120:S police-110:S power-supply:S resources-bureau:L town-qingshi:S "
       "weather-bureau:S"},
      {"LandslideMajor", "hotline-12345", "natural.landslide", kSongling, "山体滑坡冲断省道，村里没信号", v1::MAJOR,
       v1::YES,
       "command:I commerce-bureau:S fire-119:S highway-bureau:S medical-120:S police-110:S resources-bureau:L "
       "telecom:S town-songling:S weather-bureau:S"},
      {"LandslideMonitor", "town-gaoao", "natural.landslide", "339921201000", "", v1::GENERAL, v1::ANSWER_UNKNOWN,
       "resources-bureau:L town-gaoao:S", true, v1::UNVERIFIED, "sensor"},
      {"FlashFlood", "town-qingshi", "natural.flood.flash", kQingshi, "溪水暴涨，停电了", v1::GENERAL, v1::YES,
       "agriculture-bureau:L fire-119:S medical-120:S police-110:S power-supply:S town-qingshi:S"},
      {"WaterloggingNobodyInDanger", "hotline-12345", "natural.flood.waterlogging", kYuncheng, "地下车库进水",
       v1::GENERAL, v1::NO, "agriculture-bureau:L town-yuncheng:S"},
      {"PondDam", "town-meiyang", "natural.flood.reservoir", "339921204000", "山塘坝脚冒浑水", v1::GENERAL, v1::YES,
       "agriculture-bureau:L command:I fire-119:S medical-120:S police-110:S town-meiyang:S"},
      {"ForestFireByNight", "fire-119", "natural.forest_fire", kSongling, "山上起火", v1::GENERAL, v1::YES,
       "fire-119:S medical-120:S police-110:S resources-bureau:L town-songling:S", false, v1::UNVERIFIED, "telephone",
       kNightMs},
      {"ForestFireVerifiedLarge", "fire-119", "natural.forest_fire", kSongling, "过火面积扩大", v1::LARGE, v1::YES,
       "command:S commerce-bureau:S fire-119:S medical-120:S police-110:S resources-bureau:L town-songling:S "
       "weather-bureau:S",
       false, v1::VERIFIED},
      {"RoadSlope", "highway-bureau", "accident.road.slope", kSongling, "边坡塌方，单边通行", v1::GENERAL, v1::NO,
       "highway-bureau:L police-110:S"},
      {"Outage", "hotline-12345", "accident.power.outage", kQingshi, "全村停电", v1::GENERAL, v1::ANSWER_UNKNOWN,
       "power-supply:L"},
      {"LineDown", "hotline-12345", "accident.power.line", kQingshi, "电线掉在田里", v1::GENERAL, v1::ANSWER_UNKNOWN,
       "police-110:S power-supply:L"},
      {"FibreCut", "telecom", "accident.telecom", kSongling, "光缆挖断", v1::GENERAL, v1::ANSWER_UNKNOWN, "telecom:L"},
      {"YellowRainWarning", "weather-bureau", "natural.weather.rainstorm", "339921000000", "暴雨黄色预警", v1::LARGE,
       v1::ANSWER_UNKNOWN,
       absl::StrCat(
           "agriculture-bureau:S command:L fire-119:I hotline-12345:I medical-120:I police-110:I resources-bureau:S",
           kAllTownshipsInform)},
      {"RedTyphoonWarning", "weather-bureau", "natural.weather.typhoon", "339921000000", "台风红色预警", v1::EXTREME,
       v1::ANSWER_UNKNOWN,
       absl::StrCat("agriculture-bureau:S command:L commerce-bureau:I fire-119:I hotline-12345:I medical-120:I "
                    "police-110:I resources-bureau:S telecom:S",
                    kAllTownshipsSupport)},
      {"BlueGaleWarning", "weather-bureau", "natural.weather.gale", "339921000000", "大风蓝色预警", v1::GENERAL,
       v1::ANSWER_UNKNOWN,
       "agriculture-bureau:I command:L fire-119:I hotline-12345:I medical-120:I police-110:I resources-bureau:I"},
      {"SuppliesAskedFor", "town-qingshi", "command.supplies", kQingshi, "需要棉被两百床", v1::GENERAL,
       v1::ANSWER_UNKNOWN, "command:L commerce-bureau:S town-qingshi:I"},
      {"PigDisease", "town-qingshi", "health.animal", kQingshi, "养殖场生猪异常死亡", v1::GENERAL, v1::ANSWER_UNKNOWN,
       "agriculture-bureau:L"},
      {"OwnerUnclearTold12345", "hotline-12345", "other.unclear", kYuncheng, "说不清归谁管", v1::GENERAL, v1::NO,
       "command:S hotline-12345:L police-110:S"},
      {"InternetTheftReport", "hotline-12345", "security.theft", kYuncheng, "网上留言：电瓶被偷", v1::GENERAL, v1::NO,
       "police-110:L", false, v1::UNVERIFIED, "internet"},
  };
  return cases;
}

INSTANTIATE_TEST_SUITE_P(County, TypicalIncident, ::testing::ValuesIn(Cases()),
                         [](const ::testing::TestParamInfo<Case>& of) { return of.param.name; });

}  // namespace
}  // namespace liandong::routing
