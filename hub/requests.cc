#include "hub/requests.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/history/history.h"
#include "security/crypto.h"

namespace liandong::hub {
namespace {

v1::Actor HubActor() {
  v1::Actor actor;
  actor.set_party("hub");
  actor.set_way(v1::BY_HUB);
  return actor;
}

SealKey KeyFor(const v1::IncidentState& incident) { return {incident.id(), incident.key_id()}; }

// Every incident gets its number once, without a gap: as many in memory as were given out means that none has left.
bool NothingLeftMemory(const core::State& state) { return state.incidents().size() + 1 == state.next_incident_id(); }

}  // namespace

absl::Status Recall(Turn& turn, uint64_t incident_id, std::string why) {
  if (turn.state().FindIncident(incident_id) != nullptr) return absl::OkStatus();
  core::RecallCommand command;
  command.why = std::move(why);
  std::set<uint64_t> wanted = {incident_id}, loaded;
  while (!wanted.empty()) {
    const uint64_t id = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!loaded.insert(id).second || turn.state().FindIncident(id) != nullptr) continue;
    absl::StatusOr<v1::Changes> changes = turn.history()->LoadIncident(id);
    if (!changes.ok()) return changes.status();
    for (const auto& incident : changes->incident()) {
      // Erased a moment ago: history has not come to that record yet.
      if (incident.erased_at_ms() == 0 && turn.state().erased_keys().Contains(incident.key_id())) {
        return core::Refuse(absl::StatusCode::kUnavailable, "HISTORY_BEHIND",
                            "history is catching up with the log; try again as told", "历史库正在追赶日志,请稍后重试",
                            "", limits::kRetryAfterMs);
      }
      if (incident.merged_into() != 0) wanted.insert(incident.merged_into());
      wanted.insert(incident.merged().begin(), incident.merged().end());
    }
    command.changes.MergeFrom(*changes);
  }
  return turn.Decide(command, HubActor()).status();
}

