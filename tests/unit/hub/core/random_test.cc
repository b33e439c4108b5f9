// Parties that do anything, in any order, at any time: no decision may break an invariant, lose the baton or stop the
// clock. The seed is printed; the same seed gives the same run.
#include <random>

#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "hub/core/statutory.h"
#include "routing/load.h"
#include "tests/scenarios/world.h"

namespace liandong::core {
namespace {

const v1::SiteSet& County() {
  static const v1::SiteSet* const kSite = [] {
    auto loaded = routing::LoadSiteDir("deploy/county/site");
    for (auto& division : *loaded->site.mutable_division()) division.clear_outline();
    v1::SiteSettings& settings = *loaded->site.mutable_settings();
    settings.set_dispute_answer_s(300);
    settings.set_return_review_s(600);
    settings.set_return_reviewer("hotline-12345");
    // So that what needs many calls in the county happens here too.
    settings.set_storm_reports(3);
    v1::RetentionRule* rule = settings.add_retention();
    rule->set_id("all");
    rule->set_days(1);
    rule->set_basis("test");
    settings.set_storm_window_s(7200);
    for (auto& category : *loaded->site.mutable_category()) category.set_storm(v1::YES);
    return new v1::SiteSet(loaded->site);
  }();
  return *kSite;
}

class Crowd {
 public:
  explicit Crowd(uint32_t seed) : random_(seed), world_(County()) {
    for (const auto& party : County().party()) parties_.push_back(party.id());
    for (const auto& category : County().category()) categories_.push_back(category.code());
  }

  void Step() {
    switch (Below(20)) {
      case 0:
      case 1:
      case 2:
        return Report();
      case 3:
      case 4:
      case 5:
      case 6:
        return Acknowledge();
      case 7:
        return Wait();
      case 8:
        return (void)world_.Do(TransferCommand{Incident(), Party(), "", Coin()}, Party());
      case 9:
        return (void)world_.Do(CloseCommand{Incident(), "随机", Coin(), Coin()}, Coin() ? "command" : Party());
      case 10:
        return Correct();
      case 11:
        return (void)world_.Do(VerifyCommand{Incident(), Coin() ? v1::VERIFIED : v1::FALSE_ALARM, "随机"}, "command",
                               "有人受伤被困");
      case 12:
        return Order();
      case 13:
        return MergeOrSplit();
      case 14:
        return Duty();
      case 15:
        return Assign();
      case 16:
        return Review();
      case 17:
        return Response();
      case 18:
        return EraseOrHold();
      default:
        return Hub();
    }
  }

  const scenarios::World& world() const { return world_; }

  // Everybody answers, everything is closed, time passes: whatever was under way must come to an end.
  void Settle() {
    for (const std::string& party : parties_) world_.SetListening(party, true);
    FileAll();
    std::vector<uint64_t> open;
    world_.state().incidents().Ascend([&](uint64_t id, const v1::IncidentState& incident) {
      if (incident.status() == v1::OPEN && !incident.secret()) open.push_back(id);
    });
    for (uint64_t id : open) (void)world_.Do(CloseCommand{id, "收尾", true, false}, "command");
    clock_ms_ += 40LL * 24 * 3600 * 1000;
    world_.RunTo(clock_ms_);
  }

 private:
  uint32_t Below(uint32_t bound) { return random_() % bound; }
  bool Coin() { return Below(2) == 0; }
  std::string Party() { return parties_[Below(parties_.size())]; }
  uint64_t Incident() { return 1 + Below(static_cast<uint32_t>(world_.state().next_incident_id())); }

  // What the law asks for is made: until then incidents do not close.
  void FileAll() {
    while (!world_.state().upward_due().empty()) {
      const v1::DutyState& duty = *world_.state().FindDuty(*world_.state().upward_due().begin());
      const v1::IncidentState& root = *world_.state().Root(duty.incident_id());
      FileUpwardCommand command;
      command.request.set_incident_id(root.id());
      command.request.set_rule(duty.statutory().rule());
      command.request.set_kind(duty.statutory().kind());
      command.request.set_form(v1::UPWARD_PHONE);
      *command.request.mutable_fields()->mutable_counts() = KnownCasualties(world_.state(), root);
      for (int field = v1::UPWARD_UNIT_PROFILE; field <= v1::UPWARD_OTHER; ++field)
        command.present.push_back(static_cast<v1::UpwardField>(field));
      const auto filed = world_.Do(command, "command");
      ASSERT_TRUE(filed.ok()) << filed.status();
    }
  }

