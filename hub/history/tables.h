// history.db: its tables, and writing what records changed.
//
// on-disk format 1. A file of another format, or a damaged one, is derived and so built anew, not converted.
//   meta(key, value): format, record_index (how far it is), link (of the batch that ends there)
//   incident, duty, delivery, report: the newest state of each, for ever; columns are what is looked for
//   reference_of: which incident a report's reference to another system's record leads to
//   record_of: which records name an incident
//
// Thread-safety: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/arena.h"
#include "hub/log/sqlite.h"
#include "liandong/v1/record.pb.h"

namespace liandong::history {

inline constexpr int64_t kHistoryFormat = 1;                  // on-disk value: never renumber
inline constexpr int64_t kHistoryApplicationId = 0x4C444849;  // "LDHI", on-disk value

class Tables {
 public:
  // Makes the file when absent. DataLoss when it is damaged or of another format: then it is to be built anew.
  // FailedPrecondition when it is somebody else's database.
  static absl::StatusOr<std::unique_ptr<Tables>> Open(const std::string& path);

  // How far the file is.
  uint64_t index() const { return index_; }
  const std::string& link() const { return link_; }

  // A batch to be filled. It belongs to the tables until the next Flush.
  v1::Batch* NewBatch();
  // Keeps the batch's records after index() for the next Flush. `batch` is of NewBatch, `link` is the batch's own.
  void Add(const v1::Batch* batch, std::string_view link);
  // How far what was added goes; index() when nothing waits.
  uint64_t waiting_index() const { return waiting_index_; }
  const std::string& waiting_link() const { return waiting_link_; }
  uint64_t waiting_records() const { return waiting_records_; }
  // Writes all that was added, and how far it goes, in one transaction. What several records changed is written once.
  absl::Status Flush();

 private:
  Tables() = default;
  absl::Status Prepare();
  void Forget();
  absl::Status WriteWaiting();
  absl::Status WriteEntities();
  absl::Status WriteRecordsOf();

  log::Connection connection_;
  log::Statement put_incident_, put_duty_, put_delivery_, put_report_, put_reference_, put_record_of_, put_meta_;
  uint64_t index_ = 0;
  std::string link_;

  // Waiting: the batches, and views of the newest state of each thing in them. In an arena, since each is parsed, read
  // and dropped as a whole: taking them apart again took longer than writing them.
  google::protobuf::Arena arena_;
  std::vector<const v1::Batch*> batches_;
  uint64_t waiting_records_ = 0;
  uint64_t waiting_index_ = 0;
  std::string waiting_link_;
  std::map<uint64_t, const v1::IncidentState*> incidents_;
  std::map<uint64_t, const v1::DutyState*> duties_;
  std::map<uint64_t, const v1::DeliveryState*> deliveries_;
  std::map<std::pair<std::string_view, std::string_view>, const v1::ReportState*> reports_;
};

// A file that cannot be used is kept beside as <path>.bad (the last one only), and the way is free for a new one.
absl::Status SetAside(const std::string& path);

}  // namespace liandong::history
