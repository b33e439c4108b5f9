#include "hub/sequencer.h"

#include <atomic>
#include <future>

#include "gtest/gtest.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "tests/unit/hub/sequencer/rig.h"

namespace liandong::hub {
namespace {

TEST(Sequencer, NoReceiptBeforeTheSync) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  rig.log().Hold();
  ASSERT_TRUE(
      rig.sequencer()
          .Submit(Priority::kUrgentReport, ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts.Next()))
          .ok());
  rig.log().WaitForAppend();
  EXPECT_EQ(receipts.count(), 0u);
  rig.log().Sync();
  const auto receipt = receipts.Wait();
  ASSERT_TRUE(receipt.ok());
  EXPECT_EQ(receipt->outcome(), v1::NEW_INCIDENT);
  EXPECT_GE(rig.sequencer().committed_index(), receipt->log_index());
}

TEST(Sequencer, TheAnswerToARepeatWaitsForWhatItRestsOn) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  rig.log().Hold();
  ASSERT_TRUE(
      rig.sequencer()
          .Submit(Priority::kUrgentReport, ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts.Next()))
          .ok());
  rig.log().WaitForAppend();
  // The repeat makes no record; it is decided on a State whose record is not on disk yet.
  std::promise<void> decided;
  ASSERT_TRUE(
      rig.sequencer()
          .Submit(Priority::kUrgentReport, ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts.Next()))
          .ok());
  ASSERT_TRUE(rig.sequencer().Submit(Priority::kAct, [&](Turn&) { decided.set_value(); }).ok());
  ASSERT_EQ(decided.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_EQ(receipts.count(), 0u);
  rig.log().Sync();
  ASSERT_TRUE(receipts.Wait(2).ok());
  EXPECT_EQ(receipts.Wait(2)->outcome(), v1::REPEATED);
  EXPECT_EQ(receipts.Wait(2)->log_index(), receipts.Wait(1)->log_index());
}

TEST(Sequencer, AReadWaitsForTheLastIndexThatItSaw) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  rig.log().Hold();
  ASSERT_TRUE(
      rig.sequencer()
          .Submit(Priority::kUrgentReport, ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts.Next()))
          .ok());
  rig.log().WaitForAppend();
  std::atomic<bool> told = false;
  std::promise<void> read;
  ASSERT_TRUE(rig.sequencer()
                  .Submit(Priority::kAct,
                          [&](Turn& turn) {
                            EXPECT_EQ(turn.state().open_incidents(), 1u);
                            turn.Release([&] { told = true; });
                            read.set_value();
                          })
                  .ok());
  ASSERT_EQ(read.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_FALSE(told);
  rig.log().Sync();
  ASSERT_TRUE(receipts.Wait().ok());
  std::promise<void> after;
  ASSERT_TRUE(
      rig.sequencer().Submit(Priority::kAct, [&](Turn& turn) { turn.Release([&] { after.set_value(); }); }).ok());
  ASSERT_EQ(after.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_TRUE(told);
}

TEST(Sequencer, NothingIsAnsweredWhenTheLogFails) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  rig.log().Hold();
  ASSERT_TRUE(
      rig.sequencer()
          .Submit(Priority::kUrgentReport, ReportWork(Rig::Who("fire-119"), Rig::Illness("r1"), receipts.Next()))
          .ok());
  rig.log().WaitForAppend();
  rig.log().Fail();
  rig.sequencer().Stop();
  EXPECT_TRUE(rig.fatal());
  EXPECT_EQ(receipts.count(), 0u);
  EXPECT_TRUE(absl::IsUnavailable(rig.sequencer().Submit(Priority::kAct, [](Turn&) {})));
}