namespace {

// Makes sure that what the report may belong to is in memory, so that a late retry never becomes a second incident.
absl::Status RecallFor(Turn& turn, const std::string& party, const v1::Report& report) {
  const core::State& state = turn.state();
  if (turn.history() == nullptr || NothingLeftMemory(state) || core::Locate(state, party, report).incident_id != 0)
    return absl::OkStatus();
  absl::StatusOr<std::optional<v1::ReportState>> known = turn.history()->FindReport(party, report.external_id());
  if (!known.ok()) return known.status();
  if (known->has_value()) {
    // A system that sends all its old records anew must not bring back each incident only to hear that it is erased.
    const uint64_t id = (*known)->incident_id();
    absl::StatusOr<std::optional<v1::IncidentState>> incident = turn.history()->FindIncident(id);
    if (!incident.ok()) return incident.status();
    if (incident->has_value() && (*incident)->erased_at_ms() != 0) return core::RefuseErased(id);
    return Recall(turn, id, "REPORT");
  }
  // A reference to something that has ended joins nothing: it is closed, and what is told now is new.
  return absl::OkStatus();
}

SealKey KeyForReport(Turn& turn, const core::Location& location, uint64_t fresh_key) {
  const v1::IncidentState* incident = turn.state().FindIncident(location.incident_id);
  if (incident == nullptr) return {turn.state().next_incident_id(), fresh_key};
  return KeyFor(*incident);
}

absl::StatusOr<v1::Receipt> Report(Turn& turn, const v1::Actor& actor, v1::Report& report) {
  const std::string& party = actor.party();
  if (turn.state().site() != nullptr) {
    if (auto s = RecallFor(turn, party, report); !s.ok()) return s;
  }
  MaybeBeginStorm(turn, party, report);
  const core::Location location = core::Locate(turn.state(), party, report);
  absl::StatusOr<uint64_t> fresh = turn.sealer().FreshKey();
  if (!fresh.ok()) return fresh.status();
  const SealKey key = KeyForReport(turn, location, *fresh);

  core::ReportCommand command;
  absl::StatusOr<std::string> mac = turn.sealer().ContentMac(key, report);
  if (!mac.ok()) return mac.status();
  command.content_mac = *std::move(mac);
  absl::StatusOr<std::string> sealed = turn.sealer().Seal(key, report.sealed().SerializeAsString());
  if (!sealed.ok()) return sealed.status();
  command.sealed = *std::move(sealed);
  std::string text = core::MatchText(report.sealed());
  const v1::IncidentState* root = turn.state().Root(location.incident_id);
  // A flood's own earlier words have had their effect; opening thousands of them for each call would end it.
  if (root != nullptr && !root->has_storm()) {
    const core::ReportKey own(party, report.external_id());
    absl::StrAppend(&text, "\n", turn.renderer().MatchText(*root, &own));
  }
  const core::Sketch sketch = core::SketchOf(report.sealed());
  command.classes = core::ClassesOf(report.sealed());
  command.report = std::move(report);
  command.report.clear_sealed();
  absl::StatusOr<core::Answer> answer = turn.Decide(command, actor, text);
  if (!answer.ok()) return answer.status();
  v1::Receipt receipt = std::get<v1::Receipt>(*std::move(answer));
  if (receipt.outcome() == v1::NEW_INCIDENT) turn.sketches().Put(receipt.incident_id(), sketch);
  if (receipt.outcome() == v1::REVISED) turn.sketches().Forget(receipt.incident_id());
  if (receipt.outcome() == v1::NEW_INCIDENT || receipt.outcome() == v1::REVISED)
    SuggestMerges(turn, receipt.incident_id());
  return receipt;
}

v1::AckReply Rejected(const Turn& turn, const v1::Acknowledgment& ack, const absl::Status& status) {
  v1::AckReply reply;
  reply.set_delivery_id(ack.delivery_id());
  reply.set_state(ack.state());
  reply.set_outcome(v1::REJECTED);
  *reply.mutable_error() = core::DetailOf(status);
  reply.set_message(std::string(status.message()));
  reply.set_log_index(turn.state().index());
  return reply;
}

// An acknowledgment for something that has left memory: everything there was RECEIVED and has ended.
absl::StatusOr<v1::AckReply> AckOfThePast(Turn& turn, const std::string& party, const v1::Acknowledgment& ack) {
  const bool given_out = ack.delivery_id() > 0 && ack.delivery_id() < turn.state().next_delivery_id();
  if (turn.history() == nullptr || !given_out || turn.state().FindDelivery(ack.delivery_id()) != nullptr)
    return absl::NotFoundError("");
  absl::StatusOr<std::optional<v1::DeliveryState>> past = turn.history()->FindDelivery(ack.delivery_id());
  if (!past.ok()) return past.status();
  if (!past->has_value() || (*past)->party() != party) return absl::NotFoundError("");
  // Sent again on a stream whose cursor lay behind, then left memory: it must not hold that stream's window for ever.
  turn.streams().Acknowledged(party, ack.delivery_id());
  if (ack.state() != v1::RECEIVED) {
    return Rejected(
        turn, ack,
        core::Refuse(absl::StatusCode::kFailedPrecondition, "INCIDENT_CLOSED",
                     absl::StrCat("incident ", (*past)->incident_id(), " has ended"), "该事件已结束", "delivery_id"));
  }
  v1::AckReply reply;
  reply.set_delivery_id(ack.delivery_id());
  reply.set_state(ack.state());
  reply.set_outcome(v1::ALREADY_DONE);
  reply.set_log_index(turn.state().index());
  return reply;
}

// A reason outside the site's words is free text and may name somebody: it goes where notes go, under the incident's
// key.
void SealReason(const core::State& state, v1::Acknowledgment& ack) {
  static constexpr std::string_view kOurWords[] = {"VERIFIED",         "FALSE_ALARM",      "EXERCISE_NOT_CARRIED",
                                                   "PURPOSE_MISMATCH", "NO_OUTBOUND_RULE", "OTHER"};
  const std::string& reason = ack.reason();
  if (reason.empty() || std::find(std::begin(kOurWords), std::end(kOurWords), reason) != std::end(kOurWords)) return;
  if (state.site() != nullptr) {
    const auto& words = state.site()->settings().reason_word();
    if (std::find(words.begin(), words.end(), reason) != words.end()) return;
  }
  ack.set_note(ack.note().empty() ? reason : absl::StrCat(reason, "\n", ack.note()));
  ack.set_reason("OTHER");
}

v1::AckReply Acknowledge(Turn& turn, v1::Actor actor, v1::Acknowledgment& ack) {
  if (auto s = core::CheckAcknowledgment(ack); !s.ok()) return Rejected(turn, ack, s);
  SealReason(turn.state(), ack);
  if (absl::StatusOr<v1::AckReply> past = AckOfThePast(turn, actor.party(), ack);
      past.ok() || !absl::IsNotFound(past.status())) {
    return past.ok() ? *std::move(past) : Rejected(turn, ack, past.status());
  }
  const std::string party = actor.party();
  if (ack.has_actor()) {
    actor.set_person(ack.actor().person());
    actor.set_role(ack.actor().role());
    actor.set_told_by(ack.actor().told_by());
    if (ack.actor().way() != v1::WAY_UNSPECIFIED && ack.actor().way() != v1::BY_HUB) actor.set_way(ack.actor().way());
  }
  core::AckCommand command;
  std::string text;
  const v1::DeliveryState* delivery = turn.state().FindDelivery(ack.delivery_id());
  const v1::IncidentState* incident =
      delivery == nullptr ? nullptr : turn.state().FindIncident(delivery->incident_id());
  if (incident != nullptr && delivery->party() == party) {
    absl::StatusOr<std::string> note = turn.sealer().Seal(KeyFor(*incident), ack.note());
    if (!note.ok()) return Rejected(turn, ack, note.status());
    command.sealed_note = *std::move(note);
    // A verify duty's answer may route again.
    if (ack.reason() == "VERIFIED") text = turn.renderer().MatchText(*turn.state().Root(incident->id()), nullptr);
  }
  command.ack = std::move(ack);
  command.ack.clear_note();
  absl::StatusOr<core::Answer> answer = turn.Decide(command, actor, text);
  turn.streams().Acknowledged(party, command.ack.delivery_id());
  if (!answer.ok()) return Rejected(turn, command.ack, answer.status());
  return std::get<v1::AckReply>(*std::move(answer));
}

// Free text, a transfer's reason for example: sealed under the incident's key.
absl::StatusOr<std::string> SealFor(Turn& turn, uint64_t incident_id, const std::string& text) {
  const v1::IncidentState* incident = turn.state().FindIncident(incident_id);
  if (incident == nullptr) return std::string();
  return turn.sealer().Seal(KeyFor(*incident), text);
}

absl::Status TextBound(const std::string& text, std::string_view field) {
  if (text.size() <= limits::kNoteBytes) return absl::OkStatus();
  return core::Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                      absl::StrCat(std::string(field), " has more than ", limits::kNoteBytes, " bytes"),
                      "文字超出长度上限", field);
}

