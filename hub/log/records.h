// Single records out of a log. Thread-safety: as the log's Read.
#pragma once

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/event_log.h"
#include "liandong/v1/record.pb.h"

namespace liandong::log {

// DataLoss when the bytes are no batch of format 1 or its records are not first_index to last_index without a gap.
absl::StatusOr<v1::Batch> ParseBatch(const CommittedBatch& batch);

// Every record after `after_index`, in order; stops at the first status that is not OK and returns it. `link` as in
// EventLog::Read.
absl::Status ForEachRecord(EventLog& log, uint64_t after_index, std::string_view link,
                           const std::function<absl::Status(const v1::Record& record)>& visit);

// NotFound when the log has no such record.
absl::StatusOr<v1::Record> ReadRecord(EventLog& log, uint64_t index);

}  // namespace liandong::log
