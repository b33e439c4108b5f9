// Load for a running hub: one hotline reports, three of twelve agencies get each report and acknowledge RECEIVED and
// ACCEPTED, everything over mutual TLS. Prints one JSON object a phase; run.sh makes the site, repeats the phases and
// prints medians.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "adapters/client/hub_client.h"
#include "adapters/client/link_session.h"
#include "adapters/client/report_pipe.h"

namespace liandong {
namespace {

using Steady = std::chrono::steady_clock;

int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now().time_since_epoch()).count();
}

double At(std::vector<int64_t>& values, double share) {
  if (values.empty()) return 0;
  const size_t index = std::min(values.size() - 1, static_cast<size_t>(share * static_cast<double>(values.size())));
  std::nth_element(values.begin(), values.begin() + index, values.end());
  return static_cast<double>(values[index]) / 1000.0;
}

// The disk's own price of durability: append 4 KiB and wait for it.
void MeasureSync(const std::string& folder) {
  const std::string path = folder + "/sync-probe";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
  const std::string block(4096, 'x');
  std::vector<int64_t> took;
  for (int i = 0; file >= 0 && i < 500; ++i) {
    const int64_t begin = NowUs();
    if (write(file, block.data(), block.size()) < 0 || fdatasync(file) != 0) break;
    took.push_back(NowUs() - begin);
  }
  close(file);
  unlink(path.c_str());
  std::printf("{\"phase\":\"fdatasync\",\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", At(took, 0.5), At(took, 0.99));
}

// What the agencies measure: report sent until its delivery is here, and how much is acknowledged to the end.
class Tally {
 public:
  void Delivered(int64_t sent_us) {
    std::lock_guard lock(mu_);
    took_.push_back(NowUs() - sent_us);
  }
  void Accepted(size_t count) { accepted_ += count; }
  size_t accepted() const { return accepted_; }
  std::vector<int64_t> Take() {
    std::lock_guard lock(mu_);
    return std::exchange(took_, {});
  }
  void Reset() {
    accepted_ = 0;
    Take();
  }

 private:
  std::mutex mu_;
  std::vector<int64_t> took_;
  std::atomic<size_t> accepted_ = 0;
};

class Agency {
 public:
  Agency(std::shared_ptr<adapters::HubClient> client, Tally* tally) : tally_(tally) {
    adapters::LinkHandlers handlers;
    handlers.on_deliveries = [this](const std::vector<v1::Delivery>& deliveries) {
      std::vector<v1::Acknowledgment> accepted;
      for (const auto& delivery : deliveries) {
        if (delivery.envelope().kind() != v1::TASK) continue;
        int64_t sent_us = 0;
        const auto& reports = delivery.body().incident().reports();
        if (!reports.empty() &&
            absl::SimpleAtoi(reports[0].description().substr(0, reports[0].description().find(' ')), &sent_us))
          tally_->Delivered(sent_us);
        v1::Acknowledgment ack;
        ack.set_delivery_id(delivery.envelope().delivery_id());
        ack.set_state(v1::ACCEPTED);
        accepted.push_back(ack);
      }
      const size_t count = accepted.size();
      if (count == 0) return absl::OkStatus();
      return session_->Acknowledge(std::move(accepted), [this, count](absl::StatusOr<v1::AcknowledgeReply> reply) {
        if (reply.ok()) tally_->Accepted(count);
      });
    };
    adapters::LinkOptions options;
    options.window = 256;
    session_ = std::make_unique<adapters::LinkSession>(client, handlers, options);
  }
  bool Connected() const { return session_->Connected(); }

 private:
  Tally* const tally_;
  std::unique_ptr<adapters::LinkSession> session_;
};

struct Phase {
  std::string name;
  size_t reports = 0;
  size_t in_flight = 1;
  double rate = 0;  // reports a second; 0: as fast as in_flight allows
};

v1::Report MakeReport(const std::string& id, size_t number) {
  v1::Report report;
  report.set_external_id(id);
  report.mutable_open()->set_purpose(v1::ACTUAL);
  report.mutable_open()->set_category(absl::StrCat("natural.k", number % 4));
  report.mutable_open()->set_severity(v1::GENERAL);
  report.mutable_open()->set_division("339921100000");
  report.mutable_open()->set_danger_to_life(v1::NO);
  report.mutable_sealed()->set_description(absl::StrCat(NowUs(), " ", std::string(900, 'x')));  // about 1 KB in all
  return report;
}

