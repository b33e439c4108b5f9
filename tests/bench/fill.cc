// Fills the data folder of a stopped hub with a county's past, by the hub's own parts and without its network: what
// run.sh --growth measures stands on months of history, on ten million records, or on many open incidents.
//
// Each incident is what course.h calls the work: a report of 1 KB, three of twelve agencies that have RECEIVED and
// ACCEPTED. Those of --ended are also closed, all that was sent about them is RECEIVED, and they leave memory. Log time
// runs ahead by --step-ms an incident. Prints one line of JSON; progress goes to standard error.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "hub/core/state.h"
#include "hub/history/history.h"
#include "hub/log/sqlite_log.h"
#include "hub/requests.h"
#include "hub/sealer.h"
#include "hub/sequencer.h"
#include "routing/load.h"
#include "security/key_provider.h"
#include "security/vault.h"
#include "tests/bench/course.h"
#include "tests/bench/work.h"

namespace liandong::bench {
namespace {

constexpr size_t kAhead = 256;   // incidents submitted and not durable
constexpr int kAnswersMax = 16;  // an answer may queue feedback, whose answer may queue more
constexpr size_t kProgressEach = 50'000;

class LeapingClock : public hub::Clock {
 public:
  explicit LeapingClock(int64_t start_ms) : now_ms_(start_ms) {}
  int64_t WallMs() const override { return now_ms_.load(); }
  int64_t MonotonicMs() const override { return now_ms_.load(); }
  void Leap(int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<int64_t> now_ms_;
};

v1::Actor Who(const std::string& party) {
  v1::Actor actor;
  actor.set_party(party);
  return actor;
}

std::string Body(const std::string& id) {
  std::string body = absl::StrCat(id, " ");
  body.resize(kBodyBytes, 'x');
  return body;
}

using Failed = std::function<void(const absl::Status&)>;  // on the releaser's thread

// Everybody who was sent something about the incident answers it; false when there was nothing to answer.
bool AnswerAll(hub::Turn& turn, uint64_t incident_id, const Failed& failed) {
  std::map<std::string, v1::AcknowledgeRequest> by_party;
  for (const v1::DeliveryState* delivery : turn.state().DeliveriesOf(incident_id)) {
    if (turn.state().Book(delivery->party()).lane(delivery->lane()).unreceived.count(delivery->sequence()) == 0)
      continue;
    v1::AcknowledgeRequest& request = by_party[delivery->party()];
    auto add = [&](v1::AckState state) {
      v1::Acknowledgment* ack = request.add_acknowledgment();
      ack->set_delivery_id(delivery->id());
      ack->set_state(state);
    };
    add(v1::RECEIVED);
    if (delivery->kind() == v1::TASK) add(v1::ACCEPTED);
  }
  for (auto& [party, request] : by_party) {
    hub::AcknowledgeWork(Who(party), std::move(request), [failed](absl::StatusOr<v1::AcknowledgeReply> reply) {
      failed(reply.status());
      if (!reply.ok()) return;
      for (const v1::AckReply& one : reply->reply()) {
        if (one.outcome() == v1::REJECTED) failed(absl::InternalError(one.message()));
      }
    })(turn);
  }
  return !by_party.empty();
}

class Filler {
 public:
  Filler(hub::Sequencer* sequencer, LeapingClock* clock, int64_t step_ms)
      : sequencer_(sequencer), clock_(clock), step_ms_(step_ms) {}

  absl::Status Fill(const std::string& prefix, size_t count, bool end) {
    for (size_t number = 0; number < count; ++number) {
      if (auto status = One(absl::StrCat(prefix, "-", number), number, end); !status.ok()) return status;
      if (number % kProgressEach == 0 && number > 0)
        std::fprintf(stderr, "%s: %zu of %zu incidents, record %llu\n", prefix.c_str(), number, count,
                     static_cast<unsigned long long>(sequencer_->committed_index()));
    }
    std::unique_lock lock(mu_);
    changed_.wait(lock, [this] { return ahead_ == 0; });
    return failed_.empty() ? absl::OkStatus() : absl::InternalError(failed_);
  }

