// Load for a running hub: one hotline reports, three of twelve agencies get each report and acknowledge RECEIVED and
// ACCEPTED, everything over mutual TLS. Prints one line of JSON a phase; run.sh starts the hub and makes the table.
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "adapters/client/hub_client.h"
#include "adapters/client/link_session.h"
#include "adapters/client/report_pipe.h"
#include "tests/bench/closer.h"
#include "tests/bench/course.h"
#include "tests/bench/work.h"

namespace liandong::bench {
namespace {

// Where results go now, and whether the stuck agency's program hangs.
class Stage {
 public:
  void Begin(Course* course) {
    absl::MutexLock lock(&mu_);
    course_ = course;
    stuck_ = course->phase().stuck;
  }
  void Release() {
    absl::MutexLock lock(&mu_);
    stuck_ = false;
  }
  // The phase under way: others' deliveries may come before the first begins. For the stuck agency, as soon as it hangs
  // no more.
  Course& Enter(int agency) {
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(
        +[](Stage* stage) { return stage->course_ != nullptr; }, this));
    if (agency == kStuckAgency)
      mu_.Await(absl::Condition(
          +[](Stage* stage) { return !stage->stuck_; }, this));
    return *course_;
  }

 private:
  absl::Mutex mu_;
  Course* course_ = nullptr;
  bool stuck_ = false;
};

constexpr size_t kClosers = 8;

// Connected, it stores nothing and accepts what is a task; the closer hears of it, where there is one.
class Agency {
 public:
  Agency(std::shared_ptr<adapters::HubClient> client, int place, Stage* stage, Closer* closer) {
    adapters::LinkHandlers handlers;
    handlers.on_deliveries = [this, place, stage, closer](const std::vector<v1::Delivery>& deliveries) {
      Course& course = stage->Enter(place);
      std::vector<v1::Acknowledgment> accepted;
      std::vector<size_t> numbers;
      std::vector<uint64_t> incidents;
      for (const auto& delivery : deliveries) {
        const auto& reports = delivery.body().incident().reports();
        if (delivery.envelope().kind() != v1::TASK || reports.empty()) continue;
        v1::Acknowledgment ack;
        ack.set_delivery_id(delivery.envelope().delivery_id());
        ack.set_state(v1::ACCEPTED);
        accepted.push_back(ack);
        incidents.push_back(delivery.envelope().incident_id());
        if (auto number = course.NumberOf(reports[0].description())) numbers.push_back(*number);
      }
      if (accepted.empty()) return absl::OkStatus();
      const size_t count = numbers.size();
      auto status = session_->Acknowledge(
          std::move(accepted), [&course, count, closer, incidents](absl::StatusOr<v1::AcknowledgeReply> reply) {
            if (reply.ok()) course.Settled(count);
            if (closer == nullptr) return;
            for (const uint64_t incident : incidents) closer->Accepted(incident);
          });
      if (!status.ok()) return status;
      for (size_t number : numbers) course.Delivered(number, place);
      return absl::OkStatus();
    };
    adapters::LinkOptions options;
    options.window = 256;
    session_ = std::make_unique<adapters::LinkSession>(std::move(client), handlers, options);
  }
  bool Connected() const { return session_->Connected(); }

