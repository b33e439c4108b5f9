#include "hub/log/records.h"

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/arena.h"
#include "tests/unit/hub/log/log_testing.h"

namespace liandong::log {
namespace {

v1::Batch Sample(uint64_t first, uint64_t last, size_t padding) {
  v1::Batch batch;
  EXPECT_TRUE(batch.ParseFromString(BatchBytes(first, last, padding)));
  return batch;
}

TEST(BatchWriterTest, ItsBytesAreThoseOfTheWholeMessage) {
  BatchWriter writer;
  EXPECT_TRUE(writer.empty());
  // Lengths of one, two and three bytes.
  for (const size_t padding : {0, 20, 127, 128, 20'000}) {
    const v1::Batch batch = Sample(7, 9, padding);
    for (const v1::Record& record : batch.record()) writer.Add(record);
    EXPECT_FALSE(writer.empty());
    EXPECT_EQ(writer.first_index(), 7u);
    EXPECT_EQ(writer.size(), batch.ByteSizeLong());
    EXPECT_EQ(writer.Take(), batch.SerializeAsString());
    EXPECT_TRUE(writer.empty());
    EXPECT_EQ(writer.size(), 0u);
  }
}

TEST(BatchWriterTest, WhatItWroteIsRead) {
  BatchWriter writer;
  const v1::Batch batch = Sample(1, 3, 20);
  for (const v1::Record& record : batch.record()) writer.Add(record);
  google::protobuf::Arena arena;
  auto* parsed = google::protobuf::Arena::CreateMessage<v1::Batch>(&arena);
  const auto status = ParseBatch({1, 3, writer.Take(), ""}, parsed);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(parsed->SerializeAsString(), batch.SerializeAsString());
}

TEST(ParseBatchTest, AGapIsDataLoss) {
  BatchWriter writer;
  const v1::Batch batch = Sample(1, 3, 20);
  writer.Add(batch.record(0));
  writer.Add(batch.record(2));
  EXPECT_TRUE(absl::IsDataLoss(ParseBatch({1, 2, writer.Take(), ""}).status()));
}

}  // namespace
}  // namespace liandong::log
