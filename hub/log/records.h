// Single records out of a log. Thread-safety: as the log's Read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"

namespace liandong::log {

// A batch in the making, as it is stored: each record is encoded once, when it is added. (A v1::Batch would be
// measured, kept and taken apart again as a whole.)
class BatchWriter {
 public:
  void Add(const v1::Record& record);
  bool empty() const { return first_index_ == 0; }
  uint64_t first_index() const { return first_index_; }
  size_t size() const { return bytes_.size(); }
  // Leaves it empty.
  std::string Take();

 private:
  uint64_t first_index_ = 0;
  std::string bytes_;
};

// DataLoss when the bytes are no batch of format 1 or its records are not first_index to last_index without a gap.
absl::StatusOr<v1::Batch> ParseBatch(const CommittedBatch& batch);
// The same into a message that the caller has made.
absl::Status ParseBatch(const CommittedBatch& batch, v1::Batch* parsed);

// Every record after `after_index`, in order; stops at the first status that is not OK and returns it. `link` as in
// EventLog::Read.
absl::Status ForEachRecord(EventLog& log, uint64_t after_index, std::string_view link,
                           const std::function<absl::Status(const v1::Record& record)>& visit);

// NotFound when the log has no such record.
absl::StatusOr<v1::Record> ReadRecord(EventLog& log, uint64_t index);

}  // namespace liandong::log
