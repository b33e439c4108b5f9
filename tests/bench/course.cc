#include "tests/bench/course.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace liandong::bench {
namespace {

double AtMs(std::vector<int64_t>& values, double share) {
  if (values.empty()) return 0;
  const size_t index = std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + static_cast<ptrdiff_t>(index), values.end());
  return static_cast<double>(values[index]) / 1000.0;
}

// Seconds of processor time, user and system, of all its threads.
double OwnCpu() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double CpuOf(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  const std::vector<std::string> fields = absl::StrSplit(text.substr(name_end + 2), ' ');
  double ticks = 0;
  for (size_t i : {11u, 12u}) {  // utime and stime, counted from the field after the name
    double value = 0;
    if (i < fields.size() && absl::SimpleAtod(fields[i], &value)) ticks += value;
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

absl::StatusOr<Phase> ParsePhase(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  Phase phase;
  double value = 0;
  if (parts.size() == 3 && absl::SimpleAtod(parts[1], &value) && value > 0 &&
      absl::SimpleAtod(parts[2], &phase.seconds) && phase.seconds > 0) {
    phase.stuck = parts[0] == "stuck";
    if (parts[0] == "flight" || parts[0] == "warm") phase.in_flight = static_cast<size_t>(value);
    if (parts[0] == "rate" || phase.stuck) phase.rate = value;
    phase.name = absl::StrCat(parts[0], "_", parts[1]);
    if (phase.in_flight > 0 || phase.rate > 0) return phase;
  }
  return absl::InvalidArgumentError(absl::StrCat("phase ", text, ": want flight|warm|rate|stuck:NUMBER:SECONDS"));
}

Course::Course(Phase phase, std::string tag)
    : phase_(std::move(phase)), tag_(std::move(tag)), begin_us_(NowUs()), last_us_(begin_us_), load_cpu_(OwnCpu()) {}

void Course::CountServer(int pid) {
  server_ = pid;
  server_cpu_ = CpuOf(pid);
}

uint8_t Course::Needed(size_t number) const {
  const bool stuck = phase_.stuck && number % kKinds == kStuckAgency / 3;
  return stuck ? 0b1111 & ~(1 << kStuckAgency % 3) : 0b1111;
}

Course::Turn Course::Next(size_t* number, int64_t* wake_us) {
  std::lock_guard lock(mu_);
  const int64_t now = NowUs();
  int64_t due = now;
  if (phase_.rate > 0) {
    due = begin_us_ + static_cast<int64_t>(static_cast<double>(reports_.size()) * 1e6 / phase_.rate);
  }
  if (static_cast<double>(due - begin_us_) >= phase_.seconds * 1e6) {
    over_ = true;
    return Turn::kOver;
  }
  if (due > now) {
    *wake_us = due;
    return Turn::kWait;
  }
  if (phase_.in_flight > 0 && reports_.size() - done_ >= phase_.in_flight) {
    *wake_us = now + 100'000;
    return Turn::kWait;
  }
  *number = reports_.size();
  reports_.push_back({.begin_us = due});
  if (Needed(*number) != 0b1111) ++to_stuck_;
  return Turn::kGo;
}

std::string Course::Body(size_t number) const {
  std::string body = absl::StrCat(tag_, " ", number, " ");
  body.resize(kBodyBytes, 'x');
  return body;
}

std::optional<size_t> Course::NumberOf(absl::string_view body) const {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(body, absl::MaxSplits(' ', 1));
  size_t number = 0;
  if (parts.first != tag_ || !absl::SimpleAtoi(parts.second.substr(0, parts.second.find(' ')), &number)) return {};
  return number;
}

void Course::Check(size_t number) {
  Report& report = reports_[number];
  last_us_ = NowUs();
  if (report.done || (report.got & Needed(number)) != Needed(number)) return;
  report.done = true;
  ++done_;
  changed_.notify_all();
}

void Course::Confirmed(size_t number, bool ok) {
  std::lock_guard lock(mu_);
  if (number >= reports_.size()) return;
  Report& report = reports_[number];
  if (ok) {
    receipt_us_.push_back(NowUs() - report.begin_us);
  } else {
    ++failed_;
    report.got = 0b1111;  // waits for nothing more
  }
  report.got |= 0b1000;
  Check(number);
}

void Course::Delivered(size_t number, int agency) {
  std::lock_guard lock(mu_);
  if (number >= reports_.size()) return;
  Report& report = reports_[number];
  const uint8_t bit = static_cast<uint8_t>(1 << agency % 3);
  if ((report.got & bit) != 0) {
    ++repeats_;
    return;
  }
  report.got |= bit;
  ++deliveries_;
  if (Stuck(agency)) {
    ++from_stuck_;
  } else {
    delivery_us_.push_back(NowUs() - report.begin_us);
  }
  Check(number);
}

void Course::Settled(size_t acknowledgments) {
  std::lock_guard lock(mu_);
  settled_ += acknowledgments;
  last_us_ = NowUs();
  changed_.notify_all();
}

void Course::WaitFor(int64_t wake_us) {
  std::unique_lock lock(mu_);
  changed_.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(wake_us - NowUs(), 0)));
}