 private:
  absl::Status One(const std::string& id, size_t number, bool end) {
    {
      std::unique_lock lock(mu_);
      changed_.wait(lock, [this] { return ahead_ < kAhead; });
      if (!failed_.empty()) return absl::InternalError(failed_);
      ++ahead_;
    }
    clock_->Leap(step_ms_);
    return sequencer_->Submit(hub::Priority::kBookkeeping, [this, id, number, end](hub::Turn& turn) {
      const Failed failed = [this](const absl::Status& status) { Note(status); };
      const uint64_t incident = turn.state().next_incident_id();
      hub::ReportWork(Who("hotline"), MakeReport(id, number, Body(id)),
                      [failed](const auto& it) { failed(it.status()); })(turn);
      Answer(turn, incident, failed);
      if (end) {
        v1::CloseRequest close;
        close.set_incident_id(incident);
        close.set_reason("DONE");
        hub::CloseWork(Who("command"), close, true, false, [failed](const auto& it) { failed(it.status()); })(turn);
        Answer(turn, incident, failed);
      }
      turn.Release([this] {
        std::lock_guard lock(mu_);
        --ahead_;
        changed_.notify_all();
      });
    });
  }
  static void Answer(hub::Turn& turn, uint64_t incident, const Failed& failed) {
    for (int round = 0; round < kAnswersMax && AnswerAll(turn, incident, failed); ++round) {
    }
  }
  void Note(const absl::Status& status) {
    if (status.ok()) return;
    std::lock_guard lock(mu_);
    if (failed_.empty()) failed_ = std::string(status.message());
  }

  hub::Sequencer* const sequencer_;
  LeapingClock* const clock_;
  const int64_t step_ms_;
  std::mutex mu_;
  std::condition_variable changed_;
  size_t ahead_ = 0;
  std::string failed_;
};

absl::Status Run(const std::string& data, const std::string& site_dir, const std::string& master_key, size_t ended,
                 size_t open, int64_t step_ms) {
  auto log = log::SqliteLog::Open({.data_dir = data});
  if (!log.ok()) return log.status();
  if ((*log)->last_index() != 0) return absl::FailedPreconditionError(data + " is not empty: fill a new folder");
  auto provider = security::FileKeyProvider::Open(master_key, security::Suite::kInternational);
  if (!provider.ok()) return provider.status();
  auto vault = security::Vault::Open(data + "/keys.db", *std::move(provider), 1);
  if (!vault.ok()) return vault.status();
  history::HistoryOptions options;
  options.data_dir = data;
  auto history = history::History::Start(options, log->get(), history::FoldOf<core::State>());
  if (!history.ok()) return history.status();
  auto site = routing::LoadSiteDir(site_dir);
  if (!site.ok()) return site.status();

  hub::Sealer sealer(vault->get());
  // So that the past ends now: a clock that jumps is another story.
  LeapingClock clock(hub::SystemClock().WallMs() - static_cast<int64_t>(ended + open) * step_ms);
  hub::SequencerOptions how;
  how.on_fatal = [](const absl::Status& status) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::_Exit(1);
  };
  const int64_t begin_us = NowUs();
  hub::Sequencer sequencer(core::State(), hub::SequencerParts{log->get(), history->get(), &sealer, &clock}, how);
  std::promise<absl::Status> adopted;
  const auto tell = [&adopted](const auto& reply) { adopted.set_value(reply.status()); };
  if (auto s = sequencer.Submit(hub::Priority::kAct, hub::AdoptWork(Who("command"), site->site, tell)); !s.ok())
    return s;
  if (auto s = adopted.get_future().get(); !s.ok()) return s;
  Filler filler(&sequencer, &clock, step_ms);
  if (auto s = filler.Fill("ended", ended, true); !s.ok()) return s;
  if (auto s = filler.Fill("open", open, false); !s.ok()) return s;
  sequencer.Stop();
  const uint64_t records = sequencer.committed_index();
  while (!(*history)->WaitForIndex(records, absl::Seconds(10))) {
    if (!(*history)->status().ok()) return (*history)->status();
    std::fprintf(stderr, "history: %llu of %llu records\n", static_cast<unsigned long long>((*history)->index()),
                 static_cast<unsigned long long>(records));
  }
  if (auto s = (*history)->Stop(); !s.ok()) return s;
  std::printf("{\"incidents\": %zu, \"open\": %zu, \"records\": %llu, \"seconds\": %.1f}\n", ended + open, open,
              static_cast<unsigned long long>(records), static_cast<double>(NowUs() - begin_us) / 1e6);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app{"Fills a new data folder of a hub with a past; see tests/bench/run.sh --growth"};
  std::string data, site, master_key;
  size_t ended = 0, open = 0;
  int64_t step_ms = 1'000;
  app.add_option("--data", data, "the folder, new")->required();
  app.add_option("--site", site, "folder of the site set")->required();
  app.add_option("--master-key", master_key, "made when absent")->required();
  app.add_option("--ended", ended, "so many incidents that have ended");
  app.add_option("--open", open, "then so many that stay open");
  app.add_option("--step-ms", step_ms, "log time between two incidents")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(data, site, master_key, ended, open, step_ms);
  if (status.ok()) return 0;
  std::fprintf(stderr, "bench_fill: %s\n", std::string(status.message()).c_str());
  return 1;
}

}  // namespace
}  // namespace liandong::bench

int main(int argc, char** argv) { return liandong::bench::Main(argc, argv); }
