#include "tests/scenarios/script.h"

#include <algorithm>
#include <functional>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/core/decide.h"
#include "hub/core/errors.h"
#include "hub/core/print.h"
#include "tests/scenarios/desk_acts.h"
#include "tests/scenarios/erasure_lines.h"
#include "tests/scenarios/event_lines.h"
#include "tests/scenarios/linkage_acts.h"
#include "tests/scenarios/words.h"
#include "tests/scenarios/world.h"

namespace liandong::scenarios {
namespace {

struct Told {
  std::string party;
  v1::Report report;
  std::string text;
  uint64_t incident_id = 0;
  v1::ReportOutcome outcome = v1::REPORT_OUTCOME_UNSPECIFIED;
};

bool Cites(const v1::DutyState& duty, const std::string& clause) {
  return std::any_of(duty.clause().begin(), duty.clause().end(),
                     [&](const auto& ref) { return absl::StrCat(ref.agreement(), "/", ref.clause()) == clause; });
}

class Player {
 public:
  explicit Player(const v1::SiteSet& site) : world_(site) {
    world_.SetTexts([this](uint64_t incident_id) {
      std::string text;
      for (const auto& [name, one] : told_) {
        if (one.incident_id == incident_id) absl::StrAppend(&text, one.text, "\n");
      }
      return text;
    });
  }

  absl::Status Line(const std::string& line) {
    Words words(line);
    if (words.empty()) return absl::OkStatus();
    if (words.Took("at")) {
      const auto at = Words::Duration(words.Take());
      if (!at.has_value()) return absl::InvalidArgumentError("a time like 5s, 10m or 2h belongs after \"at\"");
      if (words.Peek() != "hub" || !world_.IsRestart(line)) world_.RunTo(*at);
      return Event(words, *at);
    }
    if (words.Took("expect")) return Expect(words);
    return absl::InvalidArgumentError("a line begins with \"at\", \"expect\" or \"#\"");
  }

  absl::Status End() { return world_.CheckReplay(); }

  const std::vector<v1::Record>& records() const { return world_.records(); }

  std::string Story() const {
    std::string out;
    for (const v1::Record& record : world_.records()) {
      absl::StrAppend(&out, "  +", (record.time_ms() - World::kStartMs) / 1000, "s ", core::WhatToken(record), " ",
                      core::InWords(record, world_.state().site()).en, "\n");
    }
    return out;
  }

 private:
  static std::string Party(const std::string& word) {
    static const auto* const kShort = new std::map<std::string, std::string>{{"110", "police-110"},
                                                                             {"12345", "hotline-12345"},
                                                                             {"119", "fire-119"},
                                                                             {"120", "medical-120"},
                                                                             {"desk", "command"}};
    auto it = kShort->find(word);
    return it == kShort->end() ? word : it->second;
  }

  absl::Status Event(Words& words, int64_t at_ms) {
    const std::string who = Party(words.Take());
    const std::string verb = words.Take();
    last_ = absl::OkStatus();
    if (who == "hub" && verb == "restarts") {
      world_.OutageUntil(at_ms);
      return absl::OkStatus();
    }
    if (who == "hub" && verb == "forgets") return world_.Forget();
    if (who == "hub" && verb == "recalls") return world_.Recall(IncidentOf(words.Take()));
    if (who == "hub" && verb == "notices") return world_.ClockJump(), absl::OkStatus();
    if (verb == "passes" || who == "nothing") return absl::OkStatus();
    if (verb == "reports" || verb == "revises" || verb == "repeats") return Report(who, verb, words);
    if (verb == "falls") return world_.SetListening(who, false), absl::OkStatus();
    if (verb == "answers") return world_.SetListening(who, true), absl::OkStatus();
    if (const auto state = AckOf(verb); state != v1::ACK_STATE_UNSPECIFIED) return Acknowledge(who, state, words);
    return Act(who, verb, words);
  }

