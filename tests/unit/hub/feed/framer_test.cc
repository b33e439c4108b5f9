#include "hub/feed/framer.h"

#include <gtest/gtest.h>

namespace liandong::feed {
namespace {

using Areas = std::vector<std::string>;

v1::IncidentSummary Incident(uint64_t id, const std::string& division, v1::Purpose purpose = v1::ACTUAL) {
  v1::IncidentSummary out;
  out.mutable_incident()->set_incident_id(id);
  out.mutable_incident()->set_division(division);
  out.mutable_incident()->set_purpose(purpose);
  out.mutable_incident()->set_status(v1::OPEN);
  return out;
}

hub::CommittedEvent Event(uint64_t index, std::vector<v1::IncidentSummary> incidents) {
  hub::CommittedEvent event;
  event.index = index;
  event.what = "REPORT";
  event.incidents = std::move(incidents);
  return event;
}

constexpr char kOne[] = "339921100000";
constexpr char kTwo[] = "339921101000";

TEST(Granted, NeverMoreThanBoth) {
  EXPECT_EQ(Granted("", {"339921100"}), (Areas{"339921100", "heartbeat/339921100/"}));
  EXPECT_EQ(Granted("339921", {"339921100", "339921101"}), (Areas{"339921100", "339921101"}));
  EXPECT_EQ(Granted("339921100000/ACTUAL", {"339921"}), (Areas{"339921100000/ACTUAL"}));
  EXPECT_EQ(Granted("339921101", {"339921100"}), Areas{});
  EXPECT_EQ(Granted("heartbeat", {"339921", "339921100"}), (Areas{"heartbeat/339921/", "heartbeat/339921100/"}));
  EXPECT_EQ(Granted("h", {"339921"}), (Areas{"heartbeat/339921/"}));
  EXPECT_EQ(Granted("heartbeat/33/", {"339921"}), Areas{});
  EXPECT_EQ(Granted("", {}), Areas{});
  EXPECT_EQ(Granted("", {""}), Areas{}) << "an empty area is none, not everything";
  EXPECT_EQ(Granted("339921100000/" + std::string(100, 'A'), {"339921"}), Areas{}) << "no topic is that long";
  // The heartbeat of an area is no prefix of one within it.
  EXPECT_NE(HeartbeatTopicOf("339921100").rfind(HeartbeatTopicOf("339921"), 0), 0u);
}

TEST(ForTheFeed, HoldsNothingPersonalOrRestricted) {
  v1::IncidentSummary summary = Incident(1, kOne);
  summary.mutable_incident()->mutable_counts()->set_dead(3);
  summary.mutable_incident()->add_reports()->set_caller_name("张三");
  summary.mutable_incident()->add_withheld()->set_field(v1::MEDICAL);
  summary.add_duty()->set_party("power");
  const v1::IncidentSummary out = ForTheFeed(summary);
  EXPECT_FALSE(out.incident().has_counts());
  EXPECT_EQ(out.incident().reports_size() + out.incident().withheld_size(), 0);
  EXPECT_EQ(out.incident().incident_id(), 1u);
  EXPECT_EQ(out.duty_size(), 1);
}

TEST(Framer, EachPrefixKnowsItsFrameBefore) {
  Framer framer(77);
  auto first = framer.Take(Event(5, {Incident(1, kOne)}));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].topic, "339921100000/ACTUAL");
  EXPECT_EQ(first[0].header.started_ms(), 77);
  for (uint64_t previous : first[0].header.previous()) EXPECT_EQ(previous, 0u);
  framer.Take(Event(6, {Incident(2, kTwo)}));
  const auto third = framer.Take(Event(9, {Incident(1, kOne)}));
  const auto& header = third[0].header;
  EXPECT_EQ(std::vector<uint64_t>(header.previous().begin(), header.previous().end()),
            (std::vector<uint64_t>{6, 6, 6, 5, 5}));
}

