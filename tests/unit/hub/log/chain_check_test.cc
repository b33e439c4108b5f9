// Whatever is done to a stored log behind the hub's back, VerifyChain names the first record that is not as it was.
#include "hub/log/chain_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hub/log/sqlite.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

using ::testing::HasSubstr;

// 30 batches of 3 records, more than one piece of reading would need; each test then changes one thing.
class ChainCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    FillLog(folder_.path(), 30, 3);
    auto connection = Connection::Open(LogPath(folder_.path()), Connection::Mode::kReadWrite, 1000);
    ASSERT_TRUE(connection.ok()) << connection.status();
    connection_ = *std::move(connection);
    const auto whole = VerifyChain(folder_.path());
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(whole->batches, 30u);
    EXPECT_EQ(whole->records, 90u);
    EXPECT_EQ(whole->last_index, 90u);
    end_ = {whole->last_index, whole->last_link};
  }

  void Change(const char* sql) {
    const auto status = connection_.Run(sql);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_GT(sqlite3_total_changes(connection_.handle()), 0);
  }

  std::string LinkAfter(uint64_t last_index) {
    auto statement = connection_.Prepare("SELECT link FROM batch WHERE last_index = ?");
    EXPECT_TRUE(statement.ok());
    statement->Bind(1, last_index);
    EXPECT_TRUE(*statement->Step());
    return std::string(statement->Bytes(0));
  }

  void ExpectBad(const std::string& text, const std::vector<Anchor>& anchors = {}) {
    const auto result = VerifyChain(folder_.path(), anchors);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(text));
  }

  TempFolder folder_;
  Connection connection_;
  Anchor end_;
};

TEST_F(ChainCheck, OneChangedByte) {
  Change(
      "UPDATE batch SET bytes = CAST(substr(bytes, 1, 9) || x'FF' || substr(bytes, 11) AS BLOB)"
      " WHERE first_index = 13");
  ExpectBad("record 13: the chain breaks");
}

TEST_F(ChainCheck, ExchangedContentOfAnotherBatch) {
  Change("UPDATE batch SET bytes = (SELECT bytes FROM batch WHERE first_index = 16) WHERE first_index = 13");
  ExpectBad("record 13: the chain breaks");
}

TEST_F(ChainCheck, ChangedLink) {
  Change("UPDATE batch SET link = (SELECT link FROM batch WHERE first_index = 1) WHERE first_index = 22");
  ExpectBad("record 22: the chain breaks");
}

TEST_F(ChainCheck, LinkThatIsNone) {
  Change("UPDATE batch SET link = x'01' WHERE first_index = 22");
  ExpectBad("record 22: a chain link has 33 bytes");
}

TEST_F(ChainCheck, RemovedFirst) {
  Change("DELETE FROM batch WHERE first_index = 1");
  ExpectBad("record 1 is missing");
}

TEST_F(ChainCheck, RemovedInTheMiddle) {
  Change("DELETE FROM batch WHERE first_index = 46");
  ExpectBad("record 46 is missing: the next batch begins with record 49");
}

TEST_F(ChainCheck, RemovedAndTheRestMovedUp) {
  Change("DELETE FROM batch WHERE first_index = 46");
  for (int first = 49; first <= 88; first += 3) {
    const std::string sql =
        "UPDATE batch SET first_index = first_index - 3, last_index = last_index - 3 WHERE "
        "first_index = " +
        std::to_string(first);
    Change(sql.c_str());
  }
  ExpectBad("record 46: the chain breaks");
}

TEST_F(ChainCheck, InsertedBetween) {
  Change("INSERT INTO batch SELECT 47, 47, link, bytes FROM batch WHERE first_index = 46");
  ExpectBad("record 47: a batch of records 47 to 47 stands where record 49 should follow");
}

TEST_F(ChainCheck, InsertedBeforeTheFirst) {
  Change("INSERT INTO batch SELECT 0, 0, link, bytes FROM batch WHERE first_index = 1");
  ExpectBad("record 0: a batch");
}

TEST_F(ChainCheck, InsertedAtTheEnd) {
  Change("INSERT INTO batch SELECT 91, 93, link, bytes FROM batch WHERE first_index = 88");
  ExpectBad("record 91: the chain breaks");
}

TEST_F(ChainCheck, Reordered) {
  Change(
      "UPDATE batch SET first_index = -10, last_index = 12 WHERE first_index = 10;"
      "UPDATE batch SET first_index = 10, last_index = 12 WHERE first_index = 13;"
      "UPDATE batch SET first_index = 13, last_index = 15 WHERE first_index = -10");
  ExpectBad("record 10: the chain breaks");
}

TEST_F(ChainCheck, TruncatedBytes) {
  Change("UPDATE batch SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) AS BLOB) WHERE first_index = 88");
  ExpectBad("record 88: the chain breaks");
}

TEST_F(ChainCheck, NumbersThatTheRecordsDoNotHave) {
  Change("UPDATE batch SET last_index = 92 WHERE first_index = 88");
  ExpectBad("record 91: the batch of records 88 to 92 ends before it");
}

TEST_F(ChainCheck, ACutEndIsSeenByAnAnchorAlone) {
  Change("DELETE FROM batch WHERE first_index > 60");
  EXPECT_TRUE(VerifyChain(folder_.path()).ok());
  ExpectBad("record 61 is missing: the log ends with record 60, but record 90 was noted before", {end_});
}

TEST_F(ChainCheck, AChainThatWasComputedAnewIsSeenByAnAnchorAlone) {
  const Anchor middle{60, LinkAfter(60)};
  EXPECT_TRUE(VerifyChain(folder_.path(), {middle, end_}).ok());
  Change("DELETE FROM batch");
  {
    const auto log = OpenLog(folder_.path());
    ASSERT_TRUE(AppendAndWait(*log, 1, 60, BatchBytes(1, 60, 1)).ok());
    ASSERT_TRUE(AppendAndWait(*log, 61, 90, BatchBytes(61, 90, 1)).ok());
  }
  EXPECT_TRUE(VerifyChain(folder_.path()).ok());
  ExpectBad("record 60: the chain differs from the link that was noted", {middle, end_});
}

TEST_F(ChainCheck, WorksBesideARunningHub) {
  const auto log = OpenLog(folder_.path());
  ASSERT_TRUE(AppendAndWait(*log, 91, 92, BatchBytes(91, 92)).ok());
  const auto summary = VerifyChain(folder_.path());
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->last_index, 92u);
  EXPECT_EQ(summary->last_link, log->last_link());
}

}  // namespace
}  // namespace liandong::log
