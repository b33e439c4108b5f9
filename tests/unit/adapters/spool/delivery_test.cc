// From the hub to the party's system, and the ids by which that system answers.
#include "tests/unit/adapters/spool/fixture.h"

namespace liandong::adapters {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class DeliveryTest : public SpoolTest {
 protected:
  // Takes everything that is due, in the order in which it comes.
  std::vector<std::string> TakeAll() {
    std::vector<std::string> result;
    while (true) {
      auto next = spool_->NextOutbound("calls");
      EXPECT_TRUE(next.ok()) << next.status();
      if (!next.ok() || !next->has_value()) return result;
      result.push_back((*next)->item.body);
      EXPECT_TRUE(spool_->OutboundDone((*next)->row).ok());
    }
  }
};

TEST_F(DeliveryTest, UrgentFirstThenBySequence) {
  Open();
  ASSERT_TRUE(spool_
                  ->StoreDeliveries({Delivery(1, 11, "o1", SpoolLane::kOrdinary), Delivery(3, 13, "u3"),
                                     Delivery(2, 12, "u2"), Delivery(4, 14, "o4", SpoolLane::kOrdinary)})
                  .ok());
  Open();
  EXPECT_EQ(*spool_->Cursor(SpoolLane::kUrgent), 3u);
  EXPECT_EQ(*spool_->Cursor(SpoolLane::kOrdinary), 4u);
  EXPECT_THAT(TakeAll(), ElementsAre("u2", "u3", "o1", "o4"));
}

TEST_F(DeliveryTest, TheSameDeliveryAgainIsNotTakenAgain) {
  Open();
  ASSERT_TRUE(spool_->StoreDeliveries({Delivery(1, 1, "a")}).ok());
  ASSERT_TRUE(spool_->StoreDeliveries({Delivery(1, 1, "a")}).ok());
  EXPECT_THAT(TakeAll(), ElementsAre("a"));
  ASSERT_TRUE(spool_->StoreDeliveries({Delivery(1, 1, "a")}).ok());
  EXPECT_THAT(TakeAll(), IsEmpty());
  // A hub that was set up anew counts from 1 again: its delivery 1 is another one.
  OutboundItem anew = Delivery(1, 1, "b");
  anew.queued_at_ms = 2;
  ASSERT_TRUE(spool_->StoreDeliveries({anew}).ok());
  EXPECT_THAT(TakeAll(), ElementsAre("b"));
  ASSERT_TRUE(spool_->ResetCursor(SpoolLane::kUrgent, 0).ok());
  EXPECT_EQ(*spool_->Cursor(SpoolLane::kUrgent), 0u);
}

TEST_F(DeliveryTest, AFailedOneHoldsBackItsIncidentOnly) {
  Open();
  ASSERT_TRUE(
      spool_->StoreDeliveries({Delivery(1, 7, "task"), Delivery(2, 7, "update"), Delivery(3, 8, "other")}).ok());
  auto first = spool_->NextOutbound("calls");
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->item.body, "task");
  ASSERT_TRUE(spool_->OutboundRetry((*first)->row, now_ms_ + 300'000).ok());
  EXPECT_THAT(TakeAll(), ElementsAre("other"));
  EXPECT_EQ(**spool_->NextDueMs("calls"), now_ms_ + 300'000);
  EXPECT_EQ(spool_->Status()->lane[0].outbound_failing, 1u);
  // The schedule survives a restart.
  Open();
  now_ms_ += 299'999;
  EXPECT_THAT(TakeAll(), IsEmpty());
  now_ms_ += 1;
  auto again = spool_->NextOutbound("calls");
  EXPECT_EQ((*again)->tries, 1u);
  EXPECT_THAT(TakeAll(), ElementsAre("task", "update"));
  EXPECT_FALSE(spool_->NextDueMs("calls")->has_value());
  EXPECT_EQ(*spool_->TakenRevision("calls", 70), 2u);
  EXPECT_EQ(*spool_->TakenRevision("calls", 80), 3u);
  EXPECT_EQ(*spool_->TakenRevision("other", 70), 0u);
}

TEST_F(DeliveryTest, WhatFailsForGoodIsADeadLetterAndLetsTheNextThrough) {
  Open();
  ASSERT_TRUE(spool_->StoreDeliveries({Delivery(1, 7, "task"), Delivery(2, 7, "update")}).ok());
  auto first = spool_->NextOutbound("calls");
  ASSERT_TRUE(spool_->OutboundFailed(**first, "NATIVE_UNREACHABLE").ok());
  EXPECT_THAT(TakeAll(), ElementsAre("update"));
  auto letters = spool_->ListDead();
  ASSERT_EQ(letters->size(), 1u);
  auto letter = spool_->ShowDead(letters->front().row);
  EXPECT_EQ(letter->kind, DeadKind::kDelivery);
  EXPECT_EQ(letter->body, "task");
  ASSERT_TRUE(spool_->Revive(*letter).ok());
  EXPECT_THAT(TakeAll(), ElementsAre("task"));
}

TEST_F(DeliveryTest, ADeliveryThatNoLinkCarriesIsOnlyRemembered) {
  Open();
  OutboundItem item = Delivery(9, 7, "secret text");
  item.link.clear();
  ASSERT_TRUE(spool_->StoreDeliveries({item}).ok());
  EXPECT_THAT(TakeAll(), IsEmpty());
  EXPECT_EQ(*spool_->Cursor(SpoolLane::kUrgent), 9u);
}

TEST_F(DeliveryTest, NativeIdsLeadToTheLatestDeliveryThroughARestart) {
  Open();
  ASSERT_TRUE(spool_->Remember({"JJDBH=1", "PJDBH=2"}, {5, 50, SpoolLane::kOrdinary}).ok());
  ASSERT_TRUE(spool_->Remember({"JJDBH=1"}, {6, 50, SpoolLane::kUrgent}).ok());
  Open();
  EXPECT_EQ((*spool_->Find("JJDBH=1"))->delivery_id, 6u);
  EXPECT_EQ((*spool_->Find("PJDBH=2"))->delivery_id, 5u);
  EXPECT_EQ((*spool_->Find("PJDBH=2"))->lane, SpoolLane::kOrdinary);
  // An update speaks of a duty that began before.
  ASSERT_TRUE(spool_->Remember({"JJDBH=1", "JJDBH=9"}, {7, 50, SpoolLane::kUrgent}, true).ok());
  EXPECT_EQ((*spool_->Find("JJDBH=1"))->delivery_id, 6u);
  EXPECT_EQ((*spool_->Find("JJDBH=9"))->delivery_id, 7u);
  // Between the look and the parking the delivery may have come.
  auto known = spool_->Park("calls", "r", {"JJDBH=3", "JJDBH=9"}, "ack", false);
  ASSERT_TRUE(known.ok() && known->has_value());
  EXPECT_EQ((*known)->delivery_id, 7u);
  EXPECT_EQ(spool_->Status()->parked, 0u);
}

TEST_F(DeliveryTest, AnAcknowledgmentThatCameBeforeItsDeliveryWaitsForIt) {
  Open();
  ASSERT_TRUE(spool_->Park("calls", "r1", {"JJDBH=1", "PJDBH=2"}, "ack", false).ok());
  ASSERT_TRUE(spool_->Park("calls", "r1", {"JJDBH=1", "PJDBH=2"}, "ack", false).ok());
  Open();
  EXPECT_EQ(spool_->Status()->parked, 1u);
  auto waiting = spool_->Remember({"JJDBH=1", "PJDBH=2"}, {5, 50, SpoolLane::kUrgent});
  ASSERT_TRUE(waiting.ok());
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ(waiting->front().body, "ack");
  const InboundItem completed{SpoolLane::kUrgent, InboundKind::kAcknowledgment, "ack of 5"};
  ASSERT_TRUE(spool_->Unpark(waiting->front().row, "calls", completed).ok());
  ASSERT_TRUE(spool_->Unpark(waiting->front().row, "calls", completed).ok());
  EXPECT_THAT(Bodies(SpoolLane::kUrgent), ElementsAre("ack of 5"));
  EXPECT_EQ(spool_->Status()->parked, 0u);
}

TEST_F(DeliveryTest, AnAcknowledgmentThatNothingComesForIsShownUnlessItMayBeForeign) {
  Open();
  ASSERT_TRUE(spool_->Park("calls", "r1", {"JJDBH=1"}, "ours", false).ok());
  ASSERT_TRUE(spool_->Park("calls", "r2", {"JJDBH=2"}, "perhaps foreign", true).ok());
  EXPECT_EQ(*spool_->Expire(), 0u);
  now_ms_ += kSpoolParkMs;
  EXPECT_EQ(*spool_->Expire(), 1u);
  EXPECT_EQ(spool_->Status()->parked, 0u);
  auto letters = spool_->ListDead();
  ASSERT_EQ(letters->size(), 1u);
  EXPECT_EQ(spool_->ShowDead(letters->front().row)->body, "ours");
  EXPECT_EQ(*spool_->Expire(), 0u);
}

}  // namespace
}  // namespace liandong::adapters
