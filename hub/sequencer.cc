#include "hub/sequencer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/check.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/print.h"
#include "hub/core/responses.h"
#include "hub/history/history.h"

namespace liandong::hub {
namespace {

constexpr int64_t kEvictEveryMs = 1000;
constexpr int64_t kEvictAgainMs = 50;  // while a record could not take all: 5,000 incidents a second, more than come in
constexpr int64_t kEraseEveryMs = 1000;  // one sync of keys.db a second at the most; erasing has no hurry
constexpr int64_t kClockJumpMs = 5000;   // less than this is ordinary drift and correction by the time service
constexpr int kDueRecordsPerTurn = 16;   // then reports get their turn again

// A batch that takes longer makes the next one smaller: what comes in meanwhile waits for the whole of it, so a party
// that keeps every batch full delays the others by a few of these and no more.
constexpr std::chrono::milliseconds kBatchTime(20);
constexpr size_t kBatchCommandsMin = 16;  // a sync for fewer would cost more than it saves

// How many commands the next batch may hold, after one that took so long.
size_t NextBatch(size_t commands, std::chrono::steady_clock::duration took) {
  const size_t next = took > kBatchTime ? commands / 2 : commands * 2;
  return std::clamp(next, kBatchCommandsMin, limits::kBatchCommands);
}

class RealClock : public Clock {
 public:
  int64_t WallMs() const override {
    using std::chrono::system_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  int64_t MonotonicMs() const override {
    using std::chrono::steady_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now().time_since_epoch()).count();
  }
};

v1::Actor HubActor() {
  v1::Actor actor;
  actor.set_party("hub");
  actor.set_way(v1::BY_HUB);
  return actor;
}

}  // namespace

const Clock& SystemClock() {
  static const RealClock* const kClock = new RealClock();
  return *kClock;
}

const core::State& Turn::state() const { return sequencer_->state_; }
const core::Renderer& Turn::renderer() const { return sequencer_->renderer_; }
Sealer& Turn::sealer() { return *sequencer_->parts_.sealer; }
history::History* Turn::history() const { return sequencer_->parts_.history; }
Shredder* Turn::shredder() const { return sequencer_->parts_.shredder; }
StreamTable& Turn::streams() { return sequencer_->streams_; }
SketchBook& Turn::sketches() { return sequencer_->sketches_; }
int64_t Turn::now_ms() const { return sequencer_->Now(); }
void Turn::Release(std::function<void()> out) { sequencer_->out_.push_back(std::move(out)); }

absl::StatusOr<core::Answer> Turn::Decide(const core::Command& command, const v1::Actor& actor, std::string_view text) {
  return sequencer_->Decide(command, actor, text);
}

Sequencer::Sequencer(core::State state, const SequencerParts& parts, SequencerOptions options)
    : parts_(parts),
      options_(std::move(options)),
      state_(std::move(state)),
      renderer_(
          state_,
          [this](const v1::IncidentState& incident, const std::string& sealed) {
            return parts_.sealer->Open({incident.id(), incident.key_id()}, sealed);
          },
          parts_.past_sites) {
  const int64_t wall = parts_.clock->WallMs();
  // Log time goes on from the wall clock, unless that lies behind what is recorded: then it stands until the wall clock
  // has caught up by elapsed time, and the jump is recorded.
  base_log_ms_ = std::max(wall, state_.time_ms());
  base_mono_ms_ = parts_.clock->MonotonicMs();
  known_jump_ms_ = wall - base_log_ms_;
  started_at_ms_ = base_log_ms_;
  committed_.store(parts_.log->last_index());
  core::StartedCommand started;
  started.wall_ms = wall;
  started.outage_ms = state_.time_ms() == 0 ? 0 : std::max<int64_t>(0, wall - state_.time_ms());
  started.version = options_.version;
  // Both become the first batch, which the thread commits.
  (void)Decide(started, HubActor(), "");
  if (known_jump_ms_ < -kClockJumpMs) {
    core::ClockCommand jumped;
    jumped.wall_ms = wall;
    jumped.jump_ms = known_jump_ms_;
    (void)Decide(jumped, HubActor(), "");
  }
  if (options_.by_hand) {
    Commit();
    return;
  }
  releaser_ = std::thread([this] { RunReleaser(); });
  thread_ = std::thread([this] { Run(); });
}

Sequencer::~Sequencer() { Stop(); }

absl::Status Sequencer::Submit(Priority priority, Work work) { return SubmitFor("", priority, std::move(work)); }

absl::Status Sequencer::SubmitFor(const std::string& party, Priority priority, Work work, size_t weight) {
  std::lock_guard lock(mu_);
  if (stopping_ || failed_) {
    return core::Refuse(absl::StatusCode::kUnavailable, "STOPPING", "the hub is stopping; try again shortly",
                        "枢纽正在停机,请稍后重试", "", limits::kRetryAfterMs);
  }
  if (!queue_.Put(priority, party, weight, std::move(work))) {
    ++refused_;
    return core::Refuse(absl::StatusCode::kResourceExhausted, "OVERLOADED", "too much is waiting; try again as told",
                        "系统繁忙,请稍后重试", "", limits::kRetryAfterMs);
  }
  work_changed_.notify_one();
  return absl::OkStatus();
}

size_t Sequencer::waiting() const {
  std::lock_guard lock(mu_);
  return queue_.size();
}

int64_t Sequencer::Now() const { return base_log_ms_ + (parts_.clock->MonotonicMs() - base_mono_ms_); }

void Sequencer::Run() {
  Commit();  // that the hub has started
  size_t commands_max = limits::kBatchCommands;
  while (true) {
    std::deque<Work> works;
    {
      std::unique_lock lock(mu_);
      work_changed_.wait_for(lock, std::chrono::milliseconds(options_.tick_ms), [this] {
        return failed_ || ((stopping_ || !queue_.empty()) && in_flight_ < limits::kBatchesInFlight);
      });
      if (failed_) return;
      if (in_flight_ >= limits::kBatchesInFlight) continue;
      works = queue_.Take(commands_max);
      if (works.empty() && stopping_) break;
    }
    const auto began = std::chrono::steady_clock::now();
    RunBatch(works);
    commands_max = NextBatch(commands_max, std::chrono::steady_clock::now() - began);
  }
  // What is under way becomes durable and goes out; then nothing more comes.
  std::unique_lock lock(mu_);
  while (!failed_ && (in_flight_ > 0 || !held_.empty())) {
    work_changed_.wait_for(lock, std::chrono::milliseconds(options_.tick_ms));
    if (!options_.leads || options_.leads()) LetOut(committed_.load());
  }
}

bool Sequencer::RunOnce() {
  std::deque<Work> works;
  {
    std::lock_guard lock(mu_);
    if (failed_ || in_flight_ >= limits::kBatchesInFlight) return false;
    works = queue_.Take(limits::kBatchCommands);
  }
  RunBatch(works);
  return true;
}

size_t Sequencer::ReleaseReady() {
  std::deque<std::function<void()>> out;
  {
    std::lock_guard lock(mu_);
    out.swap(released_);
  }
  for (auto& one : out) one();
  return out.size();
}

void Sequencer::RunBatch(std::deque<Work>& works) {
  Turn turn(this);
  for (Work& work : works) {
    work(turn);
    if (batch_.size() >= limits::kBatchBytes) Commit();
  }
  Tick();
  streams_.Pump(state_, renderer_, [this](std::function<void()> out) { out_.push_back(std::move(out)); });
  Commit();
}

void Sequencer::Tick() {
  const int64_t now = Now();
  NoticeClock();
  for (int i = 0; i < kDueRecordsPerTurn && state_.site() != nullptr && state_.due().Next() <= now; ++i) {
    (void)Decide(core::DueCommand{}, HubActor(), "");
  }
  for (uint64_t id : state_.StormsDue(now, limits::kStormsPerTurn))
    (void)Decide(core::StormCommand{id}, HubActor(), "");
  for (int i = 0; i < kDueRecordsPerTurn && state_.site() != nullptr; ++i) {
    const core::ToRoute batch = core::NextToRoute(state_);
    if (batch.response_id == 0) break;
    core::RouteAgainCommand command;
    for (uint64_t id : batch.incidents) command.text[id] = renderer_.MatchText(*state_.FindIncident(id), nullptr);
    (void)Decide(command, HubActor(), "");
  }
  EraseDue(now);
  if (now < next_evict_ms_ || state_.site() == nullptr || parts_.history == nullptr) return;
  const size_t ready = state_.due().Evictable(now, limits::kEvictPerRecord).size();
  next_evict_ms_ = now + (ready == limits::kEvictPerRecord ? kEvictAgainMs : kEvictEveryMs);
  if (ready > 0) (void)Decide(core::EvictCommand{parts_.history->index()}, HubActor(), "");
}

void Sequencer::EraseDue(int64_t now_ms) {
  if (now_ms < next_erase_ms_) return;
  next_erase_ms_ = now_ms + kEraseEveryMs;
  if (state_.NextErasure() <= now_ms) (void)Decide(core::EraseDueCommand{}, HubActor(), "");
  // With the next batch of answers, since that thread may wait for a disk and this one may not.
  Shredder* const shredder = parts_.shredder;
  if (shredder != nullptr && shredder->waiting() > 0) out_.push_back([shredder] { shredder->Destroy(); });
}

void Sequencer::NoticeClock() {
  const int64_t jump = parts_.clock->WallMs() - Now();
  if (std::abs(jump - known_jump_ms_) < kClockJumpMs) return;
  known_jump_ms_ = jump;
  core::ClockCommand command;
  command.wall_ms = parts_.clock->WallMs();
  command.jump_ms = jump;
  (void)Decide(command, HubActor(), "");
}

absl::StatusOr<core::Answer> Sequencer::Decide(const core::Command& command, const v1::Actor& actor,
                                               std::string_view text) {
  core::Context context;
  context.now_ms = Now();
  context.index = state_.index() + 1;
  context.text = text;
  context.actor = actor;
  if (std::holds_alternative<core::ReportCommand>(command) || std::holds_alternative<core::OrderCommand>(command)) {
    absl::StatusOr<uint64_t> key = parts_.sealer->FreshKey();
    if (!key.ok()) return key.status();
    context.fresh_key_id = *key;
  }
  absl::StatusOr<core::Outcome> outcome = core::Decide(state_, command, context);
  if (!outcome.ok()) return outcome.status();
  if (outcome->record.has_value()) {
    v1::Record& record = *outcome->record;
    batch_.Add(record);
    for (const auto& incident : record.changes().incident()) {
      parts_.sealer->Used(incident.key_id());
      if (incident.status() != v1::OPEN) sketches_.Forget(incident.id());
    }
    for (const auto& delivery : record.changes().delivery()) streams_.PartyTouched(delivery.party());
    if (record.changes().erased_size() > 0 && parts_.shredder != nullptr) {
      // Save before act: only when the record is durable, and before whoever asked gets the answer.
      std::vector<uint64_t> keys;
      for (const auto& erased : record.changes().erased()) keys.push_back(erased.key_id());
      out_.push_back([shredder = parts_.shredder, keys = std::move(keys)] { shredder->Destroy(keys); });
    }
    state_.Apply(std::move(record));  // its changes are State's from here on
    if (watched_.load(std::memory_order_relaxed)) NoteForWatchers(record);
  }
  return std::move(outcome->answer);
}

void Sequencer::NoteForWatchers(const v1::Record& record) {
  auto event = std::make_shared<CommittedEvent>();
  event->index = record.index();
  event->time_ms = record.time_ms();
  event->what = core::WhatToken(record);
  event->evicted.assign(record.changes().evicted_incident().begin(), record.changes().evicted_incident().end());
  const std::string reader = state_.site() == nullptr ? "" : state_.site()->settings().command_party();
  std::set<uint64_t> ids(record.incident_id().begin(), record.incident_id().end());
  for (uint64_t id : ids) {
    if (const v1::IncidentState* incident = state_.FindIncident(id))
      event->incidents.push_back(renderer_.Summary(*incident, reader));
  }
  out_.push_back([this, event] {
    std::vector<std::pair<uint64_t, Watcher>> watchers;
    {
      std::lock_guard lock(mu_);
      watchers = watchers_;
    }
    for (auto& [id, watcher] : watchers) watcher(event);
  });
}

void Sequencer::Commit() {
  std::vector<std::function<void()>> out;
  out.swap(out_);
  const uint64_t seen = state_.index();
  if (batch_.empty()) {
    std::lock_guard lock(mu_);
    if (!out.empty()) held_.push_back({seen, std::move(out)});  // an answer without a record waits for what it saw
    // A record that is durable proves that this hub leads. Without one the answer could be that of a hub that was
    // replaced and does not know it, and be final for whoever gets it.
    if (!held_.empty() && (!options_.leads || options_.leads())) LetOut(committed_.load());
    return;
  }
  const uint64_t first = batch_.first_index();
  std::string bytes = batch_.Take();
  {
    std::lock_guard lock(mu_);
    held_.push_back({seen, std::move(out)});
    ++in_flight_;
  }
  const auto handed = std::chrono::steady_clock::now();
  parts_.log->Append(first, seen, std::move(bytes), [this, seen, handed](const absl::Status& status, std::string_view) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - handed;
    if (status.ok() && options_.on_synced) options_.on_synced(took.count());
    OnAppended(seen, status);
  });
}

