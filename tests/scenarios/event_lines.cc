#include "tests/scenarios/event_lines.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/core/statutory.h"
#include "hub/core/suggest.h"

namespace liandong::scenarios {
namespace {

uint32_t Number(const std::string& word) {
  uint32_t number = 0;
  return absl::SimpleAtoi(word, &number) ? number : 0;
}

absl::Status Differs(const std::string& wanted, const std::string& found) {
  return absl::FailedPreconditionError(absl::StrCat("expected ", wanted, ", found ", found));
}

v1::UpwardKind KindOf(const std::string& word) {
  v1::UpwardKind kind = v1::UPWARD_KIND_UNSPECIFIED;
  (void)v1::UpwardKind_Parse(absl::StrCat("UPWARD_", word), &kind);
  return kind;
}

// Open duties of this row, newest last.
std::vector<const v1::DutyState*> Due(const World& world, const std::string& party, const std::string& rule,
                                      uint64_t incident_id) {
  std::vector<const v1::DutyState*> out;
  const v1::IncidentState* root = world.state().Root(incident_id);
  if (root == nullptr) return out;
  for (uint64_t id : root->duty()) {
    const v1::DutyState* duty = world.state().FindDuty(id);
    if (duty->statutory().rule() == rule && duty->party() == party && duty->status() == v1::DUTY_OPEN)
      out.push_back(duty);
  }
  return out;
}

core::FileUpwardCommand Filing(const World& world, Words& words, const IncidentNamed& incident) {
  core::FileUpwardCommand command;
  command.request.set_rule(words.Take());
  words.Took("of");
  command.request.set_incident_id(incident(words.Take()));
  command.request.set_form(v1::UPWARD_PHONE);
  v1::UpwardFields fields;
  fields.set_unit_profile("砂石厂,32人");
  fields.set_happened_at_ms(world.now_ms());
  fields.set_place("采石场");
  fields.set_scene("边坡垮塌");
  fields.set_course("爆破后失稳");
  fields.mutable_counts()->set_dead(0);
  fields.mutable_counts()->set_missing(0);
  fields.mutable_counts()->set_injured(0);
  fields.mutable_counts()->set_loss_yuan(300000);
  fields.set_measures("封路搜救");
  fields.set_other("无");
  while (!words.empty()) {
    if (words.Took("as")) {
      command.request.set_kind(KindOf(words.Take()));
    } else if (words.Took("without")) {
      const std::string field = words.Take();
      if (field == "missing") fields.mutable_counts()->clear_missing();
      if (field == "loss") fields.mutable_counts()->clear_loss_yuan();
      if (field == "course") fields.clear_course();
    } else if (words.Took("dead")) {
      fields.mutable_counts()->set_dead(Number(words.Take()));
    } else if (words.Took("injured")) {
      fields.mutable_counts()->set_injured(Number(words.Take()));
    } else if (words.Took("by")) {
      command.request.set_form(words.Take() == "writing" ? v1::UPWARD_WRITTEN : v1::UPWARD_PHONE);
    } else {
      words.Take();
    }
  }
  command.present = core::PresentFields(fields);
  *command.request.mutable_fields()->mutable_counts() = fields.counts();
  command.sealed_fields = fields.SerializeAsString();
  return command;
}

}  // namespace

std::optional<absl::StatusOr<core::Answer>> EventAct(World& world, const std::string& who, const std::string& verb,
                                                     Words& words, const IncidentNamed& incident) {
  if (verb == "keeps-apart") {
    core::DismissCommand command;
    command.request.set_older(incident(words.Take()));
    command.request.set_younger(incident(words.Take()));
    command.request.set_reason("两起不同的事件");
    return world.Do(command, who);
  }
  if (verb == "files") return world.Do(Filing(world, words, incident), who);
  return std::nullopt;
}

std::optional<absl::Status> EventExpect(const World& world, uint64_t incident_id, Words& words,
                                        const IncidentNamed& incident) {
  const core::State& state = world.state();
  if (words.Took("may") || words.Took("is-not")) {
    const bool wanted = words.Took("be");
    words.Took("suggested"), words.Took("with");
    const uint64_t other = incident(words.Take());
    uint32_t found = 0;
    for (const auto& pair : core::OpenSuggestions(state, incident_id, SIZE_MAX)) {
      if (pair.younger == other || pair.suggestion->other() == other) found = pair.suggestion->score();
    }
    if (!wanted) return found == 0 ? absl::OkStatus() : Differs("no suggestion", absl::StrCat(found, " points"));
    const uint32_t least = words.Took("from") ? Number(words.Take()) : 1;
    return found >= least
               ? absl::OkStatus()
               : Differs(absl::StrCat("a suggestion from ", least, " points"), absl::StrCat(found, " points"));
  }
  if (words.Took("gathers")) {
    const uint32_t wanted = Number(words.Take());
    const uint32_t found = state.Root(incident_id)->storm().reports();
    return found == wanted ? absl::OkStatus() : Differs(absl::StrCat(wanted, " reports"), absl::StrCat(found));
  }
  if (words.Took("calm")) return state.Root(incident_id)->has_storm() ? Differs("no storm", "one") : absl::OkStatus();
  return std::nullopt;
}

std::optional<absl::Status> FilingExpect(const World& world, const std::string& party, const std::string& verb,
                                         Words& words, const IncidentNamed& incident) {
  if (verb != "must" && verb != "need") return std::nullopt;
  words.Took("not");
  words.Took("file");
  const std::string rule = words.Take();
  words.Took("of");
  const auto due = Due(world, party, rule, incident(words.Take()));
  if (verb == "need") return due.empty() ? absl::OkStatus() : Differs("no such report due", "one");
  if (due.empty()) return Differs(absl::StrCat(party, " to have ", rule, " due"), "none");
  const v1::DutyState& duty = *due.back();
  if (words.Took("as")) {
    const v1::UpwardKind wanted = KindOf(words.Take()), found = duty.statutory().kind();
    if (found != wanted) return Differs(v1::UpwardKind_Name(wanted), v1::UpwardKind_Name(found));
  }
  // Late is late like any other: the rung is missed and the first step was told.
  const bool late = std::find(duty.missed().begin(), duty.missed().end(), v1::RUNG_COMPLETE) != duty.missed().end();
  if (words.Took("late") && !(late && duty.next_step() > 0)) return Differs("it late and escalated", "it in time");
  if (words.Took("in") && late) return Differs("it in time", "it late");
  return absl::OkStatus();
}

}  // namespace liandong::scenarios
