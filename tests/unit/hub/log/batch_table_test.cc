#include "hub/log/batch_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

using ::testing::HasSubstr;

absl::Status OpenStatus(const std::string& folder) {
  SqliteLogOptions options;
  options.data_dir = folder;
  return SqliteLog::Open(options).status();
}

void RunSql(const std::string& path, const char* sql) {
  auto connection = Connection::Open(path, Connection::Mode::kCreate, 1000);
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto status = connection->Run(sql);
  ASSERT_TRUE(status.ok()) << status;
}

TEST(LogFile, AnotherDatabaseIsRefusedAndLeftAlone) {
  TempFolder folder;
  RunSql(LogPath(folder.path()), "CREATE TABLE somebody_elses(a)");
  const auto before = std::filesystem::file_size(LogPath(folder.path()));
  const auto status = OpenStatus(folder.path());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no Liandong log"));
  EXPECT_EQ(std::filesystem::file_size(LogPath(folder.path())), before);
}

TEST(LogFile, ALaterFormatIsRefused) {
  TempFolder folder;
  FillLog(folder.path(), 1, 1);
  RunSql(LogPath(folder.path()), "UPDATE meta SET value=2 WHERE key='format'");
  const auto status = OpenStatus(folder.path());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("log format 2, this program reads format 1"));
}

TEST(LogFile, NoDatabaseAtAllIsSaid) {
  TempFolder folder;
  std::ofstream(LogPath(folder.path())) << std::string(10'000, 'x');
  EXPECT_EQ(OpenStatus(folder.path()).code(), absl::StatusCode::kDataLoss);
}

TEST(LogFile, AnUnfinishedMakingIsMadeAgain) {
  TempFolder folder;
  std::ofstream(LogPath(folder.path())).flush();
  EXPECT_TRUE(OpenStatus(folder.path()).ok());
}

TEST(LogFile, ADamagedTailIsFoundAtOpening) {
  TempFolder folder;
  FillLog(folder.path(), 100, 2);
  RunSql(LogPath(folder.path()), "UPDATE batch SET bytes = zeroblob(length(bytes)) WHERE first_index = 151");
  const auto status = OpenStatus(folder.path());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 151: the chain breaks"));
}

TEST(LogFile, ReadPieceIsBoundedByRowsAndBytesButNeverEmpty) {
  TempFolder folder;
  FillLog(folder.path(), 20, 1);
  auto reader = BatchReader::Open(LogPath(folder.path()));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->ReadPiece(1, 7, 1'000'000)->size(), 7u);
  EXPECT_EQ((*reader)->ReadPiece(1, 7, 1)->size(), 1u);
  EXPECT_EQ((*reader)->ReadPiece(18, 7, 1'000'000)->size(), 3u);
  EXPECT_TRUE((*reader)->ReadPiece(21, 7, 1'000'000)->empty());
}

TEST(LogFile, ErrorsOfAFolderThatIsNoneNameIt) {
  TempFolder folder;
  const std::string file = folder.path() + "/file";
  std::ofstream(file) << "x";
  const auto status = OpenStatus(file);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(file));
}

}  // namespace
}  // namespace liandong::log