void Sequencer::OnAppended(uint64_t last_index, const absl::Status& status) {
  if (!status.ok()) {
    {
      std::lock_guard lock(mu_);
      failed_ = true;
    }
    work_changed_.notify_one();
    if (options_.on_fatal) options_.on_fatal(status);
    return;
  }
  std::lock_guard lock(mu_);
  committed_.store(last_index, std::memory_order_release);
  --in_flight_;
  LetOut(last_index);
  work_changed_.notify_one();
}

// mu_ is held.
void Sequencer::LetOut(uint64_t index) {
  while (!held_.empty() && held_.front().index <= index) {
    std::move(held_.front().out.begin(), held_.front().out.end(), std::back_inserter(released_));
    held_.pop_front();
  }
  released_changed_.notify_one();
}

void Sequencer::RunReleaser() {
  while (true) {
    std::deque<std::function<void()>> out;
    {
      std::unique_lock lock(mu_);
      released_changed_.wait(lock, [this] { return !released_.empty() || releaser_stopping_; });
      out.swap(released_);
      if (out.empty() && releaser_stopping_) return;
    }
    for (auto& one : out) one();
  }
}

void Sequencer::Stop() {
  {
    std::lock_guard lock(mu_);
    if (stopping_) return;
    stopping_ = true;
  }
  if (options_.by_hand) return;
  work_changed_.notify_one();
  thread_.join();
  {
    std::lock_guard lock(mu_);
    releaser_stopping_ = true;
  }
  released_changed_.notify_one();
  releaser_.join();
}

uint64_t Sequencer::AddWatcher(Watcher watcher) {
  std::lock_guard lock(mu_);
  const uint64_t id = next_watcher_++;
  watchers_.emplace_back(id, std::move(watcher));
  watched_ = true;
  return id;
}

void Sequencer::RemoveWatcher(uint64_t id) {
  std::lock_guard lock(mu_);
  std::erase_if(watchers_, [id](const auto& one) { return one.first == id; });
  watched_ = !watchers_.empty();
}

}  // namespace liandong::hub