template <typename T>
absl::StatusOr<T> As(absl::StatusOr<core::Answer> answer) {
  if (!answer.ok()) return answer.status();
  return std::get<T>(*std::move(answer));
}

std::string TextOf(Turn& turn, uint64_t incident_id) {
  const v1::IncidentState* root = turn.state().Root(incident_id);
  return root == nullptr ? "" : turn.renderer().MatchText(*root, nullptr);
}

// Runs `act` and hands its answer out when it is durable.
template <typename T, typename Act>
Work Doing(v1::Actor actor, Done<T> done, Act act) {
  return [actor = std::move(actor), done = std::move(done), act = std::move(act)](Turn& turn) mutable {
    turn.streams().NoteHeard(actor.party(), turn.now_ms());
    absl::StatusOr<T> answer = act(turn, actor);
    turn.Release([done = std::move(done), answer = std::move(answer)]() mutable { done(std::move(answer)); });
  };
}

// For acts that the core decides as they are asked.
template <typename Command, typename Request, typename Reply>
Work Deciding(v1::Actor actor, Request request, Done<Reply> done) {
  return Doing<Reply>(std::move(actor), std::move(done),
                      [request = std::move(request)](Turn& turn, const v1::Actor& by) {
                        return As<Reply>(turn.Decide(Command{request}, by));
                      });
}

}  // namespace

Work ReportWork(v1::Actor actor, v1::Report report, Done<v1::Receipt> done) {
  return Doing<v1::Receipt>(
      std::move(actor), std::move(done),
      [report = std::move(report)](Turn& turn, const v1::Actor& by) mutable { return Report(turn, by, report); });
}

size_t WeightOf(const v1::AcknowledgeRequest& request) {
  return 1 + static_cast<size_t>(request.acknowledgment_size()) / limits::kAcksPerWeight;
}

