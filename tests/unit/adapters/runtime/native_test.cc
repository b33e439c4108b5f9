// From a hotline's system to the hub.
#include "tests/unit/adapters/runtime/fixture.h"

namespace liandong::adapters {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class NativeTest : public AdapterTest {
 protected:
  std::string DeadList() {
    std::stringstream out;
    std::stringstream err;
    RunDeadList(settings_, out, err);
    return out.str() + err.str();
  }
};

TEST_F(NativeTest, AReportIsAnsweredAndReachesTheHubOnce) {
  Start(Calls());
  HttpPeerAnswer answer = Post("/110/jjd", Jjdb("J1", "山体滑坡"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"200\""));
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "山体滑坡")).status, 200);
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 1; }));
  // Another revision of it goes on, the repeat does not.
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "山体滑坡,3人被埋", "20260713022000")).status, 200);
  ASSERT_TRUE(Eventually([&] { return state_->ReportsSeen() >= 2; }));
  EXPECT_THAT(state_->Reports(), ElementsAre("J1"));
}

TEST_F(NativeTest, MetricsAreServedOnThisMachineWithWhatTheAlertRulesName) {
  Start(Calls() + "metrics_listen: \"127.0.0.1:0\"");
  HttpPeerOptions options;
  options.base_url = "http://" + AddressOf("-");
  auto scraper = HttpPeer::Create(options);
  ASSERT_TRUE(scraper.ok()) << scraper.status();
  std::string text;
  ASSERT_TRUE(Eventually([&] {
    auto answer = (*scraper)->Send("GET", "/metrics", {}, "", "");
    if (answer.ok()) text = answer->body;
    return text.find("liandong_adapter_hub_connected 1\n") != std::string::npos;
  })) << text;
  for (const char* name :
       {"inbound_oldest_seconds{lane=\"urgent\"} 0", "dead_letters 0", "outbound_failing{lane=\"ordinary\"} 0"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\nliandong_adapter_", name, "\n")));
  }
  EXPECT_EQ((*scraper)->Send("GET", "/", {}, "", "")->status, 404);
  adapter_.reset();
  const auto refused = Adapter::Start(Settings(Calls() + "metrics_listen: \"0.0.0.0:0\""));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("回环"));
}

TEST_F(NativeTest, WhatWasAnsweredSurvivesBothSidesAndKeepsItsOrder) {
  HubGoes();
  Start(Calls());
  for (const char* id : {"J1", "J2", "J3"}) EXPECT_EQ(Post("/110/jjd", Jjdb(id, "积水,有人被困")).status, 200);
  Start(Calls());
  EXPECT_EQ(Post("/110/jjd", Jjdb("J4", "积水,有人被困")).status, 200);
  EXPECT_THAT(AllBytes(folder_ + "/data"), Not(HasSubstr("13900001111")));
  HubComes();
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 4; }));
  EXPECT_THAT(state_->Reports(), ElementsAre("J1", "J2", "J3", "J4"));
}

TEST_F(NativeTest, StrangersWrongPathsAndBadBodiesAreAnsweredAndTheAdapterGoesOn) {
  settings_ = Settings(Calls());
  Start(Calls());
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "x"), "wrong token, wrong token").status, 401);
  EXPECT_EQ(Post("/elsewhere", Jjdb("J1", "x")).status, 404);
  EXPECT_EQ(Post("/110/jjd", "", kToken, "GET").status, 405);
  EXPECT_EQ(Post("/110/jjd", std::string(kNativeMessageBytesMax + 1, ' ')).status, 413);
  for (const char* bad : {"", "{", "[]", "{\"header\":1,\"body\":2}", "{\"body\":{\"JJDBH\":[]}}", "\xff\xfe\x00",
                          "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><JJDB>&b;</JJDB>"}) {
    const HttpPeerAnswer answer = Post("/110/jjd", bad);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_THAT(answer.body, HasSubstr("400")) << bad;
  }
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "x")).status, 200);
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 1; }));
  int exit = 0;
  EXPECT_THAT(Status(&exit), HasSubstr("liandong_adapter_dead_letters 7"));
  EXPECT_EQ(exit, kExitAttention);
}

