// What somebody with access to the disk can do to the trail, and that it is found.
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "hub/audit/trail.h"
#include "security/audit/checkpoints.h"
#include "tests/unit/hub/audit/audit_testing.h"

namespace liandong::audit {
namespace {

namespace fs = std::filesystem;
using absl::StrContains;

int64_t Day(int year, int month, int day) {
  return absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone()));
}

// Three months of trail, signed at the end of each.
class VerifyTrailTest : public testing::Test {
 protected:
  void SetUp() override {
    TrailOptions options;
    options.folder = Folder();
    options.days = 180;
    options.now_ms = [this] { return trail_ms_.load(); };
    auto opened = Trail::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    trail_ = *std::move(opened);
    folder_.trail_end = [this] { return trail_->End(); };
    for (const int month : {9, 10, 11}) {
      trail_ms_ = Day(2026, month, 5);
      for (int i = 0; i < 3; ++i) Note(month * 10 + i);
      Sign();
    }
  }
  std::string Folder(const std::string& segment = "") const {
    return folder_.data() + "/trail" + (segment.empty() ? "" : "/" + segment);
  }
  void Note(int incident) {
    v1::TrailEntry entry;
    entry.set_kind(v1::TRAIL_VIEW);
    entry.set_object("incident " + std::to_string(incident));
    entry.set_result("OK");
    trail_->Note(std::move(entry));
    trail_->Flush();
  }
  void Sign() {
    ASSERT_TRUE(folder_.StartNotary(1000).ok());
    ASSERT_TRUE(folder_.notary()->Stop().ok());
  }
  // Closes everything; what follows is done behind the hub's back.
  void Close() {
    trail_.reset();
    folder_.trail_end = nullptr;
    folder_.Close();
  }
  static void Falsify(Stored& row) {
    v1::TrailBatch batch;
    ASSERT_TRUE(batch.ParseFromString(row.bytes));
    batch.mutable_record(0)->mutable_entry()->set_object("incident 999");
    row.bytes = batch.SerializeAsString();
  }

  std::atomic<int64_t> trail_ms_ = Day(2026, 9, 5);
  AuditedFolder folder_;
  std::unique_ptr<Trail> trail_;
};

TEST_F(VerifyTrailTest, AWholeTrailIsProven) {
  Close();
  const auto verified = folder_.Verify();
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->trail_segments, 3u);
  EXPECT_EQ(verified->trail_records, 12u) << "nine views and three beginnings";
}

TEST_F(VerifyTrailTest, AChangedEntryIsFound) {
  Close();
  Rewrite(Folder("2026-10"), false, [](auto& rows) { Falsify(rows[2]); });
  EXPECT_TRUE(StrContains(folder_.Wrong(), "2026-10/log.db: record 3: ")) << folder_.Wrong();
}

TEST_F(VerifyTrailTest, AChangedEntryIsFoundThoughTheChainWasComputedAnew) {
  Close();
  Rewrite(Folder("2026-10"), true, [](auto& rows) { Falsify(rows[2]); });
  EXPECT_TRUE(StrContains(folder_.Wrong(), "2026-10/log.db")) << folder_.Wrong();
  EXPECT_TRUE(StrContains(folder_.Wrong(), "computed anew")) << folder_.Wrong();
}

TEST_F(VerifyTrailTest, ARemovedEntryIsFound) {
  Close();
  Rewrite(Folder("2026-10"), false, [](auto& rows) { rows.erase(rows.begin() + 1); });
  EXPECT_TRUE(StrContains(folder_.Wrong(), "2026-10/log.db: record 2: ")) << folder_.Wrong();
}

TEST_F(VerifyTrailTest, ACutEndIsFound) {
  Close();
  Rewrite(Folder("2026-11"), false, [](auto& rows) { rows.resize(2); });
  EXPECT_TRUE(StrContains(folder_.Wrong(), "2026-11/log.db: record 3: ")) << folder_.Wrong();
}

// The next month says how it ended, whoever removes the checkpoints.
TEST_F(VerifyTrailTest, ACutEndOfAPastMonthIsFoundByTheNextOne) {
  Close();
  fs::remove(CheckpointsPath(folder_.data()));
  ASSERT_EQ(folder_.Wrong(), "");
  Rewrite(Folder("2026-10"), false, [](auto& rows) { rows.resize(2); });
  EXPECT_TRUE(StrContains(folder_.Wrong(), "next segment")) << folder_.Wrong();
}

TEST_F(VerifyTrailTest, AMissingMonthIsFound) {
  Close();
  for (const char* segment : {"2026-09", "2026-10", "2026-11"}) {
    fs::rename(Folder(segment), folder_.data() + "/aside");
    EXPECT_TRUE(StrContains(folder_.Wrong(), "missing")) << segment << ": " << folder_.Wrong();
    fs::rename(folder_.data() + "/aside", Folder(segment));
  }
  fs::rename(Folder(), folder_.data() + "/aside");
  EXPECT_TRUE(StrContains(folder_.Wrong(), "missing")) << folder_.Wrong();
}

TEST_F(VerifyTrailTest, WhatTheTrailDroppedItselfIsNotMissed) {
  trail_ms_ = Day(2027, 4, 20);  // September is over for 201 days, October for 170
  Note(1);
  ASSERT_TRUE(Eventually([&] { return !fs::exists(Folder("2026-09")); }));
  trail_->Flush();
  Sign();
  Close();
  const auto verified = folder_.Verify();
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->trail_segments, 3u);
}

}  // namespace
}  // namespace liandong::audit
