#include "adapters/client/link_session.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "adapters/client/error.h"
#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(60);

v1::Acknowledgment MakeAck(uint64_t id, v1::AckState state) {
  v1::Acknowledgment acknowledgment;
  acknowledgment.set_delivery_id(id);
  acknowledgment.set_state(state);
  return acknowledgment;
}

class LinkSessionTest : public testing::Test {
 protected:
  std::unique_ptr<LinkSession> Open(std::vector<std::string> hubs, LinkOptions options = {}) {
    auto client = HubClient::Create({std::move(hubs), pki_.Files("power-supply")});
    EXPECT_TRUE(client.ok()) << client.status();
    LinkHandlers handlers;
    handlers.on_deliveries = [this](const std::vector<v1::Delivery>& deliveries) {
      absl::MutexLock lock(&mutex_);
      if (refuse_ > 0) {
        --refuse_;
        return absl::InternalError("disk full");
      }
      for (const auto& delivery : deliveries) ids_.push_back(delivery.envelope().delivery_id());
      return absl::OkStatus();
    };
    handlers.on_disconnected = [this](const absl::Status& status, absl::Duration) {
      absl::MutexLock lock(&mutex_);
      breaks_.push_back(status);
    };
    handlers.on_received_rejected = [](const v1::AckReply& reply) { ADD_FAILURE() << reply.DebugString(); };
    return std::make_unique<LinkSession>(*client, std::move(handlers), std::move(options));
  }

  std::vector<uint64_t> ids() {
    absl::MutexLock lock(&mutex_);
    return ids_;
  }
  bool Handed(std::vector<uint64_t> expected) {
    return Eventually([&] { return ids().size() >= expected.size(); }) && ids() == expected;
  }
  bool ReceivedAll(const std::vector<uint64_t>& expected) {
    return Eventually([&] {
      for (uint64_t id : expected) {
        if (state_->Received(id) == 0) return false;
      }
      return true;
    });
  }

  TestPki pki_;
  std::shared_ptr<FakeState> state_ = std::make_shared<FakeState>();
  absl::Mutex mutex_;
  std::vector<uint64_t> ids_;
  std::vector<absl::Status> breaks_;
  int refuse_ = 0;
};

TEST_F(LinkSessionTest, HandsOverInOrderAndAcknowledgesReceived) {
  FakeHub hub(pki_, state_);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  state_->AddDelivery(MakeDelivery(2, v1::ORDINARY, 1));
  const auto session = Open({hub.address()}, {.window = 16, .client = "test/1"});
  EXPECT_TRUE(Handed({1, 2}));
  state_->AddDelivery(MakeDelivery(3, v1::URGENT, 2));
  EXPECT_TRUE(Handed({1, 2, 3}));
  EXPECT_TRUE(ReceivedAll({1, 2, 3}));
  EXPECT_TRUE(session->Connected());
  EXPECT_EQ(session->Cursors().urgent, 2u);
  EXPECT_EQ(session->Cursors().ordinary, 1u);
  ASSERT_EQ(state_->Hellos().size(), 1u);
  EXPECT_EQ(state_->Hellos()[0].resume_size(), 0);
  EXPECT_EQ(state_->Hellos()[0].window(), 16u);
  EXPECT_EQ(state_->Hellos()[0].client(), "test/1");
}

TEST_F(LinkSessionTest, AfterABreakResumesAndDropsRepeatsButAcknowledgesThemAgain) {
  FakeHub hub(pki_, state_);
  for (uint64_t i = 1; i <= 5; ++i) state_->AddDelivery(MakeDelivery(100 + i, v1::URGENT, i));
  // The first line is deaf, so that 101 to 103 are stored here and not yet RECEIVED there.
  state_->BreakLinkAfter(3);
  const auto session = Open({hub.address()});
  EXPECT_TRUE(ReceivedAll({101, 102, 103, 104, 105}));
  EXPECT_EQ(ids(), (std::vector<uint64_t>{101, 102, 103, 104, 105}));
  const auto hellos = state_->Hellos();
  ASSERT_GE(hellos.size(), 2u);
  EXPECT_EQ(hellos[0].resume_size(), 0);
  // However many of the three the break let through, the rest follows without a gap or a repeat.
  for (const v1::LaneCursor& cursor : hellos[1].resume()) EXPECT_LE(cursor.after_sequence(), 3u);
}

