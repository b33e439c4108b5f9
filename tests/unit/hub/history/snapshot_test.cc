#include "hub/history/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "hub/log/sqlite.h"
#include "security/chain.h"
#include "tests/unit/hub/history/history_testing.h"

namespace liandong::history {
namespace {

using ::testing::HasSubstr;

class SnapshotTest : public HistoryTest {
 protected:
  std::set<std::string> Files() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/snapshots")) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }
  absl::StatusOr<std::optional<v1::Snapshot>> Load() {
    return LoadNewestSnapshot(folder_.path(), *log_, Options().warn);
  }
  static void Damage(const std::string& path, std::streamoff offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(offset);
    const char byte = static_cast<char>(file.get());
    file.seekp(offset);
    file.put(static_cast<char>(byte ^ 1));
  }
  absl::Status Write(const v1::Snapshot& snapshot, security::Suite suite = security::Suite::kInternational) {
    return WriteSnapshot(folder_.path(), snapshot.index(), snapshot.SerializeAsString(), suite).status();
  }
  v1::Snapshot Sample(uint64_t index) {
    v1::Snapshot snapshot;
    snapshot.set_format(1);
    snapshot.set_index(index);
    snapshot.set_next_incident_id(index + 1);
    *snapshot.add_incident() = Incident(index);
    return snapshot;
  }
};

TEST_F(SnapshotTest, NoneIsNoError) {
  const auto none = Load();
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_FALSE(none->has_value());
}

TEST_F(SnapshotTest, WrittenEverySoManyRecordsTheTwoNewestStay) {
  snapshot_every_ = 10;
  Start();
  FillIncidents(1, 45);
  CatchUp();
  StopAll();
  EXPECT_THAT(Files(), ::testing::ElementsAre("00000000000000000040.snap", "00000000000000000045.snap"));
  const auto newest = Load();
  ASSERT_TRUE(newest.ok() && newest->has_value()) << newest.status();
  EXPECT_EQ((*newest)->index(), 45u);
  EXPECT_EQ((*newest)->link(), log_->last_link());
  EXPECT_EQ((*newest)->incident_size(), 45);
}

TEST_F(SnapshotTest, SnapshotAndTailGiveTheSameStateAsTheWholeLog) {
  snapshot_every_ = 7;
  Start();
  FillIncidents(1, 30);
  Append({Evicts(3), Changed(Incident(5))});
  StopAll();
  const auto stepwise = Load();
  Start();
  FillIncidents(31, 40);
  StopAll();
  const auto continued = Load();

  std::filesystem::remove_all(folder_.path() + "/snapshots");
  snapshot_every_ = 1'000'000;
  Start();
  StopAll();
  const auto whole = Load();
  ASSERT_TRUE(whole.ok() && whole->has_value());
  EXPECT_EQ((*whole)->index(), 42u);
  EXPECT_EQ((*continued)->SerializeAsString(), (*whole)->SerializeAsString());
  EXPECT_EQ((*stepwise)->index(), 32u);
}

TEST_F(SnapshotTest, ADamagedOneIsPassedOverForTheOlder) {
  snapshot_every_ = 10;
  Start();
  FillIncidents(1, 15);
  CatchUp();
  StopAll();
  const std::string newest = SnapshotPath(folder_.path(), 15);
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(newest));
  // Magic, format, suite, length, hash, first and last byte of the state.
  for (const std::streamoff offset : {std::streamoff{0}, std::streamoff{8}, std::streamoff{12}, std::streamoff{16},
                                      std::streamoff{24}, std::streamoff{56}, size - 1}) {
    Damage(newest, offset);
    const auto older = Load();
    ASSERT_TRUE(older.ok() && older->has_value()) << older.status();
    EXPECT_LT((*older)->index(), 15u) << offset;
    EXPECT_THAT(warnings(), HasSubstr("00000000000000000015.snap"));
    EXPECT_EQ(ReadSnapshotFile(newest).status().code(), absl::StatusCode::kDataLoss);
    Damage(newest, offset);
  }
  EXPECT_EQ((*Load())->index(), 15u) << "whole again";
  std::filesystem::resize_file(newest, 30);
  EXPECT_LT((*Load())->index(), 15u);
  std::filesystem::resize_file(newest, 0);
  StartAndCatchUp();
  ExpectIncidents(1, 15);
}

TEST_F(SnapshotTest, ARenamedOneIsNotTaken) {
  ASSERT_TRUE(Write(Sample(3)).ok());
  std::filesystem::rename(SnapshotPath(folder_.path(), 3), SnapshotPath(folder_.path(), 4));
  FillIncidents(1, 5);
  const auto loaded = Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->has_value());
}

TEST_F(SnapshotTest, OneBeyondTheLogMeansThatTheLogLostRecords) {
  Start();
  FillIncidents(1, 10);
  StopAll();
  log_.reset();
  {
    auto connection = log::Connection::Open(log::LogPath(folder_.path()), log::Connection::Mode::kReadWrite, 1000);
    ASSERT_TRUE(connection->Run("DELETE FROM batch WHERE first_index > 8").ok());
  }
  log_ = log::OpenLog(folder_.path());
  const auto loaded = Load();
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(loaded.status().message()), HasSubstr("record 9 is missing, but record 10 was seen before"));
}

TEST_F(SnapshotTest, OneThatRestsOnAnotherLinkIsRefused) {
  FillIncidents(1, 5);
  v1::Snapshot snapshot = Sample(4);
  snapshot.set_link(security::EncodeLink(security::GenesisLink(security::Suite::kInternational)));
  ASSERT_TRUE(Write(snapshot).ok());
  EXPECT_EQ(Load().status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(SnapshotTest, BothSuites) {
  ASSERT_TRUE(Write(Sample(1), security::Suite::kShangmi).ok());
  const auto read = ReadSnapshotFile(SnapshotPath(folder_.path(), 1));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), Sample(1).SerializeAsString());
}

TEST_F(SnapshotTest, WhatACrashLeftOfAWriteGoesWithTheNext) {
  ASSERT_TRUE(Write(Sample(1)).ok());
  std::ofstream(folder_.path() + "/snapshots/.00000000000000000002.snap.tmp.0123456789abcdef") << "half";
  ASSERT_TRUE(Write(Sample(3)).ok());
  EXPECT_THAT(Files(), ::testing::ElementsAre("00000000000000000001.snap", "00000000000000000003.snap"));
}

// on-disk form, frozen: this file was written by release 0.1.0.
TEST_F(SnapshotTest, TheFileIsWhatItWas) {
  v1::Snapshot snapshot;
  snapshot.set_format(1);
  snapshot.set_index(258);
  ASSERT_TRUE(Write(snapshot).ok());
  std::ifstream file(SnapshotPath(folder_.path(), 258), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(security::Hex(bytes),
            "4c44534e41500d0a"
            "01000000"
            "01000000"
            "0500000000000000"
            "98029932901b8a962d7ddc5ae5dda0eec01a7e101400087417ac005f3b453d45"
            "0801108202");
}

}  // namespace
}  // namespace liandong::history
