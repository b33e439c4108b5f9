// Reading history.db. Errors as log/sqlite.h says.
//
// Thread-safety: one thread at a time; History keeps a pool of these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/history/history.h"
#include "hub/log/sqlite.h"
#include "liandong/v1/record.pb.h"

namespace liandong::history {

class Queries {
 public:
  static absl::StatusOr<std::unique_ptr<Queries>> Open(const std::string& path);

  absl::StatusOr<std::optional<v1::ReportState>> FindReport(std::string_view party, std::string_view external_id);
  absl::StatusOr<uint64_t> FindReference(std::string_view party, std::string_view external_id);
  absl::StatusOr<std::optional<v1::DeliveryState>> FindDelivery(uint64_t delivery_id);
  absl::StatusOr<std::optional<v1::IncidentState>> FindIncident(uint64_t incident_id);
  absl::StatusOr<v1::Changes> LoadIncident(uint64_t incident_id);
  // Indexes of the records that name the incident.
  absl::StatusOr<std::vector<uint64_t>> RecordsOf(uint64_t incident_id, size_t limit, uint64_t after_index);
  absl::StatusOr<std::vector<v1::IncidentState>> ListIncidents(const IncidentFilter& filter, uint64_t before_id,
                                                               size_t limit);
  absl::Status VisitIncidents(v1::Purpose purpose, int64_t from_ms, int64_t until_ms, const IncidentVisit& visit);

 private:
  // An incident may be erased when it has long left memory: then its record is the only thing that says so.
  absl::Status MarkErased(v1::IncidentState* incident);
  absl::StatusOr<v1::Changes> LoadParts(uint64_t incident_id);

  log::Connection connection_;
  log::Statement report_, reference_, delivery_, incident_, duties_of_, deliveries_of_, reports_of_, records_of_,
      erased_;
};

}  // namespace liandong::history
