#include "hub/log/sqlite_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hub/log/chain_check.h"
#include "hub/log/records.h"
#include "hub/log/sqlite.h"
#include "security/chain.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

using ::testing::HasSubstr;

std::vector<CommittedBatch> ReadAll(EventLog& log, uint64_t after_index = 0) {
  std::vector<CommittedBatch> all;
  const absl::Status status = log.Read(after_index, "", [&](const CommittedBatch& batch) {
    all.push_back(batch);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return all;
}

TEST(SqliteLog, EmptyLogStandsAtTheGenesisLink) {
  TempFolder folder;
  const auto log = OpenLog(folder.path() + "/made/on/the/way");
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->last_index(), 0u);
  EXPECT_EQ(log->last_link(), security::EncodeLink(security::GenesisLink(security::Suite::kInternational)));
  EXPECT_TRUE(ReadAll(*log).empty());
}

TEST(SqliteLog, BytesComeBackAsTheyWereAlsoAfterReopening) {
  TempFolder folder;
  const std::string first = BatchBytes(1, 3);
  const std::string second = BatchBytes(4, 4, 100'000);
  std::string link;
  {
    const auto log = OpenLog(folder.path());
    ASSERT_TRUE(AppendAndWait(*log, 1, 3, first).ok());
    ASSERT_TRUE(AppendAndWait(*log, 4, 4, second).ok());
    link = log->last_link();
  }
  const auto log = OpenLog(folder.path());
  EXPECT_EQ(log->last_index(), 4u);
  EXPECT_EQ(log->last_link(), link);
  const auto all = ReadAll(*log);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].first_index, 1u);
  EXPECT_EQ(all[0].last_index, 3u);
  EXPECT_EQ(all[0].bytes, first);
  EXPECT_EQ(all[1].bytes, second);
  EXPECT_EQ(all[1].link, link);

  auto expected = security::GenesisLink(security::Suite::kInternational);
  expected = security::Next(security::Suite::kInternational, expected, first);
  EXPECT_EQ(all[0].link, security::EncodeLink(expected));
}

TEST(SqliteLog, AnswersComeInOrderAndEachRestsOnTheDisk) {
  TempFolder folder;
  const auto log = OpenLog(folder.path());
  Answers answers;
  constexpr uint64_t kBatches = 2000;
  std::atomic<int> early = 0;
  for (uint64_t i = 1; i <= kBatches; ++i) {
    auto done = answers.Expect(i);
    log->Append(i, i, BatchBytes(i, i), [&, i, done](const absl::Status& status, std::string_view link) {
      if (log->last_index() < i) ++early;
      done(status, link);
    });
  }
  ASSERT_TRUE(answers.WaitForCount(kBatches));
  EXPECT_TRUE(answers.in_order());
  EXPECT_EQ(answers.ok(), kBatches);
  EXPECT_EQ(early, 0);
  EXPECT_EQ(answers.link(), log->last_link());
  EXPECT_EQ(ReadAll(*log).size(), kBatches);
}

TEST(SqliteLog, ClosingCommitsWhatWaits) {
  TempFolder folder;
  Answers answers;
  {
    const auto log = OpenLog(folder.path());
    for (uint64_t i = 1; i <= 300; ++i) log->Append(i, i, BatchBytes(i, i), answers.Expect(i));
  }
  EXPECT_EQ(answers.ok(), 300u);
  EXPECT_EQ(OpenLog(folder.path())->last_index(), 300u);
}

TEST(SqliteLog, ReadBeginsAtTheBatchThatHoldsTheNextRecord) {
  TempFolder folder;
  FillLog(folder.path(), 10, 5);
  const auto log = OpenLog(folder.path());
  EXPECT_EQ(ReadAll(*log, 10).front().first_index, 11u);
  EXPECT_EQ(ReadAll(*log, 11).front().first_index, 11u);
  EXPECT_EQ(ReadAll(*log, 14).front().first_index, 11u);
  EXPECT_EQ(ReadAll(*log, 15).front().first_index, 16u);
  EXPECT_TRUE(ReadAll(*log, 50).empty());
}

TEST(SqliteLog, ReadStopsWithTheVisitorsStatus) {
  TempFolder folder;
  FillLog(folder.path(), 10, 1);
  const auto log = OpenLog(folder.path());
  int seen = 0;
  const auto status = log->Read(
      0, "", [&](const CommittedBatch&) { return ++seen == 3 ? absl::CancelledError("enough") : absl::OkStatus(); });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(seen, 3);
}

