// A record that has become durable, as watchers and the feed see it.
#ifndef LIANDONG_HUB_COMMITTED_EVENT_H_
#define LIANDONG_HUB_COMMITTED_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "liandong/v1/desk.pb.h"

namespace liandong::hub {

struct CommittedEvent {
  uint64_t index = 0;
  int64_t time_ms = 0;
  std::string what;
  std::vector<v1::IncidentSummary> incidents;  // as they are after it, as the command centre may see them
  std::vector<uint64_t> evicted;               // incidents that have left memory
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_COMMITTED_EVENT_H_
