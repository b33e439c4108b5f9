#include "adapters/runtime/metrics.h"

#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace liandong::adapters {
namespace {

using Lane = SpoolStatus::Lane;

void Head(std::string* text, absl::string_view name, absl::string_view help) {
  absl::StrAppend(text, "# HELP liandong_adapter_", name, " ", help, "\n# TYPE liandong_adapter_", name, " gauge\n");
}

void OfLanes(std::string* text, const SpoolStatus& status, absl::string_view name, absl::string_view help,
             const std::function<int64_t(const Lane&)>& value) {
  Head(text, name, help);
  for (const SpoolLane lane : kSpoolLanes) {
    absl::StrAppend(text, "liandong_adapter_", name, "{lane=\"", lane == SpoolLane::kUrgent ? "urgent" : "ordinary",
                    "\"} ", value(status.lane[static_cast<size_t>(lane) - 1]), "\n");
  }
}

void One(std::string* text, absl::string_view name, absl::string_view help, uint64_t value) {
  Head(text, name, help);
  absl::StrAppend(text, "liandong_adapter_", name, " ", value, "\n");
}

}  // namespace

int64_t OldestS(const Lane& lane, int64_t now_ms) {
  return lane.inbound_oldest_ms == 0 ? 0 : (now_ms - static_cast<int64_t>(lane.inbound_oldest_ms)) / 1000;
}

std::string MetricsText(const SpoolStatus& status, int64_t now_ms) {
  std::string text;
  OfLanes(&text, status, "inbound_waiting", "Records that wait for the hub.",
          [](const Lane& lane) { return static_cast<int64_t>(lane.inbound); });
  OfLanes(&text, status, "inbound_oldest_seconds", "How long the oldest of them has waited.",
          [now_ms](const Lane& lane) { return OldestS(lane, now_ms); });
  OfLanes(&text, status, "outbound_waiting", "Deliveries that wait for the party's own system.",
          [](const Lane& lane) { return static_cast<int64_t>(lane.outbound); });
  OfLanes(&text, status, "outbound_failing", "Of them, those whose last try failed.",
          [](const Lane& lane) { return static_cast<int64_t>(lane.outbound_failing); });
  OfLanes(&text, status, "cursor", "Newest sequence number received of the hub.",
          [](const Lane& lane) { return static_cast<int64_t>(lane.cursor); });
  One(&text, "parked", "Acknowledgments that wait for their delivery.", status.parked);
  One(&text, "spool_bytes", "Bytes of the bodies in the spool.", status.bytes);
  One(&text, "dead_letters", "Dead letters that somebody has to look at.", status.dead);
  Head(&text, "dead_letters_by_link", "The same by link.");
  for (const auto& [link, count] : status.dead_by_link) {
    absl::StrAppend(&text, "liandong_adapter_dead_letters_by_link{link=\"", link, "\"} ", count, "\n");
  }
  return text;
}

}  // namespace liandong::adapters