Work AcknowledgeWork(v1::Actor actor, v1::AcknowledgeRequest request, Done<v1::AcknowledgeReply> done) {
  return Doing<v1::AcknowledgeReply>(
      std::move(actor), std::move(done),
      [request = std::move(request)](Turn& turn, const v1::Actor& by) mutable -> absl::StatusOr<v1::AcknowledgeReply> {
        if (request.acknowledgment_size() > limits::kAcksPerRequest) {
          return core::Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                              absl::StrCat("at most ", limits::kAcksPerRequest, " acknowledgments a message"),
                              "一次回执过多", "acknowledgment");
        }
        v1::AcknowledgeReply reply;
        for (auto& ack : *request.mutable_acknowledgment()) *reply.add_reply() = Acknowledge(turn, by, ack);
        return reply;
      });
}

Work TransferWork(v1::Actor actor, v1::TransferRequest request, bool by_desk, Done<v1::ActionReply> done) {
  return Doing<v1::ActionReply>(
      std::move(actor), std::move(done),
      [request = std::move(request), by_desk](Turn& turn, const v1::Actor& by) -> absl::StatusOr<v1::ActionReply> {
        if (auto s = TextBound(request.reason(), "reason"); !s.ok()) return s;
        absl::StatusOr<std::string> sealed = SealFor(turn, request.incident_id(), request.reason());
        if (!sealed.ok()) return sealed.status();
        core::TransferCommand command{request.incident_id(), request.to(), *std::move(sealed), by_desk, request.way()};
        return As<v1::ActionReply>(turn.Decide(command, by));
      });
}

Work CloseWork(v1::Actor actor, v1::CloseRequest request, bool by_desk, bool cancel, Done<v1::ActionReply> done) {
  return Doing<v1::ActionReply>(std::move(actor), std::move(done), [=](Turn& turn, const v1::Actor& by) {
    return As<v1::ActionReply>(
        turn.Decide(core::CloseCommand{request.incident_id(), request.reason(), by_desk, cancel}, by));
  });
}

Work CorrectWork(v1::Actor actor, v1::CorrectIncidentRequest request, Done<v1::ActionReply> done) {
  return Doing<v1::ActionReply>(
      std::move(actor), std::move(done), [request = std::move(request)](Turn& turn, const v1::Actor& by) {
        return As<v1::ActionReply>(turn.Decide(core::CorrectCommand{request}, by, TextOf(turn, request.incident_id())));
      });
}

Work VerifyWork(v1::Actor actor, uint64_t incident_id, v1::Verification verification, std::string reason,
                Done<v1::ActionReply> done) {
  return Doing<v1::ActionReply>(std::move(actor), std::move(done), [=](Turn& turn, const v1::Actor& by) {
    return As<v1::ActionReply>(
        turn.Decide(core::VerifyCommand{incident_id, verification, reason}, by, TextOf(turn, incident_id)));
  });
}

Work OrderWork(v1::Actor actor, v1::OrderPartiesRequest request, Done<v1::OrderPartiesReply> done) {
  return Doing<v1::OrderPartiesReply>(
      std::move(actor), std::move(done),
      [request = std::move(request)](Turn& turn, const v1::Actor& by) mutable -> absl::StatusOr<v1::OrderPartiesReply> {
        if (request.text().empty()) {
          return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "text: an order needs words",
                              "指令内容不能为空", "text");
        }
        if (auto s = TextBound(request.text(), "text"); !s.ok()) return s;
        SealKey key;
        if (request.incident_id() == 0) {
          absl::StatusOr<uint64_t> fresh = turn.sealer().FreshKey();
          if (!fresh.ok()) return fresh.status();
          key = {turn.state().next_incident_id(), *fresh};
        } else if (const v1::IncidentState* incident = turn.state().FindIncident(request.incident_id())) {
          key = KeyFor(*incident);
        }
        core::OrderCommand command;
        if (key.key_id != 0) {
          absl::StatusOr<std::string> sealed = turn.sealer().Seal(key, request.text());
          if (!sealed.ok()) return sealed.status();
          command.sealed_text = *std::move(sealed);
        }
        command.request = std::move(request);
        command.request.clear_text();
        return As<v1::OrderPartiesReply>(turn.Decide(command, by));
      });
}

Work ReassignWork(v1::Actor actor, v1::ReassignRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::ReassignCommand>(std::move(actor), std::move(request), std::move(done));
}

Work MergeWork(v1::Actor actor, v1::MergeRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::MergeCommand>(std::move(actor), std::move(request), std::move(done));
}

Work SplitWork(v1::Actor actor, v1::SplitRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::SplitCommand>(std::move(actor), std::move(request), std::move(done));
}

Work CorrectAckWork(v1::Actor actor, v1::CorrectAcknowledgmentRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::CorrectAckCommand>(std::move(actor), std::move(request), std::move(done));
}

