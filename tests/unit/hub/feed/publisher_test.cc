#include "hub/feed/publisher.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "hub/feed/limits.h"
#include "tests/unit/hub/feed/subscriber.h"

namespace liandong::feed {
namespace {

constexpr char kOne[] = "339921100000";
constexpr char kTwo[] = "339921101000";
constexpr char kThree[] = "339921102000";
constexpr int kLimitMs = 60'000;

class PublisherTest : public testing::Test {
 protected:
  PublisherTest() {
    PublisherOptions options;
    options.listen = "127.0.0.1:0";
    options.secret_key = hub_key_.secret_z85;
    options.heartbeat_ms = 50;
    auto started = Publisher::Start(options, Framer(1), Everybody());
    EXPECT_TRUE(started.ok()) << started.status();
    publisher_ = *std::move(started);
  }

  Readers Everybody() const {
    return {{county_.public_z85, {"screen", {"339921"}}}, {towns_.public_z85, {"towns", {"339921100", "339921101"}}}};
  }

  std::unique_ptr<Subscriber> Subscribe(const security::CurveKey& key, std::vector<std::string> topics) {
    return std::make_unique<Subscriber>(publisher_->endpoint(), publisher_->public_key(), key, topics);
  }

  // A heartbeat has come: what was asked for is granted, for it was asked for first.
  static bool Ready(Subscriber& subscriber) {
    for (auto got = subscriber.Next(kLimitMs); got.has_value(); got = subscriber.Next(kLimitMs)) {
      if (got->is_heartbeat()) return true;
    }
    return false;
  }

  void Publish(uint64_t incident, const std::string& division) {
    auto event = std::make_shared<hub::CommittedEvent>();
    event->index = ++index_;
    event->what = "REPORT";
    v1::IncidentView* view = event->incidents.emplace_back().mutable_incident();
    view->set_incident_id(incident);
    view->set_division(division);
    view->set_purpose(v1::ACTUAL);
    view->set_status(v1::OPEN);
    publisher_->Offer(event);
  }

  // The frames up to the one with this index.
  static std::vector<Received> Until(Subscriber& subscriber, uint64_t index) {
    std::vector<Received> out;
    for (auto got = subscriber.Next(kLimitMs); got.has_value(); got = subscriber.Next(kLimitMs)) {
      if (got->is_heartbeat()) continue;
      out.push_back(*got);
      if (got->header.index() == index) return out;
    }
    ADD_FAILURE() << "frame " << index << " did not come";
    return out;
  }

  const security::CurveKey hub_key_ = security::MakeCurveKey();
  const security::CurveKey county_ = security::MakeCurveKey();
  const security::CurveKey towns_ = security::MakeCurveKey();
  std::unique_ptr<Publisher> publisher_;
  uint64_t index_ = 0;
};

TEST_F(PublisherTest, WhoAsksForEverythingGetsItsOwnAreas) {
  const auto towns = Subscribe(towns_, {""});
  const auto county = Subscribe(county_, {"3399", "heartbeat"});
  ASSERT_TRUE(Ready(*towns));
  ASSERT_TRUE(Ready(*county));
  Publish(1, kOne);
  Publish(2, kThree);
  Publish(3, "");
  Publish(4, kTwo);
  std::set<uint64_t> seen;
  for (const auto& one : Until(*towns, 4)) seen.insert(one.frame().incident(0).incident().incident_id());
  EXPECT_EQ(seen, (std::set<uint64_t>{1, 4}));
  seen.clear();
  for (const auto& one : Until(*county, 4)) seen.insert(one.frame().incident(0).incident().incident_id());
  EXPECT_EQ(seen, (std::set<uint64_t>{1, 2, 4})) << "the unknown place is an area of its own";
  // Heartbeats too: of its own areas only.
  std::set<std::string> beats;
  while (beats.size() < 2) {
    const auto got = towns->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    if (got->is_heartbeat()) beats.insert(got->heartbeat().area());
  }
  EXPECT_EQ(beats, (std::set<std::string>{"339921100", "339921101"}));
}

TEST_F(PublisherTest, AKeyThatNobodyHasIsRefused) {
  const auto stranger = Subscribe(security::MakeCurveKey(), {""});
  const auto county = Subscribe(county_, {""});
  ASSERT_TRUE(Ready(*county));
  while (publisher_->counters().refused == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  Publish(1, kOne);
  Until(*county, 1);
  EXPECT_FALSE(stranger->Next(100).has_value()) << "the other one has it already";
}

TEST_F(PublisherTest, WhatIsTakenAwayIsTakenAwayAtOnce) {
  const auto towns = Subscribe(towns_, {""});
  ASSERT_TRUE(Ready(*towns));
  Publish(1, kOne);
  Until(*towns, 1);
  Readers less = Everybody();
  less[towns_.public_z85].areas = {"339921101"};
  publisher_->SetReaders(less);
  // It connects again by itself; from then on it gets the second town alone.
  while (true) {
    const auto got = towns->Next(kLimitMs);
    ASSERT_TRUE(got.has_value());
    if (got->is_heartbeat() && got->heartbeat().area() == "339921101" && got->heartbeat().log_index() >= index_) {
      // Sent after the change, or it would be one of two; wait for two of the same in a row.
      const auto next = towns->Next(kLimitMs);
      ASSERT_TRUE(next.has_value());
      if (next->is_heartbeat() && next->heartbeat().area() == "339921101") break;
    }
  }
  Publish(2, kOne);
  Publish(3, kTwo);
  const auto frames = Until(*towns, 3);
  EXPECT_EQ(frames.size(), 1u) << "only the town that is left";
}

// Frames that the hub drops because it makes them faster than it can send them are missed visibly.
TEST_F(PublisherTest, LossIsVisibleAndTheHubNeverWaits) {
  const auto county = Subscribe(county_, {"339921", "heartbeat"});
  ASSERT_TRUE(Ready(*county));
  // Nobody reads meanwhile, so that also what waits for this subscriber overflows.
  for (int i = 0; i < 200'000; ++i) Publish(1 + i % 50, kOne);
  const uint64_t last = index_;
  uint64_t have = 0, gaps = 0, frames = 0;
  while (true) {
    const auto got = county->Next(kLimitMs);
    ASSERT_TRUE(got.has_value()) << "have " << have << " of " << last;
    if (got->is_heartbeat()) {
      uint64_t latest = 0;
      for (const auto& one : got->heartbeat().latest()) {
        if (one.prefix() == "339921") latest = one.index();
      }
      if (latest > have) ++gaps, have = latest;  // as a client would: fetch a snapshot, go on from there
      if (have == last) break;
      continue;
    }
    ++frames;
    if (got->header.previous(2) != have) ++gaps;
    EXPECT_GE(got->header.index(), have) << "never backwards";
    have = got->header.index();
  }
  EXPECT_EQ(have, last);
  EXPECT_LT(frames, last);
  EXPECT_GT(gaps, 0u) << frames << " frames of " << last << " came, and no gap was seen";
}

TEST(Publisher, SaysWhyItCannotStart) {
  const security::CurveKey key = security::MakeCurveKey();
  PublisherOptions options;
  options.listen = "127.0.0.1:0";
  options.secret_key = "no key";
  EXPECT_FALSE(Publisher::Start(options, Framer(1), {}).ok());
  options.secret_key = key.secret_z85;
  const auto first = Publisher::Start(options, Framer(1), {});
  ASSERT_TRUE(first.ok());
  options.listen = (*first)->endpoint().substr(std::string("tcp://").size());
  const auto second = Publisher::Start(options, Framer(1), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
}

}  // namespace
}  // namespace liandong::feed
