#include "hub/service/past.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"

namespace liandong::service {

absl::StatusOr<core::State> LoadPast(history::History& history, const routing::Site& site,
                                     const std::vector<uint64_t>& incident_ids) {
  v1::Snapshot snapshot;
  snapshot.set_format(1);
  *snapshot.mutable_site() = site.proto();
  std::set<uint64_t> wanted(incident_ids.begin(), incident_ids.end()), loaded;
  while (!wanted.empty()) {
    const uint64_t id = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!loaded.insert(id).second) continue;
    absl::StatusOr<v1::Changes> changes = history.LoadIncident(id);
    if (absl::IsNotFound(changes.status())) {
      return core::Refuse(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT", absl::StrCat("there is no incident ", id),
                          absl::StrCat("没有事件 ", id), "incident_id");
    }
    if (!changes.ok()) return changes.status();
    for (const auto& incident : changes->incident()) {
      wanted.insert(incident.merged().begin(), incident.merged().end());
      if (incident.merged_into() != 0) wanted.insert(incident.merged_into());
    }
    snapshot.mutable_incident()->MergeFrom(changes->incident());
    snapshot.mutable_duty()->MergeFrom(changes->duty());
    snapshot.mutable_delivery()->MergeFrom(changes->delivery());
    snapshot.mutable_report()->MergeFrom(changes->report());
  }
  return core::State::FromSnapshot(snapshot);
}

}  // namespace liandong::service
