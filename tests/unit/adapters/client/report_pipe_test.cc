#include "adapters/client/report_pipe.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "adapters/client/error.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

// What callbacks brought, in their order.
class Answers {
 public:
  ReportPipe::Callback For(const std::string& id) {
    return [this, id](absl::StatusOr<v1::Receipt> receipt) {
      absl::MutexLock lock(&mutex_);
      ids_.push_back(id);
      statuses_.push_back(receipt.status());
      EXPECT_TRUE(!receipt.ok() || receipt->external_id() == id);
    };
  }
  std::vector<std::string> ids() {
    absl::MutexLock lock(&mutex_);
    return ids_;
  }
  std::vector<absl::Status> statuses() {
    absl::MutexLock lock(&mutex_);
    return statuses_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> ids_;
  std::vector<absl::Status> statuses_;
};

class ReportPipeTest : public testing::Test {
 protected:
  std::shared_ptr<HubClient> Connect(std::vector<std::string> hubs) {
    auto client = HubClient::Create({std::move(hubs), pki_.Files("power-supply")});
    EXPECT_TRUE(client.ok()) << client.status();
    return *client;
  }

  std::vector<std::string> SendMany(ReportPipe& pipe, int count, const std::string& prefix = "r") {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(prefix + std::to_string(i));
      v1::Report report;
      report.set_external_id(ids.back());
      EXPECT_TRUE(pipe.Send(std::move(report), answers_.For(ids.back()), kLimit).ok());
    }
    return ids;
  }

  TestPki pki_;
  std::shared_ptr<FakeState> state_ = std::make_shared<FakeState>();
  Answers answers_;
};

TEST_F(ReportPipeTest, AnswersComeInTheOrderOfTheReports) {
  FakeHub hub(pki_, state_);
  ReportPipe pipe(Connect({hub.address()}));
  const auto ids = SendMany(pipe, 1000);
  ASSERT_TRUE(pipe.Drain(kLimit));
  EXPECT_EQ(answers_.ids(), ids);
  EXPECT_EQ(state_->Reports(), ids);
}

TEST_F(ReportPipeTest, AfterABreakWhatHasNoAnswerGoesAgainInOrder) {
  FakeHub hub(pki_, state_);
  state_->BreakPipeAfter(10);
  ReportPipe pipe(Connect({hub.address()}));
  const auto ids = SendMany(pipe, 100);
  ASSERT_TRUE(pipe.Drain(kLimit));
  EXPECT_EQ(answers_.ids(), ids);
  EXPECT_EQ(state_->Reports(), ids);
  EXPECT_GT(state_->ReportsSeen(), 100);
  for (const absl::Status& status : answers_.statuses()) EXPECT_TRUE(status.ok()) << status;
}

TEST_F(ReportPipeTest, ARefusedReportDoesNotEndTheStream) {
  FakeHub hub(pki_, state_);
  ReportPipe pipe(Connect({hub.address()}));
  SendMany(pipe, 1, "r");
  SendMany(pipe, 1, "bad");
  SendMany(pipe, 1, "s");
  ASSERT_TRUE(pipe.Drain(kLimit));
  const auto statuses = answers_.statuses();
  ASSERT_EQ(statuses.size(), 3u);
  EXPECT_TRUE(statuses[0].ok());
  EXPECT_EQ(ErrorReasonOf(statuses[1]), "BAD_FIELD");
  EXPECT_EQ(DetailOf(statuses[1])->field(), "open.purpose");
  EXPECT_TRUE(statuses[2].ok());
  EXPECT_EQ(state_->ReportsSeen(), 3);
}

TEST_F(ReportPipeTest, OutlivesARestartOfTheHub) {
  auto hub = std::make_unique<FakeHub>(pki_, state_);
  const int port = hub->port();
  ReportPipe pipe(Connect({hub->address()}));
  auto ids = SendMany(pipe, 20, "a");
  ASSERT_TRUE(pipe.Drain(kLimit));
  hub.reset();
  for (const std::string& id : SendMany(pipe, 20, "b")) ids.push_back(id);
  hub = std::make_unique<FakeHub>(pki_, state_, port);
  ASSERT_TRUE(pipe.Drain(kLimit));
  EXPECT_EQ(answers_.ids(), ids);
  EXPECT_EQ(state_->Reports(), ids);
}

TEST_F(ReportPipeTest, MovesToTheNextHub) {
  FakeHub hub(pki_, state_);
  ReportPipe pipe(Connect({DeadAddress(), hub.address()}));
  const auto ids = SendMany(pipe, 5);
  ASSERT_TRUE(pipe.Drain(kLimit));
  EXPECT_EQ(state_->Reports(), ids);
}

TEST_F(ReportPipeTest, LeavesAHubThatHangs) {
  FakeHub hanging(pki_, state_);
  state_->HoldPipe(true);
  const auto next_state = std::make_shared<FakeState>();
  FakeHub next(pki_, next_state);
  ReportPipe pipe(Connect({hanging.address(), next.address()}));
  const auto ids = SendMany(pipe, 5);
  ASSERT_TRUE(pipe.Drain(kLimit));
  EXPECT_EQ(answers_.ids(), ids);
  EXPECT_EQ(next_state->Reports(), ids);
}

TEST_F(ReportPipeTest, IsBoundedAndSaysSo) {
  FakeHub hub(pki_, state_);
  state_->HoldPipe(true);
  ReportPipeOptions options;
  options.in_flight_max = 3;
  ReportPipe pipe(Connect({hub.address()}), options);
  SendMany(pipe, 3);
  EXPECT_TRUE(absl::IsResourceExhausted(pipe.Send(v1::Report(), answers_.For("x"), absl::ZeroDuration())));
  EXPECT_EQ(pipe.InFlight(), 3u);
  state_->HoldPipe(false);
  EXPECT_TRUE(pipe.Drain(kLimit));
  SendMany(pipe, 1, "after");
  EXPECT_TRUE(pipe.Drain(kLimit));
}

TEST_F(ReportPipeTest, BytesAreBoundedButOneReportAlwaysGoes) {
  FakeHub hub(pki_, state_);
  state_->HoldPipe(true);
  ReportPipeOptions options;
  options.in_flight_bytes_max = 10;
  ReportPipe pipe(Connect({hub.address()}), options);
  SendMany(pipe, 1, "a-report-that-is-larger-than-the-bound");
  EXPECT_TRUE(absl::IsResourceExhausted(pipe.Send(v1::Report(), answers_.For("x"), absl::ZeroDuration())));
  state_->HoldPipe(false);
  EXPECT_TRUE(pipe.Drain(kLimit));
}

TEST_F(ReportPipeTest, StopAnswersEverything) {
  ReportPipe pipe(Connect({DeadAddress()}));
  const auto ids = SendMany(pipe, 3);
  pipe.Stop();
  EXPECT_EQ(answers_.ids(), ids);
  for (const absl::Status& status : answers_.statuses()) EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_TRUE(absl::IsCancelled(pipe.Send(v1::Report(), answers_.For("x"), kLimit)));
  pipe.Stop();
}

}  // namespace
}  // namespace liandong::adapters
