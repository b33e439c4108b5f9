#include "hub/audit/trail.h"

#include <future>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "hub/audit/limits.h"
#include "tests/unit/hub/audit/audit_testing.h"
#include "tests/unit/hub/log/failing_sync.h"

namespace liandong::audit {
namespace {

namespace fs = std::filesystem;

v1::TrailEntry View(const std::string& account, const std::string& object, const std::string& result = "OK") {
  v1::TrailEntry entry;
  entry.set_kind(v1::TRAIL_VIEW);
  entry.set_account(account);
  entry.set_via("screen");
  entry.set_object(object);
  entry.set_result(result);
  return entry;
}

class TrailTest : public testing::Test {
 protected:
  void Open() {
    trail_.reset();
    TrailOptions options;
    options.folder = folder_ / "trail";
    options.days = 200;
    options.say = [this](const std::string&) { ++said_; };
    options.now_ms = [this] { return now_ms_.load(); };
    auto opened = Trail::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    trail_ = *std::move(opened);
  }
  absl::Status NoteAndWait(const v1::TrailEntry& entry) {
    std::promise<absl::Status> done;
    trail_->Note(entry, [&](const absl::Status& status) { done.set_value(status); });
    return done.get_future().get();
  }
  std::vector<v1::TrailLine> Lines(const v1::TrailRequest& request = v1::TrailRequest(), bool* more = nullptr) {
    trail_->Flush();
    const auto reply = trail_->Read(request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    if (!reply.ok()) return {};
    if (more != nullptr) *more = reply->more();
    return {reply->line().begin(), reply->line().end()};
  }
  std::vector<v1::TrailLine> OfKind(v1::TrailKind kind) {
    v1::TrailRequest request;
    request.set_kind(kind);
    request.set_limit(1000);
    return Lines(request);
  }
  std::vector<std::string> Segments() const {
    std::vector<std::string> out;
    for (const auto& one : fs::directory_iterator(folder_ / "trail")) out.push_back(one.path().filename());
    std::sort(out.begin(), out.end());
    return out;
  }

  security::TemporaryFolder folder_;
  std::atomic<int64_t> now_ms_ = kNow;
  std::atomic<int> said_ = 0;
  std::unique_ptr<Trail> trail_;
};

TEST_F(TrailTest, WhatIsSaidToBeNotedIsOnDisk) {
  Open();
  ASSERT_TRUE(NoteAndWait(View("li", "incident 17")).ok());
  // Not through the trail that wrote it.
  const auto rows = Rows(folder_ / "trail/2026-11");
  v1::TrailBatch batch;
  ASSERT_TRUE(batch.ParseFromString(rows.back().bytes));
  const v1::TrailRecord& last = *batch.record().rbegin();
  EXPECT_EQ(last.entry().object(), "incident 17");
  EXPECT_EQ(last.time_ms(), kNow);
  EXPECT_EQ(trail_->End().records(), last.index());
  EXPECT_EQ(trail_->End().segment(), "2026-11");
}

TEST_F(TrailTest, AnswersWhatWasAsked) {
  Open();
  trail_->Note(View("li", "incident 1"));
  trail_->Note(View("wang", "incident 2"));
  now_ms_ += 1000;
  trail_->Note(View("li", "incident 2"));
  v1::TrailRequest ask;
  ask.set_account("li");
  ASSERT_EQ(Lines(ask).size(), 2u);
  ask.set_object("incident 2");
  ASSERT_EQ(Lines(ask).size(), 1u);
  ask.Clear();
  ask.set_since_ms(kNow + 1);
  EXPECT_EQ(Lines(ask).size(), 1u);
  ask.set_since_ms(0);
  ask.set_until_ms(kNow + 1);
  ask.set_kind(v1::TRAIL_VIEW);
  EXPECT_EQ(Lines(ask).size(), 2u);
  ask.set_limit(1);
  bool more = false;
  const auto newest = Lines(ask, &more);
  ASSERT_EQ(newest.size(), 1u);
  EXPECT_EQ(newest[0].record().entry().account(), "wang");
  EXPECT_TRUE(more);
}

TEST_F(TrailTest, GoesOnAfterARestart) {
  Open();
  trail_->Note(View("li", "incident 1"));
  Open();
  trail_->Note(View("li", "incident 2"));
  EXPECT_EQ(OfKind(v1::TRAIL_VIEW).size(), 2u);
  uint64_t index = 0;
  for (const auto& line : Lines()) EXPECT_EQ(line.record().index(), ++index);
}

TEST_F(TrailTest, AMonthIsASegmentAndGoesWhenItIsOldEnough) {
  Open();
  trail_->Note(View("li", "incident 1"));
  trail_->Flush();
  now_ms_ = absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(2026, 12, 3), absl::UTCTimeZone()));
  trail_->Note(View("li", "incident 2"));
  EXPECT_EQ(OfKind(v1::TRAIL_VIEW).size(), 2u);
  EXPECT_EQ(Segments(), (std::vector<std::string>{"2026-11", "2026-12"}));
  // 199 days after the end of November, then 201.
  now_ms_ = absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(2026, 12, 1) + 199, absl::UTCTimeZone()));
  trail_->Note(View("li", "incident 3"));
  trail_->Flush();
  EXPECT_EQ(Segments(), (std::vector<std::string>{"2026-11", "2026-12", "2027-06"}));
  now_ms_ += 2 * 86'400'000LL;
  trail_->Note(View("li", "incident 4"));
  ASSERT_TRUE(Eventually([&] { return Segments() == std::vector<std::string>{"2026-12", "2027-06"}; }));
  bool told = false;
  for (const auto& line : OfKind(v1::TRAIL_HUB)) {
    const auto& entry = line.record().entry();
    told = told || (entry.method() == "segment.dropped" && entry.object() == "segment 2026-11");
  }
  EXPECT_TRUE(told) << "what was dropped is in the trail";
}

