#include "tests/bench/course.h"

#include <gtest/gtest.h>

namespace liandong::bench {
namespace {

// Begins reports until none may go; how many went.
size_t BeginAll(Course& course) {
  size_t count = 0, number = 0;
  int64_t wake_us = 0;
  while (course.Next(&number, &wake_us) == Course::Turn::kGo) ++count;
  return count;
}

void Finish(Course& course, size_t number) {
  course.Confirmed(number, true);
  for (int i = 0; i < 3; ++i) course.Delivered(number, static_cast<int>(number % kKinds) * 3 + i);
  course.Settled(3);
}

Phase Closed(size_t in_flight) {
  Phase phase;
  phase.in_flight = in_flight;
  phase.seconds = 3600;
  return phase;
}

TEST(ParsePhase, ReadsEachKind) {
  auto flight = ParsePhase("flight:64:3");
  ASSERT_TRUE(flight.ok());
  EXPECT_EQ(flight->name, "flight_64");
  EXPECT_EQ(flight->in_flight, 64u);
  EXPECT_EQ(flight->rate, 0);
  auto stuck = ParsePhase("stuck:1000:0.5");
  ASSERT_TRUE(stuck.ok());
  EXPECT_TRUE(stuck->stuck);
  EXPECT_EQ(stuck->rate, 1000);
  EXPECT_EQ(stuck->seconds, 0.5);
  for (const char* wrong : {"flight:64", "flight:0:3", "rate:x:3", "walk:1:1", "rate:1:0"}) {
    EXPECT_FALSE(ParsePhase(wrong).ok()) << wrong;
  }
}

TEST(Course, AReportIsDoneWithItsReceiptAndItsThreeAgencies) {
  Course course(Closed(1), "t");
  ASSERT_EQ(BeginAll(course), 1u);
  course.Delivered(0, 0);
  course.Delivered(0, 1);
  course.Delivered(0, 2);
  EXPECT_EQ(BeginAll(course), 0u) << "the receipt is missing";
  course.Confirmed(0, true);
  EXPECT_EQ(BeginAll(course), 1u);
  course.Confirmed(1, true);
  course.Delivered(1, 3);
  course.Delivered(1, 4);
  course.Delivered(1, 4);
  EXPECT_EQ(BeginAll(course), 0u) << "the same agency twice is not two agencies";
  course.Delivered(1, 5);
  EXPECT_EQ(BeginAll(course), 1u);
}

TEST(Course, KeepsSoManyInFlight) {
  Course course(Closed(5), "t");
  EXPECT_EQ(BeginAll(course), 5u);
  Finish(course, 3);
  Finish(course, 1);
  EXPECT_EQ(BeginAll(course), 2u);
  course.Confirmed(0, false);  // a failure frees its place
  EXPECT_EQ(BeginAll(course), 1u);
}

TEST(Course, IsOverWhenAllIsDoneAndAnswered) {
  Phase phase = Closed(0);
  phase.rate = 1'000'000;
  phase.seconds = 1e-6;  // the first report is due at once, the second too late
  Course course(phase, "t");
  ASSERT_EQ(BeginAll(course), 1u);
  course.Confirmed(0, true);
  for (int i = 0; i < 3; ++i) course.Delivered(0, i);
  EXPECT_FALSE(course.Done()) << "its acknowledgments have no answer";
  course.Settled(3);
  EXPECT_TRUE(course.Done());
  EXPECT_TRUE(course.AllDone());
}

TEST(Course, DoesNotWaitForTheStuckAgencyButAsksForItAtTheEnd) {
  Phase phase = Closed(0);
  phase.rate = 4'000'000;
  phase.seconds = 1e-6;
  phase.stuck = true;
  Course course(phase, "t");
  for (size_t begun = 0; begun < 4;) begun += BeginAll(course);
  for (size_t number = 0; number < 3; ++number) Finish(course, number);
  course.Confirmed(3, true);
  course.Delivered(3, 9);
  course.Delivered(3, 10);
  course.Settled(2);
  EXPECT_TRUE(course.Done());
  EXPECT_FALSE(course.AllDone());
  course.Delivered(3, kStuckAgency);
  course.Settled(1);
  EXPECT_TRUE(course.AllDone());
}

TEST(Course, BodiesNameTheirReportAndTheirPhase) {
  Course course(Closed(1), "b-1"), other(Closed(1), "b-2");
  const std::string body = course.Body(4711);
  EXPECT_EQ(body.size(), kBodyBytes);
  EXPECT_EQ(course.NumberOf(body), 4711u);
  EXPECT_EQ(other.NumberOf(body), std::nullopt);
  EXPECT_EQ(course.NumberOf("b-1"), std::nullopt);
}

}  // namespace
}  // namespace liandong::bench
