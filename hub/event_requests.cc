// One event, many calls, and reports upward: what needs clear text, as work for the sequencer.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/statutory.h"
#include "hub/core/storm.h"
#include "hub/core/suggest.h"
#include "hub/requests.h"

namespace liandong::hub {
namespace {

v1::Actor HubActor() {
  v1::Actor actor;
  actor.set_party("hub");
  actor.set_way(v1::BY_HUB);
  return actor;
}

// The likest pair of words and the nearest pair of places among the reports of both.
core::Likeness Compare(uint64_t incident_id, const std::vector<core::Sketch>& a, const std::vector<core::Sketch>& b) {
  core::Likeness out{incident_id};
  for (const core::Sketch& one : a) {
    for (const core::Sketch& other : b) {
      out.words_percent = std::max(out.words_percent, core::WordsAlike(one, other));
      const double metres = core::MetresApart(one, other);
      if (metres >= 0 && (out.distance_m < 0 || metres < out.distance_m)) out.distance_m = metres;
    }
  }
  return out;
}

absl::Status FieldBounds(const v1::UpwardFields& fields) {
  for (const std::string* text : {&fields.unit_profile(), &fields.place(), &fields.scene(), &fields.course(),
                                  &fields.measures(), &fields.other(), &fields.progress()}) {
    if (text->size() <= limits::kNoteBytes) continue;
    return core::Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                        absl::StrCat("a text of the report has more than ", limits::kNoteBytes, " bytes"),
                        "报送内容单项超出长度上限", "fields");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ActionReply> FileUpward(Turn& turn, const v1::Actor& by, v1::FileUpwardReportRequest request) {
  if (auto s = FieldBounds(request.fields()); !s.ok()) return s;
  core::FileUpwardCommand command;
  command.present = core::PresentFields(request.fields());
  // Sealed under the key of the incident whose duty it is: that of the one they live on in, or its own.
  if (const v1::IncidentState* incident = turn.state().Root(request.incident_id())) {
    absl::StatusOr<std::string> sealed =
        turn.sealer().Seal({incident->id(), incident->key_id()}, request.fields().SerializeAsString());
    if (!sealed.ok()) return sealed.status();
    command.sealed_fields = *std::move(sealed);
  }
  const v1::Counts counts = request.fields().counts();
  request.clear_fields();
  *request.mutable_fields()->mutable_counts() = counts;
  command.request = std::move(request);
  absl::StatusOr<core::Answer> answer = turn.Decide(command, by);
  if (!answer.ok()) return answer.status();
  return std::get<v1::ActionReply>(*std::move(answer));
}

template <typename Act>
Work Doing(v1::Actor actor, Done<v1::ActionReply> done, Act act) {
  return [actor = std::move(actor), done = std::move(done), act = std::move(act)](Turn& turn) mutable {
    turn.streams().NoteHeard(actor.party(), turn.now_ms());
    absl::StatusOr<v1::ActionReply> answer = act(turn, actor);
    turn.Release([done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
  };
}

}  // namespace

void MaybeBeginStorm(Turn& turn, const std::string& party, const v1::Report& report) {
  const uint64_t begins = core::StormBegins(turn.state(), party, report, turn.now_ms());
  if (begins != 0) (void)turn.Decide(core::StormCommand{begins}, HubActor());
}

void SuggestMerges(Turn& turn, uint64_t incident_id) {
  const std::vector<uint64_t> candidates = core::Candidates(turn.state(), incident_id);
  if (candidates.empty()) return;
  core::SuggestCommand command;
  command.incident_id = incident_id;
  // Copied: the book may let go of it while it opens the others.
  const std::vector<core::Sketch> own = turn.sketches().Of(turn.state(), turn.renderer(), incident_id);
  for (uint64_t id : candidates)
    command.likeness.push_back(Compare(id, own, turn.sketches().Of(turn.state(), turn.renderer(), id)));
  (void)turn.Decide(command, HubActor());
}

Work DismissWork(v1::Actor actor, v1::DismissSuggestionRequest request, Done<v1::ActionReply> done) {
  return Doing(std::move(actor), std::move(done),
               [request = std::move(request)](Turn& turn, const v1::Actor& by) -> absl::StatusOr<v1::ActionReply> {
                 absl::StatusOr<core::Answer> answer = turn.Decide(core::DismissCommand{request}, by);
                 if (!answer.ok()) return answer.status();
                 return std::get<v1::ActionReply>(*std::move(answer));
               });
}

Work FileUpwardWork(v1::Actor actor, v1::FileUpwardReportRequest request, Done<v1::ActionReply> done) {
  return Doing(std::move(actor), std::move(done), [request = std::move(request)](Turn& turn, const v1::Actor& by) {
    return FileUpward(turn, by, request);
  });
}

}  // namespace liandong::hub
