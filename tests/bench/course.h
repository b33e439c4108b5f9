// What every load program of tests/bench shares: the phases, one definition of when a report is done, the accounting,
// and the line of JSON that a phase prints. hub_load, rabbit_load and nats_load differ only in how they speak.
//
// A report is done when its publisher has the receipt (or confirm) and its three agencies have received and
// acknowledged it. A closed loop keeps so many reports in flight, that is begun and not done. An open loop sends at its
// rate whatever happens, and counts time from when a report was due, so that a stall shows in every report it delays.
#ifndef LIANDONG_TESTS_BENCH_COURSE_H_
#define LIANDONG_TESTS_BENCH_COURSE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace liandong::bench {

inline constexpr int kAgencies = 12;
inline constexpr int kKinds = 4;         // kind k goes to the agencies 3k, 3k + 1, 3k + 2
inline constexpr int kStuckAgency = 11;  // in a `stuck` phase it takes nothing and answers nothing
inline constexpr size_t kBodyBytes = 1000;
inline constexpr int64_t kStallUs = 120'000'000;  // nothing happened for so long: the phase has failed

int64_t NowUs();  // monotonic

struct Phase {
  std::string name;
  size_t in_flight = 0;  // closed loop; 0: an open loop
  double rate = 0;       // reports a second
  double seconds = 0;    // how long reports are begun
  bool stuck = false;
};
// "flight:64:3" (64 in flight for 3 s), "rate:200:5" (200 a second), "stuck:1000:5" (the same with one agency stuck),
// "warm:64:1" (like flight, not for the table).
absl::StatusOr<Phase> ParsePhase(const std::string& text);

// One phase's accounting. Thread-safe.
class Course {
 public:
  Course(Phase phase, std::string tag);

  const Phase& phase() const { return phase_; }
  bool Stuck(int agency) const { return phase_.stuck && agency == kStuckAgency; }

  enum class Turn { kGo, kWait, kOver };
  // kGo: send report `*number` now. kWait: ask again at *wake_us, or when Delivered or Confirmed was called.
  Turn Next(size_t* number, int64_t* wake_us);
  std::string Body(size_t number) const;                         // names the report; kBodyBytes long
  std::optional<size_t> NumberOf(absl::string_view body) const;  // nullopt: of another phase

  void Confirmed(size_t number, bool ok);
  // The agency has it and its acknowledgment has been given to the system.
  void Delivered(size_t number, int agency);
  // The system has answered so many acknowledgments; for a system that answers none, at once.
  void Settled(size_t acknowledgments);

  void WaitFor(int64_t wake_us);  // until something changed, at most until then
  // Every report is done and every acknowledgment settled, those of a stuck agency left out / included.
  bool Done() const;
  bool AllDone() const;
  // Nothing has happened for kStallUs.
  bool Stalled() const;
  // What is missing of reports that are not done, for whoever looks for the cause: "number 17: no receipt, agency 4".
  std::string Missing() const;

  // Ends the measured time and prints the phase as one line. `pid`: the server, for its processor time.
  void Print();
  void CountServer(int pid);

 private:
  struct Report {
    int64_t begin_us = 0;
    uint8_t got = 0;  // bits 0..2: its agencies; bit 3: confirmed
    bool done = false;
  };
  uint8_t Needed(size_t number) const;
  void Check(size_t number);
  bool SettledAll() const;

  const Phase phase_;
  const std::string tag_;
  const int64_t begin_us_;
  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::vector<Report> reports_;
  size_t done_ = 0, failed_ = 0, repeats_ = 0, deliveries_ = 0, to_stuck_ = 0, from_stuck_ = 0, settled_ = 0;
  bool over_ = false;
  int64_t last_us_ = 0;
  int64_t measured_us_ = 0;
  std::vector<int64_t> delivery_us_, receipt_us_;
  int server_ = 0;
  double load_cpu_ = 0, server_cpu_ = 0;
};

// The options that all load programs have.
struct Options {
  std::string prefix = "b";
  int server_pid = 0;
  std::vector<std::string> phases;
  void AddTo(CLI::App& app);
  absl::StatusOr<std::vector<Phase>> Parse() const;
};

// A system whose client runs on the thread that paces the load.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void Begin(Course* course) = 0;  // results go here from now on
  virtual absl::Status Publish(size_t number, int kind, const std::string& body) = 0;
  // Lets out what was published and takes in what arrives, at most until wake_us.
  virtual absl::Status Turn(int64_t wake_us) = 0;
  virtual void SetStuck(bool stuck) = 0;
};
// Runs the phases; 0 or, with a message, 1.
int Run(Peer& peer, const Options& options);

}  // namespace liandong::bench

#endif  // LIANDONG_TESTS_BENCH_COURSE_H_