Work AssignWork(v1::Actor actor, v1::AssignIncidentRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::AssignCommand>(std::move(actor), std::move(request), std::move(done));
}
Work ReviewWork(v1::Actor actor, v1::ReviewReturnRequest request, Done<v1::ActionReply> done) {
  return Deciding<core::ReviewCommand>(std::move(actor), std::move(request), std::move(done));
}
Work StartResponseWork(v1::Actor actor, v1::StartResponseRequest request, Done<v1::ResponseReply> done) {
  return Deciding<core::StartResponseCommand>(std::move(actor), std::move(request), std::move(done));
}
Work AdjustResponseWork(v1::Actor actor, v1::AdjustResponseRequest request, Done<v1::ResponseReply> done) {
  return Deciding<core::AdjustResponseCommand>(std::move(actor), std::move(request), std::move(done));
}
Work EndResponseWork(v1::Actor actor, v1::EndResponseRequest request, Done<v1::ResponseReply> done) {
  return Deciding<core::EndResponseCommand>(std::move(actor), std::move(request), std::move(done));
}
Work HandOverWork(v1::Actor actor, v1::HandOverPostRequest request, Done<v1::HandOverPostReply> done) {
  return Deciding<core::HandOverCommand>(std::move(actor), std::move(request), std::move(done));
}

Work AcknowledgeForWork(v1::Actor actor, v1::AcknowledgeForRequest request, Done<v1::AckReply> done) {
  return Doing<v1::AckReply>(
      std::move(actor), std::move(done),
      [request = std::move(request)](Turn& turn, const v1::Actor& by) -> absl::StatusOr<v1::AckReply> {
        v1::Acknowledgment ack = request.acknowledgment();
        if (request.duty_id() != 0) {
          const v1::DutyState* duty = turn.state().FindDuty(request.duty_id());
          if (duty == nullptr || ack.delivery_id() != 0) {
            return core::Refuse(
                absl::StatusCode::kNotFound, "UNKNOWN_DUTY",
                absl::StrCat("there is no open duty ", request.duty_id(), ", or a delivery is named too"),
                "没有该任务,或同时写了投递编号", "duty_id");
          }
          ack.set_delivery_id(duty->first_delivery());
        }
        if (auto s = core::CheckAcknowledgment(ack); !s.ok()) return s;
        SealReason(turn.state(), ack);
        core::AckCommand command;
        command.for_another = true;
        std::string text;
        const v1::DeliveryState* delivery = turn.state().FindDelivery(ack.delivery_id());
        if (delivery != nullptr && delivery->incident_id() != 0) {
          absl::StatusOr<std::string> note = SealFor(turn, delivery->incident_id(), ack.note());
          if (!note.ok()) return note.status();
          command.sealed_note = *std::move(note);
          if (ack.reason() == "VERIFIED") text = TextOf(turn, delivery->incident_id());
        }
        command.ack = std::move(ack);
        command.ack.clear_note();
        return As<v1::AckReply>(turn.Decide(command, by, text));
      });
}

Work NoteWork(v1::Actor actor, v1::AddNoteRequest request, Done<v1::ActionReply> done) {
  return Doing<v1::ActionReply>(
      std::move(actor), std::move(done),
      [request = std::move(request)](Turn& turn, const v1::Actor& by) -> absl::StatusOr<v1::ActionReply> {
        if (request.text().empty()) {
          return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "text: a note needs words",
                              "备注内容不能为空", "text");
        }
        if (auto s = TextBound(request.text(), "text"); !s.ok()) return s;
        absl::StatusOr<std::string> sealed = SealFor(turn, request.incident_id(), request.text());
        if (!sealed.ok()) return sealed.status();
        return As<v1::ActionReply>(turn.Decide(core::NoteCommand{request.incident_id(), *std::move(sealed)}, by));
      });
}

Work AdoptWork(v1::Actor actor, v1::SiteSet site, Done<v1::AdoptSiteSetReply> done) {
  return Doing<v1::AdoptSiteSetReply>(std::move(actor), std::move(done),
                                      [site = std::move(site)](Turn& turn, const v1::Actor& by) {
                                        core::AdoptCommand command;
                                        command.content_hash = security::Sha256(site.SerializeAsString());
                                        command.site = site;
                                        return As<v1::AdoptSiteSetReply>(turn.Decide(command, by));
                                      });
}

}  // namespace liandong::hub
