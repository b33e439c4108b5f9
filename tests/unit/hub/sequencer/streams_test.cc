#include "hub/streams.h"

#include <vector>

#include "gtest/gtest.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "routing/load.h"
#include "tests/scenarios/world.h"

namespace liandong::hub {
namespace {

class KeptSink : public StreamSink {
 public:
  void Send(std::shared_ptr<const v1::Deliveries> frame) override { frames.push_back(frame); }
  std::vector<uint64_t> Sequences(v1::Lane lane) const {
    std::vector<uint64_t> out;
    for (const auto& frame : frames) {
      for (const auto& delivery : frame->delivery()) {
        if (delivery.envelope().lane() == lane) out.push_back(delivery.envelope().sequence());
      }
    }
    return out;
  }
  size_t count() const { return Sequences(v1::URGENT).size() + Sequences(v1::ORDINARY).size(); }
  std::vector<std::shared_ptr<const v1::Deliveries>> frames;
};

// The streams of 120, beside a core in which 119 reports people who fell ill.
class Streams : public testing::Test {
 protected:
  Streams()
      : world_(routing::LoadSiteDir("deploy/county/site")->site),
        renderer_(world_.state(), [](const auto&, const std::string& sealed) { return sealed; }) {
    world_.SetListening("medical-120", false);
  }
  void Report(int number, bool urgent = true) {
    core::ReportCommand command;
    command.report.set_external_id("r" + std::to_string(number));
    command.report.mutable_open()->set_purpose(v1::ACTUAL);
    command.report.mutable_open()->set_category(urgent ? "health.illness" : "health.transfer");
    command.report.mutable_open()->set_division("339921100000");
    command.report.mutable_open()->set_danger_to_life(urgent ? v1::YES : v1::NO);
    ASSERT_TRUE(world_.Do(command, "fire-119", "有人晕倒").ok());
    table_.PartyTouched("medical-120");
  }
  uint64_t Attach(std::shared_ptr<KeptSink> sink, uint32_t window = 0,
                  std::vector<std::pair<v1::Lane, uint64_t>> resume = {}) {
    v1::Hello hello;
    hello.set_window(window);
    for (const auto& [lane, after] : resume) {
      hello.add_resume()->set_lane(lane);
      hello.mutable_resume(hello.resume_size() - 1)->set_after_sequence(after);
    }
    v1::Welcome welcome;
    auto id = table_.Attach(world_.state(), "medical-120", hello, std::move(sink), &welcome);
    EXPECT_TRUE(id.ok()) << std::string(id.status().message());
    return id.ok() ? *id : 0;
  }
  void Pump() {
    table_.Pump(world_.state(), renderer_, [](std::function<void()> out) { out(); });
  }

  scenarios::World world_;
  core::Renderer renderer_;
  StreamTable table_;
};

TEST_F(Streams, WhatIsNotReceivedComesAndThenWhatIsNew) {
  Report(1);
  auto sink = std::make_shared<KeptSink>();
  Attach(sink);
  Pump();
  EXPECT_EQ(sink->Sequences(v1::URGENT), (std::vector<uint64_t>{1}));
  EXPECT_TRUE(sink->frames[0]->delivery(0).envelope().resent());
  Report(2);
  Pump();
  EXPECT_EQ(sink->Sequences(v1::URGENT), (std::vector<uint64_t>{1, 2}));
}

TEST_F(Streams, AReaderThatSaysNothingGetsNoMoreThanItsWindow) {
  for (int i = 0; i < 20; ++i) Report(i);
  auto sink = std::make_shared<KeptSink>();
  const uint64_t id = Attach(sink, 5);
  for (int i = 0; i < 10; ++i) {
    Pump();
    table_.FrameWritten(id);
  }
  EXPECT_EQ(sink->count(), 5u);
  table_.Acknowledged("medical-120", sink->frames[0]->delivery(0).envelope().delivery_id());
  Pump();
  EXPECT_EQ(sink->count(), 6u);
}

TEST_F(Streams, AReaderThatDoesNotReadGetsNoMoreThanTwoFrames) {
  auto sink = std::make_shared<KeptSink>();
  Attach(sink, 100);
  for (int i = 0; i < 20; ++i) {
    Report(i);
    Pump();
  }
  EXPECT_EQ(sink->frames.size(), 2u);
}

TEST_F(Streams, UrgentGoesFirstAndEachLaneInOrder) {
  for (int i = 0; i < 10; ++i) Report(i, i % 2 == 0);
  auto sink = std::make_shared<KeptSink>();
  Attach(sink, 100);
  Pump();
  ASSERT_EQ(sink->frames.size(), 1u);
  std::vector<v1::Lane> lanes;
  for (const auto& delivery : sink->frames[0]->delivery()) lanes.push_back(delivery.envelope().lane());
  EXPECT_TRUE(std::is_sorted(lanes.begin(), lanes.end()));
  EXPECT_EQ(sink->Sequences(v1::URGENT), (std::vector<uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(sink->Sequences(v1::ORDINARY), (std::vector<uint64_t>{1, 2, 3, 4, 5}));
}

TEST_F(Streams, ResumeSendsWhatComesAfterAndWhatIsNotReceivedBefore) {
  for (int i = 0; i < 4; ++i) Report(i);
  world_.SetListening("medical-120", true);  // stores all four
  world_.SetListening("medical-120", false);
  Report(5);
  auto sink = std::make_shared<KeptSink>();
  Attach(sink, 100, {{v1::URGENT, 3}});
  Pump();
  EXPECT_EQ(sink->Sequences(v1::URGENT), (std::vector<uint64_t>{4, 5}))
      << "4 was RECEIVED, but this client does not have it";
  auto other = std::make_shared<KeptSink>();
  Attach(other, 100, {{v1::URGENT, 5}});
  Pump();
  EXPECT_EQ(other->Sequences(v1::URGENT), (std::vector<uint64_t>{5})) << "5 was never RECEIVED";
}

TEST_F(Streams, TwoStreamsOfOnePartyHaveTheirOwnCursors) {
  auto one = std::make_shared<KeptSink>(), two = std::make_shared<KeptSink>();
  Attach(one);
  Report(1);
  Pump();
  Attach(two, 0, {{v1::URGENT, 1}});
  Report(2);
  Pump();
  EXPECT_EQ(one->Sequences(v1::URGENT), (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(two->Sequences(v1::URGENT), (std::vector<uint64_t>{1, 2}));
}

TEST_F(Streams, AMemoryOfAnotherHubIsRefused) {
  v1::Hello hello;
  hello.add_resume()->set_lane(v1::URGENT);
  hello.mutable_resume(0)->set_after_sequence(7);
  v1::Welcome welcome;
  const auto id = table_.Attach(world_.state(), "medical-120", hello, std::make_shared<KeptSink>(), &welcome);
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(core::DetailOf(id.status()).reason(), "CURSOR_AHEAD");
}

TEST_F(Streams, StreamsOfAPartyAreBounded) {
  for (size_t i = 0; i < limits::kStreamsPerParty; ++i) Attach(std::make_shared<KeptSink>());
  v1::Welcome welcome;
  EXPECT_TRUE(absl::IsResourceExhausted(
      table_.Attach(world_.state(), "medical-120", {}, std::make_shared<KeptSink>(), &welcome).status()));
  EXPECT_EQ(table_.CountOf("medical-120"), limits::kStreamsPerParty);
}

}  // namespace
}  // namespace liandong::hub
