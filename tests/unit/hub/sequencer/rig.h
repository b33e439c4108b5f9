// A sequencer on a log that syncs only when the test says so.
#ifndef LIANDONG_TESTS_UNIT_HUB_SEQUENCER_RIG_H_
#define LIANDONG_TESTS_UNIT_HUB_SEQUENCER_RIG_H_

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "hub/core/decide.h"
#include "hub/requests.h"
#include "hub/sequencer.h"
#include "routing/load.h"
#include "security/key_provider.h"
#include "security/vault.h"

namespace liandong::hub {

// Keeps what is appended until Sync lets it become durable.
class HeldLog : public log::EventLog {
 public:
  void Append(uint64_t, uint64_t last, std::string bytes, Done done) override {
    std::lock_guard lock(mu_);
    if (open_) {
      last_ = last;
      batches_.push_back(std::move(bytes));
      done(absl::OkStatus(), "link");
      return;
    }
    waiting_.push_back({last, std::move(bytes), std::move(done)});
    changed_.notify_all();
  }
  absl::Status Read(uint64_t, std::string_view, const Visit&) override { return absl::OkStatus(); }
  uint64_t last_index() const override {
    std::lock_guard lock(mu_);
    return last_;
  }
  std::string last_link() const override { return "link"; }
  bool WaitFor(uint64_t, absl::Duration) override { return false; }

  void Hold() {
    std::lock_guard lock(mu_);
    open_ = false;
  }
  void WaitForAppend() {
    std::unique_lock lock(mu_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [this] { return !waiting_.empty(); }));
  }
  // What waits becomes durable, and from here on everything at once.
  void Sync() { Finish(absl::OkStatus()); }
  void Fail() { Finish(absl::UnavailableError("disk full")); }

 private:
  struct Waiting {
    uint64_t last;
    std::string bytes;
    Done done;
  };
  void Finish(const absl::Status& status) {
    std::deque<Waiting> waiting;
    {
      std::lock_guard lock(mu_);
      waiting.swap(waiting_);
      open_ = true;
      if (status.ok() && !waiting.empty()) last_ = waiting.back().last;
    }
    for (auto& one : waiting) one.done(status, "link");
  }
  mutable std::mutex mu_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::vector<std::string> batches_;
  uint64_t last_ = 0;
  bool open_ = true;
};

// Collects answers; Wait waits for the n-th.
template <typename T>
class Answers {
 public:
  Done<T> Next() {
    return [this](absl::StatusOr<T> answer) {
      std::lock_guard lock(mu_);
      answers_.push_back(std::move(answer));
      changed_.notify_all();
    };
  }
  absl::StatusOr<T> Wait(size_t n = 1) {
    std::unique_lock lock(mu_);
    if (!changed_.wait_for(lock, std::chrono::seconds(60), [&] { return answers_.size() >= n; }))
      return absl::DeadlineExceededError("no answer within 60 s");
    return answers_[n - 1];
  }
  size_t count() {
    std::lock_guard lock(mu_);
    return answers_.size();
  }

 private:
  std::mutex mu_;
  std::condition_variable changed_;
  std::vector<absl::StatusOr<T>> answers_;
};

class Rig {
 public:
  Rig()
      : folder_(std::filesystem::temp_directory_path() /
                ("liandong-rig-" + std::to_string(::getpid()) + "-" + std::to_string(next_++))) {
    std::filesystem::create_directories(folder_);
    auto provider = security::FileKeyProvider::Open(folder_ / "master.key", security::Suite::kInternational);
    EXPECT_TRUE(provider.ok()) << std::string(provider.status().message());
    auto vault = security::Vault::Open(folder_ / "keys.db", *std::move(provider), 1);
    EXPECT_TRUE(vault.ok()) << std::string(vault.status().message());
    vault_ = *std::move(vault);
    sealer_ = std::make_unique<Sealer>(vault_.get());
    SequencerOptions options;
    options.on_fatal = [this](const absl::Status&) { fatal_ = true; };
    sequencer_ = std::make_unique<Sequencer>(core::State(0),
                                             SequencerParts{&log_, nullptr, sealer_.get(), &SystemClock()}, options);
    auto site = routing::LoadSiteDir("deploy/county/site");
    EXPECT_TRUE(site.ok()) << std::string(site.status().message());
    Answers<v1::AdoptSiteSetReply> adopted;
    EXPECT_TRUE(sequencer_->Submit(Priority::kAct, AdoptWork(Who("command"), site->site, adopted.Next())).ok());
    EXPECT_TRUE(adopted.Wait().ok());
  }
  ~Rig() {
    sequencer_.reset();
    sealer_.reset();
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  static v1::Actor Who(const std::string& party) {
    v1::Actor actor;
    actor.set_party(party);
    return actor;
  }
  static v1::Report Illness(const std::string& id) {
    v1::Report report;
    report.set_external_id(id);
    report.mutable_open()->set_purpose(v1::ACTUAL);
    report.mutable_open()->set_category("health.illness");
    report.mutable_open()->set_division("339921100000");
    report.mutable_sealed()->set_description("有人晕倒");
    return report;
  }

  HeldLog& log() { return log_; }
  Sequencer& sequencer() { return *sequencer_; }
  bool fatal() const { return fatal_; }

 private:
  inline static std::atomic<int> next_ = 0;
  std::filesystem::path folder_;
  HeldLog log_;
  std::unique_ptr<security::Vault> vault_;
  std::unique_ptr<Sealer> sealer_;
  std::unique_ptr<Sequencer> sequencer_;
  std::atomic<bool> fatal_ = false;
};

}  // namespace liandong::hub

#endif  // LIANDONG_TESTS_UNIT_HUB_SEQUENCER_RIG_H_
