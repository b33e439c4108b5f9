#include "hub/service/desk_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/service/past.h"
#include "hub/service/timeline.h"

namespace liandong::service {
namespace {

// Hands `job` to a worker; when none takes it, `done` gets the refusal.
template <typename Reply>
void OnWorker(const Parts& parts, const hub::Done<Reply>& done, std::function<void()> job) {
  if (auto status = parts.workers->Run(std::move(job)); !status.ok()) done(status);
}

// ---- Lists

bool Wanted(const v1::ListIncidentsRequest& request, const v1::IncidentState& incident) {
  if (!request.include_closed() && incident.status() != v1::OPEN) return false;
  if (request.purpose() != v1::PURPOSE_UNSPECIFIED && incident.purpose() != request.purpose()) return false;
  if (!request.holder().empty() && incident.holder() != request.holder()) return false;
  return absl::StartsWith(incident.division(), request.division());
}

uint32_t LimitOf(const v1::ListIncidentsRequest& request) {
  return request.limit() == 0 ? limits::kListDefault : std::min(request.limit(), limits::kListMax);
}

// One page out of memory, newest first.
v1::ListIncidentsReply ListMemory(const hub::Turn& turn, const std::string& reader,
                                  const v1::ListIncidentsRequest& request) {
  v1::ListIncidentsReply reply;
  reply.set_log_index(turn.state().index());
  const auto add = [&](uint64_t, const v1::IncidentState& incident) {
    if (!Wanted(request, incident)) return true;
    if (static_cast<uint32_t>(reply.incident_size()) >= LimitOf(request)) {
      reply.set_more(true);
      return false;
    }
    *reply.add_incident() = turn.renderer().Summary(incident, reader);
    return true;
  };
  if (request.before_incident_id() == 0) {
    turn.state().incidents().Descend(add);
  } else {
    turn.state().incidents().DescendBelow(request.before_incident_id(), add);
  }
  return reply;
}

// The page of memory with what only history has, newest first.
absl::StatusOr<v1::ListIncidentsReply> WithHistory(const Parts& parts, const Caller& caller,
                                                   const v1::ListIncidentsRequest& request,
                                                   v1::ListIncidentsReply memory) {
  // History is then no older than the page of memory, so it cannot show what memory has just seen change.
  if (!parts.history->WaitForIndex(memory.log_index(), absl::Milliseconds(limits::kHistoryWaitMs))) {
    return core::Refuse(absl::StatusCode::kUnavailable, "HISTORY_BEHIND",
                        "history is catching up with the log; try again as told", "历史库正在追赶日志,请稍后重试", "",
                        limits::kRetryAfterMs);
  }
  history::IncidentFilter filter;
  filter.purpose = request.purpose();
  filter.division_prefix = request.division();
  filter.holder = request.holder();
  const uint32_t limit = LimitOf(request);
  auto states = parts.history->ListIncidents(filter, request.before_incident_id(), limit + 1);
  if (!states.ok()) return states.status();
  std::vector<uint64_t> only_past;
  for (const auto& state : *states) {
    const bool in_memory = std::any_of(memory.incident().begin(), memory.incident().end(), [&](const auto& summary) {
      return summary.incident().incident_id() == state.id();
    });
    if (!in_memory) only_past.push_back(state.id());
  }
  if (!only_past.empty()) {
    auto past = LoadPast(*parts.history, caller.site(), only_past);
    if (!past.ok()) return past.status();
    const core::Renderer renderer(*past, parts.open);
    for (uint64_t id : only_past) *memory.add_incident() = renderer.Summary(*past->FindIncident(id), caller.party());
  }
  std::sort(memory.mutable_incident()->begin(), memory.mutable_incident()->end(),
            [](const auto& a, const auto& b) { return a.incident().incident_id() > b.incident().incident_id(); });
  if (static_cast<uint32_t>(memory.incident_size()) > limit) {
    memory.mutable_incident()->DeleteSubrange(limit, memory.incident_size() - limit);
    memory.set_more(true);
  }
  return memory;
}

// ---- One incident

// What a reader gets of one incident, out of memory or history alike.
struct Shown {
  v1::ShowIncidentReply reply;
  TimelineOf timeline;
  bool bare = false;  // secret from this reader: no duties, no timeline, no decisions
};

Shown ShowOf(const core::State& state, const core::Renderer& renderer, const v1::IncidentState& incident,
             const std::string& reader) {
  Shown out;
  const core::Disclosure disclosure = renderer.DisclosureFor(reader, incident);
  *out.reply.mutable_incident() = renderer.View(incident, disclosure, limits::kReportsShownToDesk);
  out.bare = incident.secret() && disclosure.fields.empty() && reader != incident.first_party();
  if (out.bare) return out;
  auto add = [&](const v1::IncidentState& one) {
    out.timeline.keys.push_back(one);
    for (uint64_t id : one.duty()) {
      if (const v1::DutyState* duty = state.FindDuty(id))
        *out.reply.add_duty() = core::LineOf(state, *duty, state.time_ms());
    }
  };
  add(incident);
  if (const auto dispute = core::DisputeOf(incident)) *out.reply.mutable_dispute() = *dispute;
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = state.FindIncident(id)) add(*younger);
  }
  AddSuggestions(state, renderer, reader, incident.id(), limits::kListDefault,
                 [&] { return out.reply.add_suggestion(); });
  out.timeline.incident_id = incident.id();
  out.timeline.notes = disclosure.has(v1::DESCRIPTION);
  return out;
}

