#include "tests/simulation/hub_node.h"

#include <algorithm>
#include <utility>

#include "hub/log/records.h"
#include "hub/requests.h"

namespace liandong::sim {
namespace {

// Bugs planted into frames on their way out.
void Spoil(const World& world, v1::Deliveries* frame) {
  auto* all = frame->mutable_delivery();
  if (world.Planted("swap-two")) {
    for (int i = 0; i + 1 < all->size(); ++i) {
      if ((*all)[i].envelope().lane() == (*all)[i + 1].envelope().lane()) return all->SwapElements(i, i + 1);
    }
  } else if (world.Planted("drop-one") && all->size() > 1) {
    all->DeleteSubrange(0, 1);
  } else if (world.Planted("make-one-up")) {
    (*all)[0].mutable_envelope()->set_delivery_id((*all)[0].envelope().delivery_id() + 1'000'000);
  } else if (world.Planted("ordinary-first")) {
    std::stable_sort(all->begin(), all->end(),
                     [](const auto& a, const auto& b) { return a.envelope().lane() > b.envelope().lane(); });
  } else if (world.Planted("deaf-hotline")) {
    for (int i = all->size() - 1; i >= 0; --i) {
      if ((*all)[i].envelope().kind() == v1::FEEDBACK) all->DeleteSubrange(i, 1);
    }
  } else if (world.Planted("call-it-actual")) {
    for (auto& one : *all) one.mutable_envelope()->set_purpose(v1::ACTUAL);
  } else if (world.Planted("tell-the-phone")) {
    for (auto& one : *all) {
      for (auto& report : *one.mutable_body()->mutable_incident()->mutable_reports())
        report.set_caller_phone("13900000000");
    }
  }
}

class ClearSealer : public SimSealer {  // planted
 public:
  using SimSealer::SimSealer;
  absl::StatusOr<std::string> Seal(const hub::SealKey&, const std::string& plain) override { return plain; }
  absl::StatusOr<std::string> Open(const hub::SealKey&, const std::string& sealed) const override { return sealed; }
};

}  // namespace

void Line::Send(std::shared_ptr<const v1::Deliveries> frame) {
  if (!hub.Leaves()) return;
  v1::Deliveries sent = *frame;
  Spoil(world, &sent);
  world.Trace("frame");
  world.Trace(party);
  for (const auto& delivery : sent.delivery()) world.Trace(std::to_string(delivery.envelope().delivery_id()));
  world.Tell(&Witness::Sent, party, sent);
  frames.push_back(std::move(sent));
}

HubNode::HubNode(World* world, const v1::SiteSet& site)
    : world_(*world), site_(site), machine_(SimDisks::Get().Of("hub")) {}

absl::StatusOr<std::unique_ptr<SimLog>> HubNode::OpenLog(bool quiet) {
  SimLog::Options options;
  options.path = world_.folder + "/hub/log.db";
  options.lies_about_sync = world_.Planted("answer-before-sync");
  options.trusts_blindly = world_.Planted("blind-reading");
  if (world_.Planted("lose-the-holder") || world_.Planted("cite-nothing"))
    options.change = [this](std::string bytes) { return Changed(std::move(bytes)); };
  if (!quiet) {
    options.on_durable = [this](const std::string& bytes, const std::string& link) { TellDurable(bytes, link); };
  }
  return SimLog::Open(std::move(options));
}

void HubNode::TellDurable(const std::string& bytes, const std::string& link) {
  for (const auto& record : std::exchange(survivors_, {}))
    world_.Tell(&Witness::Durable, record.SerializeAsString(), record);
  world_.Trace(bytes);
  v1::Batch batch;
  batch.ParseFromString(bytes);
  for (const auto& record : batch.record()) {
    told_ = record.index();
    world_.Tell(&Witness::Durable, bytes, record);
  }
  told_link_ = link;
}

bool HubNode::Leaves() {
  if (failed_) return false;
  if (release_fuse_ > 0 && --release_fuse_ == 0) {
    world_.faults.Count("hub ends while it answers");
    failed_ = true;
  }
  return !failed_;
}

std::string HubNode::Changed(std::string bytes) const {
  v1::Batch batch;
  batch.ParseFromString(bytes);
  for (auto& record : *batch.mutable_record()) {
    if (!record.has_report_recorded()) continue;
    for (auto& incident : *record.mutable_changes()->mutable_incident()) {
      if (world_.Planted("lose-the-holder")) incident.clear_holder();
    }
    for (auto& duty : *record.mutable_changes()->mutable_duty()) {
      if (world_.Planted("cite-nothing")) duty.clear_clause();
    }
  }
  return batch.SerializeAsString();
}

absl::StatusOr<core::State> HubNode::Replay(SimLog& log, std::vector<v1::Record>* records) {
  core::State state(0);  // packs all after each record: whoever keeps what it found is found out
  const uint64_t last = log.last_index();
  const absl::Status read = log::ForEachRecord(log, 0, "", [&](const v1::Record& record) {
    if (world_.Planted("lose-the-tail") && record.index() == last && last > 3) return absl::OkStatus();
    records->push_back(record);
    const bool skipped = (world_.Planted("forget-acks") && record.has_acknowledged()) ||
                         (world_.Planted("skip-on-replay") && record.has_incident_corrected());
    if (skipped) {
      v1::Record bare;
      bare.set_index(record.index());
      bare.set_time_ms(record.time_ms());
      bare.mutable_hub_started();
      state.Apply(bare);
    } else {
      state.Apply(record);
    }
    if (record.has_site_set_adopted()) past_[state.site()->proto().version()] = state.shared_site();
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return state;
}

absl::Status HubNode::Start() {
  auto log = OpenLog(/*quiet=*/false);
  if (!log.ok()) return log.status();
  log_ = *std::move(log);
  std::vector<v1::Record> records;
  auto state = Replay(*log_, &records);
  if (!state.ok()) return state.status();
  survivors_.clear();
  for (const auto& record : records) {
    if (record.index() > told_) survivors_.push_back(record);
  }
  world_.Tell(&Witness::Started, *state, records);
  next_key_ = std::max(next_key_, state->next_key_id());
  sealer_ = world_.Planted("write-it-clear") ? std::make_unique<ClearSealer>(&next_key_)
                                             : std::make_unique<SimSealer>(&next_key_);
  const bool bare = state->site() == nullptr;
  started_log_ms_ = std::max(world_.clock.WallMs(), state->time_ms());
  started_at_ms_ = world_.clock.now_ms();
  hub::SequencerOptions options;
  options.by_hand = true;
  options.version = "simulation";
  options.on_fatal = [this](const absl::Status&) { failed_ = true; };
  sequencer_ = std::make_unique<hub::Sequencer>(*std::move(state),
                                                hub::SequencerParts{log_.get(), nullptr, sealer_.get(), &world_.clock,
                                                                    [this](uint64_t version) {
                                                                      auto it = past_.find(version);
                                                                      return it == past_.end() ? nullptr : it->second;
                                                                    }},
                                                options);
  (void)Submit("", hub::Priority::kBookkeeping, [this](hub::Turn& turn) { state_ = &turn.state(); });
  if (bare) Adopt(site_);
  Turn();
  return absl::OkStatus();
}

void HubNode::Crash(bool power_cut) {
  machine_.Kill();
  sequencer_.reset();
  state_ = nullptr;
  sealer_.reset();
  log_.reset();
  failed_ = false;
  release_fuse_ = -1;
  if (power_cut) return machine_.PowerOn(world_.random);
  machine_.Relaunch();
}

absl::Status HubNode::Submit(const std::string& party, hub::Priority priority, hub::Work work) {
  if (!up()) return absl::UnavailableError("the hub is down");
  return sequencer_->SubmitFor(party, priority, std::move(work));
}

void HubNode::Turn() {
  if (!up()) return;
  const bool ran = sequencer_->RunOnce();
  sequencer_->ReleaseReady();
  if (!ran || failed_ || state_ == nullptr || state_->site() == nullptr) return;
  // Log time as it must be: where it stood at the start, and what has truly passed since.
  world_.Tell(&Witness::TurnEnded, *state_, started_log_ms_ + world_.clock.now_ms() - started_at_ms_);
}

bool HubNode::Write() {
  if (log_ == nullptr || !log_->Work()) return false;
  if (up()) sequencer_->ReleaseReady();
  return true;
}

void HubNode::With(const std::function<void(const core::State&)>& look) {
  if (state_ != nullptr) look(*state_);
}

std::shared_ptr<Line> HubNode::Connect(const std::string& party, const v1::Hello& hello) {
  auto line = std::make_shared<Line>(&world_, this, party);
  const absl::Status taken = Submit(party, hub::Priority::kAct, [line, hello](hub::Turn& turn) {
    if (line->gone) return;
    v1::Welcome welcome;
    auto id = turn.streams().Attach(turn.state(), line->party, hello, line, &welcome);
    if (id.ok()) line->stream = *id;
    line->refused = !id.ok();
  });
  line->refused = line->refused || !taken.ok();
  return line;
}

void HubNode::Disconnect(const std::shared_ptr<Line>& line) {
  (void)Submit("", hub::Priority::kBookkeeping, [line](hub::Turn& turn) {
    line->gone = true;
    if (line->stream != 0) turn.streams().Detach(line->stream);
  });
}

void HubNode::Adopt(const v1::SiteSet& site) {
  v1::Actor actor;
  actor.set_party("command");
  (void)Submit("", hub::Priority::kAct, [this, work = hub::AdoptWork(actor, site, [](auto) {})](hub::Turn& turn) {
    work(turn);
    if (turn.state().site() != nullptr) past_[turn.state().site()->proto().version()] = turn.state().shared_site();
  });
}

void HubNode::TryFlippedBit() {
  const Machine::Image whole = machine_.Keep();
  if (!machine_.FlipBit("log.db", world_.random)) return;
  world_.faults.Count("bit flipped");
  std::vector<v1::Record> records;
  absl::Status read;
  {
    auto log = OpenLog(/*quiet=*/true);
    read = log.status();
    if (read.ok()) {
      read = log::ForEachRecord(**log, 0, "", [&](const v1::Record& record) {
        records.push_back(record);
        return absl::OkStatus();
      });
    }
    // As the hub does when it starts: what history holds must be in the log.
    if (read.ok() && told_ > 0) {
      const absl::Status rests =
          (*log)->Read(told_, told_link_, [](const log::CommittedBatch&) { return absl::CancelledError("checked"); });
      if (!rests.ok() && !absl::IsCancelled(rests)) read = rests;
    }
    machine_.Kill();
  }
  machine_.PutBack(whole);
  world_.Tell(&Witness::Flipped, read, records);
}

}  // namespace liandong::sim
