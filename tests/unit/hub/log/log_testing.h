// What the tests of hub/log and hub/history share: folders that go away, batches with records in them, and appends that
// wait for their answer.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "hub/log/event_log.h"
#include "hub/log/sqlite_log.h"
#include "liandong/v1/record.pb.h"

namespace liandong::log {

inline constexpr auto kPatience = std::chrono::seconds(60);

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "liandong-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
    path_ = pattern;
  }
  TempFolder(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Records first to last, each about the incident of its own number, with `padding` bytes of content.
inline std::string BatchBytes(uint64_t first, uint64_t last, size_t padding = 20) {
  v1::Batch batch;
  batch.set_format(1);
  for (uint64_t index = first; index <= last; ++index) {
    v1::Record* record = batch.add_record();
    record->set_index(index);
    record->set_time_ms(1'700'000'000'000 + static_cast<int64_t>(index));
    record->add_incident_id(index);
    record->mutable_incident_closed()->set_reason(std::string(padding, static_cast<char>('a' + index % 26)));
  }
  return batch.SerializeAsString();
}

// Counts answers, and keeps the first status that was not OK.
class Answers {
 public:
  EventLog::Done Expect(uint64_t number) {
    return [this, number](const absl::Status& status, std::string_view link) {
      std::lock_guard lock(mutex_);
      if (number != count_ + 1) in_order_ = false;
      ++count_;
      if (status_.ok()) status_ = status;
      if (status.ok()) ++ok_;
      link_ = std::string(link.data(), link.size());
      changed_.notify_all();
    };
  }
  bool WaitForCount(uint64_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= count; });
  }
  bool in_order() const { return Locked(in_order_); }
  uint64_t ok() const { return Locked(ok_); }
  absl::Status status() const { return Locked(status_); }
  std::string link() const { return Locked(link_); }

 private:
  template <typename T>
  T Locked(const T& value) const {
    std::lock_guard lock(mutex_);
    return value;
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t count_ = 0;
  uint64_t ok_ = 0;
  bool in_order_ = true;
  absl::Status status_;
  std::string link_;
};

// Appends one batch and waits for its answer.
inline absl::Status AppendAndWait(EventLog& log, uint64_t first, uint64_t last, std::string bytes) {
  Answers answers;
  log.Append(first, last, std::move(bytes), answers.Expect(1));
  if (!answers.WaitForCount(1)) return absl::DeadlineExceededError("no answer");
  return answers.status();
}

inline std::unique_ptr<SqliteLog> OpenLog(const std::string& folder) {
  SqliteLogOptions options;
  options.data_dir = folder;
  auto log = SqliteLog::Open(options);
  if (!log.ok()) {
    ADD_FAILURE() << log.status();
    return nullptr;
  }
  return *std::move(log);
}

// A log of `batches` batches with `size` records each, closed again.
inline void FillLog(const std::string& folder, uint64_t batches, uint64_t size) {
  auto log = OpenLog(folder);
  ASSERT_NE(log, nullptr);
  Answers answers;
  for (uint64_t i = 0; i < batches; ++i) {
    const uint64_t first = i * size + 1;
    log->Append(first, first + size - 1, BatchBytes(first, first + size - 1), answers.Expect(i + 1));
  }
  ASSERT_TRUE(answers.WaitForCount(batches));
  ASSERT_TRUE(answers.status().ok()) << answers.status();
}

}  // namespace liandong::log