void RunPhase(const std::shared_ptr<adapters::HubClient>& hotline, const Phase& phase, const std::string& prefix,
              Tally* tally) {
  tally->Reset();
  adapters::ReportPipeOptions options;
  options.in_flight_max = phase.in_flight;
  adapters::ReportPipe pipe(hotline, options);
  std::atomic<size_t> failed = 0;
  std::vector<int64_t> receipts;
  std::mutex mu;
  const int64_t begin = NowUs();
  for (size_t i = 0; i < phase.reports; ++i) {
    if (phase.rate > 0) {
      const int64_t due = begin + static_cast<int64_t>(static_cast<double>(i) * 1e6 / phase.rate);
      while (NowUs() < due) std::this_thread::sleep_for(std::chrono::microseconds(std::max<int64_t>(1, due - NowUs())));
    }
    const int64_t sent = NowUs();
    absl::Status status = pipe.Send(
        MakeReport(absl::StrCat(prefix, "-", phase.name, "-", i), i),
        [&, sent](absl::StatusOr<v1::Receipt> receipt) {
          if (!receipt.ok()) ++failed;
          std::lock_guard lock(mu);
          receipts.push_back(NowUs() - sent);
        },
        absl::Seconds(60));
    if (!status.ok()) ++failed;
  }
  pipe.Drain(absl::Seconds(120));
  const int64_t give_up = NowUs() + 120'000'000;
  while (tally->accepted() < 3 * (phase.reports - failed) && NowUs() < give_up)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const double seconds = static_cast<double>(NowUs() - begin) / 1e6;
  std::vector<int64_t> took = tally->Take();
  std::printf(
      "{\"phase\":\"%s\",\"reports\":%zu,\"failed\":%zu,\"deliveries_accepted\":%zu,\"per_s\":%.0f,\"delivery_p50_ms\":"
      "%.2f,\"delivery_p99_ms\":%.2f,"
      "\"receipt_p50_ms\":%.2f,\"receipt_p99_ms\":%.2f}\n",
      phase.name.c_str(), phase.reports, failed.load(), tally->accepted(), static_cast<double>(phase.reports) / seconds,
      At(took, 0.5), At(took, 0.99), At(receipts, 0.5), At(receipts, 0.99));
  std::fflush(stdout);
}

}  // namespace

int Main(int argc, char** argv) {
  CLI::App app{"Load for a running hub; see tests/bench/run.sh"};
  std::string hub, pki, probe, prefix = "b";
  size_t scale = 1;
  app.add_option("--hub", hub, "host:port")->required();
  app.add_option("--pki", pki, "folder with ca.crt and the parties' certificates")->required();
  app.add_option("--probe", probe, "folder on the hub's disk, to measure its sync time");
  app.add_option("--prefix", prefix, "of the report ids: another for each run");
  app.add_option("--scale", scale, "so many times the reports");
  CLI11_PARSE(app, argc, argv);

  auto client = [&](const std::string& party) {
    return adapters::HubClient::Create(
        {{hub}, {pki + "/ca.crt", pki + "/" + party + ".crt", pki + "/" + party + ".key"}});
  };
  if (!probe.empty()) MeasureSync(probe);
  Tally tally;
  std::vector<std::unique_ptr<Agency>> agencies;
  for (int i = 0; i < 12; ++i) {
    auto one = client(absl::StrCat("agency-", i));
    if (!one.ok()) return std::fprintf(stderr, "%s\n", std::string(one.status().message()).c_str()), 1;
    agencies.push_back(std::make_unique<Agency>(*one, &tally));
  }
  auto hotline = client("hotline");
  if (!hotline.ok()) return std::fprintf(stderr, "%s\n", std::string(hotline.status().message()).c_str()), 1;
  const int64_t give_up = NowUs() + 60'000'000;
  while (!std::all_of(agencies.begin(), agencies.end(), [](const auto& one) { return one->Connected(); })) {
    if (NowUs() > give_up) return std::fprintf(stderr, "the agencies could not connect within 60 s\n"), 1;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  for (const Phase& phase : {Phase{"in_flight_1", 300 * scale, 1, 0}, Phase{"in_flight_64", 3000 * scale, 64, 0},
                             Phase{"in_flight_256", 5000 * scale, 256, 0}, Phase{"rate_200", 1000 * scale, 256, 200}}) {
    RunPhase(*hotline, phase, prefix, &tally);
  }
  return 0;
}

}  // namespace liandong

int main(int argc, char** argv) { return liandong::Main(argc, argv); }