TEST_F(NativeTest, AMessageThatCannotBeMappedIsKeptWholeAndSentAfterTheProfileIsMended) {
  const std::string profile = folder_ + "/profiles/police-110.textproto";
  std::stringstream good;
  good << std::ifstream(profile).rdbuf();
  std::ofstream(profile) << absl::StrReplaceAll(
      good.str(),
      {{"kind: \"JJDB\"\n  report", "kind: \"JJDB\"\n  when { path: \"/body/NEVER\" present: true }\n  report"}});
  settings_ = Settings(Calls());
  Start(Calls());
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "滑坡")).status, 400);
  EXPECT_EQ(Post("/110/jjd", Jjdb("J1", "滑坡")).status, 400);
  EXPECT_THAT(DeadList(), HasSubstr("no_rule"));
  EXPECT_THAT(DeadList(), HasSubstr("x2"));
  EXPECT_THAT(DeadList(), Not(HasSubstr("滑坡")));
  const uint64_t row = std::stoull(DeadList());
  std::stringstream shown;
  std::stringstream err;
  EXPECT_EQ(RunDeadShow(settings_, row, shown, err), kExitDone);
  EXPECT_THAT(shown.str(), HasSubstr(Jjdb("J1", "滑坡")));

  std::ofstream(profile) << good.str();
  Start(Calls());
  EXPECT_EQ(RunDeadResend(settings_, row, shown, err), kExitDone);
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 1; }));
  ASSERT_TRUE(Eventually([&] { return DeadList().find("no dead letters") != std::string::npos; }));
  EXPECT_EQ(RunDeadResend(settings_, row, shown, err), kExitNotFound);
}

TEST_F(NativeTest, AnInvalidCallIsReportedThenClosed) {
  Start(Calls());
  nlohmann::json call = nlohmann::json::parse(Jjdb("J1", "积水"));
  call["body"]["WXBS"] = "1";
  EXPECT_EQ(Post("/110/jjd", call.dump()).status, 200);
  ASSERT_TRUE(Eventually([&] { return state_->ActionsSeen() == 1; }));
  EXPECT_THAT(state_->Reports(), ElementsAre("J1"));
}

TEST_F(NativeTest, WhatTheHubRefusesForGoodLetsTheNextThrough) {
  settings_ = Settings(Calls());
  Start(Calls());
  EXPECT_EQ(Post("/110/jjd", Jjdb("bad1", "x")).status, 200);
  EXPECT_EQ(Post("/110/jjd", Jjdb("J2", "x")).status, 200);
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 1; }));
  EXPECT_THAT(state_->Reports(), ElementsAre("J2"));
  ASSERT_TRUE(Eventually([&] { return DeadList().find("BAD_FIELD") != std::string::npos; }));
}

TEST_F(NativeTest, TheSameRecordsComeAsFilesWithReceipts) {
  const std::string links =
      "link { name: \"files\" profile: \"profiles/police-110.textproto\" purpose: ACTUAL"
      " directories { in: \"in\" out: \"out\" poll_ms: 10 } }";
  Start(links);
  std::ofstream(folder_ + "/data/in/1.json.tmp") << Jjdb("J1", "x");
  std::filesystem::rename(folder_ + "/data/in/1.json.tmp", folder_ + "/data/in/1.json");
  std::ofstream(folder_ + "/data/in/2.json") << "{";
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(folder_ + "/data/in/done/1.json"); }));
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(folder_ + "/data/in/bad/2.json"); }));
  std::stringstream receipt;
  receipt << std::ifstream(folder_ + "/data/out/1.receipt.json").rdbuf();
  EXPECT_THAT(receipt.str(), HasSubstr("\"200\""));
  ASSERT_TRUE(Eventually([&] { return state_->Reports().size() == 1; }));
  state_->AddDelivery(Task(1, 7));
  ASSERT_TRUE(Eventually([&] { return std::filesystem::exists(folder_ + "/data/out/1-000000000001-TASK-1.json"); }));
}

TEST_F(NativeTest, ACertificateOfAnotherPartyIsRefused) {
  AdapterSettings settings = Settings(Calls());
  settings.config.set_party("fire-119");
  auto adapter = Adapter::Start(settings);
  EXPECT_TRUE(absl::IsFailedPrecondition(adapter.status())) << adapter.status();
}

TEST_F(NativeTest, ASecondAdapterOnTheSameSpoolIsRefused) {
  Start(Calls());
  EXPECT_TRUE(absl::IsFailedPrecondition(Adapter::Start(Settings(Calls())).status()));
}

}  // namespace
}  // namespace liandong::adapters