  void Report() {
    ReportCommand command;
    v1::OpenPart& open = *command.report.mutable_open();
    command.report.set_external_id("r" + std::to_string(Below(40)));
    command.report.set_revision(Below(4));
    open.set_purpose(Below(8) == 0 ? v1::EXERCISE : v1::ACTUAL);
    if (Below(5) != 0) open.set_category(categories_[Below(categories_.size())]);
    open.set_severity(static_cast<v1::Severity>(Below(5)));
    if (Below(5) != 0) open.set_division("339921" + std::string(Coin() ? "100000" : "201000"));
    open.set_danger_to_life(static_cast<v1::Answer>(Below(3)));
    open.set_device_alarm(Below(6) == 0);
    open.set_secret(Below(12) == 0);
    if (Below(6) == 0) {
      open.add_references()->set_party(Party());
      open.mutable_references(0)->set_external_id("r" + std::to_string(Below(40)));
    }
    const std::string text = Coin() ? "有人受伤被困,电线掉了" : "路灯不亮";
    command.sealed = text;
    command.content_mac = open.SerializeAsString() + text;
    const std::string party = Party();
    world_.BeforeReport(party, command.report);
    const auto answer = world_.Do(command, party, text);
    if (!answer.ok()) return;
    const auto& receipt = std::get<v1::Receipt>(*answer);
    if (receipt.outcome() == v1::NEW_INCIDENT || receipt.outcome() == v1::REVISED)
      world_.AfterReport(receipt.incident_id(), text);
  }

  void Acknowledge() {
    AckCommand command;
    command.ack.set_delivery_id(1 + Below(static_cast<uint32_t>(world_.state().next_delivery_id())));
    command.ack.set_state(static_cast<v1::AckState>(1 + Below(10)));
    if (Coin()) command.ack.set_reason(Coin() ? "VERIFIED" : "FALSE_ALARM");
    if (command.ack.state() == v1::REFUSED) command.ack.set_reason("属地不符");
    command.ack.set_deferred_until_ms(world_.now_ms() + Below(3'600'000));
    if (Coin()) command.ack.set_unit("车" + std::to_string(Below(3)));
    const v1::DeliveryState* delivery = world_.state().FindDelivery(command.ack.delivery_id());
    (void)world_.Do(command, delivery == nullptr || Below(10) == 0 ? Party() : delivery->party(), "有人受伤");
  }

