#include "adapters/client/hub_client.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>

#include "absl/strings/match.h"
#include "adapters/client/desk_client.h"
#include "adapters/client/error.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

constexpr int kUnavailable = 14;
constexpr int kResourceExhausted = 8;
constexpr int kPermissionDenied = 7;

v1::Report MakeReport(const std::string& id) {
  v1::Report report;
  report.set_external_id(id);
  return report;
}

FakeError MakeError(int code, const std::string& reason, bool retry) {
  FakeError error;
  error.code = code;
  error.message = "said by the test";
  error.detail.set_reason(reason);
  error.detail.set_retry(retry);
  return error;
}

class HubClientTest : public testing::Test {
 protected:
  std::shared_ptr<HubClient> Connect(std::vector<std::string> hubs) {
    auto client = HubClient::Create({std::move(hubs), pki_.Files("power-supply")});
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *client : nullptr;
  }

  TestPki pki_;
  std::shared_ptr<FakeState> state_ = std::make_shared<FakeState>();
};

TEST_F(HubClientTest, ReportsAndKnowsItself) {
  FakeHub hub(pki_, state_);
  const auto client = Connect({hub.address()});
  EXPECT_EQ(client->party(), "power-supply");
  const auto receipt = client->Report(MakeReport("r1"), absl::Seconds(60));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(receipt->outcome(), v1::NEW_INCIDENT);
  EXPECT_EQ(client->Report(MakeReport("r1"), absl::Seconds(60))->outcome(), v1::REPEATED);
}

TEST_F(HubClientTest, RepeatsTheReportWhileTheHubIsAway) {
  FakeHub hub(pki_, state_);
  state_->FailReports(2, {kUnavailable, "not now", {}});
  const auto receipt = Connect({hub.address()})->Report(MakeReport("r1"), absl::Seconds(60));
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_EQ(state_->ReportsSeen(), 3);
}

TEST_F(HubClientTest, WaitsWhenTheHubSaysItMaySucceedLater) {
  FakeHub hub(pki_, state_);
  state_->FailReports(1, MakeError(kResourceExhausted, "OVERLOADED", true));
  EXPECT_TRUE(Connect({hub.address()})->Report(MakeReport("r1"), absl::Seconds(60)).ok());
  EXPECT_EQ(state_->ReportsSeen(), 2);
}

TEST_F(HubClientTest, DoesNotRepeatWhatIsRefusedForGood) {
  FakeHub hub(pki_, state_);
  state_->FailReports(5, MakeError(kPermissionDenied, "NOT_ALLOWED", false));
  const auto receipt = Connect({hub.address()})->Report(MakeReport("r1"), absl::Seconds(60));
  EXPECT_TRUE(absl::IsPermissionDenied(receipt.status()));
  EXPECT_EQ(ErrorReasonOf(receipt.status()), "NOT_ALLOWED");
  EXPECT_EQ(state_->ReportsSeen(), 1);
}

TEST_F(HubClientTest, MovesToTheNextHub) {
  FakeHub hub(pki_, state_);
  const auto client = Connect({DeadAddress(), hub.address()});
  EXPECT_TRUE(client->Report(MakeReport("r1"), absl::Seconds(60)).ok());
  EXPECT_TRUE(client->Report(MakeReport("r2"), absl::Seconds(60)).ok());
}

TEST_F(HubClientTest, NoHubIsUnavailableAndNamesTheAddress) {
  const auto receipt = Connect({DeadAddress()})->Report(MakeReport("r1"), absl::Milliseconds(400));
  EXPECT_TRUE(absl::IsUnavailable(receipt.status())) << receipt.status();
  EXPECT_TRUE(absl::StrContains(receipt.status().message(), DeadAddress()));
  const auto closed = Connect({DeadAddress()})->Close(v1::CloseRequest(), absl::Milliseconds(400));
  EXPECT_TRUE(absl::IsUnavailable(closed.status())) << closed.status();
  EXPECT_FALSE(absl::StrContains(closed.status().message(), "may have been done"));
}

