// What the scenarios do not show of erasing: the small parts, and what readers get.
#include <random>
#include <set>

#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/render.h"
#include "hub/core/retention.h"
#include "routing/load.h"
#include "tests/scenarios/erasure_lines.h"
#include "tests/scenarios/script.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

v1::SiteSet County(uint32_t days) {
  auto loaded = routing::LoadSiteDir("deploy/county/site");
  v1::SiteSet site = loaded->site;
  for (auto& division : *site.mutable_division()) division.clear_outline();
  site.mutable_settings()->set_storm_reports(0);
  if (days == 0) return site;
  v1::RetentionRule* rule = site.mutable_settings()->add_retention();
  rule->set_id("art-85");
  rule->set_days(days);
  rule->set_basis("突发事件应对法第八十五条");
  return site;
}

TEST(KeyRanges, HoldWhatWasAddedAndJoinWhatTouches) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    KeyRanges ranges;
    std::set<uint64_t> expected;
    for (int i = 0; i < 60; ++i) {
      const uint64_t first = 1 + random() % 80, last = first + random() % 4;
      ranges.AddRange(first, last);
      for (uint64_t id = first; id <= last; ++id) expected.insert(id);
    }
    for (uint64_t id = 0; id < 100; ++id) ASSERT_EQ(ranges.Contains(id), expected.count(id) == 1) << id;
    uint64_t before = 0;
    for (const auto& [first, last] : ranges.ranges()) {
      ASSERT_LE(first, last);
      if (before != 0) {
        ASSERT_GT(first, before + 1) << "two that touch are one";
      }
      before = last;
    }
  }
}