TEST_F(LinkSessionTest, AReceivedThatTheHubDidNotTakeIsSaidAgain) {
  FakeHub hub(pki_, state_);
  FakeError full;
  full.detail.set_reason("OVERLOADED");
  full.message = "too much is waiting";
  state_->FailActions(1, full);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto session = Open({hub.address()});
  EXPECT_TRUE(ReceivedAll({1}));
  EXPECT_EQ(ids(), (std::vector<uint64_t>{1})) << "handed over once";
}

TEST_F(LinkSessionTest, ResumesWhereTheProgramStopped) {
  FakeHub hub(pki_, state_);
  for (uint64_t i = 1; i <= 4; ++i) state_->AddDelivery(MakeDelivery(i, v1::URGENT, i));
  const auto session = Open({hub.address()}, {.resume = {.urgent_named = true, .urgent = 2}});
  EXPECT_TRUE(Handed({3, 4}));
  // 1 and 2 were stored in an earlier life and come because the hub never heard so.
  EXPECT_TRUE(ReceivedAll({1, 2, 3, 4}));
  EXPECT_EQ(ids(), (std::vector<uint64_t>{3, 4}));
}

TEST_F(LinkSessionTest, WhatTheHandlerCouldNotStoreComesAgain) {
  FakeHub hub(pki_, state_);
  refuse_ = 2;
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto session = Open({hub.address()});
  EXPECT_TRUE(Handed({1}));
  EXPECT_TRUE(ReceivedAll({1}));
  EXPECT_EQ(state_->Received(1), 1);
  absl::MutexLock lock(&mutex_);
  ASSERT_GE(breaks_.size(), 2u);
  EXPECT_EQ(breaks_[0].message(), "disk full");
}

TEST_F(LinkSessionTest, AcknowledgmentsKeepTheirOrderThroughARestart) {
  auto hub = std::make_unique<FakeHub>(pki_, state_);
  const int port = hub->port();
  const auto session = Open({hub->address()});
  ASSERT_TRUE(Eventually([&] { return session->Connected(); }));
  hub.reset();
  ASSERT_TRUE(Eventually([&] { return !session->Connected(); }));
  absl::Mutex mutex;
  std::vector<v1::AckState> answered;
  const std::vector<v1::AckState> states = {v1::SEEN, v1::ACCEPTED, v1::EN_ROUTE, v1::ON_SCENE, v1::COMPLETED};
  for (v1::AckState state : states) {
    EXPECT_TRUE(session
                    ->Acknowledge({MakeAck(9, state)},
                                  [&](absl::StatusOr<v1::AcknowledgeReply> reply) {
                                    ASSERT_TRUE(reply.ok()) << reply.status();
                                    absl::MutexLock lock(&mutex);
                                    answered.push_back(reply->reply(0).state());
                                  })
                    .ok());
  }
  EXPECT_EQ(session->Pending(), states.size());
  hub = std::make_unique<FakeHub>(pki_, state_, port);
  ASSERT_TRUE(session->Drain(kLimit));
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(answered, states);
}

TEST_F(LinkSessionTest, ErrorsOfTheStreamReachTheirCaller) {
  FakeHub hub(pki_, state_);
  const auto session = Open({hub.address()});
  ASSERT_TRUE(Eventually([&] { return session->Connected(); }));
  FakeError error;
  error.message = "delivery 3 is another party's";
  error.detail.set_reason("NOT_YOUR_DELIVERY");
  state_->FailActions(1, error);
  absl::Status refused;
  absl::StatusOr<v1::AcknowledgeReply> rejected;
  ASSERT_TRUE(session->Acknowledge({MakeAck(3, v1::ACCEPTED)}, [&](auto reply) { refused = reply.status(); }).ok());
  ASSERT_TRUE(session->Acknowledge({MakeAck(4, v1::REFUSED)}, [&](auto reply) { rejected = reply; }).ok());
  ASSERT_TRUE(session->Drain(kLimit));
  EXPECT_EQ(ErrorReasonOf(refused), "NOT_YOUR_DELIVERY");
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->reply(0).error().reason(), "REASON_REQUIRED");
  EXPECT_EQ(state_->Hellos().size(), 1u);
}