TEST_F(HubClientTest, AnActIsNotRepeatedOnceItWasSent) {
  FakeHub hub(pki_, state_);
  state_->FailActions(1, {kUnavailable, "gone", {}});
  const auto closed = Connect({hub.address()})->Close(v1::CloseRequest(), absl::Seconds(60));
  EXPECT_TRUE(absl::IsUnavailable(closed.status()));
  EXPECT_TRUE(absl::StrContains(closed.status().message(), "may have been done")) << closed.status();
  EXPECT_EQ(state_->ActionsSeen(), 1);
}

TEST_F(HubClientTest, AnActMovesToTheNextHubWhileItWasNotSent) {
  FakeHub hub(pki_, state_);
  EXPECT_TRUE(Connect({DeadAddress(), hub.address()})->Close(v1::CloseRequest(), absl::Seconds(60)).ok());
}

TEST_F(HubClientTest, AcknowledgeIsAnsweredOneByOne) {
  FakeHub hub(pki_, state_);
  v1::AcknowledgeRequest request;
  request.add_acknowledgment()->set_state(v1::ACCEPTED);
  request.add_acknowledgment()->set_state(v1::REFUSED);
  const auto reply = Connect({hub.address()})->Acknowledge(request, absl::Seconds(60));
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->reply_size(), 2);
  EXPECT_EQ(reply->reply(0).outcome(), v1::APPLIED);
  EXPECT_EQ(reply->reply(1).error().reason(), "REASON_REQUIRED");
}

TEST_F(HubClientTest, DeskErrorsCarryTheirReason) {
  FakeHub hub(pki_, state_);
  DeskClient desk(Connect({hub.address()}), absl::Seconds(60));
  v1::ShowIncidentRequest request;
  request.set_incident_id(8);
  const auto shown = desk.ShowIncident(request);
  EXPECT_TRUE(absl::IsNotFound(shown.status()));
  EXPECT_EQ(ErrorReasonOf(shown.status()), "UNKNOWN_INCIDENT");
  EXPECT_EQ(DetailOf(shown.status())->message_zh(), "没有这个事件");
  request.set_incident_id(7);
  EXPECT_TRUE(desk.ShowIncident(request).ok());
}

TEST_F(HubClientTest, AHubOfAnotherAuthorityIsNotTrusted) {
  TestPki other;
  FakeHub hub(other, state_);
  const auto receipt = Connect({hub.address()})->Report(MakeReport("r1"), absl::Seconds(1));
  EXPECT_TRUE(absl::IsUnavailable(receipt.status()) || absl::IsDeadlineExceeded(receipt.status())) << receipt.status();
  EXPECT_EQ(state_->ReportsSeen(), 0);
}

TEST_F(HubClientTest, RefusesBadSettingsBeforeItConnects) {
  const TlsFiles files = pki_.Files("power-supply");
  EXPECT_TRUE(absl::IsInvalidArgument(HubClient::Create({{}, files}).status()));
  for (const char* address : {"hub", "hub:", ":1", "hub:0", "hub:65536", "hub:x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(HubClient::Create({{address}, files}).status())) << address;
  }
  TlsFiles missing = files;
  missing.cert = pki_.folder() + "/nobody.crt";
  const auto client = HubClient::Create({{"hub:1"}, missing});
  EXPECT_FALSE(client.ok());
  EXPECT_TRUE(absl::StrContains(client.status().message(), "nobody.crt")) << client.status();
}

TEST_F(HubClientTest, RefusesAKeyThatOthersCanRead) {
  const TlsFiles files = pki_.Files("power-supply");
  ASSERT_EQ(chmod(files.key.c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(HubClient::Create({{"hub:1"}, files}).status()));
}

}  // namespace
}  // namespace liandong::adapters