TEST(Sequencer, WhenFullOrdinaryReportsAreRefusedFirstAndActsLast) {
  Rig rig;
  std::promise<void> entered, leave;
  auto gate = leave.get_future().share();
  ASSERT_TRUE(rig.sequencer()
                  .Submit(Priority::kAct,
                          [&entered, gate](Turn&) {
                            entered.set_value();
                            gate.wait();
                          })
                  .ok());
  entered.get_future().wait();
  std::vector<Priority> refused;
  for (Priority priority : {Priority::kOrdinaryReport, Priority::kUrgentReport, Priority::kAct}) {
    absl::Status status;
    while (status.ok()) status = rig.sequencer().Submit(priority, [](Turn&) {});
    EXPECT_TRUE(absl::IsResourceExhausted(status));
    EXPECT_EQ(core::DetailOf(status).reason(), "OVERLOADED");
    EXPECT_GT(core::DetailOf(status).retry_after_ms(), 0u);
    refused.push_back(priority);
  }
  EXPECT_EQ(rig.sequencer().waiting(), limits::kQueueCommands);
  leave.set_value();
}

TEST(Sequencer, ReportsOfOnePartyAreRecordedInTheOrderOfTheirArrival) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(rig.sequencer()
                    .Submit(Priority::kUrgentReport,
                            ReportWork(Rig::Who("fire-119"), Rig::Illness("r" + std::to_string(i)), receipts.Next()))
                    .ok());
  }
  uint64_t last = 0;
  for (int i = 1; i <= 500; ++i) {
    const auto receipt = receipts.Wait(i);
    ASSERT_TRUE(receipt.ok()) << std::string(receipt.status().message());
    EXPECT_EQ(receipt->external_id(), "r" + std::to_string(i - 1));
    EXPECT_GT(receipt->log_index(), last);
    last = receipt->log_index();
  }
}

TEST(Sequencer, StopFinishesWhatWasTaken) {
  Rig rig;
  Answers<v1::Receipt> receipts;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(rig.sequencer()
                    .Submit(Priority::kUrgentReport,
                            ReportWork(Rig::Who("fire-119"), Rig::Illness("r" + std::to_string(i)), receipts.Next()))
                    .ok());
  }
  rig.sequencer().Stop();
  EXPECT_EQ(receipts.count(), 100u);
}

TEST(Sequencer, ByHandNothingMovesUntilItIsToldTo) {
  HeldLog log;
  log.Hold();
  Sealer sealer(nullptr);
  SequencerOptions options;
  options.by_hand = true;
  Sequencer sequencer(core::State(0), SequencerParts{&log, nullptr, &sealer, &SystemClock()}, options);
  bool ran = false, out = false;
  ASSERT_TRUE(sequencer
                  .Submit(Priority::kAct,
                          [&](Turn& turn) {
                            ran = true;
                            turn.Release([&] { out = true; });
                          })
                  .ok());
  EXPECT_EQ(sequencer.waiting(), 1u);
  EXPECT_TRUE(sequencer.RunOnce());
  EXPECT_TRUE(ran);
  EXPECT_EQ(sequencer.ReleaseReady(), 0u);  // that the hub has started is not durable yet
  log.Sync();
  EXPECT_FALSE(out);
  EXPECT_EQ(sequencer.ReleaseReady(), 1u);
  EXPECT_TRUE(out);
}

TEST(Sequencer, WhoMayHaveBeenReplacedAnswersNothingThatNoRecordProves) {
  HeldLog log;
  Sealer sealer(nullptr);
  SequencerOptions options;
  options.by_hand = true;
  bool leads = false, out = false;
  options.leads = [&] { return leads; };
  Sequencer sequencer(core::State(0), SequencerParts{&log, nullptr, &sealer, &SystemClock()}, options);
  ASSERT_TRUE(sequencer.Submit(Priority::kAct, [&](Turn& turn) { turn.Release([&] { out = true; }); }).ok());
  EXPECT_TRUE(sequencer.RunOnce());
  EXPECT_TRUE(sequencer.RunOnce());
  EXPECT_EQ(sequencer.ReleaseReady(), 0u);
  leads = true;
  EXPECT_TRUE(sequencer.RunOnce()) << "with the next look at the clock";
  EXPECT_EQ(sequencer.ReleaseReady(), 1u);
  EXPECT_TRUE(out);
}

}  // namespace
}  // namespace liandong::hub