 private:
  std::unique_ptr<adapters::LinkSession> session_;
};

bool RunPhase(const std::shared_ptr<adapters::HubClient>& hotline, Course& course, const std::string& prefix,
              Stage* stage) {
  stage->Begin(&course);
  adapters::ReportPipe pipe(hotline);
  size_t number = 0;
  for (int64_t wake_us = 0; !course.Stalled();) {
    const Course::Turn turn = course.Next(&number, &wake_us);
    if (turn == Course::Turn::kOver) break;
    if (turn == Course::Turn::kWait) {
      course.WaitFor(wake_us);
      continue;
    }
    const absl::Status status = pipe.Send(
        MakeReport(absl::StrCat(prefix, "-", course.phase().name, "-", number), number, course.Body(number)),
        [&course, number](absl::StatusOr<v1::Receipt> receipt) { course.Confirmed(number, receipt.ok()); },
        absl::Seconds(60));
    if (!status.ok()) course.Confirmed(number, false);
  }
  while (!course.Done() && !course.Stalled()) course.WaitFor(NowUs() + 100'000);
  course.Print();
  stage->Release();
  while (!course.AllDone() && !course.Stalled()) course.WaitFor(NowUs() + 100'000);
  if (course.AllDone()) return true;
  std::fprintf(stderr, "%s: stalled; %s\n", course.phase().name.c_str(), course.Missing().c_str());
  return false;
}

int Main(int argc, char** argv) {
  CLI::App app{"Load for a running hub; see tests/bench/run.sh"};
  std::string hub, pki;
  bool feedback = false, close = false;
  Options options;
  app.add_option("--hub", hub, "host:port")->required();
  app.add_option("--pki", pki, "folder with ca.crt and the parties' certificates")->required();
  app.add_flag("--feedback", feedback, "the hotline takes and acknowledges what becomes of its reports");
  app.add_flag("--close", close, "the command centre ends each incident that its agencies have accepted");
  options.AddTo(app);
  CLI11_PARSE(app, argc, argv);

  auto fail = [](const absl::Status& status) {
    return std::fprintf(stderr, "%s\n", std::string(status.message()).c_str()), 1;
  };
  auto phases = options.Parse();
  if (!phases.ok()) return fail(phases.status());
  auto client = [&](const std::string& party) {
    return adapters::HubClient::Create(
        {{hub}, {pki + "/ca.crt", pki + "/" + party + ".crt", pki + "/" + party + ".key"}});
  };
  std::vector<std::unique_ptr<Course>> courses;  // callbacks may still come for an earlier one
  Stage stage;
  std::unique_ptr<Closer> closer;
  if (close) {
    auto command = client("command");
    if (!command.ok()) return fail(command.status());
    closer = std::make_unique<Closer>(*command, kClosers);
  }
  std::vector<std::unique_ptr<Agency>> agencies;
  for (int i = 0; i < kAgencies; ++i) {
    auto one = client(absl::StrCat("agency-", i));
    if (!one.ok()) return fail(one.status());
    agencies.push_back(std::make_unique<Agency>(*one, i, &stage, closer.get()));
  }
  auto hotline = client("hotline");
  if (!hotline.ok()) return fail(hotline.status());
  std::unique_ptr<adapters::LinkSession> reader;
  if (feedback) {
    adapters::LinkHandlers handlers;
    handlers.on_deliveries = [](const std::vector<v1::Delivery>&) { return absl::OkStatus(); };  // RECEIVED goes back
    adapters::LinkOptions link;
    link.window = 256;
    reader = std::make_unique<adapters::LinkSession>(*hotline, handlers, link);
  }
  for (const int64_t give_up = NowUs() + 60'000'000;;) {
    bool all = reader == nullptr || reader->Connected();
    for (const auto& agency : agencies) all = all && agency->Connected();
    if (all) break;
    if (NowUs() > give_up) return fail(absl::DeadlineExceededError("the parties could not connect within 60 s"));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  int64_t phase_us = 0;
  for (const Phase& phase : *phases) {
    phase_us = NowUs();
    courses.push_back(std::make_unique<Course>(phase, absl::StrCat(options.prefix, "-", courses.size())));
    courses.back()->CountServer(options.server_pid);
    if (!RunPhase(*hotline, *courses.back(), options.prefix, &stage)) return 1;
  }
  if (closer != nullptr) {
    if (const size_t failed = closer->Drain(); failed > 0) {
      return fail(absl::InternalError(absl::StrCat(failed, " incidents could not be closed")));
    }
    std::printf("{\"phase\":\"closed\",\"seconds\":%.3f}\n", static_cast<double>(NowUs() - phase_us) / 1e6);
  }
  return 0;
}

}  // namespace
}  // namespace liandong::bench

int main(int argc, char** argv) { return liandong::bench::Main(argc, argv); }