TEST_F(LinkSessionTest, AHubWithAnotherPastIsHeardFromItsBeginning) {
  FakeHub hub(pki_, state_);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto session = Open({hub.address()}, {.resume = {.urgent_named = true, .urgent = 500}});
  EXPECT_TRUE(Handed({1}));
  EXPECT_EQ(session->Cursors().urgent, 1u);
  absl::MutexLock lock(&mutex_);
  ASSERT_FALSE(breaks_.empty());
  EXPECT_EQ(ErrorReasonOf(breaks_[0]), "CURSOR_AHEAD");
}

TEST_F(LinkSessionTest, MovesToTheNextHub) {
  FakeHub hub(pki_, state_);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto session = Open({DeadAddress(), hub.address()});
  EXPECT_TRUE(Handed({1}));
  absl::MutexLock lock(&mutex_);
  EXPECT_FALSE(breaks_.empty());
}

TEST_F(LinkSessionTest, LeavesAHubThatFallsSilentWithoutAWord) {
  FakeHub hanging(pki_, state_);
  state_->PromiseHeartbeats(100);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto next_state = std::make_shared<FakeState>();
  FakeHub next(pki_, next_state);
  next_state->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  next_state->AddDelivery(MakeDelivery(2, v1::URGENT, 2));
  const auto session = Open({hanging.address(), next.address()});
  EXPECT_TRUE(Handed({1, 2})) << "the first one from the hub that then says nothing, the second from its neighbour";
  ASSERT_EQ(next_state->Hellos().size(), 1u);
  ASSERT_EQ(next_state->Hellos()[0].resume_size(), 1);
  EXPECT_EQ(next_state->Hellos()[0].resume(0).after_sequence(), 1u);
}

TEST_F(LinkSessionTest, TheCallerMayAcknowledgeReceivedItself) {
  FakeHub hub(pki_, state_);
  state_->AddDelivery(MakeDelivery(1, v1::URGENT, 1));
  const auto session = Open({hub.address()}, {.auto_received = false});
  EXPECT_TRUE(Handed({1}));
  EXPECT_EQ(session->Pending(), 0u);
  ASSERT_TRUE(session->Acknowledge({MakeAck(1, v1::RECEIVED)}, nullptr).ok());
  EXPECT_TRUE(session->Drain(kLimit));
  EXPECT_EQ(state_->Received(1), 1);
}

TEST_F(LinkSessionTest, StopAnswersWhatIsPendingAndBoundsAreKept) {
  const auto session = Open({DeadAddress()});
  EXPECT_TRUE(absl::IsInvalidArgument(session->Acknowledge({}, nullptr)));
  EXPECT_TRUE(
      absl::IsInvalidArgument(session->Acknowledge(std::vector<v1::Acknowledgment>(kAcknowledgmentsMax + 1), nullptr)));
  absl::Status status;
  ASSERT_TRUE(session->Acknowledge({MakeAck(1, v1::SEEN)}, [&](auto reply) { status = reply.status(); }).ok());
  for (size_t i = 1; i < kLinkPendingMax; ++i) ASSERT_TRUE(session->Acknowledge({MakeAck(1, v1::SEEN)}, nullptr).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(session->Acknowledge({MakeAck(1, v1::SEEN)}, nullptr)));
  session->Stop();
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_TRUE(absl::IsCancelled(session->Acknowledge({MakeAck(1, v1::SEEN)}, nullptr)));
}

}  // namespace
}  // namespace liandong::adapters
