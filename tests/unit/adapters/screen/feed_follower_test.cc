#include "adapters/screen/feed_follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "tests/unit/adapters/screen/feed_model.h"

namespace liandong::screen {
namespace {

constexpr char kTown[] = "339921101000";
constexpr char kOtherTown[] = "339921102000";
constexpr char kElsewhere[] = "339922101000";

class FollowerTest : public testing::Test {
 protected:
  FollowerTest() { follower_.SetAreas({"339921"}); }

  void Snapshot() {
    follower_.OnSnapshot(model_.Open(follower_.areas()), model_.index(), static_cast<int64_t>(1000 * model_.index()),
                         model_.started_ms(), &changes_);
  }
  void Send(const std::vector<ModelFrame>& frames) {
    for (const ModelFrame& one : frames) follower_.OnFrame(one.topic, one.header, one.frame, &changes_);
  }
  uint64_t RevisionOf(uint64_t id) const {
    const View::Entry* entry = follower_.view().Find(id);
    return entry == nullptr ? 0 : entry->summary.incident().revision();
  }

  FeedModel model_;
  FeedFollower follower_;
  std::vector<Change> changes_;
};

TEST_F(FollowerTest, FramesAfterASnapshotAreTakenOnce) {
  Snapshot();
  EXPECT_FALSE(follower_.wants_snapshot());
  const auto frames = model_.Change(MakeSummary(1, kTown));
  Send(frames);
  Send(frames);
  EXPECT_EQ(changes_.size(), 1u);
  EXPECT_EQ(RevisionOf(1), 1u);
  EXPECT_EQ(follower_.lost(), 0u);
}

TEST_F(FollowerTest, AMissedFrameIsSeenByTheNextAndASnapshotMendsIt) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  model_.Change(MakeSummary(1, kTown, 2));  // lost on the way
  Send(model_.Change(MakeSummary(2, kOtherTown)));
  EXPECT_TRUE(follower_.wants_snapshot());
  EXPECT_EQ(follower_.lost(), 1u);
  EXPECT_EQ(RevisionOf(2), 0u) << "nothing is taken before what was missed";
  Snapshot();
  EXPECT_FALSE(follower_.wants_snapshot());
  EXPECT_EQ(RevisionOf(1), 2u);
  EXPECT_EQ(RevisionOf(2), 1u);
}

TEST_F(FollowerTest, FramesOfOtherAreasBetweenAreNotMissed) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  model_.Change(MakeSummary(9, kElsewhere));
  Send(model_.Change(MakeSummary(2, kTown)));
  EXPECT_FALSE(follower_.wants_snapshot());
  EXPECT_EQ(RevisionOf(2), 1u);
}

TEST_F(FollowerTest, TheLastFrameLostIsSeenByAHeartbeat) {
  Snapshot();
  model_.Change(MakeSummary(1, kTown));
  follower_.OnHeartbeat(model_.HeartbeatHeader(), model_.Heartbeat("339921"));
  EXPECT_TRUE(follower_.wants_snapshot());
  Snapshot();
  follower_.OnHeartbeat(model_.HeartbeatHeader(), model_.Heartbeat("339921"));
  EXPECT_FALSE(follower_.wants_snapshot());
}

TEST_F(FollowerTest, AnotherStartOfTheHubBeginsWithASnapshot) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  model_.Change(MakeSummary(1, kTown, 2));
  model_.Restart();
  Send(model_.Change(MakeSummary(2, kTown)));
  EXPECT_TRUE(follower_.wants_snapshot());
  Snapshot();
  EXPECT_EQ(RevisionOf(1), 2u);
  Send(model_.Change(MakeSummary(3, kTown)));
  EXPECT_FALSE(follower_.wants_snapshot());
  model_.Restart();
  follower_.OnHeartbeat(model_.HeartbeatHeader(), model_.Heartbeat("339921"));
  EXPECT_TRUE(follower_.wants_snapshot());
}

TEST_F(FollowerTest, AnIncidentThatMovesWithinTheAreaStaysAndOneThatLeavesIsGone) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  Send(model_.Change(MakeSummary(1, kOtherTown, 2)));
  EXPECT_EQ(RevisionOf(1), 2u);
  Send(model_.Change(MakeSummary(1, kElsewhere, 3)));
  EXPECT_EQ(RevisionOf(1), 0u);
}

TEST_F(FollowerTest, TheNewPlaceMayComeBeforeTheWordThatTheOldOneIsLeft) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  const auto moved = model_.Change(MakeSummary(1, kOtherTown, 2));
  FeedFollower two;
  two.SetAreas({kTown, kOtherTown});
  two.OnSnapshot({MakeSummary(1, kTown)}, model_.index() - 1, 0, model_.started_ms(), &changes_);
  for (const ModelFrame* one : {&moved[1], &moved[0]}) two.OnFrame(one->topic, one->header, one->frame, &changes_);
  EXPECT_FALSE(two.wants_snapshot());
  ASSERT_NE(two.view().Find(1), nullptr);
  EXPECT_EQ(two.view().Find(1)->summary.incident().revision(), 2u);
}

TEST_F(FollowerTest, WhatEndedStaysForAWhileThroughASnapshot) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  Send(model_.Change(MakeSummary(1, kTown, 2, v1::CLOSED)));
  Snapshot();
  EXPECT_EQ(RevisionOf(1), 2u);
  for (int i = 0; i < 700; ++i) Send(model_.Change(MakeSummary(2, kTown, i + 1)));  // a second each
  changes_.clear();
  follower_.Sweep(&changes_);
  EXPECT_EQ(RevisionOf(1), 0u);
  ASSERT_EQ(changes_.size(), 1u);
  EXPECT_TRUE(changes_[0].gone);
}

