// Erasing by a person, and legal holds, as work for the sequencer. Free of gRPC.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/history/history.h"
#include "hub/requests.h"

namespace liandong::hub {
namespace {

// What the decision is about must be in memory. With a value: it is not and need not be, its key is destroyed already.
absl::StatusOr<std::optional<v1::ActionReply>> BringBack(Turn& turn, uint64_t incident_id) {
  if (turn.state().FindIncident(incident_id) != nullptr || turn.history() == nullptr) return std::nullopt;
  absl::StatusOr<std::optional<v1::IncidentState>> past = turn.history()->FindIncident(incident_id);
  if (!past.ok()) return past.status();
  if (!past->has_value()) return std::nullopt;
  if ((*past)->erased_at_ms() != 0) {
    v1::ActionReply reply;
    reply.set_incident_id(incident_id);
    reply.set_incident_revision((*past)->revision());
    reply.set_log_index(turn.state().index());
    return reply;
  }
  if (auto status = Recall(turn, incident_id, "COMMAND"); !status.ok()) return status;
  return std::nullopt;
}

absl::StatusOr<v1::ActionReply> Erase(Turn& turn, const v1::Actor& by, const v1::EraseIncidentRequest& request) {
  absl::StatusOr<std::optional<v1::ActionReply>> done = BringBack(turn, request.incident_id());
  if (!done.ok()) return done.status();
  if (done->has_value()) return **std::move(done);
  absl::StatusOr<core::Answer> answer = turn.Decide(core::EraseCommand{request}, by);
  if (!answer.ok()) return answer.status();
  return std::get<v1::ActionReply>(*std::move(answer));
}

absl::StatusOr<v1::ActionReply> Hold(Turn& turn, const v1::Actor& by, const v1::SetLegalHoldRequest& request) {
  absl::StatusOr<std::optional<v1::ActionReply>> done = BringBack(turn, request.incident_id());
  if (!done.ok()) return done.status();
  if (done->has_value()) return core::RefuseErased(request.incident_id());
  absl::StatusOr<core::Answer> answer = turn.Decide(core::HoldCommand{request}, by);
  if (!answer.ok()) return answer.status();
  return std::get<v1::ActionReply>(*std::move(answer));
}

absl::Status NotDestroyed(size_t keys) {
  return core::Refuse(absl::StatusCode::kUnavailable, "NOT_DESTROYED",
                      absl::StrCat("it is recorded, but ", keys,
                                   " keys could not be destroyed yet; the hub tries again, look at its disk"),
                      absl::StrCat("已记录,但尚有 ", keys, " 个密钥未能销毁,枢纽将重试,请检查磁盘"), "",
                      limits::kRetryAfterMs);
}

}  // namespace

Work EraseWork(v1::Actor actor, v1::EraseIncidentRequest request, Done<v1::ActionReply> done) {
  return [actor = std::move(actor), request = std::move(request), done = std::move(done)](Turn& turn) mutable {
    turn.streams().NoteHeard(actor.party(), turn.now_ms());
    absl::StatusOr<v1::ActionReply> answer = Erase(turn, actor, request);
    // Behind the destruction that the record has put in line.
    turn.Release([done = std::move(done), answer = std::move(answer), shredder = turn.shredder()]() mutable {
      const size_t waiting = shredder == nullptr ? 0 : shredder->waiting();
      if (answer.ok() && waiting > 0) answer = NotDestroyed(waiting);
      done(std::move(answer));
    });
  };
}

Work HoldWork(v1::Actor actor, v1::SetLegalHoldRequest request, Done<v1::ActionReply> done) {
  return [actor = std::move(actor), request = std::move(request), done = std::move(done)](Turn& turn) mutable {
    turn.streams().NoteHeard(actor.party(), turn.now_ms());
    absl::StatusOr<v1::ActionReply> answer = Hold(turn, actor, request);
    turn.Release([done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
  };
}

}  // namespace liandong::hub