  void Wait() {
    clock_ms_ += Below(3) == 0 ? Below(7'200'000) : Below(60'000);
    world_.RunTo(clock_ms_);
  }

  void Correct() {
    CorrectCommand command;
    command.request.set_incident_id(Incident());
    command.request.set_reason("更正");
    if (Coin()) command.request.set_category(categories_[Below(categories_.size())]);
    if (Coin()) command.request.set_severity(static_cast<v1::Severity>(Below(5)));
    (void)world_.Do(command, "command", "有人受伤被困");
  }

  void Order() {
    OrderCommand command;
    command.request.set_given_by("值班领导");
    command.request.set_purpose(v1::ACTUAL);
    if (Coin()) command.request.set_incident_id(Incident());
    if (Coin()) command.request.set_all_townships(true);
    command.request.add_party(Party());
    (void)world_.Do(command, "command");
  }

  void MergeOrSplit() {
    if (Coin()) {
      MergeCommand command;
      command.request.set_older(Incident());
      command.request.set_younger(Incident());
      (void)world_.Do(command, "command");
    } else {
      SplitCommand command;
      command.request.set_incident_id(Incident());
      (void)world_.Do(command, "command");
    }
  }

  void Duty() {
    const uint64_t id = 1 + Below(static_cast<uint32_t>(world_.state().next_duty_id()));
    if (Coin()) {
      ReassignCommand command;
      command.request.set_duty_id(id);
      command.request.set_to(Party());
      command.request.set_reason("改派");
      (void)world_.Do(command, "command");
    } else {
      CorrectAckCommand command;
      command.request.set_duty_id(id);
      command.request.set_reason("误操作");
      if (Coin()) command.request.set_person(v1::ACCEPTED);
      (void)world_.Do(command, "command");
    }
  }

  void Assign() {
    AssignCommand command;
    command.request.set_incident_id(Incident());
    command.request.set_lead(Party());
    if (Coin()) command.request.add_support(Party());
    command.request.set_reason("指定");
    (void)world_.Do(command, "command");
  }

  void Review() {
    ReviewCommand command;
    for (uint64_t id = 1; id < world_.state().next_duty_id(); ++id) {
      const v1::DutyState* duty = world_.state().FindDuty(id);
      if (duty != nullptr && duty->return_delivery() != 0) command.request.set_duty_id(id);
    }
    command.request.set_grant(Coin());
    command.request.set_reason("审核");
    if (command.request.grant() && Coin()) command.request.set_to(Party());
    (void)world_.Do(command, "command");
  }

  void EraseOrHold() {
    if (Coin()) {
      EraseCommand command;
      command.request.set_incident_id(Incident());
      command.request.set_reason("申请");
      return (void)world_.Do(command, "command");
    }
    HoldCommand command;
    command.request.set_incident_id(Incident());
    command.request.set_lift(Coin());
    command.request.set_reason("立案");
    (void)world_.Do(command, "command");
  }

  void Response() {
    uint64_t in_force = 0;
    for (const auto& [id, response] : world_.state().responses()) in_force = id;
    if (in_force != 0 && Coin()) {
      EndResponseCommand command;
      command.request.set_response_id(in_force);
      command.request.set_reason("结束");
      return (void)world_.Do(command, "command");
    }
    StartResponseCommand command;
    command.request.set_level(static_cast<v1::ResponseLevel>(1 + Below(4)));
    command.request.set_purpose(v1::ACTUAL);
    if (Coin()) command.request.set_category(categories_[Below(categories_.size())]);
    command.request.set_matters("防汛");
    command.request.set_measures("转移");
    command.request.set_expected_until_ms(world_.now_ms() + 1'000'000);
    (void)world_.Do(command, "command");
  }

  void Hub() {
    switch (Below(5)) {
      case 0:
        clock_ms_ += Below(3'600'000);
        return world_.OutageUntil(clock_ms_);
      case 1:
        return (void)world_.Forget();
      case 2:
        return world_.SetListening(Party(), false);
      case 3:
        return world_.SetListening(Party(), true);
      default:
        return world_.ClockJump();
    }
  }

  std::mt19937 random_;
  scenarios::World world_;
  std::vector<std::string> parties_, categories_;
  int64_t clock_ms_ = 0;
};

TEST(Random, NoOrderOfActsBreaksAnything) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Crowd crowd(seed);
    for (int step = 0; step < 100; ++step) crowd.Step();
    crowd.Settle();
    const State& state = crowd.world().state();
    ASSERT_TRUE(crowd.world().CheckReplay().ok()) << std::string(crowd.world().CheckReplay().message());
    EXPECT_GT(state.NextErasure(), state.time_ms()) << "whatever its term is over for is erased";
    EXPECT_EQ(state.outstanding_deliveries(), 0u) << "everybody listens, so everything was stored";
    state.incidents().Ascend([&](uint64_t id, const v1::IncidentState& incident) {
      if (incident.secret()) return;
      const v1::IncidentState* root = state.Root(id);
      EXPECT_NE(root->status(), v1::OPEN) << "incident " << id << " never ended";
    });
    for (const auto& [party, book] : state.parties()) {
      EXPECT_EQ(book.state.link_alarm_delivery(), 0u) << party << " has stored everything and is still reported silent";
    }
  }
}

// Sequences have no gap: each delivery of a party and lane has the number after the one before it.
TEST(Random, SequencesHaveNoGap) {
  Crowd crowd(77);
  for (int step = 0; step < 150; ++step) crowd.Step();
  std::map<std::pair<std::string, v1::Lane>, uint64_t> last;
  std::map<uint64_t, uint64_t> seen;
  for (const auto& record : crowd.world().records()) {
    for (const auto& delivery : record.changes().delivery()) {
      if (!seen.emplace(delivery.id(), delivery.sequence()).second) {
        EXPECT_EQ(seen[delivery.id()], delivery.sequence());
        continue;
      }
      uint64_t& before = last[{delivery.party(), delivery.lane()}];
      EXPECT_EQ(delivery.sequence(), before + 1) << delivery.party();
      before = delivery.sequence();
    }
  }
}

}  // namespace
}  // namespace liandong::core
