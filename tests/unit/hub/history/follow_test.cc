// How history follows its log: catching up, being built anew, standing still and going on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "hub/history/follower.h"
#include "hub/log/sqlite.h"
#include "tests/unit/hub/history/history_testing.h"

namespace liandong::history {
namespace {

using ::testing::HasSubstr;

constexpr auto kPoll = std::chrono::milliseconds(5);

template <typename Condition>
bool Eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + log::kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kPoll);
  }
  return true;
}

void RunSql(const std::string& path, const char* sql) {
  auto connection = log::Connection::Open(path, log::Connection::Mode::kReadWrite, 10'000);
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto status = connection->Run(sql);
  ASSERT_TRUE(status.ok()) << status;
}

TEST_F(HistoryTest, AfterACleanStopNothingIsReadAgain) {
  Start();
  FillIncidents(1, 20);
  StopAll();
  TinyState::applied = 0;
  Start();
  EXPECT_TRUE(history_->ready()) << "at once";
  EXPECT_EQ(history_->index(), 20u);
  EXPECT_EQ(history_->last_snapshot_index(), 20u);
  ExpectIncidents(1, 20);
  Append({Opens(21, "police-110", ExternalId(21))});
  CatchUp();
  EXPECT_EQ(TinyState::applied, 1u) << "the fold went on from the snapshot";
}

TEST_F(HistoryTest, CatchesUpWithWhatItMissed) {
  StartAndCatchUp();
  FillIncidents(1, 10);
  StopAll();
  FillIncidents(11, 30);
  StartAndCatchUp();
  ExpectIncidents(1, 30);
  EXPECT_EQ(warnings(), "");
}

TEST_F(HistoryTest, StopTakesWhatTheLogHasAndMayBeCalledAgain) {
  Start();
  FillIncidents(1, 50);
  EXPECT_TRUE(history_->Stop().ok());
  EXPECT_EQ(history_->index(), 50u);
  EXPECT_EQ(history_->last_snapshot_index(), 50u);
  EXPECT_TRUE(history_->Stop().ok());
  EXPECT_FALSE(history_->WaitForIndex(51, absl::InfiniteDuration())) << "a stopped history does not wait";
}

TEST_F(HistoryTest, UntilItIsWholeItDoesNotSayNo) {
  FillIncidents(1, 10);
  GatedLog gated(log_.get());
  gated.CloseFrom(6);
  ASSERT_TRUE(TryStart(&gated).ok());
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(history_->ready());
    EXPECT_EQ(history_->FindReport("police-110", "unknown").status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(history_->FindReport("police-110", ExternalId(1)).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(history_->LoadIncident(1).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(history_->ListIncidents({}, 0, 10).status().code(), absl::StatusCode::kUnavailable);
  }
  gated.Open();
  ASSERT_TRUE(history_->WaitForIndex(10, kLong));
  EXPECT_TRUE(history_->ready());
  EXPECT_FALSE(history_->FindReport("police-110", "unknown")->has_value());
  // Later lag is no reason: what it does not have yet is still in memory.
  gated.CloseFrom(11);
  FillIncidents(11, 11);
  EXPECT_TRUE(history_->ready());
  ExpectIncidents(1, 10);
  gated.Open();
  history_.reset();
}

TEST_F(HistoryTest, ALostFileIsBuiltAnew) {
  snapshot_every_ = 10;
  Start();
  FillIncidents(1, 35);
  StopAll();
  std::filesystem::remove(HistoryPath(folder_.path()));
  StartAndCatchUp();
  ExpectIncidents(1, 35);
  EXPECT_EQ((*history_->RecordsOf(7, 5)).size(), 1u);
}

TEST_F(HistoryTest, ADamagedFileIsKeptAsideAndBuiltAnew) {
  Start();
  FillIncidents(1, 35);
  StopAll();
  {
    std::fstream file(HistoryPath(folder_.path()), std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(4096, 'x');
  }
  StartAndCatchUp();
  ExpectIncidents(1, 35);
  EXPECT_THAT(warnings(), HasSubstr("history.db is built anew"));
  EXPECT_TRUE(std::filesystem::exists(HistoryPath(folder_.path()) + ".bad"));
}

TEST_F(HistoryTest, AnotherFormatIsBuiltAnew) {
  Start();
  FillIncidents(1, 5);
  StopAll();
  RunSql(HistoryPath(folder_.path()), "UPDATE meta SET value = 99 WHERE key = 'format'; DELETE FROM report");
  StartAndCatchUp();
  ExpectIncidents(1, 5);
  EXPECT_THAT(warnings(), HasSubstr("history format 99"));
}

TEST_F(HistoryTest, SomebodyElsesDatabaseIsLeftAlone) {
  {
    auto connection = log::Connection::Open(HistoryPath(folder_.path()), log::Connection::Mode::kCreate, 1000);
    ASSERT_TRUE(connection->Run("CREATE TABLE somebody_elses(a)").ok());
  }
  EXPECT_EQ(TryStart(log_.get()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(std::filesystem::exists(HistoryPath(folder_.path()) + ".bad"));
}

TEST_F(HistoryTest, ARowThatCannotBeReadHasItBuiltAnewWhileRunning) {
  Start();
  FillIncidents(1, 35);
  CatchUp();
  RunSql(HistoryPath(folder_.path()), "UPDATE report SET state = x'ffff' WHERE external_id = 'JJD-7'");
  EXPECT_FALSE(history_->FindReport("police-110", ExternalId(7)).ok());
  ASSERT_TRUE(Eventually([&] { return history_->FindReport("police-110", ExternalId(7)).ok(); }));
  ExpectIncidents(1, 35);
  EXPECT_THAT(warnings(), HasSubstr("history.db is built anew"));
  FillIncidents(36, 40);
  CatchUp();
  ExpectIncidents(30, 40);
}

TEST_F(HistoryTest, WhileTheFileCannotBeWrittenItWaitsAndThenGoesOn) {
  Start();
  FillIncidents(1, 5);
  CatchUp();
  auto holder = log::Connection::Open(HistoryPath(folder_.path()), log::Connection::Mode::kReadWrite, 10'000);
  ASSERT_TRUE(holder->Run("BEGIN IMMEDIATE").ok());
  FillIncidents(6, 10);
  ASSERT_TRUE(Eventually([&] { return absl::IsUnavailable(history_->status()); }));
  ExpectIncidents(1, 5);
  ASSERT_TRUE(holder->Run("ROLLBACK").ok());
  CatchUp();
  ExpectIncidents(1, 10);
  ASSERT_TRUE(Eventually([&] { return history_->status().ok(); }));
}

TEST_F(HistoryTest, ALogThatIsDamagedStopsItForGood) {
  GatedLog gated(log_.get());
  ASSERT_TRUE(TryStart(&gated).ok());
  gated.Fail(absl::DataLossError("record 1: the chain breaks"));
  FillIncidents(1, 3);
  ASSERT_TRUE(Eventually([&] { return absl::IsDataLoss(history_->status()); }));
  EXPECT_EQ(history_->index(), 0u);
  EXPECT_EQ(history_->Stop().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(history_->last_snapshot_index(), 0u);
  history_.reset();
}

TEST_F(HistoryTest, ALogThatLostItsEndIsNotFollowed) {
  Start();
  FillIncidents(1, 10);
  StopAll();
  log_.reset();
  std::filesystem::remove_all(folder_.path() + "/snapshots");
  RunSql(log::LogPath(folder_.path()), "DELETE FROM batch WHERE first_index > 6");
  log_ = log::OpenLog(folder_.path());
  const auto status = TryStart(log_.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("history.db does not rest on this log"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 7 is missing"));
}

TEST_F(HistoryTest, AnExchangedLogIsNotFollowed) {
  Start();
  FillIncidents(1, 10);
  StopAll();
  log_.reset();
  std::filesystem::remove_all(folder_.path() + "/snapshots");
  std::filesystem::remove(log::LogPath(folder_.path()));
  log_ = log::OpenLog(folder_.path());
  FillIncidents(101, 120);
  EXPECT_EQ(TryStart(log_.get()).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace liandong::history
