// The program against a fake hub over mutual TLS: what is sent, what is shown, and the exit codes.
#include "adapters/cli/cli.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::cli {
namespace {

using absl::StrContains;
using adapters::FakeError;
using adapters::FakeHub;
using adapters::FakeState;
using adapters::MakeDelivery;
using adapters::TestPki;

class CliTest : public testing::Test {
 protected:
  // Runs without naming a hub.
  int RunBare(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const int code = cli::Run(arguments, {in, out, err});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  int RunAt(const std::string& hub, std::vector<std::string> arguments, const std::string& input = "") {
    const adapters::TlsFiles files = pki_.Files("power-supply");
    arguments.insert(arguments.end(), {"--hub", hub, "--ca", files.ca, "--cert", files.cert, "--key", files.key});
    return RunBare(std::move(arguments), input);
  }
  int RunHub(std::vector<std::string> arguments, const std::string& input = "") {
    return RunAt(hub_.address(), std::move(arguments), input);
  }

  std::string LastRequest() { return state_->Requests().empty() ? "" : state_->Requests().back(); }

  nlohmann::json OutJson() { return nlohmann::json::parse(out_); }

  TestPki pki_;
  std::shared_ptr<FakeState> state_ = std::make_shared<FakeState>();
  FakeHub hub_{pki_, state_};
  std::string out_, err_;
};

TEST_F(CliTest, AFeedKeyIsMadeOnceAndShowsItsPublicHalfOnly) {
  const std::string file = pki_.folder() + "/feed.curve";
  ASSERT_EQ(RunBare({"pki", "feed-key", file}), kDone) << err_;
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string open = text.substr(text.find("public = ") + 9, 40),
                    secret = text.substr(text.find("secret = ") + 9, 40);
  EXPECT_TRUE(StrContains(out_, "feed_key: \"" + open + "\"")) << out_;
  EXPECT_FALSE(StrContains(out_, secret));
  EXPECT_EQ(RunBare({"pki", "feed-key", file}), kUsage) << "nothing is written over";
}

TEST_F(CliTest, HelpNamesTheExitCodes) {
  EXPECT_EQ(RunBare({"--help"}), kDone);
  EXPECT_TRUE(StrContains(out_, "Exit codes"));
  for (const char* command : {"report", "watch",  "ack",     "order",      "incidents",   "show",     "explain",
                              "close",  "cancel", "correct", "verify",     "false-alarm", "reassign", "transfer",
                              "merge",  "split",  "status",  "agreements", "account",     "pki"}) {
    EXPECT_EQ(RunBare({command, "--help"}), kDone) << command;
    EXPECT_TRUE(StrContains(out_, "Usage")) << command;
  }
}

TEST_F(CliTest, WrongUseIsTold) {
  EXPECT_EQ(RunBare({}), kUsage);
  EXPECT_EQ(RunBare({"dance"}), kUsage);
  EXPECT_EQ(RunHub({"ack", "41", "arrived"}), kUsage);
  EXPECT_TRUE(StrContains(err_, "on-scene (到场)")) << err_;
  EXPECT_EQ(RunHub({"report", "--text", "x"}), kUsage);
  EXPECT_TRUE(StrContains(err_, "--purpose")) << err_;
  EXPECT_EQ(RunHub({"order", "--text", "x", "--given-by", "y"}), kUsage);
  EXPECT_EQ(RunHub({"correct", "7", "--reason", "x"}), kUsage);
  EXPECT_EQ(RunHub({"correct", "7", "--duty", "3", "--reason", "x"}), kUsage);
  EXPECT_EQ(state_->ActionsSeen(), 0);
}

TEST_F(CliTest, NobodyThereIsAnExitCodeOfItsOwn) {
  EXPECT_EQ(RunAt(adapters::DeadAddress(), {"status", "--timeout", "0.3"}), kUnreachable);
  EXPECT_TRUE(StrContains(err_, adapters::DeadAddress())) << err_;
  EXPECT_EQ(RunAt(adapters::DeadAddress(), {"watch", "--timeout", "0.3"}), kUnreachable);
}

TEST_F(CliTest, SettingsComeFromAFileWhosePathsAreItsOwn) {
  std::ofstream(pki_.folder() + "/client.textproto")
      << "hub: \"" << hub_.address()
      << "\" tls { ca: \"ca.crt\" cert: \"power-supply.crt\" key: \"power-supply.key\" }";
  EXPECT_EQ(RunBare({"--config", pki_.folder() + "/client.textproto", "status"}), kDone) << err_;
  std::ofstream(pki_.folder() + "/client.textproto") << "hob: \"x\"";
  EXPECT_EQ(RunBare({"--config", pki_.folder() + "/client.textproto", "status"}), kUsage);
  EXPECT_TRUE(StrContains(err_, "client.textproto:1")) << err_;
  EXPECT_EQ(RunBare({"--config", pki_.folder() + "/none", "status"}), kUsage);
}

TEST_F(CliTest, ReportsFromFlags) {
  EXPECT_EQ(RunHub({"report", "--id", "r1", "--purpose", "exercise", "--text", "线路起火", "--injured", "2"}), kDone)
      << err_;
  EXPECT_TRUE(StrContains(out_, "已受理 accepted: 事件 incident 1")) << out_;
  EXPECT_TRUE(StrContains(out_, "新事件 new incident")) << out_;
  EXPECT_EQ(RunHub({"report", "--id", "r1", "--purpose", "演练", "--json"}), kDone);
  EXPECT_EQ(OutJson()["outcome"], "REPEATED");
}

TEST_F(CliTest, ReportsFromFilesInBothForms) {
  EXPECT_EQ(RunHub({"report", "--file", "-"}, R"({"externalId": "j1", "open": {"purpose": "TEST"}})"), kDone) << err_;
  EXPECT_EQ(RunHub({"report", "--file", "-"}, "external_id: 't1' open { purpose: TEST }"), kDone) << err_;
  EXPECT_EQ(RunHub({"report", "--file", "-"}, "external_id: 't2' opne { }"), kUsage);
  EXPECT_EQ(RunHub({"report", "--file", "-"}, R"({"externalId": )"), kUsage);
  EXPECT_EQ(state_->Reports(), (std::vector<std::string>{"j1", "t1"}));
}

TEST_F(CliTest, ReportsByHandThroughTheDesk) {
  EXPECT_EQ(RunHub({"report", "--by-hand", "--purpose", "actual", "--danger", "yes", "--ref", "police-110:JJ1", "--lat",
                    "30.1", "--lng", "120.2", "--person", "李值班"}),
            kDone)
      << err_;
  const std::string request = LastRequest();
  EXPECT_TRUE(StrContains(request, "danger_to_life: YES")) << request;
  EXPECT_TRUE(StrContains(request, "external_id: \"JJ1\"")) << request;
  EXPECT_TRUE(StrContains(request, "has_wgs84: true")) << request;
  EXPECT_TRUE(StrContains(request, "way: BY_TERMINAL")) << request;
  EXPECT_EQ(RunHub({"report", "--by-hand", "--purpose", "actual", "--ref", "JJ1"}), kUsage);
  EXPECT_EQ(RunHub({"report", "--by-hand", "--purpose", "actual", "--lat", "30"}), kUsage);
}

TEST_F(CliTest, RefusalsSayReasonMendAndWhetherToTryAgain) {
  FakeError error;
  error.code = 3;
  error.message = "purpose is not set";
  error.detail.set_reason("BAD_FIELD");
  error.detail.set_field("open.purpose");
  error.detail.set_message_zh("未写用途");
  state_->FailReports(1, error);
  EXPECT_EQ(RunHub({"report", "--id", "r1", "--purpose", "test"}), kRefused);
  for (const char* part :
       {"BAD_FIELD", "未写用途", "purpose is not set", "open.purpose", "办法 mend", "will not help"}) {
    EXPECT_TRUE(StrContains(err_, part)) << part << "\n" << err_;
  }
  error.code = 8;
  error.detail.set_reason("OVERLOADED");
  error.detail.set_retry(true);
  error.detail.set_retry_after_ms(60'000);
  state_->FailReports(1, error);
  EXPECT_EQ(RunHub({"report", "--id", "r1", "--purpose", "test", "--json"}), kTryLater);
  const auto shown = nlohmann::json::parse(err_)["error"];
  EXPECT_EQ(shown["reason"], "OVERLOADED");
  EXPECT_EQ(shown["retry"], true);
  EXPECT_EQ(shown["retryAfterMs"], 60'000);
}

TEST_F(CliTest, Acknowledges) {
  EXPECT_EQ(RunHub({"ack", "41", "42", "completed", "--dead", "0", "--evacuated", "30", "--note", "已恢复"}), kDone)
      << err_;
  EXPECT_TRUE(StrContains(out_, "#42 办结 completed: 已记录 applied")) << out_;
  const auto acks = state_->Acknowledgments();
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks[1].delivery_id(), 42u);
  EXPECT_TRUE(acks[1].counts().has_dead());
  EXPECT_FALSE(acks[1].counts().has_injured());
  EXPECT_EQ(acks[1].counts().evacuated(), 30u);
  EXPECT_EQ(RunHub({"ack", "41", "退回"}), kRefused);
  EXPECT_TRUE(StrContains(err_, "REASON_REQUIRED")) << err_;
  EXPECT_EQ(RunHub({"ack", "41", "deferred", "--until", "soon"}), kUsage);
  EXPECT_EQ(RunHub({"ack", "41", "accepted", "--told-by", "张队长"}), kDone);
  EXPECT_EQ(state_->Acknowledgments().back().actor().way(), v1::BY_TELEPHONE);
}

TEST_F(CliTest, WatchShowsAndReceives) {
  v1::Delivery delivery = MakeDelivery(41, v1::URGENT, 1);
  delivery.mutable_body()->mutable_incident()->set_category_zh("电力事故");
  delivery.mutable_body()->mutable_incident()->set_category("accident.power");
  delivery.mutable_body()->mutable_duty()->set_duty_id(21);
  delivery.mutable_body()->set_text("请\x1b[2J处置");
  state_->AddDelivery(delivery);
  state_->AddDelivery(MakeDelivery(42, v1::ORDINARY, 1));
  const std::string cursors = pki_.folder() + "/cursors";
  EXPECT_EQ(RunHub({"watch", "--count", "2", "--cursor-file", cursors, "--for", "60"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "【演练 exercise】 任务 task #41 急 urgent")) << out_;
  EXPECT_TRUE(StrContains(out_, "电力事故 accident.power")) << out_;
  EXPECT_FALSE(StrContains(out_, "\x1b"));
  EXPECT_EQ(state_->Received(41), 1);
  EXPECT_EQ(state_->Received(42), 1);
  state_->AddDelivery(MakeDelivery(43, v1::URGENT, 2));
  EXPECT_EQ(RunHub({"watch", "--count", "1", "--cursor-file", cursors, "--as-json", "--for", "60"}), kDone);
  EXPECT_EQ(OutJson()["envelope"]["deliveryId"], "43");
  EXPECT_EQ(state_->Hellos().back().resume(0).after_sequence(), 1u);
}

TEST_F(CliTest, WatchStartsAgainWhereTheHubHasAnotherPast) {
  state_->AddDelivery(MakeDelivery(41, v1::URGENT, 1));
  const std::string cursors = pki_.folder() + "/cursors";
  std::ofstream(cursors) << "urgent 500\n";
  EXPECT_EQ(RunHub({"watch", "--count", "1", "--cursor-file", cursors, "--for", "60"}), kDone) << err_;
  std::string kept;
  std::getline(std::ifstream(cursors), kept);
  EXPECT_EQ(kept, "urgent 1");
}

TEST_F(CliTest, WatchWithoutReceivingLeavesThemToOthers) {
  state_->AddDelivery(MakeDelivery(41, v1::URGENT, 1));
  EXPECT_EQ(RunHub({"watch", "--count", "1", "--no-received", "--for", "60"}), kDone);
  EXPECT_EQ(state_->Received(41), 0);
}

TEST_F(CliTest, ShowsIncidents) {
  EXPECT_EQ(RunHub({"incidents", "--holder", "hotline-12345"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "电力事故 accident.power")) << out_;
  EXPECT_TRUE(StrContains(out_, "power-supply=受理")) << out_;
  EXPECT_TRUE(StrContains(LastRequest(), "holder: \"hotline-12345\""));
  EXPECT_EQ(RunHub({"show", "7"}), kDone);
  EXPECT_TRUE(StrContains(out_, "供电公司受理 / power-supply accepted")) << out_;
  EXPECT_EQ(RunHub({"explain", "7"}), kDone);
  EXPECT_TRUE(StrContains(out_, "power-2022 4.2 (第 3 版 v3)")) << out_;
  EXPECT_TRUE(StrContains(out_, "category 要求 wanted natural.flood")) << out_;
  for (const char* command : {"show", "explain", "verify"}) {
    EXPECT_EQ(RunHub({command, "8"}), kNotFound) << command;
    EXPECT_TRUE(StrContains(err_, "liandong incidents --all")) << err_;
  }
}

TEST_F(CliTest, ActsReachTheirMethods) {
  struct Case {
    std::vector<std::string> arguments;
    std::string method;
    std::string part;
  };
  const std::vector<Case> cases = {
      {{"cancel", "7", "--reason", "错报"}, "Cancel", "incident_id: 7"},
      {{"verify", "7"}, "VerifyIncident", "incident_id: 7"},
      {{"false-alarm", "7", "--reason", "误报"}, "MarkFalseAlarm", "incident_id: 7"},
      {{"reassign", "21", "telecom", "--reason", "x"}, "Reassign", "to: \"telecom\""},
      {{"merge", "7", "9", "--reason", "x"}, "Merge", "younger: 9"},
      {{"split", "7", "--reason", "x"}, "Split", "incident_id: 7"},
      {{"correct", "7", "--severity", "较大", "--reason", "x"}, "CorrectIncident", "severity: LARGE"},
      {{"correct", "--duty", "21", "--person-state", "accepted", "--reason", "x"},
       "CorrectAcknowledgment",
       "person: ACCEPTED"},
      {{"assign", "7", "--lead", "telecom", "--support", "water", "--support", "power-supply", "--reason", "职责交叉"},
       "AssignIncident",
       "support: \"power-supply\""},
      {{"review-return", "21", "--grant", "--to", "telecom"}, "ReviewReturn", "grant: true"},
      {{"review-return", "21", "--reject", "--reason", "属本单位职责"}, "ReviewReturn", "duty_id: 21"},
      {{"response", "start", "--level", "level-iii", "--purpose", "exercise", "--matters", "防汛", "--until", "+24h",
        "--measures", "转移", "--category", "natural.flood"},
       "StartResponse",
       "level: LEVEL_III"},
      {{"response", "adjust", "31", "--level", "二级", "--reason", "x"}, "AdjustResponse", "level: LEVEL_II"},
      {{"response", "end", "31", "--reason", "x"}, "EndResponse", "response_id: 31"},
      {{"handover", "power-duty-leader", "林晓东", "--phone", "0199-555-0999"}, "HandOverPost", "phone_24h: "},
      {{"order", "--text", "转移", "--given-by", "县长", "--all-townships", "--purpose", "exercise"},
       "OrderParties",
       "all_townships: true"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(RunHub(one.arguments), kDone) << one.method << err_;
    const std::string request = LastRequest();
    EXPECT_EQ(request.substr(0, request.find('\n')), one.method);
    EXPECT_TRUE(StrContains(request, one.part)) << request;
  }
}

TEST_F(CliTest, ShowsWhoIsOnPostAndWhatIsInForce) {
  EXPECT_EQ(RunHub({"roster"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "周竹青")) << out_;
  EXPECT_TRUE(StrContains(out_, "0199-555-0129")) << out_;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"response", "list"}, {"status"}}) {
    EXPECT_EQ(RunHub(command), kDone) << err_;
    EXPECT_TRUE(StrContains(out_, "演练")) << out_;
    EXPECT_TRUE(StrContains(out_, "三级")) << out_;
    EXPECT_TRUE(StrContains(out_, "转移危险区人员")) << out_;
  }
  EXPECT_EQ(RunHub({"review-return", "21"}), kUsage);
  EXPECT_EQ(RunHub({"response", "start", "--level", "level-iii", "--purpose", "actual", "--matters", "防汛"}), kUsage);
}

TEST_F(CliTest, CloseGoesToTheDeskWhenAnotherHolds) {
  EXPECT_EQ(RunHub({"close", "7", "--reason", "done"}), kDone);
  EXPECT_TRUE(state_->Requests().empty());
  FakeError error;
  error.code = 9;
  error.detail.set_reason("NOT_HOLDER");
  state_->FailActions(1, error);
  EXPECT_EQ(RunHub({"close", "7", "--reason", "done"}), kDone) << err_;
  EXPECT_TRUE(StrContains(LastRequest(), "Close\n"));
}

TEST_F(CliTest, StatusShowsPartiesAndAlarms) {
  EXPECT_EQ(RunHub({"status"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "power-supply"));
  EXPECT_TRUE(StrContains(out_, "disk nearly full"));
  EXPECT_EQ(RunHub({"status", "--json"}), kDone);
  EXPECT_EQ(OutJson()["logIndex"], "99");
}

TEST_F(CliTest, AgreementsAreCheckedHereAndShownFromTheHub) {
  EXPECT_EQ(RunBare({"agreements", "check", "deploy/county/site"}), kDone) << out_;
  EXPECT_EQ(RunBare({"agreements", "check", "--strict", "--today", "2026-11-26", "deploy/county/site"}), kDone) << out_;
  EXPECT_EQ(RunBare({"agreements", "check", "--strict", "--today", "2032-08-31", "deploy/county/site"}), kRefused);
  EXPECT_EQ(RunBare({"agreements", "check", "--matrix", "deploy/county/site"}), kDone);
  EXPECT_TRUE(StrContains(out_, "主责：")) << out_;
  EXPECT_EQ(RunBare({"agreements", "diff", "deploy/county/site", "deploy/county/site"}), kDone);
  EXPECT_TRUE(StrContains(out_, "nothing changes")) << out_;
  EXPECT_EQ(RunBare({"agreements", "check", pki_.folder()}), kRefused);
  EXPECT_TRUE(StrContains(out_, "settings.textproto"));
  EXPECT_EQ(RunBare({"agreements", "check", pki_.folder() + "/none"}), kUsage);
  EXPECT_EQ(RunHub({"agreements", "adopt", pki_.folder()}), kRefused);
  EXPECT_TRUE(state_->Requests().empty());
  EXPECT_EQ(RunHub({"agreements", "adopt", "deploy/county/site"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "v4")) << out_;
  EXPECT_EQ(RunHub({"agreements", "show"}), kDone);
  EXPECT_TRUE(StrContains(out_, "power-2022"));
  EXPECT_EQ(RunHub({"agreements", "show", "--text"}), kDone);
  EXPECT_TRUE(StrContains(out_, "version: 4"));
}

TEST_F(CliTest, MakesCertificatesThatConnect) {
  const std::string ca = pki_.folder() + "/new";
  EXPECT_EQ(RunBare({"pki", "init", ca, "--trust-domain", "new.example"}), kDone) << err_;
  EXPECT_EQ(RunBare({"pki", "init", ca, "--trust-domain", "new.example"}), kUsage);
  EXPECT_EQ(RunBare({"pki", "issue", ca, "telecom", "--json"}), kDone) << err_;
  EXPECT_EQ(OutJson()["uri"], "spiffe://new.example/party/telecom");
  struct stat status = {};
  ASSERT_EQ(stat(OutJson()["key"].get<std::string>().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(RunBare({"pki", "issue", ca, "Not A Party"}), kUsage);
  EXPECT_EQ(RunBare({"pki", "request", "weather", ca + "/w.key", ca + "/w.csr"}), kDone) << err_;
  EXPECT_EQ(RunBare({"pki", "sign", ca, "weather", ca + "/w.csr"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "weather.crt"));
  std::ofstream(ca + "/password") << "secret\n";
  EXPECT_EQ(RunBare({"pki", "issue", ca, "gas", "--pkcs12-password-file", ca + "/password"}), kDone) << err_;
  EXPECT_TRUE(StrContains(out_, "gas.p12"));
  EXPECT_FALSE(StrContains(out_ + err_, "secret"));
}

}  // namespace
}  // namespace liandong::cli
