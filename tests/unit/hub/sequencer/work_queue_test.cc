#include "hub/work_queue.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "hub/core/limits.h"

namespace liandong::hub {
namespace {

class WorkQueueTest : public testing::Test {
 protected:
  bool Put(const std::string& party, const std::string& name, Priority priority = Priority::kAct, size_t weight = 1) {
    return queue_.Put(priority, party, weight, [this, name](Turn&) { done_.push_back(name); });
  }
  // Names in the order in which they are taken.
  std::vector<std::string> Take(size_t weight) {
    done_.clear();
    for (Work& work : queue_.Take(weight)) work(*reinterpret_cast<Turn*>(this));  // these do not look at their turn
    return done_;
  }
  void Flood(const std::string& party, Priority priority) {
    while (Put(party, party + " floods", priority)) continue;
  }

  WorkQueue queue_;
  std::vector<std::string> done_;
};

TEST_F(WorkQueueTest, TakesOfEachPartyInTurnAndTheHubsOwnFirst) {
  for (const char* name : {"a1", "a2", "a3", "a4"}) Put("a", name);
  Put("b", "b1");
  Put("c", "c1");
  Put("c", "c2");
  Put("", "own");
  EXPECT_EQ(Take(4), (std::vector<std::string>{"own", "a1", "b1", "c1"}));
  EXPECT_EQ(Take(2), (std::vector<std::string>{"a2", "c2"})) << "it goes on where it was";
  Put("b", "b2");
  EXPECT_EQ(Take(100), (std::vector<std::string>{"a3", "b2", "a4"}));
  EXPECT_TRUE(queue_.empty());
  EXPECT_TRUE(Take(1).empty());
}

TEST_F(WorkQueueTest, WhatOneAsksForAtOnceCountsByItsWeight) {
  Put("a", "a1", Priority::kAct, 30);
  Put("a", "a2", Priority::kAct, 30);
  Put("b", "b1");
  EXPECT_EQ(Take(31), (std::vector<std::string>{"a1", "b1"}));
  EXPECT_EQ(queue_.size(), 1u);
}

TEST_F(WorkQueueTest, OneThatFloodsFillsItsOwnShareOnly) {
  Flood("flood", Priority::kOrdinaryReport);
  EXPECT_FALSE(Put("flood", "ordinary", Priority::kOrdinaryReport));
  EXPECT_TRUE(Put("flood", "urgent", Priority::kUrgentReport)) << "its urgent ones are not refused before its ordinary";
  Flood("flood", Priority::kUrgentReport);
  EXPECT_FALSE(Put("flood", "urgent", Priority::kUrgentReport));
  EXPECT_TRUE(Put("flood", "act"));
  Flood("flood", Priority::kAct);
  EXPECT_EQ(queue_.size(), limits::kQueueOfParty);
  EXPECT_TRUE(Put("honest", "ordinary", Priority::kOrdinaryReport));
  EXPECT_TRUE(Put("honest", "urgent", Priority::kUrgentReport));
  EXPECT_TRUE(Put("flood", "bookkeeping", Priority::kBookkeeping));
  // And what it has waiting holds nobody up.
  const std::vector<std::string> taken = Take(4);
  EXPECT_EQ(std::count(taken.begin(), taken.end(), "ordinary"), 1);
  EXPECT_EQ(std::count(taken.begin(), taken.end(), "urgent"), 1);
}

TEST_F(WorkQueueTest, WhenAllIsFullOrdinaryReportsAreRefusedFirstAndBookkeepingNever) {
  for (int i = 0; i < 16; ++i) Flood("flood" + std::to_string(i), Priority::kOrdinaryReport);
  EXPECT_FALSE(Put("honest", "ordinary", Priority::kOrdinaryReport));
  EXPECT_TRUE(Put("honest", "urgent", Priority::kUrgentReport));
  for (int i = 0; i < 16; ++i) Flood("flood" + std::to_string(i), Priority::kUrgentReport);
  EXPECT_FALSE(Put("honest", "urgent", Priority::kUrgentReport));
  EXPECT_TRUE(Put("honest", "act"));
  for (int i = 0; i < 16; ++i) Flood("flood" + std::to_string(i), Priority::kAct);
  EXPECT_EQ(queue_.size(), limits::kQueueCommands);
  EXPECT_FALSE(Put("honest", "act"));
  EXPECT_TRUE(Put("", "bookkeeping", Priority::kBookkeeping));
}

}  // namespace
}  // namespace liandong::hub
