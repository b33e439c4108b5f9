// Lines and streams that break at any moment, also while the hub stops: nothing leaks, nothing is answered twice.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/unit/hub/service/test_hub.h"

namespace liandong::service {
namespace {

// One line from its Hello to wherever `random` cuts it.
void OneLine(v1::Link::Stub* stub, std::mt19937& random) {
  Call call;
  const auto stream = stub->Connect(&call);
  v1::LinkUp up;
  up.mutable_hello()->set_window(1 + random() % 8);
  const bool greets = random() % 8 != 0;
  if (greets) stream->Write(up);
  const int messages = greets ? static_cast<int>(random() % 3) : 0;
  v1::LinkDown down;
  for (int i = 0; i < messages && stream->Read(&down); ++i) {
    if (!down.has_deliveries() || random() % 2 == 0) continue;
    v1::LinkUp ack;
    for (const auto& delivery : down.deliveries().delivery()) {
      v1::Acknowledgment* one = ack.mutable_acknowledge()->add_acknowledgment();
      one->set_delivery_id(delivery.envelope().delivery_id());
      one->set_state(v1::RECEIVED);
    }
    stream->Write(ack);
  }
  if (random() % 3 == 0) {
    stream->WritesDone();
    while (stream->Read(&down)) continue;
  }
  call.TryCancel();
  (void)stream->Finish();
}

void OneStream(v1::Intake::Stub* stub, std::mt19937& random, const std::string& prefix) {
  Call call;
  const auto stream = stub->ReportStream(&call);
  const int reports = static_cast<int>(random() % 20);
  for (int i = 0; i < reports; ++i) {
    v1::ReportRequest request;
    *request.mutable_report() = Flood(prefix + std::to_string(i));
    if (!stream->Write(request)) break;
  }
  v1::ReportReply reply;
  for (int i = static_cast<int>(random() % (reports + 1)); i > 0 && stream->Read(&reply); --i) continue;
  if (random() % 2 == 0) call.TryCancel();
  stream->WritesDone();
  while (stream->Read(&reply)) continue;
  (void)stream->Finish();
}

void OneWatch(v1::Desk::Stub* stub, std::mt19937& random) {
  Call call;
  const auto stream = stub->Watch(&call, v1::WatchRequest());
  v1::WatchEvent event;
  if (random() % 2 == 0) stream->WaitForInitialMetadata();
  call.TryCancel();
  while (stream->Read(&event)) continue;
  (void)stream->Finish();
}

TEST(Storm, EverythingBreaksAndTheHubStands) {
  TestHub hub;
  const Client power = hub.As("power");
  const Client police = hub.As("police-110");
  const Client command = hub.As("command");
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int round = 0; round < 60; ++round) {
        OneLine(power.link.get(), random);
        OneStream(police.intake.get(), random, std::to_string(seed) + "-" + std::to_string(round) + "-");
        OneWatch(command.desk.get(), random);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Every line was taken out of the table.
  EXPECT_TRUE(Eventually([&] {
    Call call;
    v1::StatusReply status;
    EXPECT_TRUE(command.desk->Status(&call, v1::StatusRequest(), &status).ok());
    for (const auto& party : status.party()) {
      if (party.streams() != 0) return false;
    }
    return status.waiting_commands() == 0;
  }));
  // What was never acknowledged is still there, once, and the lane has no gap.
  Line line(power.link.get(), [] {
    v1::Hello hello;
    hello.set_window(256);
    v1::LaneCursor* cursor = hello.add_resume();
    cursor->set_lane(v1::URGENT);
    return hello;
  }());
  uint64_t last = 0;
  for (const auto& cursor : line.welcome().last()) {
    if (cursor.lane() == v1::URGENT) last = cursor.after_sequence();
  }
  for (uint64_t sequence = 1; sequence <= last; ++sequence) {
    const auto delivery = line.Next();
    ASSERT_TRUE(delivery.has_value());
    ASSERT_EQ(delivery->envelope().sequence(), sequence);
    EXPECT_NE(line.Acknowledge(delivery->envelope().delivery_id(), v1::RECEIVED).outcome(), v1::REJECTED);
  }
}

TEST(Storm, AStopInTheMiddleEndsEverythingAndKeepsWhatWasAnswered) {
  TestHub hub;
  const Client power = hub.As("power");
  const Client police = hub.As("police-110");
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 2; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      while (!over) OneLine(power.link.get(), random);
    });
  }
  threads.emplace_back([&] {
    for (int i = 0; !over; ++i) {
      Call call;
      v1::ReportRequest request;
      *request.mutable_report() = Flood("A" + std::to_string(i));
      v1::ReportReply reply;
      if (!police.intake->Report(&call, request, &reply).ok()) break;
      answered = i + 1;
    }
  });
  EXPECT_TRUE(Eventually([&] { return answered > 50; }));
  hub.Stop();
  over = true;
  for (std::thread& thread : threads) thread.join();
  hub.Start();
  for (int i = 0; i < answered; ++i) {
    EXPECT_EQ(hub.Report("police-110", Flood("A" + std::to_string(i))).outcome(), v1::REPEATED);
  }
}

}  // namespace
}  // namespace liandong::service