bool Course::Done() const {
  std::lock_guard lock(mu_);
  return over_ && done_ == reports_.size() && settled_ >= deliveries_ - from_stuck_;
}

bool Course::AllDone() const {
  std::lock_guard lock(mu_);
  return over_ && done_ == reports_.size() && from_stuck_ == to_stuck_ && settled_ >= deliveries_;
}

bool Course::Stalled() const {
  std::lock_guard lock(mu_);
  return NowUs() - last_us_ > kStallUs;
}

std::string Course::Missing() const {
  constexpr int kTold = 10;
  std::lock_guard lock(mu_);
  std::string out;
  int told = 0;
  for (size_t number = 0; number < reports_.size() && told < kTold; ++number) {
    const Report& report = reports_[number];
    if (report.done) continue;
    ++told;
    absl::StrAppend(&out, out.empty() ? "" : "; ", "number ", number, ":", report.got & 0b1000 ? "" : " no receipt");
    for (size_t i = 0; i < 3; ++i) {
      if ((report.got >> i & 1) == 0) absl::StrAppend(&out, " no delivery at agency ", number % kKinds * 3 + i);
    }
  }
  absl::StrAppend(&out, out.empty() ? "" : "; ", settled_, " of ", deliveries_, " acknowledgments answered");
  return out;
}

void Course::Print() {
  std::lock_guard lock(mu_);
  const double count = std::max<double>(1, static_cast<double>(reports_.size()));
  const double seconds = static_cast<double>(NowUs() - begin_us_) / 1e6;
  const double server = server_ > 0 ? CpuOf(server_) - server_cpu_ : 0;
  std::printf(
      "{\"phase\":\"%s\",\"reports\":%zu,\"failed\":%zu,\"not_done\":%zu,\"repeats\":%zu,\"per_s\":%.1f,"
      "\"delivery_p50_ms\":%.3f,\"delivery_p99_ms\":%.3f,\"receipt_p50_ms\":%.3f,\"receipt_p99_ms\":%.3f,"
      "\"load_cpu_us\":%.1f,\"server_cpu_us\":%.1f}\n",
      phase_.name.c_str(), reports_.size(), failed_, reports_.size() - done_, repeats_,
      static_cast<double>(reports_.size()) / seconds, AtMs(delivery_us_, 0.5), AtMs(delivery_us_, 0.99),
      AtMs(receipt_us_, 0.5), AtMs(receipt_us_, 0.99), (OwnCpu() - load_cpu_) / count * 1e6, server / count * 1e6);
  std::fflush(stdout);
}

void Options::AddTo(CLI::App& app) {
  app.add_option("--prefix", prefix, "of the reports' names: another for each run");
  app.add_option("--server-pid", server_pid, "whose processor time is counted");
  app.add_option("phases", phases, "flight:64:3, rate:200:5, stuck:1000:5, warm:64:1; in this order")->required();
}

absl::StatusOr<std::vector<Phase>> Options::Parse() const {
  std::vector<Phase> parsed;
  for (const std::string& text : phases) {
    auto phase = ParsePhase(text);
    if (!phase.ok()) return phase.status();
    parsed.push_back(*std::move(phase));
  }
  return parsed;
}

int Run(Peer& peer, const Options& options) {
  auto phases = options.Parse();
  absl::Status status = phases.status();
  for (size_t i = 0; status.ok() && i < phases->size(); ++i) {
    Course course((*phases)[i], absl::StrCat(options.prefix, "-", i));
    course.CountServer(options.server_pid);
    peer.Begin(&course);
    peer.SetStuck(course.phase().stuck);
    while (status.ok() && !course.Done() && !course.Stalled()) {
      size_t number = 0;
      int64_t wake_us = NowUs() + 100'000;
      while (status.ok() && course.Next(&number, &wake_us) == Course::Turn::kGo) {
        status = peer.Publish(number, static_cast<int>(number % kKinds), course.Body(number));
      }
      if (status.ok()) status = peer.Turn(wake_us);
    }
    course.Print();
    peer.SetStuck(false);
    while (status.ok() && !course.AllDone() && !course.Stalled()) status = peer.Turn(NowUs() + 100'000);
    if (status.ok() && !course.AllDone())
      status = absl::DeadlineExceededError(absl::StrCat(course.phase().name, ": stalled; ", course.Missing()));
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace liandong::bench
