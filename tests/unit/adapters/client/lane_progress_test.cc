#include "adapters/client/lane_progress.h"

#include <gtest/gtest.h>

#include "adapters/limits.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

v1::Envelope At(uint64_t id, v1::Lane lane, uint64_t sequence) { return MakeDelivery(id, lane, sequence).envelope(); }

TEST(LaneProgressTest, AnUnnamedLaneDropsNothingAtFirst) {
  LaneProgress progress({});
  EXPECT_FALSE(progress.IsRepeat(At(1, v1::URGENT, 1)));
  progress.Stored(At(1, v1::URGENT, 1));
  EXPECT_TRUE(progress.IsRepeat(At(1, v1::URGENT, 1)));
  EXPECT_TRUE(progress.cursors().urgent_named);
  EXPECT_EQ(progress.cursors().urgent, 1u);
  EXPECT_FALSE(progress.cursors().ordinary_named);
}

TEST(LaneProgressTest, WhatTheCursorCoversIsARepeat) {
  LaneProgress progress({.urgent_named = true, .urgent = 5});
  EXPECT_TRUE(progress.IsRepeat(At(9, v1::URGENT, 5)));
  EXPECT_FALSE(progress.IsRepeat(At(10, v1::URGENT, 6)));
  EXPECT_FALSE(progress.IsRepeat(At(11, v1::ORDINARY, 1)));
}

TEST(LaneProgressTest, ALateOneBelowTheCursorOfThisLifeIsNew) {
  LaneProgress progress({});
  progress.Stored(At(20, v1::ORDINARY, 8));
  EXPECT_FALSE(progress.IsRepeat(At(18, v1::ORDINARY, 6)));
  progress.Stored(At(18, v1::ORDINARY, 6));
  EXPECT_EQ(progress.cursors().ordinary, 8u);
}

TEST(LaneProgressTest, ForAHubWithAnotherPastEverythingIsNew) {
  LaneProgress progress({.urgent_named = true, .urgent = 50, .ordinary_named = true, .ordinary = 3});
  progress.Stored(At(90, v1::URGENT, 51));
  progress.Forget();
  EXPECT_FALSE(progress.IsRepeat(At(90, v1::URGENT, 1)));
  EXPECT_FALSE(progress.IsRepeat(At(4, v1::ORDINARY, 3)));
  EXPECT_FALSE(progress.cursors().urgent_named);
  EXPECT_FALSE(progress.cursors().ordinary_named);
}

TEST(LaneProgressTest, MemoryOfIdsIsBounded) {
  LaneProgress progress({});
  for (uint64_t id = 1; id <= kLinkRecentMax + 1; ++id) progress.Stored(At(id, v1::URGENT, id));
  EXPECT_FALSE(progress.IsRepeat(At(1, v1::URGENT, 1)));
  EXPECT_TRUE(progress.IsRepeat(At(2, v1::URGENT, 2)));
}

}  // namespace
}  // namespace liandong::adapters