TEST(Framer, FramesOfOneRecordAreNumbered) {
  Framer framer(1);
  const auto frames = framer.Take(Event(5, {Incident(1, kOne), Incident(2, kTwo), Incident(3, kOne)}));
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].incident, (std::vector<size_t>{0, 2}));
  EXPECT_EQ(frames[1].header.part(), 2u);
  // For the county the second follows the first of the same record; for its township nothing was before it.
  EXPECT_EQ(frames[1].header.previous(2), 5u);
  EXPECT_EQ(frames[1].header.previous_part(2), 1u);
  EXPECT_EQ(frames[1].header.previous(3), 0u);
}

TEST(Framer, AnIncidentThatMovesIsSeenToLeave) {
  Framer framer(1);
  framer.Seed(1, kOne, v1::ACTUAL);
  framer.Seed(2, kTwo, v1::ACTUAL);
  // Two change places in one record: both leave before either arrives, or a reader of both would lose one.
  const auto frames = framer.Take(Event(5, {Incident(1, kTwo), Incident(2, kOne)}));
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[0].gone, (std::vector<uint64_t>{1}));
  EXPECT_EQ(frames[0].topic, "339921100000/ACTUAL");
  EXPECT_EQ(frames[1].gone, (std::vector<uint64_t>{2}));
  EXPECT_TRUE(frames[2].gone.empty() && frames[3].gone.empty());
  EXPECT_EQ(framer.Take(Event(6, {Incident(1, kTwo)})).size(), 1u) << "it has moved already";
}

TEST(Framer, UnknownPlacesHaveATopicOfTheirOwn) {
  Framer framer(1);
  EXPECT_EQ(framer.Take(Event(1, {Incident(1, "", v1::EXERCISE)}))[0].topic, "000000000000/EXERCISE");
  const auto found = framer.Take(Event(2, {Incident(1, kOne, v1::EXERCISE)}));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].topic, "000000000000/EXERCISE");
}

TEST(Framer, SecretIncidentsNeverAppear) {
  Framer framer(1);
  v1::IncidentSummary secret = Incident(1, "");
  secret.mutable_incident()->set_secret(true);
  EXPECT_TRUE(framer.Take(Event(1, {secret})).empty());
  // One that becomes secret goes, and nothing says where to.
  framer.Take(Event(2, {Incident(2, kOne)}));
  secret.mutable_incident()->set_incident_id(2);
  const auto frames = framer.Take(Event(3, {secret}));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(frames[0].incident.empty());
  EXPECT_EQ(frames[0].gone, (std::vector<uint64_t>{2}));
  EXPECT_TRUE(framer.Take(Event(4, {secret})).empty());
}

TEST(Framer, WhatHasLeftMemoryIsForgotten) {
  Framer framer(1);
  framer.Take(Event(1, {Incident(1, kOne)}));
  hub::CommittedEvent evicted = Event(2, {});
  evicted.evicted = {1};
  EXPECT_TRUE(framer.Take(evicted).empty());
  EXPECT_EQ(framer.Take(Event(3, {Incident(1, kTwo)})).size(), 1u);
}

TEST(Framer, HeartbeatsSayWhereEachPrefixStands) {
  Framer framer(1);
  framer.Take(Event(5, {Incident(1, kOne)}));
  framer.Take(Event(6, {Incident(2, kTwo)}));
  const auto county = framer.HeartbeatOf("339921");
  EXPECT_EQ(county.log_index(), 6u);
  std::map<std::string, uint64_t> latest;
  for (const auto& one : county.latest()) latest[one.prefix()] = one.index();
  EXPECT_EQ(latest,
            (std::map<std::string, uint64_t>{{"339921", 6}, {"339921100", 5}, {kOne, 5}, {"339921101", 6}, {kTwo, 6}}));
  EXPECT_EQ(framer.HeartbeatOf("339921101").latest_size(), 2) << "nothing of its neighbour";
  EXPECT_EQ(framer.HeartbeatOf("44").latest_size(), 0);
}

}  // namespace
}  // namespace liandong::feed