  absl::Status Report(const std::string& who, const std::string& verb, Words& words) {
    Told told;
    std::string name;
    if (verb == "reports") {
      told.party = who;
      told.text = words.Take();
      words.Took("as");
      name = words.Take();
      told.report.set_external_id(name);
      told.report.mutable_open()->set_purpose(v1::ACTUAL);
    } else {
      name = words.Take();
      told = told_.at(name);
    }
    if (verb == "revises") told.report.set_revision(told.report.revision() + 1);
    while (!words.empty()) {
      if (auto s = Detail(told, words); !s.ok()) return s;
    }
    core::Normalize(&told.report);
    const core::ReportCommand command = CommandOf(told.report, told.text);
    world_.BeforeReport(who, told.report);
    const core::Location location = core::Locate(world_.state(), who, told.report);
    std::string text = told.text;
    for (const auto& [other, one] : told_) {
      if (other != name && one.incident_id != 0 && one.incident_id == location.incident_id)
        absl::StrAppend(&text, "\n", one.text);
    }
    const auto answer = world_.Do(command, who, text);
    if (!answer.ok()) return last_ = answer.status(), absl::OkStatus();
    const auto& receipt = std::get<v1::Receipt>(*answer);
    told.incident_id = receipt.incident_id();
    told.outcome = receipt.outcome();
    told_[name] = told;
    if (told.outcome == v1::NEW_INCIDENT || told.outcome == v1::REVISED)
      world_.AfterReport(told.incident_id, told.text);
    return absl::OkStatus();
  }

