// The pure core with a clock in the hand of a script: parties report and acknowledge, deadlines run, nothing touches a
// disk or a socket.
#ifndef LIANDONG_TESTS_SCENARIOS_WORLD_H_
#define LIANDONG_TESTS_SCENARIOS_WORLD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "hub/core/command.h"
#include "hub/core/sketch.h"
#include "hub/core/state.h"
#include "liandong/v1/record.pb.h"
#include "liandong/v1/site.pb.h"

namespace liandong::scenarios {

class World {
 public:
  // Adopts the site set at time 0.
  explicit World(const v1::SiteSet& site);

  // Lets deadlines run until `ms` after the start, each at its own moment.
  void RunTo(int64_t ms);
  // The hub is down until `ms`: no deadline runs, then it starts.
  void OutageUntil(int64_t ms);

  static bool IsRestart(const std::string& line) { return line.find("hub restarts") != std::string::npos; }
  // Closed incidents leave memory; what they were stays with the world, as history would keep it.
  absl::Status Forget();
  absl::Status Recall(uint64_t incident_id);
  void ClockJump();

  // One decision at the present moment; on success the record is applied and every party that listens stores what it
  // was sent.
  absl::StatusOr<core::Answer> Do(const core::Command& command, const std::string& party, const std::string& text = "",
                                  const std::string& told_by = "");

  // What the hub does around a report: a storm may begin with it; afterwards it may be the same as an open incident.
  void BeforeReport(const std::string& party, const v1::Report& report);
  void AfterReport(uint64_t incident_id, const std::string& text);

  // The clear text of an incident's reports, for what is routed again; without it there is none.
  void SetTexts(std::function<std::string(uint64_t incident_id)> text_of) { text_of_ = std::move(text_of); }

  void SetListening(const std::string& party, bool listens);

  const core::State& state() const { return state_; }
  const std::vector<v1::Record>& records() const { return records_; }
  int64_t now_ms() const { return now_ms_; }
  static constexpr int64_t kStartMs = 1'783'900'800'000;  // 2026-07-13 08:00 in China, a Monday

  // OK when folding the records again, and a snapshot of it, give the same State.
  absl::Status CheckReplay() const;

 private:
  void Keep(core::Outcome outcome);
  int64_t NextMs() const;
  void StoreDeliveries();
  void RouteAgain();

  core::State state_{/*warm=*/0};  // all is packed after each record, so that whoever keeps what it found is found out
  std::vector<v1::Record> records_;
  int64_t now_ms_ = kStartMs;
  uint64_t next_key_ = 1;
  std::set<std::string> silent_;
  std::map<uint64_t, v1::Changes> history_;
  std::map<uint64_t, std::vector<core::Sketch>> sketches_;
  std::function<std::string(uint64_t)> text_of_;
};

}  // namespace liandong::scenarios

#endif  // LIANDONG_TESTS_SCENARIOS_WORLD_H_
