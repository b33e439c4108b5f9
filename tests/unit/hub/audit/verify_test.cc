// What somebody with access to the disk can do to a log, and that it is found.
#include "security/audit/verify.h"

#include "absl/strings/match.h"
#include "hub/history/snapshot.h"
#include "liandong/v1/record.pb.h"
#include "security/audit/checkpoints.h"
#include "security/pki.h"
#include "tests/unit/hub/audit/audit_testing.h"

namespace liandong::audit {
namespace {

namespace fs = std::filesystem;
using absl::StartsWith;
using absl::StrContains;

// 30 records in 10 batches, checkpoints after 12, 24 and at the end.
class VerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(folder_.StartNotary(12).ok());
    for (uint64_t covered : {12, 24}) {
      folder_.Append(4);
      ASSERT_TRUE(Eventually([&] { return folder_.notary()->covered() == covered; }));
    }
    folder_.Append(2);
    link_ = folder_.log()->last_link();
    v1::Snapshot snapshot;
    snapshot.set_format(1);
    snapshot.set_index(30);
    snapshot.set_link(link_);
    ASSERT_TRUE(history::WriteSnapshot(folder_.data(), snapshot.index(), snapshot.SerializeAsString()).ok());
    folder_.Close();
  }

  void Change(bool recompute, const std::function<void(std::vector<Stored>&)>& change) {
    Rewrite(folder_.data(), recompute, change);
  }
  // Another reason in the record at this place of the batch.
  static void Falsify(Stored& row, int place = 1) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(row.bytes));
    batch.mutable_record(place)->mutable_incident_closed()->set_reason("别的理由");
    row.bytes = batch.SerializeAsString();
  }
  security::ChainLink Anchor() const { return *security::DecodeLink(link_); }

  AuditedFolder folder_;
  std::string link_;
};

TEST_F(VerifyTest, AWholeLogIsProven) {
  const auto verified = folder_.Verify({Anchor()});
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->records, 30u);
  EXPECT_EQ(verified->batches, 10u);
  EXPECT_EQ(verified->checkpoints, 3u);
  EXPECT_EQ(verified->covered, 30u);
  EXPECT_EQ(verified->link, link_);
  EXPECT_EQ(verified->signers.size(), 1u);
  EXPECT_EQ(verified->snapshots, 1u);
  EXPECT_EQ(verified->snapshots_open, 0u);
}

TEST_F(VerifyTest, AChangedRecordIsNamed) {
  Change(false, [](auto& rows) { Falsify(rows[4]); });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 13: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, EachBitOfABatchCounts) {
  const std::string whole = Rows(folder_.data())[6].bytes;
  for (size_t at = 0; at < whole.size(); at += 7) {
    Change(false, [&](auto& rows) { rows[6].bytes[at] = static_cast<char>(rows[6].bytes[at] ^ 4); });
    EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 19: ")) << at << ": " << folder_.Wrong();
    Change(false, [&](auto& rows) { rows[6].bytes = whole; });
    EXPECT_EQ(folder_.Wrong(), "") << at;
  }
}

TEST_F(VerifyTest, AChangedRecordWithTheChainComputedAnewIsNotWhatWasSigned) {
  Change(true, [](auto& rows) { Falsify(rows[5]); });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 13: "))
      << "the first that a broken checkpoint covers: " << folder_.Wrong();
  EXPECT_TRUE(StrContains(folder_.Wrong(), "checkpoint 2"));
}

TEST_F(VerifyTest, ARemovedBatchIsMissed) {
  Change(false, [](auto& rows) { rows.erase(rows.begin() + 3); });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 10: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, ARemovedRecordIsMissed) {
  Change(true, [](auto& rows) {
    v1::Batch batch;
    ASSERT_TRUE(batch.ParseFromString(rows[3].bytes));
    batch.mutable_record()->DeleteSubrange(1, 1);
    rows[3].bytes = batch.SerializeAsString();
  });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 11: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, ARemovedRecordIsMissedThoughAllWasNumberedAnew) {
  Change(true, [](auto& rows) {
    rows.erase(rows.begin() + 3);
    Renumber(rows);
  });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 1: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, AnInsertedRecordIsFound) {
  Change(false, [](auto& rows) {
    rows.insert(rows.begin() + 5, rows[4]);
    Renumber(rows);
  });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 16: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, AnInsertedRecordIsFoundThoughTheChainWasComputedAnew) {
  Change(true, [](auto& rows) {
    rows.insert(rows.begin() + 9, rows[5]);
    Renumber(rows);
  });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 25: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, ReorderedRecordsAreFound) {
  Change(false, [](auto& rows) { std::swap(rows[2].bytes, rows[3].bytes); });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 7: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, ReorderedRecordsAreFoundThoughAllWasNumberedAnew) {
  Change(true, [](auto& rows) {
    std::swap(rows[5], rows[6]);
    Renumber(rows);
  });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 13: ")) << folder_.Wrong();
}

TEST_F(VerifyTest, ACutEndIsMissed) {
  Change(false, [](auto& rows) { rows.resize(8); });
  EXPECT_TRUE(StartsWith(folder_.Wrong(), "record 25: ")) << folder_.Wrong();
}

