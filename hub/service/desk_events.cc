// What the desk reads of suggestions, of reports upward, and of figures over the past.
#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/stats.h"
#include "hub/core/statutory.h"
#include "hub/core/suggest.h"
#include "hub/service/desk_reader.h"
#include "hub/service/past.h"

namespace liandong::service {
namespace {

uint32_t LimitOf(uint32_t asked) { return asked == 0 ? limits::kListDefault : std::min(asked, limits::kListMax); }

bool Due(const v1::UpwardReport& report) {
  return report.status() == v1::DUTY_OPEN || report.status() == v1::DUTY_REFUSED;
}

// What is due first; what is made last, in order.
void SortByDeadline(v1::ListUpwardReportsReply* reply) {
  std::stable_sort(reply->mutable_report()->begin(), reply->mutable_report()->end(),
                   [](const v1::UpwardReport& a, const v1::UpwardReport& b) {
                     if (Due(a) != Due(b)) return Due(a);
                     const int64_t x = a.rule().due_ms(), y = b.rule().due_ms();
                     return Due(a) && (x == 0) != (y == 0) ? y == 0 : x < y;
                   });
}

void AddReports(const core::State& state, const core::Renderer& renderer, const v1::IncidentState& incident,
                const std::string& reader, bool due_only, v1::ListUpwardReportsReply* reply) {
  if (incident.secret() && reader != incident.holder() && reader != incident.first_party()) return;
  for (v1::UpwardReport& report : core::UpwardReports(state, renderer, incident)) {
    if (!due_only || Due(report)) *reply->add_report() = std::move(report);
  }
}

absl::StatusOr<v1::ListUpwardReportsReply> UpwardOfPast(const Parts& parts, const Caller& caller,
                                                        uint64_t incident_id) {
  auto past = LoadPast(*parts.history, caller.site(), {incident_id});
  if (!past.ok()) return past.status();
  v1::ListUpwardReportsReply reply;
  AddReports(*past, core::Renderer(*past, parts.open), *past->Root(incident_id), caller.party(), false, &reply);
  SortByDeadline(&reply);
  return reply;
}

absl::StatusOr<v1::StatsReply> StatsOf(const Parts& parts, const Caller& caller, const v1::StatsRequest& request,
                                       uint64_t index, int64_t now_ms) {
  if (!parts.history->WaitForIndex(index, absl::Milliseconds(limits::kHistoryWaitMs))) {
    return core::Refuse(absl::StatusCode::kUnavailable, "HISTORY_BEHIND",
                        "history is catching up with the log; try again as told", "历史库正在追赶日志,请稍后重试", "",
                        limits::kRetryAfterMs);
  }
  core::Stats stats(caller.site(), now_ms);
  const absl::Status visited =
      parts.history->VisitIncidents(v1::ACTUAL, request.from_ms(), request.until_ms(),
                                    [&](const v1::IncidentState& incident, const std::vector<v1::DutyState>& duties) {
                                      stats.Add(incident, duties);
                                    });
  if (!visited.ok()) return visited;
  const uint32_t ids = request.ids_max() == 0 ? limits::kStatsIds : std::min(request.ids_max(), limits::kStatsIdsMax);
  v1::StatsReply reply = stats.Reply(ids);
  reply.set_log_index(index);
  reply.set_from_ms(request.from_ms());
  reply.set_until_ms(request.until_ms());
  return reply;
}

}  // namespace

absl::Status DeskReader::Suggestions(const Caller& caller, const v1::ListSuggestionsRequest& request,
                                     hub::Done<v1::ListSuggestionsReply> done) {
  return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct, [caller, request, done](hub::Turn& turn) {
    auto reply = std::make_shared<v1::ListSuggestionsReply>();
    AddSuggestions(turn.state(), turn.renderer(), caller.party(), request.incident_id(), LimitOf(request.limit()),
                   [&] { return reply->add_suggestion(); });
    reply->set_log_index(turn.state().index());
    turn.Release([done, reply] { done(std::move(*reply)); });
  });
}

void AddSuggestions(const core::State& state, const core::Renderer& renderer, const std::string& reader,
                    uint64_t incident_id, size_t max, const std::function<v1::SuggestionLine*()>& add) {
  for (const core::PairSuggested& pair : core::OpenSuggestions(state, incident_id, max)) {
    v1::SuggestionLine* line = add();
    line->set_older(pair.suggestion->other());
    line->set_younger(pair.younger);
    *line->mutable_suggestion() = *pair.suggestion;
    core::Words words = core::ExplainSuggestion(*pair.suggestion);
    line->set_text(std::move(words.zh));
    line->set_text_en(std::move(words.en));
    auto view = [&](uint64_t id) {
      const v1::IncidentState& incident = *state.FindIncident(id);
      return renderer.View(incident, renderer.DisclosureFor(reader, incident), /*reports_max=*/0);
    };
    *line->mutable_older_view() = view(line->older());
    *line->mutable_younger_view() = view(line->younger());
  }
}

absl::Status DeskReader::UpwardReports(const Caller& caller, const v1::ListUpwardReportsRequest& request,
                                       hub::Done<v1::ListUpwardReportsReply> done) {
  return parts_.sequencer->SubmitFor(
      caller.party(), hub::Priority::kAct, [this, caller, request, done](hub::Turn& turn) {
        auto reply = std::make_shared<v1::ListUpwardReportsReply>();
        const core::State& state = turn.state();
        const v1::IncidentState* root = state.Root(request.incident_id());
        if (request.incident_id() == 0) {
          std::set<uint64_t> incidents;
          for (uint64_t duty : state.upward_due()) {
            if (incidents.size() >= LimitOf(request.limit())) break;
            incidents.insert(state.Root(state.FindDuty(duty)->incident_id())->id());
          }
          for (uint64_t id : incidents)
            AddReports(state, turn.renderer(), *state.FindIncident(id), caller.party(), /*due_only=*/true, reply.get());
        } else if (root != nullptr) {
          AddReports(state, turn.renderer(), *root, caller.party(), /*due_only=*/false, reply.get());
        }
        SortByDeadline(reply.get());
        const bool past = request.incident_id() != 0 && root == nullptr;
        reply->set_log_index(state.index());
        turn.Release([this, caller, request, done, reply, past] {
          if (!past) return done(std::move(*reply));
          const auto job = [this, caller, request, done] { done(UpwardOfPast(parts_, caller, request.incident_id())); };
          if (auto status = parts_.workers->Run(job); !status.ok()) done(status);
        });
      });
}

absl::Status DeskReader::Stats(const Caller& caller, const v1::StatsRequest& request, hub::Done<v1::StatsReply> done) {
  if (request.from_ms() < 0 || request.until_ms() <= request.from_ms()) {
    return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "until_ms: must lie after from_ms",
                        "统计终止时间须晚于起始时间", "until_ms");
  }
  return parts_.sequencer->SubmitFor(caller.party(), hub::Priority::kAct,
                                     [this, caller, request, done](hub::Turn& turn) {
                                       const uint64_t index = turn.state().index();
                                       const int64_t now_ms = turn.now_ms();
                                       turn.Release([this, caller, request, done, index, now_ms] {
                                         const auto job = [this, caller, request, done, index, now_ms] {
                                           done(StatsOf(parts_, caller, request, index, now_ms));
                                         };
                                         if (auto status = parts_.workers->Run(job); !status.ok()) done(status);
                                       });
                                     });
}

}  // namespace liandong::service
