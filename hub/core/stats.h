// Figures over incidents of the past, as a yearly report needs them. Pure: it is shown incidents, one after the other.
// Each figure has a definition (StatsDefinition) and the incidents behind it. Who shows them leaves exercises and tests
// out.
#ifndef LIANDONG_HUB_CORE_STATS_H_
#define LIANDONG_HUB_CORE_STATS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/record.pb.h"
#include "routing/site.h"

namespace liandong::core {

class Stats {
 public:
  // `site`: the set in force now, for names and for "would be covered today".
  explicit Stats(const routing::Site& site, int64_t now_ms) : site_(site), now_ms_(now_ms) {}

  void Add(const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties);
  // Definitions and groups; at most `ids_max` incident ids with each figure.
  v1::StatsReply Reply(size_t ids_max) const;

 private:
  struct Figure {
    int64_t sum = 0;
    std::vector<int64_t> times_s;  // of figures that are a median or a p90
    absl::btree_set<uint64_t> incidents;
  };
  using Group = absl::btree_map<std::string, Figure>;    // by token
  using GroupKey = std::pair<std::string, std::string>;  // by, key
  std::vector<GroupKey> GroupsOf(const v1::IncidentState& incident) const;
  void Count(const GroupKey& group, const std::string& figure, int64_t value, uint64_t incident_id);
  void Time(const GroupKey& group, const std::string& figure, int64_t ms, uint64_t incident_id);
  void AddIncident(const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties);
  void AddDuty(const v1::IncidentState& incident, const v1::DutyState& duty, const std::vector<GroupKey>& groups);
  bool LedToday(const v1::IncidentState& incident) const;
  std::string NameOf(const GroupKey& group) const;

  const routing::Site& site_;
  const int64_t now_ms_;
  absl::btree_map<GroupKey, Group> groups_;
};

// What each figure counts, in the order in which they are shown (stats_figures.cc).
std::vector<v1::StatsDefinition> StatsDefinitions();

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STATS_H_