absl::StatusOr<Shown> ShowPast(const Parts& parts, const Caller& caller, uint64_t incident_id) {
  auto past = LoadPast(*parts.history, caller.site(), {incident_id});
  if (!past.ok()) return past.status();
  const core::Renderer renderer(*past, parts.open);
  return ShowOf(*past, renderer, *past->FindIncident(incident_id), caller.party());
}

// Finds the incident in memory, else in history, and goes on with `then` on a worker.
template <typename Reply>
absl::Status FindAndGoOn(const Parts& parts, const Caller& caller, uint64_t incident_id, hub::Done<Reply> done,
                         std::function<absl::StatusOr<Reply>(const Caller&, Shown, uint64_t index)> then) {
  return parts.sequencer->SubmitFor(
      caller.party(), hub::Priority::kAct, [&parts, caller, incident_id, done, then](hub::Turn& turn) {
        auto shown = std::make_shared<std::optional<Shown>>();
        const uint64_t index = turn.state().index();
        if (const v1::IncidentState* incident = turn.state().FindIncident(incident_id))
          *shown = ShowOf(turn.state(), turn.renderer(), *incident, caller.party());
        turn.Release([&parts, caller, incident_id, done, then, shown, index] {
          OnWorker<Reply>(parts, done, [&parts, caller, incident_id, done, then, shown, index] {
            if (!shown->has_value()) {
              absl::StatusOr<Shown> past = ShowPast(parts, caller, incident_id);
              if (!past.ok()) return done(past.status());
              *shown = *std::move(past);
            }
            done(then(caller, *std::move(*shown), index));
          });
        });
      });
}

}  // namespace

absl::Status DeskReader::List(const Caller& caller, const v1::ListIncidentsRequest& request,
                              hub::Done<v1::ListIncidentsReply> done) {
  return parts_.sequencer->SubmitFor(
      caller.party(), hub::Priority::kAct, [this, caller, request, done](hub::Turn& turn) {
        auto reply = std::make_shared<v1::ListIncidentsReply>(ListMemory(turn, caller.party(), request));
        turn.Release([this, caller, request, done, reply] {
          if (!request.include_closed()) return done(std::move(*reply));
          OnWorker<v1::ListIncidentsReply>(parts_, done, [this, caller, request, done, reply] {
            done(WithHistory(parts_, caller, request, std::move(*reply)));
          });
        });
      });
}

absl::Status DeskReader::Show(const Caller& caller, const v1::ShowIncidentRequest& request,
                              hub::Done<v1::ShowIncidentReply> done) {
  return FindAndGoOn<v1::ShowIncidentReply>(
      parts_, caller, request.incident_id(), std::move(done),
      [this](const Caller& reader, Shown shown, uint64_t index) -> absl::StatusOr<v1::ShowIncidentReply> {
        shown.reply.set_log_index(index);
        if (shown.bare) return std::move(shown.reply);
        auto records = RecordsOf(parts_, shown.timeline.incident_id, index);
        if (!records.ok()) return records.status();
        AddTimeline(parts_, reader.site(), shown.timeline, *records, &shown.reply);
        return std::move(shown.reply);
      });
}

absl::Status DeskReader::Explain(const Caller& caller, const v1::ExplainIncidentRequest& request,
                                 hub::Done<v1::ExplainIncidentReply> done) {
  return FindAndGoOn<v1::ExplainIncidentReply>(
      parts_, caller, request.incident_id(), std::move(done),
      [this, id = request.incident_id()](const Caller& reader, Shown shown,
                                         uint64_t index) -> absl::StatusOr<v1::ExplainIncidentReply> {
        if (shown.bare) {
          return core::Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
                              absl::StrCat("incident ", id, " is secret; only its handler reads it"),
                              absl::StrCat("事件 ", id, " 为涉密件,仅限指定承办单位"), "incident_id");
        }
        auto records = RecordsOf(parts_, id, index);
        if (!records.ok()) return records.status();
        v1::ExplainIncidentReply reply;
        reply.set_log_index(index);
        AddDecisions(parts_, reader.site(), id, *records, &reply);
        return reply;
      });
}

// Who is on which post now: a party's own posts, all of them for the command centre.
absl::Status DeskReader::Posts(const Caller& caller, const v1::ListPostsRequest&, hub::Done<v1::ListPostsReply> done) {
  return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct,
                                     [caller, done = std::move(done)](hub::Turn& turn) {
                                       v1::ListPostsReply reply;
                                       reply.set_log_index(turn.state().index());
                                       const routing::Site& site = *turn.state().site();
                                       const bool all = caller.party() == site.settings().command_party();
                                       for (const v1::Post& post : site.proto().post()) {
                                         if (all || post.party() == caller.party())
                                           *reply.add_post() = core::LineOf(turn.state(), site, post, turn.now_ms());
                                       }
                                       turn.Release([done, reply]() mutable { done(std::move(reply)); });
                                     });
}

}  // namespace liandong::service
