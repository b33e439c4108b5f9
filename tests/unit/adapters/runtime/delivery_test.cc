// From the hub to a hotline's system, and its acknowledgments back.
#include "tests/unit/adapters/runtime/fixture.h"

namespace liandong::adapters {
namespace {

using testing::HasSubstr;

class DeliveryTest : public AdapterTest {
 protected:
  static std::string Pjdb(const std::string& jjdbh, const std::string& pjdbh) {
    return nlohmann::json{
        {"header", {{"type", "PJDB"}}},
        {"body", {{"JJDBH", jjdbh}, {"PJDBH", pjdbh}, {"PDQSSJ", "20260713021700"}, {"QSRYXM", "张警官"}}}}
        .dump();
  }
  // What the hub got of a state, RECEIVED apart.
  int Acks(uint64_t delivery, v1::AckState state) {
    int count = 0;
    for (const v1::Acknowledgment& ack : state_->Acknowledgments()) {
      count += ack.delivery_id() == delivery && ack.state() == state;
    }
    return count;
  }
};

TEST_F(DeliveryTest, ATaskReachesTheSystemAndItsSignForComesBack) {
  StartPeer();
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 1; }));
  const HttpCall call = Pushed()[0];
  EXPECT_EQ(call.path, "/110/jjd");
  EXPECT_EQ(HeaderValue(call.headers, "x-liandong-token"), kToken);
  const auto tree = nlohmann::json::parse(call.body);
  EXPECT_EQ(tree["body"]["JJDBH"], "LD7");
  ASSERT_TRUE(Eventually([&] { return state_->Received(1) > 0; }));
  EXPECT_EQ(Post("/110/pjd", Pjdb("LD7", "P1")).status, 200);
  ASSERT_TRUE(Eventually([&] { return Acks(1, v1::ACCEPTED) == 1; }));
}

TEST_F(DeliveryTest, AStepThatCrossesTheEndOfItsDutyIsNoDeadLetter) {
  StartPeer();
  settings_ = Settings(Calls());
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 1 && state_->Received(1) > 0; }));
  state_->EndDutyOf(1);
  EXPECT_EQ(Post("/110/pjd", Pjdb("LD7", "P1")).status, 200);
  ASSERT_TRUE(Eventually([&] { return Acks(1, v1::ACCEPTED) > 0; }));
  ASSERT_TRUE(Eventually([&] { return Status().find("inbound_waiting{lane=\"urgent\"} 0") != std::string::npos; }));
  EXPECT_THAT(Status(), HasSubstr("liandong_adapter_dead_letters 0"));
}

TEST_F(DeliveryTest, ASignForThatComesBeforeTheTaskWaitsForItThroughARestart) {
  StartPeer();
  Start(Calls());
  EXPECT_EQ(Post("/110/pjd", Pjdb("LD7", "P1")).status, 200);
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return Acks(1, v1::ACCEPTED) == 1; }));
}

TEST_F(DeliveryTest, AnUpdateLeavesAnswersWithTheTask) {
  StartPeer();
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  state_->AddDelivery(Task(2, 7, v1::UPDATE));
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 2; }));
  EXPECT_EQ(Post("/110/pjd", Pjdb("LD7", "P1")).status, 200);
  ASSERT_TRUE(Eventually([&] { return Acks(1, v1::ACCEPTED) == 1; }));
}

TEST_F(DeliveryTest, ASystemThatIsAwayIsTriedAgainThenTheOperatorIsTold) {
  StartPeer();
  peer_server_.reset();
  settings_ = Settings(Calls());
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  int exit = 0;
  ASSERT_TRUE(Eventually([&] {
    return Status(&exit).find("liandong_adapter_dead_letters 1") != std::string::npos && exit == kExitAttention;
  }));
  std::stringstream list;
  std::stringstream err;
  RunDeadList(settings_, list, err);
  EXPECT_THAT(list.str(), HasSubstr("NATIVE_UNREACHABLE"));
  EXPECT_EQ(state_->Received(1) > 0, true);
  // The hub's people learn of it too, without any step on a ladder.
  ASSERT_TRUE(Eventually([&] {
    const auto acks = state_->Acknowledgments();
    return std::any_of(acks.begin(), acks.end(), [](const v1::Acknowledgment& ack) {
      return ack.state() == v1::PROGRESS && ack.reason() == "未送达本单位系统";
    });
  }));
  StartPeer();
  EXPECT_EQ(RunDeadResend(settings_, std::stoull(list.str()), list, err), kExitDone);
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 1; }));
  ASSERT_TRUE(Eventually([&] { return Status(&exit).find("dead_letters 0") != std::string::npos; }));
  EXPECT_EQ(exit, kExitDone);
}

TEST_F(DeliveryTest, ABusySystemGetsItLaterARefusingOneNeverAgain) {
  StartPeer();
  settings_ = Settings(Calls());
  PeerAnswers({503, "", "", 0});
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return !Pushed().empty(); }));
  PeerAnswers({200, "application/json", "{\"code\":\"200\"}", 0});
  ASSERT_TRUE(Eventually([&] { return Status().find("outbound_waiting{lane=\"urgent\"} 0") != std::string::npos; }));
  PeerAnswers({400, "application/json", "{\"code\":\"400\",\"message\":\"不接收\"}", 0});
  state_->AddDelivery(Task(2, 8));
  ASSERT_TRUE(Eventually([&] { return Status().find("dead_letters 1") != std::string::npos; }));
}

TEST_F(DeliveryTest, AnExerciseIsMarkedOrRefusedAndNeverActual) {
  StartPeer();
  Start(Calls());
  v1::Delivery drill = Task(1, 7);
  drill.mutable_envelope()->set_purpose(v1::EXERCISE);
  state_->AddDelivery(drill);
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 1; }));
  EXPECT_THAT(std::string(nlohmann::json::parse(Pushed()[0].body)["body"]["BJNR"]), testing::StartsWith("【演练】"));

  // A profile that cannot say so.
  const std::string profile = folder_ + "/profiles/police-110.textproto";
  std::stringstream text;
  text << std::ifstream(profile).rdbuf();
  std::ofstream(profile) << absl::StrReplaceAll(text.str(), {{"prefix { purpose: EXERCISE text: \"【演练】\" }", ""}});
  Start(Calls());
  v1::Delivery other = Task(2, 8);
  other.mutable_envelope()->set_purpose(v1::EXERCISE);
  state_->AddDelivery(other);
  ASSERT_TRUE(Eventually([&] { return Acks(2, v1::REFUSED) == 1; }));
  EXPECT_EQ(Pushed().size(), 1u);
  for (const v1::Acknowledgment& ack : state_->Acknowledgments()) {
    if (ack.state() == v1::REFUSED) {
      EXPECT_EQ(ack.reason(), "EXERCISE_NOT_CARRIED");
    }
  }
}

TEST_F(DeliveryTest, ADeliveryIsPushedOnceHoweverOftenTheHubSendsIt) {
  StartPeer();
  Start(Calls());
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 1; }));
  // The hub forgets what it heard and sends everything again.
  Start(Calls());
  HubGoes();
  HubComes();
  state_->AddDelivery(Task(2, 8));
  ASSERT_TRUE(Eventually([&] { return Pushed().size() == 2; }));
  EXPECT_EQ(nlohmann::json::parse(Pushed()[1].body)["body"]["JJDBH"], "LD8");
}

}  // namespace
}  // namespace liandong::adapters
