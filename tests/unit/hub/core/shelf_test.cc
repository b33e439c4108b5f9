#include "hub/core/shelf.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "liandong/v1/record.pb.h"

namespace liandong::core {
namespace {

using Incidents = Shelf<uint64_t, v1::IncidentState>;

v1::IncidentState Incident(uint64_t id, uint64_t revision = 1) {
  v1::IncidentState out;
  out.set_id(id);
  out.set_revision(revision);
  out.set_category("natural.flood");
  return out;
}

std::vector<uint64_t> Keys(const Incidents& shelf) {
  std::vector<uint64_t> out;
  shelf.Ascend([&](uint64_t id, const v1::IncidentState& one) {
    EXPECT_EQ(one.id(), id);
    out.push_back(id);
  });
  return out;
}

TEST(Shelf, WhatIsFoundIsWhatWasPutWholeOrPacked) {
  for (size_t warm : {0, 1, 3, 1000}) {
    Incidents shelf(warm);
    std::map<uint64_t, v1::IncidentState> model;
    std::mt19937_64 random(warm);
    for (int step = 0; step < 20'000; ++step) {
      const uint64_t id = random() % 40;
      switch (random() % 5) {
        case 0: {
          const auto [slot, fresh] = shelf.Open(id);
          ASSERT_EQ(fresh, !model.contains(id));
          ASSERT_EQ(slot->revision(), fresh ? 0 : model.at(id).revision());
          *slot = model[id] = Incident(id, random());
          break;
        }
        case 1:
          shelf.Erase(id);
          model.erase(id);
          break;
        case 2: {
          const v1::IncidentState* found = shelf.Find(id);
          ASSERT_EQ(found != nullptr, model.contains(id));
          ASSERT_EQ(found == nullptr ? "" : found->SerializeAsString(),
                    found == nullptr ? "" : model.at(id).SerializeAsString());
          break;
        }
        case 3: {
          v1::IncidentState scratch;
          if (!model.contains(id)) break;
          ASSERT_EQ(shelf.Peek(id, &scratch).SerializeAsString(), model.at(id).SerializeAsString());
          break;
        }
        default:
          shelf.Settle();
      }
      ASSERT_EQ(shelf.size(), model.size());
    }
    v1::Snapshot expected, read;
    for (const auto& [id, one] : model) *expected.add_incident() = one;
    std::string bytes;
    shelf.AppendAll(v1::Snapshot::kIncidentFieldNumber, &bytes);
    EXPECT_LE(bytes.size(), shelf.BytesAtMost());
    ASSERT_EQ(bytes, expected.SerializeAsString()) << warm;
  }
}

TEST(Shelf, WhatWasFoundStaysUntilItSettles) {
  Incidents shelf(0);
  for (uint64_t id = 1; id <= 50; ++id) *shelf.Open(id).first = Incident(id);
  shelf.Settle();
  std::vector<const v1::IncidentState*> found;
  for (uint64_t id = 1; id <= 50; ++id) found.push_back(shelf.Find(id));
  for (uint64_t id = 51; id <= 90; ++id) *shelf.Open(id).first = Incident(id);
  for (uint64_t id = 1; id <= 50; ++id) EXPECT_EQ(found[id - 1]->id(), id);
}

TEST(Shelf, WalksInOrderFromWhereItIsToldAndStopsWhenTold) {
  Incidents shelf(2);
  for (uint64_t id : {30, 10, 50, 20, 40}) *shelf.Open(id).first = Incident(id);
  shelf.Settle();
  EXPECT_EQ(Keys(shelf), (std::vector<uint64_t>{10, 20, 30, 40, 50}));
  std::vector<uint64_t> seen;
  const auto two = [&](uint64_t id, const v1::IncidentState& one) {
    EXPECT_EQ(one.id(), id);
    seen.push_back(id);
    return seen.size() % 2 != 0;
  };
  shelf.AscendFrom(20, two);
  shelf.AscendFrom(25, two);
  shelf.Descend(two);
  shelf.DescendBelow(30, two);
  shelf.DescendBelow(31, two);
  EXPECT_EQ(seen, (std::vector<uint64_t>{20, 30, 30, 40, 50, 40, 20, 10, 30, 20}));
}

TEST(Shelf, AnEmptyMessageIsSomething) {
  Incidents shelf(0);
  shelf.Open(7);
  shelf.Settle();
  ASSERT_NE(shelf.Find(7), nullptr);
  EXPECT_EQ(shelf.Find(7)->ByteSizeLong(), 0u);
  EXPECT_EQ(shelf.Find(8), nullptr);
}

}  // namespace
}  // namespace liandong::core