TEST_F(TrailTest, NobodyKeepsItForLessThanTheLawAsks) {
  TrailOptions options;
  options.folder = folder_ / "trail";
  options.days = 30;
  options.now_ms = [this] { return now_ms_.load(); };
  auto opened = Trail::Open(std::move(options));
  ASSERT_TRUE(opened.ok());
  trail_ = *std::move(opened);
  trail_->Note(View("li", "incident 1"));
  trail_->Flush();
  now_ms_ = absl::ToUnixMillis(absl::FromCivil(absl::CivilDay(2026, 12, 1) + 179, absl::UTCTimeZone()));
  ASSERT_TRUE(NoteAndWait(View("li", "incident 2")).ok());
  EXPECT_EQ(OfKind(v1::TRAIL_VIEW).size(), 2u);
}

TEST_F(TrailTest, AFloodOfRefusalsIsCounted) {
  Open();
  const uint32_t all = kDeniedPerMinute + 40;
  for (uint32_t i = 0; i < all; ++i) trail_->Note(View("li", "incident 1", "UNKNOWN_INCIDENT"));
  trail_->Note(View("li", "incident 2"));
  EXPECT_EQ(OfKind(v1::TRAIL_VIEW).size(), kDeniedPerMinute + 1) << "what was shown is noted all the same";
  now_ms_ += 60'000;
  trail_->Note(View("li", "incident 3", "UNKNOWN_INCIDENT"));
  bool told = false;
  for (const auto& line : OfKind(v1::TRAIL_HUB)) {
    told = told || absl::StrContains(line.record().entry().detail(), "not noted one by one: 40");
  }
  EXPECT_TRUE(told);
}

TEST_F(TrailTest, LongTextsAreCutBetweenCharacters) {
  Open();
  std::string object;
  while (object.size() < 2 * kTrailTextBytes) object += "龙";
  trail_->Note(View("li", object));
  const std::string kept = OfKind(v1::TRAIL_VIEW).at(0).record().entry().object();
  EXPECT_LE(kept.size(), kTrailTextBytes);
  EXPECT_EQ(kept.size() % 3, 0u);
}

TEST_F(TrailTest, WhatCannotBeWrittenIsSaidAndCounted) {
  log::FailingSync sync;
  Open();
  trail_->Flush();
  sync.Fail(true);
  EXPECT_FALSE(NoteAndWait(View("li", "incident 1")).ok());
  EXPECT_GE(trail_->lost(), 1u);
  EXPECT_TRUE(Eventually([&] { return said_ >= 1; }));
  sync.Fail(false);
  EXPECT_TRUE(NoteAndWait(View("li", "incident 2")).ok()) << "it goes on when the disk does";
  bool told = false;
  for (const auto& line : OfKind(v1::TRAIL_HUB)) {
    told = told || absl::StrContains(line.record().entry().detail(), "could not be noted: 1 ");
  }
  EXPECT_TRUE(told);
  trail_.reset();
}

}  // namespace
}  // namespace liandong::audit