TEST(Retention, TheLongestRuleOfWhatThereIsCounts) {
  v1::SiteSettings settings;
  EXPECT_EQ(LongestRule(settings, kSealedClasses), nullptr);
  auto add = [&](const char* id, uint32_t days, std::initializer_list<v1::Field> fields) {
    v1::RetentionRule* rule = settings.add_retention();
    rule->set_id(id);
    rule->set_days(days);
    for (v1::Field field : fields) rule->add_field(field);
  };
  add("all", 10, {});
  add("caller", 30, {v1::CALLER_NAME, v1::CALLER_PHONE});
  add("medical", 20, {v1::MEDICAL});
  EXPECT_EQ(LongestRule(settings, ClassBit(v1::DESCRIPTION))->id(), "all");
  EXPECT_EQ(LongestRule(settings, ClassBit(v1::DESCRIPTION) | ClassBit(v1::MEDICAL))->id(), "medical");
  EXPECT_EQ(LongestRule(settings, ClassBit(v1::MEDICAL) | ClassBit(v1::CALLER_PHONE))->id(), "caller");
  EXPECT_EQ(LongestRule(settings, 0)->id(), "caller") << "what is not known may be anything";

  RetentionIndex index;
  index.Add(ClassBit(v1::DESCRIPTION), 1000, 1);
  index.Add(ClassBit(v1::DESCRIPTION), 2000, 2);
  index.Add(ClassBit(v1::CALLER_NAME), 500, 3);
  EXPECT_EQ(index.Next(settings), 1000 + 10 * kDayMs);
  EXPECT_TRUE(index.Until(settings, 999 + 10 * kDayMs, 9).incidents.empty());
  const auto due = index.Until(settings, 2000 + 10 * kDayMs, 9);
  EXPECT_EQ(due.rule->id(), "all");
  EXPECT_EQ(due.incidents, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(index.Until(settings, 2000 + 10 * kDayMs, 1).incidents, (std::vector<uint64_t>{1}));
  index.Remove(ClassBit(v1::DESCRIPTION), 1000, 1);
  index.Remove(ClassBit(v1::DESCRIPTION), 2000, 2);
  EXPECT_EQ(index.Next(settings), 500 + 30 * kDayMs);
}

TEST(Retention, ClassesAreThoseOfWhatIsTold) {
  v1::SealedPart sealed;
  EXPECT_EQ(ClassesOf(sealed), ClassBit(v1::DESCRIPTION));
  sealed.set_contact_phone("1");
  sealed.set_village("339921100207");
  EXPECT_EQ(ClassesOf(sealed), ClassBit(v1::DESCRIPTION) | ClassBit(v1::CALLER_PHONE) | ClassBit(v1::PLACE));
  sealed.set_caller_name("a");
  sealed.set_medical("b");
  sealed.add_details();
  EXPECT_EQ(ClassesOf(sealed), kSealedClasses);
}

// A backlog, when rules are adopted late: worked off in records of bounded size, and State gets smaller by it.
TEST(Erasure, AnOldBacklogIsErasedInPieces) {
  std::string text;
  const int incidents = static_cast<int>(limits::kErasePerRecord) + 10;
  for (int i = 0; i < incidents; ++i) {
    const std::string name = "r" + std::to_string(i);
    text += "at 1s 119 reports \"有人晕倒\" as " + name + " category health.illness in town-qingshi\n";
    text += "at 1s desk closes " + name + " because \"已处置\"\n";
  }
  for (int i = 0; i < 3; ++i) text += "at 2h hub forgets\n";
  text += "at 800h desk retains 30\nat 801h nothing passes\n";
  std::vector<v1::Record> records;
  const absl::Status played = scenarios::Play("backlog", text, County(0), &records);
  ASSERT_TRUE(played.ok()) << std::string(played.message());
  size_t pieces = 0, erased = 0;
  State state;
  for (const v1::Record& record : records) {
    state.Apply(record);
    if (!record.has_incidents_erased()) continue;
    ++pieces;
    erased += static_cast<size_t>(record.changes().erased_size());
    EXPECT_LE(static_cast<size_t>(record.changes().erased_size()), limits::kErasePerRecord);
    EXPECT_EQ(record.changes().incident_size(), 0) << "they had left memory, and nothing brings them back";
  }
  EXPECT_EQ(pieces, 2u);
  EXPECT_EQ(erased, static_cast<size_t>(incidents));
  EXPECT_EQ(state.erased_keys().ranges().size(), 1u);
  EXPECT_EQ(state.ToSnapshot().kept().incident_id_size(), 0);
}

class Readers : public testing::Test {
 protected:
  Readers() : world_(County(30)) {
    world_.SetListening("medical-120", false);
    v1::Report report;
    report.set_external_id("r1");
    report.mutable_open()->set_purpose(v1::ACTUAL);
    report.mutable_open()->set_category("health.illness");
    report.mutable_open()->set_division("339921100000");
    v1::SealedPart sealed;
    sealed.set_description("有人晕倒");
    sealed.set_caller_name("甄隐名");
    ReportCommand command = scenarios::CommandOf(report, sealed.SerializeAsString());
    Must(world_.Do(command, "fire-119"));
    OrderCommand order;
    order.request.set_incident_id(1);
    order.request.add_party("medical-120");
    order.request.set_given_by("值班领导");
    order.sealed_text = "只写在指令里的话";
    Must(world_.Do(order, "command"));
    Must(world_.Do(CloseCommand{1, "已处置", true, false}, "command"));
  }
  static void Must(const absl::StatusOr<Answer>& answer) { ASSERT_TRUE(answer.ok()) << answer.status(); }
  // What waits for 120, as it would be sent now. The key is there: what the record says decides.
  std::string Waiting() const {
    const Renderer renderer(world_.state(), [](const v1::IncidentState&, const std::string& sealed) { return sealed; });
    std::string out;
    for (const v1::DeliveryState* delivery : world_.state().DeliveriesOf(1)) {
      if (delivery->party() == "medical-120") out += renderer.Delivery(*delivery, false).DebugString();
    }
    return out;
  }
  v1::IncidentView ViewFor(const std::string& party) const {
    const Renderer renderer(world_.state(), [](const v1::IncidentState&, const std::string& sealed) { return sealed; });
    const v1::IncidentState& incident = *world_.state().FindIncident(1);
    return renderer.View(incident, renderer.DisclosureFor(party, incident), 10);
  }
  scenarios::World world_;
};

std::string Escaped(const std::string& text) {
  v1::Body body;
  body.set_text(text);
  const std::string printed = body.DebugString();  // text: "..."
  return printed.substr(7, printed.size() - 9);
}

TEST_F(Readers, AreToldThatItIsErasedAndNothingElse) {
  EXPECT_NE(Waiting().find(Escaped("只写在指令里的话")), std::string::npos);
  EXPECT_EQ(ViewFor("command").reports(0).caller_name(), "甄隐名");
  EXPECT_EQ(ViewFor("command").erased_at_ms(), 0);
  EraseCommand erase;
  erase.request.set_incident_id(1);
  erase.request.set_reason("当事人申请");
  Must(world_.Do(erase, "command"));
  for (const char* told : {"甄隐名", "有人晕倒", "只写在指令里的话"})
    EXPECT_EQ(Waiting().find(Escaped(told)), std::string::npos) << told;
  EXPECT_NE(Waiting().find(Escaped(kErasedZh)), std::string::npos) << Waiting();
  const v1::IncidentView view = ViewFor("command");
  EXPECT_EQ(view.erased_at_ms(), world_.now_ms());
  ASSERT_EQ(view.reports_size(), 1);
  EXPECT_EQ(view.reports(0).external_id(), "r1") << "that there was a report stays";
  EXPECT_EQ(view.reports(0).caller_name() + view.reports(0).description(), "");
}

TEST_F(Readers, AreToldWhatCannotBeRead) {
  const Renderer renderer(world_.state(), [](const v1::IncidentState&, const std::string&) {
    return absl::StatusOr<std::string>(absl::DataLossError("the key is lost"));
  });
  const v1::IncidentState& incident = *world_.state().FindIncident(1);
  const v1::IncidentView view = renderer.View(incident, renderer.DisclosureFor("command", incident), 10);
  EXPECT_NE(view.reports(0).description().find("暂无法读取"), std::string::npos) << "an empty field would be a lie";
  EXPECT_EQ(view.reports(0).caller_name(), "");
  std::string order;
  for (const v1::DeliveryState* delivery : world_.state().DeliveriesOf(1)) {
    if (delivery->kind() == v1::ORDER) order = renderer.Delivery(*delivery, false).body().text();
  }
  EXPECT_NE(order.find("暂无法读取"), std::string::npos) << order;
}

TEST_F(Readers, OnlyTheCentreSeesAHold) {
  HoldCommand hold;
  hold.request.set_incident_id(1);
  hold.request.set_reason("立案调查");
  Must(world_.Do(hold, "command"));
  EXPECT_EQ(ViewFor("command").held_since_ms(), world_.now_ms());
  EXPECT_EQ(ViewFor("medical-120").held_since_ms(), 0);
  EXPECT_EQ(ViewFor("fire-119").held_since_ms(), 0);
}

// What became one is held together, whichever of them was; and a split does not free either of them.
TEST(Erasure, AHoldGoesAlongWithAMerge) {
  const absl::Status played = scenarios::Play("merged", R"(
at 0s 110 reports "山上冒烟着火" as r1 category natural.forest_fire in town-gaoao
at 60s 119 reports "高坳山火" as r2 category natural.forest_fire in town-gaoao
at 61s desk holds r2 because "立案调查"
at 90s desk merges r1 with r2
at 95s desk lifts r2 because "结案"
expect refused ALREADY_MERGED
at 100s desk splits r2
at 110s desk cancels r1 because "误报"
at 110s desk cancels r2 because "误报"
at 120s desk erases r1 because "申请"
expect refused UNDER_HOLD
at 120s desk erases r2 because "申请"
expect refused UNDER_HOLD
at 130s desk lifts r1 because "结案"
at 140s desk erases r1 because "申请"
expect erased r1 by a-person
expect kept r2
)",
                                              County(0));
  EXPECT_TRUE(played.ok()) << std::string(played.message());
}

}  // namespace
}  // namespace liandong::core
