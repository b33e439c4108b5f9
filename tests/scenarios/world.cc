#include "tests/scenarios/world.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/check.h"
#include "hub/core/decide.h"
#include "hub/core/responses.h"
#include "hub/core/storm.h"
#include "hub/core/suggest.h"

namespace liandong::scenarios {

World::World(const v1::SiteSet& site) {
  core::AdoptCommand adopt;
  adopt.site = site;
  const auto adopted = Do(adopt, "command");
  LIANDONG_CHECK(adopted.ok(), std::string(adopted.status().message()).c_str());
}

absl::StatusOr<core::Answer> World::Do(const core::Command& command, const std::string& party, const std::string& text,
                                       const std::string& told_by) {
  core::Context context;
  context.now_ms = now_ms_;
  context.index = state_.index() + 1;
  context.fresh_key_id = next_key_;
  context.text = text;
  context.actor.set_party(party);
  context.actor.set_told_by(told_by);
  absl::StatusOr<core::Outcome> outcome = core::Decide(state_, command, context);
  if (!outcome.ok()) return outcome.status();
  core::Answer answer = outcome->answer;
  Keep(*std::move(outcome));
  RouteAgain();
  StoreDeliveries();
  return answer;
}

// What a response asks to be routed again, as the hub does between other work.
void World::RouteAgain() {
  while (true) {
    const core::ToRoute batch = core::NextToRoute(state_);
    if (batch.response_id == 0) return;
    core::RouteAgainCommand command;
    for (uint64_t id : batch.incidents) command.text[id] = text_of_ ? text_of_(id) : "";
    core::Context context;
    context.now_ms = now_ms_;
    context.index = state_.index() + 1;
    context.actor.set_party("hub");
    absl::StatusOr<core::Outcome> outcome = core::Decide(state_, command, context);
    LIANDONG_CHECK(outcome.ok(), std::string(outcome.status().message()).c_str());
    Keep(*std::move(outcome));
  }
}

void World::Keep(core::Outcome outcome) {
  if (!outcome.record.has_value()) return;
  // What history says of an incident that is erased long after it left memory.
  for (const auto& erased : outcome.record->changes().erased()) {
    auto past = history_.find(erased.incident_id());
    if (past != history_.end()) past->second.mutable_incident(0)->set_erased_at_ms(outcome.record->time_ms());
  }
  state_.Apply(v1::Record(*outcome.record));  // moved from; CheckReplay copies, and both must come to the same
  next_key_ = state_.next_key_id();
  records_.push_back(*std::move(outcome.record));
  const absl::Status invariants = state_.Check();
  LIANDONG_CHECK(invariants.ok(), std::string(invariants.message()).c_str());
}

void World::StoreDeliveries() {
  // Storing one message may send the next (what waited for it), so look again until nothing is left.
  for (bool again = true; again;) {
    again = false;
    std::vector<std::pair<std::string, uint64_t>> waiting;
    for (const auto& [party, book] : state_.parties()) {
      if (silent_.count(party) > 0) continue;
      for (v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
        for (uint64_t sequence : book.lane(lane).unreceived)
          waiting.emplace_back(party, book.lane(lane).queued.at(sequence));
      }
    }
    for (const auto& [party, delivery] : waiting) {
      core::AckCommand ack;
      ack.ack.set_delivery_id(delivery);
      ack.ack.set_state(v1::RECEIVED);
      core::Context context;
      context.now_ms = now_ms_;
      context.index = state_.index() + 1;
      context.actor.set_party(party);
      absl::StatusOr<core::Outcome> outcome = core::Decide(state_, ack, context);
      LIANDONG_CHECK(outcome.ok(), std::string(outcome.status().message()).c_str());
      Keep(*std::move(outcome));
      again = true;
    }
  }
}

void World::BeforeReport(const std::string& party, const v1::Report& report) {
  const uint64_t begins = core::StormBegins(state_, party, report, now_ms_);
  if (begins != 0) (void)Do(core::StormCommand{begins}, "hub");
}

void World::AfterReport(uint64_t incident_id, const std::string& text) {
  v1::SealedPart sealed;
  sealed.set_description(text);
  sketches_[incident_id].push_back(core::SketchOf(sealed));
  core::SuggestCommand command;
  command.incident_id = incident_id;
  for (uint64_t id : core::Candidates(state_, incident_id)) {
    core::Likeness likeness{id};
    for (const core::Sketch& one : sketches_[incident_id]) {
      for (const core::Sketch& other : sketches_[id])
        likeness.words_percent = std::max(likeness.words_percent, core::WordsAlike(one, other));
    }
    command.likeness.push_back(likeness);
  }
  if (!command.likeness.empty()) (void)Do(command, "hub");
}

void World::SetListening(const std::string& party, bool listens) {
  if (listens) {
    silent_.erase(party);
    StoreDeliveries();
  } else {
    silent_.insert(party);
  }
}

int64_t World::NextMs() const { return std::min({state_.due().Next(), state_.NextStorm(), state_.NextErasure()}); }

void World::RunTo(int64_t ms) {
  const int64_t until = kStartMs + ms;
  while (NextMs() <= until) {
    now_ms_ = std::max(now_ms_, NextMs());
    for (uint64_t id : state_.StormsDue(now_ms_, SIZE_MAX)) (void)Do(core::StormCommand{id}, "hub");
    if (state_.due().Next() <= now_ms_) (void)Do(core::DueCommand{}, "hub");
    if (state_.NextErasure() <= now_ms_) (void)Do(core::EraseDueCommand{}, "hub");
  }
  now_ms_ = std::max(now_ms_, until);
}

void World::OutageUntil(int64_t ms) {
  core::StartedCommand started;
  started.outage_ms = kStartMs + ms - now_ms_;
  now_ms_ = kStartMs + ms;
  started.wall_ms = now_ms_;
  (void)Do(started, "hub");
}

absl::Status World::Forget() {
  state_.incidents().Ascend([&](uint64_t id, const v1::IncidentState& incident) {
    v1::Changes& kept = history_[id];
    kept.Clear();
    *kept.add_incident() = incident;
    for (uint64_t duty : incident.duty()) *kept.add_duty() = *state_.FindDuty(duty);
    for (const v1::DeliveryState* delivery : state_.DeliveriesOf(id)) *kept.add_delivery() = *delivery;
    for (const v1::ReportState* report : state_.ReportsOf(id)) *kept.add_report() = *report;
  });
  return Do(core::EvictCommand{state_.index()}, "hub").status();
}

absl::Status World::Recall(uint64_t incident_id) {
  return Do(core::RecallCommand{history_.at(incident_id), "REPORT"}, "hub").status();
}

void World::ClockJump() {
  core::ClockCommand command;
  command.jump_ms = 3'600'000;
  command.wall_ms = now_ms_ + command.jump_ms;
  (void)Do(command, "hub");
}

absl::Status World::CheckReplay() const {
  core::State replayed;
  for (const v1::Record& record : records_) replayed.Apply(record);
  if (replayed.CanonicalBytes() != state_.CanonicalBytes())
    return absl::InternalError("folding the records again gives another State");
  absl::StatusOr<core::State> restored = core::State::FromSnapshot(state_.ToSnapshot());
  if (!restored.ok()) return restored.status();
  if (restored->CanonicalBytes() != state_.CanonicalBytes())
    return absl::InternalError("a snapshot gives another State");
  if (!(restored->due() == state_.due())) return absl::InternalError("a snapshot loses deadlines");
  return restored->Check();
}

}  // namespace liandong::scenarios
