// What Prometheus scrapes of the screen. Names begin with liandong_screen_.
//
// Thread-safe.
#ifndef LIANDONG_ADAPTERS_SCREEN_METRICS_H_
#define LIANDONG_ADAPTERS_SCREEN_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <string>

#include "adapters/screen/board.h"

namespace liandong::screen {

class Metrics {
 public:
  Metrics();

  // One call of a browser: its sort ("/api/act", "page"), its HTTP status, how long it took.
  void Count(const std::string& path, int status, double seconds);
  // The text of a scrape.
  std::string Text(const Board::Numbers& numbers, size_t sessions, double certificate_seconds_left);

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& seconds_;
};

// The bounded label of a path.
std::string SortOf(const std::string& path);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_METRICS_H_