  absl::Status Detail(Told& told, Words& words) {
    v1::OpenPart& open = *told.report.mutable_open();
    const std::string word = words.Take();
    if (word == "category") return open.set_category(words.Take()), absl::OkStatus();
    if (word == "in") return open.set_division(Division(words.Take())), absl::OkStatus();
    if (word == "from") return open.set_channel(words.Take()), absl::OkStatus();
    if (word == "saying") return told.text = words.Take(), absl::OkStatus();
    if (word == "secret") return open.set_secret(true), absl::OkStatus();
    if (word == "device") return open.set_device_alarm(true), absl::OkStatus();
    if (word == "exercise") return open.set_purpose(v1::EXERCISE), absl::OkStatus();
    if (word == "danger") return open.set_danger_to_life(words.Take() == "yes" ? v1::YES : v1::NO), absl::OkStatus();
    if (word == "revision") return told.report.set_revision(Number(words.Take())), absl::OkStatus();
    if (word == "injured") return open.mutable_counts()->set_injured(Number(words.Take())), absl::OkStatus();
    if (word == "dead") return open.mutable_counts()->set_dead(Number(words.Take())), absl::OkStatus();
    if (word == "stage") {
      v1::Stage stage;
      if (!v1::Stage_Parse(words.Take(), &stage))
        return absl::InvalidArgumentError("stage is WARNING, PREVENTION, RESPONSE or RECOVERY");
      return open.set_stage(stage), absl::OkStatus();
    }
    if (word == "severity") {
      v1::Severity severity;
      if (!v1::Severity_Parse(words.Take(), &severity))
        return absl::InvalidArgumentError("severity is GENERAL, LARGE, MAJOR or EXTREME");
      return open.set_severity(severity), absl::OkStatus();
    }
    if (word == "naming") {
      v1::ExternalRef* ref = open.add_references();
      ref->set_party(Party(words.Take()));
      ref->set_external_id(words.Take());
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(absl::StrCat("\"", word, "\" is no detail of a report"));
  }

  static v1::AckState AckOf(const std::string& verb) {
    static const auto* const kVerbs = new std::map<std::string, v1::AckState>{
        {"stores", v1::RECEIVED},     {"sees", v1::SEEN},
        {"accepts", v1::ACCEPTED},    {"partly-accepts", v1::PARTIALLY_ACCEPTED},
        {"refuses", v1::REFUSED},     {"defers", v1::DEFERRED},
        {"departs", v1::EN_ROUTE},    {"arrives", v1::ON_SCENE},
        {"completes", v1::COMPLETED}, {"progresses", v1::PROGRESS}};
    auto it = kVerbs->find(verb);
    return it == kVerbs->end() ? v1::ACK_STATE_UNSPECIFIED : it->second;
  }

  // The newest delivery to the party about the incident that can be answered.
  uint64_t DeliveryTo(const std::string& party, uint64_t incident_id) const {
    uint64_t newest = 0;
    for (const v1::DeliveryState* delivery : world_.state().DeliveriesOf(incident_id)) {
      if (delivery->party() != party || delivery->kind() == v1::FEEDBACK || delivery->kind() == v1::CANCEL) continue;
      newest = std::max(newest, delivery->id());
    }
    return newest;
  }

  absl::Status Acknowledge(const std::string& who, v1::AckState state, Words& words) {
    const std::string name = words.Take();
    core::AckCommand command;
    command.ack.set_delivery_id(DeliveryTo(who, IncidentOf(name)));
    command.ack.set_state(state);
    std::string told_by;
    while (!words.empty()) {
      const std::string word = words.Take();
      if (word == "because")
        command.ack.set_reason(words.Take());
      else if (word == "unit")
        command.ack.set_unit(words.Take());
      else if (word == "until")
        command.ack.set_deferred_until_ms(World::kStartMs + *Words::Duration(words.Take()));
      else if (word == "by-telephone")
        told_by = words.Take();
      else if (word == "rescued")
        command.ack.mutable_counts()->set_rescued(Number(words.Take()));
      else
        return absl::InvalidArgumentError(absl::StrCat("\"", word, "\" is no detail of an acknowledgment"));
    }
    if (auto s = core::CheckAcknowledgment(command.ack); !s.ok()) return last_ = s, absl::OkStatus();
    command.for_another = !told_by.empty();
    const auto answer = world_.Do(command, command.for_another ? "command" : who, told_.at(name).text, told_by);
    if (!answer.ok()) return last_ = answer.status(), absl::OkStatus();
    ack_outcome_ = std::get<v1::AckReply>(*answer).outcome();
    return absl::OkStatus();
  }

  absl::Status Act(const std::string& who, const std::string& verb, Words& words) {
    const bool desk = who == "command";
    absl::StatusOr<core::Answer> answer;
    if (verb == "transfers") {
      const uint64_t id = IncidentOf(words.Take());
      words.Took("to");
      core::TransferCommand command{id, Party(words.Take()), "", desk};
      if (words.Took("by")) command.way = WayOf(words.Take());
      answer = world_.Do(command, who);
    } else if (verb == "closes" || verb == "cancels") {
      const uint64_t id = IncidentOf(words.Take());
      words.Took("because");
      answer = world_.Do(core::CloseCommand{id, words.Take(), desk, verb == "cancels"}, who);
    } else if (verb == "verifies") {
      const std::string name = words.Take();
      answer = world_.Do(core::VerifyCommand{IncidentOf(name), v1::VERIFIED, ""}, who, told_.at(name).text);
    } else if (verb == "corrects") {
      const std::string name = words.Take();
      core::CorrectCommand command;
      command.request.set_incident_id(IncidentOf(name));
      command.request.set_reason("更正");
      if (words.Took("category")) command.request.set_category(words.Take());
      if (words.Took("in")) command.request.set_division(Division(words.Take()));
      answer = world_.Do(command, who, told_.at(name).text);
    } else if (verb == "orders") {
      core::OrderCommand command;
      const std::string to = words.Take();
      if (to == "townships")
        command.request.set_all_townships(true);
      else
        command.request.add_party(Party(to));
      command.sealed_text = words.Take();
      command.request.set_given_by("值班领导");
      command.request.set_purpose(v1::ACTUAL);
      if (words.Took("about")) command.request.set_incident_id(IncidentOf(words.Take()));
      std::string as;
      if (words.Took("as")) as = words.Take();
      answer = world_.Do(command, who);
      if (answer.ok() && !as.empty()) told_[as].incident_id = std::get<v1::OrderPartiesReply>(*answer).incident_id();
    } else if (auto event = EventAct(world_, who, verb, words, named_)) {
      answer = *std::move(event);
    } else if (auto desk_act = DeskAct(world_, AsNames(), who, verb, words); desk_act.has_value()) {
      answer = *std::move(desk_act);
    } else if (auto erasure = ErasureAct(world_, AsNames(), who, verb, words); erasure.has_value()) {
      answer = *std::move(erasure);
    } else if (auto linkage = LinkageAct(world_, AsNames(), who, verb, words); linkage.has_value()) {
      answer = *std::move(linkage);
    } else {
      return absl::InvalidArgumentError(absl::StrCat("\"", verb, "\" is nothing that a party does"));
    }
    if (!answer.ok()) last_ = answer.status();
    return absl::OkStatus();
  }

  absl::Status Expect(Words& words);

  Names AsNames() const {
    return {&Party, [this](const std::string& name) { return IncidentOf(name); },
            [this](const std::string& party, uint64_t id) { return DutyId(party, id); }};
  }

  static uint64_t Number(const std::string& word) {
    uint64_t number = 0;
    return absl::SimpleAtoi(word, &number) ? number : 0;
  }

  std::string Division(const std::string& word) const {
    const v1::Party* town = world_.state().site()->FindParty(word);
    return town == nullptr ? word : town->division();
  }

  uint64_t IncidentOf(const std::string& name) const {
    auto it = told_.find(name);
    return it == told_.end() ? 0 : it->second.incident_id;
  }

  const v1::DutyState* DutyOf(const std::string& party, uint64_t incident_id) const {
    const v1::DutyState* newest = nullptr;
    const v1::IncidentState* incident = world_.state().FindIncident(incident_id);
    if (incident == nullptr) return nullptr;
    for (uint64_t id : incident->duty()) {
      const v1::DutyState* duty = world_.state().FindDuty(id);
      if (duty->party() == party) newest = duty;
    }
    return newest;
  }

  uint64_t DutyId(const std::string& party, uint64_t incident_id) const {
    const v1::DutyState* duty = DutyOf(party, incident_id);
    return duty == nullptr ? 0 : duty->id();
  }

  // How many deliveries of this kind went to the party about the incident.
  int Count(const std::string& party, uint64_t incident_id, v1::DeliveryKind kind) const {
    int count = 0;
    for (const v1::Record& record : world_.records()) {
      for (const auto& delivery : record.changes().delivery()) {
        const bool fresh = delivery.received_at_ms() == 0 && delivery.queued_at_ms() == record.time_ms();
        if (fresh && delivery.party() == party && delivery.kind() == kind &&
            (incident_id == 0 || delivery.incident_id() == incident_id) &&
            counted_.insert({record.index(), delivery.id()}).second) {
          ++count;
        }
      }
    }
    counted_.clear();
    return count;
  }

  bool Heard(const std::string& party, uint64_t incident_id, const std::string& what) const {
    for (const v1::Record& record : world_.records()) {
      for (const auto& delivery : record.changes().delivery()) {
        if (delivery.party() != party || delivery.incident_id() != incident_id) continue;
        for (const auto& note : delivery.feedback()) {
          if (note.what() == what || v1::AckState_Name(note.state()) == what) return true;
        }
      }
    }
    return false;
  }

  static absl::Status Differs(std::string_view wanted, std::string_view found) {
    return absl::FailedPreconditionError(
        absl::StrCat("expected ", std::string(wanted), ", found ", std::string(found)));
  }

  World world_;
  const IncidentNamed named_ = [this](const std::string& name) { return IncidentOf(name); };
  std::map<std::string, Told> told_;
  absl::Status last_;
  v1::AckOutcome ack_outcome_ = v1::ACK_OUTCOME_UNSPECIFIED;
  mutable std::set<std::pair<uint64_t, uint64_t>> counted_;
};

absl::Status Player::Expect(Words& words) {
  if (words.Took("refused")) {
    const std::string wanted = words.Take();
    if (last_.ok()) return Differs(absl::StrCat("a refusal with ", wanted), "it was taken");
    const std::string found = core::DetailOf(last_).reason();
    return found == wanted ? absl::OkStatus()
                           : Differs(wanted, absl::StrCat(found, ": ", std::string(last_.message())));
  }
  if (!last_.ok()) return Differs("the last act to be taken", std::string(last_.message()));
  if (words.Took("already")) {
    return ack_outcome_ == v1::ALREADY_DONE ? absl::OkStatus()
                                            : Differs("ALREADY_DONE", v1::AckOutcome_Name(ack_outcome_));
  }
  if (words.Took("holder")) {
    words.Took("of");
    const v1::IncidentState* incident = world_.state().FindIncident(IncidentOf(words.Take()));
    words.Took("is");
    const std::string wanted = Party(words.Take());
    const std::string found = incident == nullptr ? "no incident" : incident->holder();
    return found == wanted ? absl::OkStatus() : Differs(wanted, found);
  }
  if (words.Took("outcome")) {
    words.Took("of");
    const Told& told = told_.at(words.Take());
    words.Took("is");
    const std::string wanted = words.Take();
    const std::string found = v1::ReportOutcome_Name(told.outcome);
    return found == wanted ? absl::OkStatus() : Differs(wanted, found);
  }
  if (auto erasure = ErasureExpect(world_, words, named_)) return *erasure;
  const std::string first = words.Take();
  if (told_.count(first) > 0) {  // expect r1 is|in|with|verification ...
    const v1::IncidentState* incident = world_.state().FindIncident(IncidentOf(first));
    if (incident == nullptr) return Differs("an incident", "none in memory");
    if (auto event = EventExpect(world_, incident->id(), words, named_)) return *event;
    if (words.Took("with")) {
      const uint64_t other = IncidentOf(words.Take());
      return other == incident->id() ? absl::OkStatus() : Differs("one incident", "two");
    }
    if (words.Took("apart")) {
      words.Took("from");
      return IncidentOf(words.Take()) != incident->id() ? absl::OkStatus() : Differs("two incidents", "one");
    }
    words.Took("is");
    const std::string wanted = words.Take();
    for (const std::string& found :
         {v1::IncidentStatus_Name(incident->status()), v1::Lane_Name(incident->lane()),
          v1::Verification_Name(incident->verification()), v1::Purpose_Name(incident->purpose()),
          std::string(incident->dispute_until_ms() > 0 ? "DISPUTED" : "UNDISPUTED")}) {
      if (found == wanted) return absl::OkStatus();
    }
    return Differs(wanted,
                   absl::StrCat(v1::IncidentStatus_Name(incident->status()), " ", v1::Lane_Name(incident->lane()), " ",
                                v1::Verification_Name(incident->verification())));
  }
  const std::string party = Party(first);
  const std::string verb = words.Take();
  if (auto filing = FilingExpect(world_, party, verb, words, named_)) return *filing;
  if (verb == "heard" || verb == "never-heard") {
    const std::string what = words.Take();
    words.Took("of");
    const bool heard = Heard(party, IncidentOf(words.Take()), what);
    return heard == (verb == "heard") ? absl::OkStatus()
                                      : Differs(absl::StrCat(verb, " ", what), heard ? "heard" : "not heard");
  }
  if (verb == "read") {
    const std::string text = words.Take();
    words.Took("of");
    return Read(world_, party, IncidentOf(words.Take()), text) ? absl::OkStatus() : Differs(text, "other words");
  }
  if (verb == "got") {
    const int wanted = static_cast<int>(Number(words.Take()));
    v1::DeliveryKind kind;
    if (!v1::DeliveryKind_Parse(words.Take(), &kind)) return absl::InvalidArgumentError("got N KIND [of rX]");
    uint64_t incident_id = 0;
    if (words.Took("of")) incident_id = IncidentOf(words.Take());
    const int found = Count(party, incident_id, kind);
    return found == wanted ? absl::OkStatus() : Differs(absl::StrCat(wanted), absl::StrCat(found));
  }
  const v1::DutyState* duty =
      DutyOf(party, IncidentOf(verb == "has" ? (words.Took("no"), words.Took("duty"), words.Took("in"), words.Take())
                                             : words.Take()));
  if (verb == "has") {
    const bool has = duty != nullptr && (!words.Took("by") || Cites(*duty, words.Take()));
    return has ? Differs("no duty", absl::StrCat(v1::Role_Name(duty->role()), " ", v1::DutyStatus_Name(duty->status())))
               : absl::OkStatus();
  }
  if (duty == nullptr) return Differs(absl::StrCat(party, " ", verb), "no duty");
  if (verb == "leads" || verb == "supports" || verb == "informed") {
    const v1::Role wanted = verb == "leads" ? v1::LEAD : verb == "supports" ? v1::SUPPORT : v1::INFORM;
    if (duty->role() != wanted) return Differs(v1::Role_Name(wanted), v1::Role_Name(duty->role()));
    if (words.Took("by")) {
      const std::string clause = words.Take();
      if (Cites(*duty, clause)) return absl::OkStatus();
      return Differs(clause, absl::StrCat(duty->clause_size(), " other clauses"));
    }
    return absl::OkStatus();
  }
  if (verb == "stands") {
    words.Took("at");
    const std::string wanted = words.Take();
    for (const std::string& found :
         {v1::AckState_Name(duty->transport()), v1::AckState_Name(duty->person()), v1::AckState_Name(duty->field()),
          v1::DutyStatus_Name(duty->status()), v1::Binding_Name(duty->binding())}) {
      if (found == wanted) return absl::OkStatus();
    }
    return Differs(wanted, absl::StrCat(v1::AckState_Name(duty->person()), " ", v1::AckState_Name(duty->field()), " ",
                                        v1::DutyStatus_Name(duty->status())));
  }
  if (verb == "missed") {
    for (int rung : duty->missed()) {
      if (v1::Rung_Name(static_cast<v1::Rung>(rung)) == words.Peek()) return absl::OkStatus();
    }
    return Differs(words.Peek(), absl::StrCat(duty->missed_size(), " other rungs"));
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", verb, "\" is nothing that can be expected"));
}

}  // namespace

absl::Status Play(const std::string& name, const std::string& text, const v1::SiteSet& site,
                  std::vector<v1::Record>* records) {
  Player player(site);
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    if (auto s = player.Line(line); !s.ok()) {
      return absl::Status(s.code(),
                          absl::StrCat(name, ":", number, ": ", std::string(s.message()), "\n", player.Story()));
    }
  }
  if (auto s = player.End(); !s.ok())
    return absl::Status(s.code(), absl::StrCat(name, ": ", std::string(s.message()), "\n", player.Story()));
  if (records != nullptr) *records = player.records();
  return absl::OkStatus();
}

}  // namespace liandong::scenarios
