#include "adapters/screen/metrics.h"

#include <prometheus/text_serializer.h>

#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace liandong::screen {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10};

void Line(std::string* text, absl::string_view name, absl::string_view type, absl::string_view help, double value) {
  absl::StrAppend(text, "# HELP liandong_screen_", name, " ", help, "\n# TYPE liandong_screen_", name, " ", type,
                  "\nliandong_screen_", name, " ", value, "\n");
}

}  // namespace

std::string SortOf(const std::string& path) {
  static constexpr std::array<absl::string_view, 11> kSorts = {
      "/api/session",    "/api/me",  "/api/site", "/api/view",   "/api/events",  "/api/incidents",
      "/api/deliveries", "/api/act", "/api/ack",  "/api/report", "/api/accounts"};
  for (const absl::string_view sort : kSorts) {
    if (path == sort || absl::StartsWith(path, absl::StrCat(sort, "/"))) return std::string(sort);
  }
  return absl::StartsWith(path, "/api/") ? "other" : "page";
}

Metrics::Metrics()
    : requests_(prometheus::BuildCounter()
                    .Name("liandong_screen_requests_total")
                    .Help("Calls of browsers by what they asked for and how they were answered.")
                    .Register(registry_)),
      seconds_(prometheus::BuildHistogram()
                   .Name("liandong_screen_request_seconds")
                   .Help("From a whole request to its answer; a stream's answer is its beginning.")
                   .Register(registry_)) {}

void Metrics::Count(const std::string& path, int status, double seconds) {
  const std::string sort = SortOf(path);
  requests_.Add({{"call", sort}, {"status", std::to_string(status)}}).Increment();
  seconds_.Add({{"call", sort}}, kSeconds).Observe(seconds);
}

std::string Metrics::Text(const Board::Numbers& numbers, size_t sessions, double certificate_seconds_left) {
  std::string text = prometheus::TextSerializer().Serialize(registry_.Collect());
  const auto gauge = [&text](absl::string_view name, absl::string_view help, double value) {
    Line(&text, name, "gauge", help, value);
  };
  const auto counter = [&text](absl::string_view name, absl::string_view help, double value) {
    Line(&text, name, "counter", help, value);
  };
  gauge("feed_ok", "1 while the view is current.", numbers.feed_ok ? 1 : 0);
  gauge("feed_age_seconds", "Since the feed was heard.", static_cast<double>(numbers.feed_age_ms) / 1000);
  gauge("log_index", "Newest index of the hub's log in the view.", static_cast<double>(numbers.log_index));
  gauge("incidents", "Incidents in the view.", static_cast<double>(numbers.incidents));
  gauge("streams", "Browsers that listen.", static_cast<double>(numbers.streams));
  gauge("sessions", "Sessions remembered.", static_cast<double>(sessions));
  gauge("certificate_expiry_seconds", "Until the certificate towards the hub ends.", certificate_seconds_left);
  counter("feed_frames_total", "Frames taken from the feed.", static_cast<double>(numbers.frames));
  counter("feed_heartbeats_total", "Heartbeats of the feed.", static_cast<double>(numbers.heartbeats));
  counter("feed_gaps_total", "Times that frames were missed and fetched again.", static_cast<double>(numbers.lost));
  counter("feed_snapshots_total", "Snapshots fetched.", static_cast<double>(numbers.snapshots));
  counter("events_total", "Pieces sent to browsers.", static_cast<double>(numbers.events));
  counter("event_bytes_total", "Bytes of them.", static_cast<double>(numbers.event_bytes));
  counter("slow_browsers_total", "Streams ended because the browser did not read.",
          static_cast<double>(numbers.dropped));
  return text;
}

}  // namespace liandong::screen