TEST_F(FollowerTest, AnotherLogBeginsAnew) {
  Send(model_.Change(MakeSummary(1, kTown)));
  Snapshot();
  follower_.OnSnapshot({MakeSummary(5, kTown)}, 3, 0, 9, &changes_);
  EXPECT_EQ(RevisionOf(1), 0u);
  EXPECT_EQ(RevisionOf(5), 1u);
  EXPECT_EQ(follower_.view().Since(model_.index()), std::nullopt);
}

// A hub that took over with a shorter log: frames of the one before it lie beyond everything that it knows.
TEST_F(FollowerTest, FramesOfAHubThatIsGoneDoNotCallForSnapshotsForEver) {
  Snapshot();
  Send(model_.Change(MakeSummary(1, kTown)));
  model_.Change(MakeSummary(1, kTown, 2));
  Send(model_.Change(MakeSummary(2, kTown)));
  ASSERT_TRUE(follower_.wants_snapshot());
  const int64_t next_hub = model_.started_ms() + 1;
  for (int i = 0; i < 2; ++i) follower_.OnSnapshot({MakeSummary(5, kTown)}, 1, 0, next_hub, &changes_);
  EXPECT_FALSE(follower_.wants_snapshot());
  EXPECT_EQ(RevisionOf(2), 0u);
  EXPECT_EQ(RevisionOf(5), 1u);
}

// A browser as the page is one: is told of changes, goes away and comes back.
class Browser {
 public:
  void Hear(const View& view, const std::vector<Change>& changes) {
    for (const Change& change : changes) {
      known_.erase(change.incident_id);
      const View::Entry* entry = change.gone ? nullptr : view.Find(change.incident_id);
      if (entry != nullptr) known_[change.incident_id] = entry->summary.incident().revision();
      seen_ = change.log_index;
    }
  }
  void ComeBack(const View& view) {
    if (const auto changes = view.Since(seen_)) {
      Hear(view, *changes);
    } else {
      known_ = Revisions(view, /*open_only=*/false);
    }
    seen_ = view.log_index();
  }
  const std::map<uint64_t, uint64_t>& known() const { return known_; }

  static std::map<uint64_t, uint64_t> Revisions(const View& view, bool open_only) {
    std::map<uint64_t, uint64_t> revisions;
    for (const auto& [id, entry] : view.entries()) {
      if (open_only && entry.summary.incident().status() != v1::OPEN) continue;
      revisions[id] = entry.summary.incident().revision();
    }
    return revisions;
  }

 private:
  std::map<uint64_t, uint64_t> known_;
  uint64_t seen_ = 0;
};

// Whatever the line drops, doubles and reorders: once it has been quiet, view and browser are what the hub is.
TEST(FollowerRandomTest, TheViewIsRightWhateverTheLineDoes) {
  const std::vector<std::string> divisions = {kTown, kOtherTown, kElsewhere, "000000000000"};
  uint64_t lost = 0;
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&random](uint32_t percent) { return random() % 100 < percent; };
    FeedModel model;
    FeedFollower follower;
    follower.SetAreas({"339921", "000000000000"});
    Browser browser;
    bool listening = true;
    std::deque<ModelFrame> line;
    const auto pass = [&](bool honest) {
      while (!line.empty()) {
        const size_t at = !honest && chance(10) ? random() % line.size() : 0;
        const ModelFrame one = line[at];
        if (honest || !chance(10)) line.erase(line.begin() + at);  // else it comes again
        if (!honest && chance(10)) continue;                       // lost, or this copy of it
        std::vector<Change> changes;
        follower.OnFrame(one.topic, one.header, one.frame, &changes);
        if (listening) browser.Hear(follower.view(), changes);
      }
    };
    const auto snapshot = [&] {
      std::vector<Change> changes;
      follower.OnSnapshot(model.Open(follower.areas()), model.index(), 0, model.started_ms(), &changes);
      if (listening) browser.Hear(follower.view(), changes);
    };
    std::map<uint64_t, uint64_t> revisions;
    for (int step = 0; step < 60; ++step) {
      const uint64_t id = 1 + random() % 8;
      const auto status = chance(10) ? v1::CLOSED : v1::OPEN;
      const auto summary = MakeSummary(id, divisions[random() % divisions.size()], ++revisions[id], status);
      for (const ModelFrame& one : model.Change(summary)) line.push_back(one);
      if (chance(40)) pass(false);
      if (chance(3)) model.Restart();
      if (follower.wants_snapshot() && chance(50)) snapshot();
      if (chance(10)) listening = false;
      if (!listening && chance(30)) {
        browser.ComeBack(follower.view());
        listening = true;
      }
    }
    pass(true);
    for (int i = 0; i < 3; ++i) {
      for (const std::string& area : follower.areas()) {
        follower.OnHeartbeat(model.HeartbeatHeader(), model.Heartbeat(area));
      }
      if (follower.wants_snapshot()) snapshot();
    }
    ASSERT_FALSE(follower.wants_snapshot());
    if (!listening) browser.ComeBack(follower.view());
    std::map<uint64_t, uint64_t> expected;
    for (const auto& one : model.Open(follower.areas())) {
      expected[one.incident().incident_id()] = one.incident().revision();
    }
    ASSERT_EQ(Browser::Revisions(follower.view(), /*open_only=*/true), expected);
    ASSERT_EQ(browser.known(), Browser::Revisions(follower.view(), /*open_only=*/false));
    lost += follower.lost();
  }
  EXPECT_GT(lost, 200u) << "the line was meant to lose frames";
}

}  // namespace
}  // namespace liandong::screen