// Whoever cuts the checkpoints as well is found by what was noted elsewhere, and by nothing else.
TEST_F(VerifyTest, ACutEndWithItsCheckpointsIsMissedByAnAnchor) {
  Change(false, [](auto& rows) { rows.resize(8); });
  fs::remove_all(folder_.data() + "/snapshots");
  auto file = ReadCheckpointFile(folder_.data());
  ASSERT_TRUE(file.ok());
  fs::remove(CheckpointsPath(folder_.data()));
  uint64_t at = 0;
  for (size_t i = 0; i < 2; ++i) ASSERT_TRUE(AppendCheckpoint(folder_.data(), file->entries[i], &at).ok());
  EXPECT_EQ(folder_.Wrong(), "");
  EXPECT_TRUE(StartsWith(folder_.Wrong({Anchor()}), "record 25: ")) << folder_.Wrong({Anchor()});
}

TEST_F(VerifyTest, AForgedSnapshotIsFound) {
  v1::Snapshot forged;
  forged.set_format(1);
  forged.set_index(30);
  forged.set_link(link_);
  forged.add_incident()->set_id(7);
  ASSERT_TRUE(history::WriteSnapshot(folder_.data(), forged.index(), forged.SerializeAsString()).ok());
  EXPECT_TRUE(StrContains(folder_.Wrong(), "forged")) << folder_.Wrong();
}

TEST_F(VerifyTest, ADamagedSnapshotIsFound) {
  const std::string path = history::SnapshotPath(folder_.data(), 30);
  std::string bytes = security::Slurp(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  security::Spill(path, bytes);
  EXPECT_TRUE(StrContains(folder_.Wrong(), path)) << folder_.Wrong();
}

TEST_F(VerifyTest, ASnapshotOfAnotherLogIsFound) {
  v1::Snapshot other;
  other.set_format(1);
  other.set_index(27);
  other.set_link(link_);
  ASSERT_TRUE(history::WriteSnapshot(folder_.data(), other.index(), other.SerializeAsString()).ok());
  EXPECT_TRUE(StrContains(folder_.Wrong(), "another chain link")) << folder_.Wrong();
}

TEST_F(VerifyTest, AChangedCheckpointIsFound) {
  const std::string path = CheckpointsPath(folder_.data());
  const std::string whole = security::Slurp(path);
  auto file = ReadCheckpointFile(folder_.data());
  ASSERT_TRUE(file.ok());
  for (size_t i = 0; i < file->entries.size(); ++i) {
    v1::Checkpoint changed;
    ASSERT_TRUE(changed.ParseFromString(file->entries[i].signed_checkpoint().body()));
    changed.set_records(changed.records() - 3);
    auto entries = file->entries;
    entries[i].mutable_signed_checkpoint()->set_body(changed.SerializeAsString());
    fs::remove(path);
    uint64_t at = 0;
    for (const auto& entry : entries) ASSERT_TRUE(AppendCheckpoint(folder_.data(), entry, &at).ok());
    EXPECT_TRUE(StrContains(folder_.Wrong(), "checkpoint " + std::to_string(i + 1))) << folder_.Wrong();
  }
  security::Spill(path, whole);
  EXPECT_EQ(folder_.Wrong(), "");
}

TEST_F(VerifyTest, ARemovedCheckpointIsMissed) {
  auto file = ReadCheckpointFile(folder_.data());
  ASSERT_TRUE(file.ok());
  fs::remove(CheckpointsPath(folder_.data()));
  file->entries.erase(file->entries.begin() + 1);
  uint64_t at = 0;
  for (const auto& entry : file->entries) ASSERT_TRUE(AppendCheckpoint(folder_.data(), entry, &at).ok());
  EXPECT_TRUE(StrContains(folder_.Wrong(), "checkpoint 2")) << folder_.Wrong();
}

// The forger has the whole folder and a CA of his own, but not the site's.
TEST_F(VerifyTest, CheckpointsOfAForgerAreFound) {
  AuditedFolder forger;
  auto options = folder_.options(12);
  options.key = forger.pki("hub.key");
  options.certificate = forger.pki("hub.crt");
  Change(true, [](auto& rows) { Falsify(rows[5]); });
  fs::remove(CheckpointsPath(folder_.data()));
  fs::remove_all(folder_.data() + "/snapshots");
  auto log = log::SqliteLog::Open({.data_dir = folder_.data()});
  ASSERT_TRUE(log.ok()) << log.status();
  auto notary = Notary::Start(std::move(options), log->get());
  ASSERT_TRUE(notary.ok()) << notary.status();
  ASSERT_TRUE((*notary)->Stop().ok());
  EXPECT_TRUE(StrContains(folder_.Wrong(), "not of this CA")) << folder_.Wrong();
  EXPECT_TRUE(audit::Verify({.data_dir = folder_.data()}).ok()) << "without a CA it is only told who signed";
}

TEST_F(VerifyTest, ACrashWhileACheckpointIsWrittenLosesNothing) {
  const std::string path = CheckpointsPath(folder_.data());
  const std::string whole = security::Slurp(path);
  for (const size_t cut : {1, 40, 200}) {
    security::Spill(path, whole.substr(0, whole.size() - cut));
    const auto verified = folder_.Verify();
    ASSERT_TRUE(verified.ok()) << verified.status();
    EXPECT_EQ(verified->covered, 24u);
    EXPECT_EQ(verified->snapshots_open, 1u);
  }
}

}  // namespace
}  // namespace liandong::audit