TEST(SqliteLog, ReadChecksTheLinkThatTheReaderHolds) {
  TempFolder folder;
  FillLog(folder.path(), 4, 5);
  const auto log = OpenLog(folder.path());
  const auto all = ReadAll(*log);
  const auto nothing = [](const CommittedBatch&) { return absl::OkStatus(); };
  EXPECT_TRUE(log->Read(10, all[1].link, nothing).ok());
  EXPECT_EQ(log->Read(10, all[2].link, nothing).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(log->Read(11, all[1].link, nothing).code(), absl::StatusCode::kDataLoss);
  const auto beyond = log->Read(25, all[3].link, nothing);
  EXPECT_EQ(beyond.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(beyond.message()), HasSubstr("record 21 is missing"));
}

TEST(SqliteLog, SingleRecords) {
  TempFolder folder;
  FillLog(folder.path(), 40, 3);
  const auto log = OpenLog(folder.path());
  for (const uint64_t index : {1, 2, 3, 61, 119, 120}) {
    const auto record = ReadRecord(*log, index);
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ(record->index(), index);
    EXPECT_EQ(record->incident_id(0), index);
  }
  EXPECT_EQ(ReadRecord(*log, 0).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadRecord(*log, 121).status().code(), absl::StatusCode::kNotFound);
  uint64_t next = 51;
  EXPECT_TRUE(ForEachRecord(*log, 50, "", [&](const v1::Record& record) {
                EXPECT_EQ(record.index(), next++);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(next, 121u);
}

TEST(SqliteLog, WaitForWakesWhenSomethingIsCommitted) {
  TempFolder folder;
  const auto log = OpenLog(folder.path());
  EXPECT_FALSE(log->WaitFor(0, absl::ZeroDuration()));
  bool grown = false;
  std::thread waiter([&] { grown = log->WaitFor(0, absl::InfiniteDuration()); });
  ASSERT_TRUE(AppendAndWait(*log, 1, 2, BatchBytes(1, 2)).ok());
  waiter.join();
  EXPECT_TRUE(grown);
  EXPECT_TRUE(log->WaitFor(1, absl::ZeroDuration()));
  EXPECT_FALSE(log->WaitFor(2, absl::ZeroDuration()));
}

TEST(SqliteLog, AGapStopsTheLogForGood) {
  TempFolder folder;
  {
    const auto log = OpenLog(folder.path());
    ASSERT_TRUE(AppendAndWait(*log, 1, 1, BatchBytes(1, 1)).ok());
    EXPECT_FALSE(AppendAndWait(*log, 3, 3, BatchBytes(3, 3)).ok());
    EXPECT_FALSE(AppendAndWait(*log, 2, 2, BatchBytes(2, 2)).ok());
    EXPECT_FALSE(log->status().ok());
    EXPECT_FALSE(log->WaitFor(1, absl::InfiniteDuration()));
  }
  const auto log = OpenLog(folder.path());
  EXPECT_EQ(log->last_index(), 1u);
  EXPECT_TRUE(AppendAndWait(*log, 2, 2, BatchBytes(2, 2)).ok());
}

TEST(SqliteLog, ASecondHubIsKeptOut) {
  TempFolder folder;
  SqliteLogOptions options;
  options.data_dir = folder.path();
  {
    const auto log = OpenLog(folder.path());
    const auto second = SqliteLog::Open(options);
    EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(second.status().message()), HasSubstr("another hub is running"));
  }
  EXPECT_TRUE(SqliteLog::Open(options).ok());
}

TEST(SqliteLog, ASuiteCanChangeBetweenTwoLinks) {
  TempFolder folder;
  FillLog(folder.path(), 3, 1);
  SqliteLogOptions options;
  options.data_dir = folder.path();
  options.suite = security::Suite::kShangmi;
  auto log = SqliteLog::Open(options);
  ASSERT_TRUE(log.ok()) << log.status();
  ASSERT_TRUE(AppendAndWait(**log, 4, 4, BatchBytes(4, 4)).ok());
  const auto all = ReadAll(**log);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(security::DecodeLink(all[2].link)->suite, security::Suite::kInternational);
  EXPECT_EQ(security::DecodeLink(all[3].link)->suite, security::Suite::kShangmi);
  EXPECT_TRUE(VerifyChain(folder.path()).ok());
}

// Readers go over the log again and again while it grows past several checkpoints; each pass is a whole chain.
TEST(SqliteLog, ReadersBesideTheWriter) {
  TempFolder folder;
  const auto log = OpenLog(folder.path());
  constexpr uint64_t kBatches = 3000;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::atomic<uint64_t> passes = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      do {
        uint64_t next = 1;
        const uint64_t at_least = log->last_index();
        const auto status = log->Read(0, "", [&](const CommittedBatch& batch) {
          if (batch.first_index != next || batch.bytes != BatchBytes(next, next, 5000)) ++failures;
          next = batch.last_index + 1;
          return absl::OkStatus();
        });
        if (!status.ok() || next <= at_least) ++failures;
        ++passes;
      } while (!done);
    });
  }
  Answers answers;
  for (uint64_t i = 1; i <= kBatches; ++i) {
    log->Append(i, i, BatchBytes(i, i, 5000), answers.Expect(i));
    if (i % 10 == 0) {
      EXPECT_TRUE(answers.WaitForCount(i));
    }
  }
  ASSERT_TRUE(answers.WaitForCount(kBatches));
  done = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GE(passes, 2u);
  EXPECT_TRUE(answers.status().ok()) << answers.status();
}

// The WAL is written over again and again: it stays far smaller than what went through it.
TEST(SqliteLog, TheWalStaysSmall) {
  TempFolder folder;
  const auto log = OpenLog(folder.path());
  constexpr uint64_t kBatches = 150;
  constexpr size_t kBytes = 1024 * 1024;
  Answers answers;
  for (uint64_t i = 1; i <= kBatches; ++i) {
    log->Append(i, i, BatchBytes(i, i, kBytes), answers.Expect(i));
    ASSERT_TRUE(answers.WaitForCount(i));
  }
  EXPECT_LT(std::filesystem::file_size(LogPath(folder.path()) + "-wal"), kBatches * kBytes * 3 / 4);
}

}  // namespace
}  // namespace liandong::log
