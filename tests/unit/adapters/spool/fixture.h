// A spool in a folder of its own, with a clock that stands still until told.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_SPOOL_FIXTURE_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_SPOOL_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "adapters/spool/spool.h"

namespace liandong::adapters {

class SpoolTest : public testing::Test {
 protected:
  SpoolTest() {
    std::string name = testing::TempDir() + "/spool.XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~SpoolTest() override {
    spool_.reset();
    std::filesystem::remove_all(folder_);
  }

  SpoolOptions Options() {
    SpoolOptions options;
    options.path = folder_ + "/spool.db";
    options.key_file = folder_ + "/spool.key";
    options.now_ms = [this] { return now_ms_.load(); };
    options.bytes_max = bytes_max_;
    options.rows_max = rows_max_;
    options.dead_max = dead_max_;
    return options;
  }
  Spool& Open() {
    spool_.reset();
    auto spool = Spool::Open(Options());
    EXPECT_TRUE(spool.ok()) << spool.status();
    if (spool.ok()) spool_ = *std::move(spool);
    return *spool_;
  }

  static PutRequest One(std::string body, SpoolLane lane = SpoolLane::kUrgent, std::string repeat_key = "",
                        InboundKind kind = InboundKind::kReport) {
    PutRequest request;
    request.link = "calls";
    request.repeat_key = std::move(repeat_key);
    request.items.push_back({lane, kind, std::move(body)});
    return request;
  }
  static OutboundItem Delivery(uint64_t id, uint64_t incident, std::string body, SpoolLane lane = SpoolLane::kUrgent) {
    OutboundItem item;
    item.link = "calls";
    item.lane = lane;
    item.sequence = id;
    item.delivery_id = id;
    item.incident_id = incident;
    item.incident_revision = id;
    item.duty_id = incident * 10;
    item.queued_at_ms = 1;
    item.body = std::move(body);
    return item;
  }
  std::vector<std::string> Bodies(SpoolLane lane) {
    auto records = spool_->Peek(lane, 1000);
    EXPECT_TRUE(records.ok()) << records.status();
    std::vector<std::string> result;
    for (const SpooledRecord& record : *records) result.push_back(record.body);
    return result;
  }
  // Everything that any file of the folder holds.
  std::string AllBytes() const {
    std::stringstream all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return all.str();
  }

  std::string folder_;
  std::atomic<int64_t> now_ms_{1'800'000'000'000};
  uint64_t bytes_max_ = kSpoolBytesMax;
  uint64_t rows_max_ = kSpoolRowsMax;
  uint64_t dead_max_ = kSpoolDeadLettersMax;
  std::unique_ptr<Spool> spool_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_SPOOL_FIXTURE_H_
