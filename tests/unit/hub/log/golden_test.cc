// A stored log of format 1, frozen in testdata: what was released must stay readable, and its links must stay what they
// are, for as long as there are logs of it.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "hub/log/batch_table.h"
#include "hub/log/chain_check.h"
#include "hub/log/records.h"
#include "hub/log/sqlite.h"
#include "security/chain.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

constexpr char kLinkAfter6[] = "2:a24cc19bc4e5df594dc2eb4b477ccc001a0ff26a9b2450802205efba9b537c3e";
constexpr char kLinkAfter7[] = "1:d68ac8a13b2baa0847fedc47cd37e14003e5d2901e023abadb4741a1a9c8d13a";

class GoldenLog : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file("tests/unit/hub/log/testdata/log_format_1.sql");
    const std::string sql((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    ASSERT_FALSE(sql.empty());
    auto connection = Connection::Open(LogPath(folder_.path()), Connection::Mode::kCreate, 1000);
    ASSERT_TRUE(connection.ok()) << connection.status();
    const auto status = connection->Run(sql.c_str());
    ASSERT_TRUE(status.ok()) << status;
  }
  TempFolder folder_;
};

std::string Text(const std::string& link) { return security::LinkText(*security::DecodeLink(link)); }

TEST_F(GoldenLog, ItsLinksAreWhatTheyWere) {
  const auto summary = VerifyChain(folder_.path());
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(summary->batches, 4u);
  EXPECT_EQ(summary->records, 6u);
  EXPECT_EQ(Text(summary->last_link), kLinkAfter6);
}

TEST_F(GoldenLog, ItsRecordsAreReadAsTheyWereMeant) {
  const auto log = OpenLog(folder_.path());
  ASSERT_NE(log, nullptr);
  std::vector<v1::Record> records;
  ASSERT_TRUE(ForEachRecord(*log, 0, "", [&](const v1::Record& record) {
                records.push_back(record);
                return absl::OkStatus();
              }).ok());
  ASSERT_EQ(records.size(), 6u);
  EXPECT_EQ(records[0].hub_started().version(), "0.1.0");
  EXPECT_EQ(records[1].site_set_adopted().site().settings().name(), "云溪县");
  EXPECT_EQ(records[1].actor().role(), "值班长");
  EXPECT_EQ(records[2].report_recorded().key().external_id(), "20260802-0001");
  EXPECT_EQ(records[2].report_recorded().outcome(), v1::NEW_INCIDENT);
  ASSERT_EQ(records[2].changes().report_size(), 1);
  EXPECT_EQ(records[2].changes().report(0).sealed(), std::string("\xff\x00\x7fsealed", 9));
  EXPECT_EQ(records[2].changes().incident(0).severity(), v1::LARGE);
  EXPECT_EQ(records[3].clock_jumped().jump_ms(), -4000);
  EXPECT_EQ(records[4].incident_closed().status(), v1::CLOSED);
  EXPECT_EQ(records[4].time_ms(), 1785632402500);
  EXPECT_EQ(records[5].changes().evicted_incident(0), 1u);
}

TEST_F(GoldenLog, ItGoesOn) {
  const auto log = OpenLog(folder_.path());
  ASSERT_NE(log, nullptr);
  ASSERT_EQ(log->last_index(), 6u);
  // Bytes that no change of the protos can touch.
  const std::string bytes("\x08\x01\x12\x02\x08\x07", 6);
  ASSERT_TRUE(AppendAndWait(*log, 7, 7, bytes).ok());
  EXPECT_EQ(Text(log->last_link()), kLinkAfter7);
  EXPECT_TRUE(VerifyChain(folder_.path()).ok());
}

// The tables that this release makes are the frozen ones.
TEST_F(GoldenLog, NewLogsHaveTheSameTables) {
  TempFolder fresh;
  ASSERT_NE(OpenLog(fresh.path()), nullptr);
  const auto tables = [](const std::string& path) {
    auto connection = Connection::Open(path, Connection::Mode::kReadOnly, 1000);
    auto statement =
        connection->Prepare("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY 1)");
    EXPECT_TRUE(*statement->Step());
    return std::string(statement->Bytes(0));
  };
  EXPECT_EQ(tables(LogPath(fresh.path())), tables(LogPath(folder_.path())));
}

}  // namespace
}  // namespace liandong::log
