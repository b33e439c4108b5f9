#include "tests/scenarios/erasure_lines.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/core/retention.h"

namespace liandong::scenarios {
namespace {

absl::Status Differs(const std::string& wanted, const std::string& found) {
  return absl::FailedPreconditionError(absl::StrCat("expected ", wanted, ", found ", found));
}

// The record that erased it; nullptr: none.
const v1::Record* ErasureOf(const World& world, uint64_t incident_id) {
  for (const v1::Record& record : world.records()) {
    for (const auto& erased : record.changes().erased()) {
      if (erased.incident_id() == incident_id) return &record;
    }
  }
  return nullptr;
}

absl::StatusOr<core::Answer> Retain(World& world, const std::string& who, Words& words) {
  core::AdoptCommand command;
  command.site = world.state().site()->proto();
  v1::SiteSettings* settings = command.site.mutable_settings();
  uint32_t days = 0;
  if (words.Took("nothing")) {  // no rules any more
    settings->clear_retention();
    return world.Do(command, who);
  }
  if (!absl::SimpleAtoi(words.Take(), &days)) return absl::InvalidArgumentError("retains DAYS [of CLASS ...]");
  v1::RetentionRule* rule = settings->add_retention();
  rule->set_id(absl::StrCat("keep-", days));
  rule->set_days(days);
  rule->set_basis("突发事件应对法第八十五条");
  words.Took("of");
  while (!words.empty()) {
    v1::Field field;
    if (!v1::Field_Parse(words.Take(), &field)) return absl::InvalidArgumentError("a class is a Field");
    rule->add_field(field);
  }
  return world.Do(command, who);
}

}  // namespace

core::ReportCommand CommandOf(const v1::Report& report, const std::string& text) {
  v1::SealedPart sealed;
  sealed.set_description(text);
  if (absl::StrContains(text, "来电人")) {
    sealed.set_caller_name("某人");
    sealed.set_caller_phone("10000");
  }
  core::ReportCommand command;
  command.report = report;
  command.sealed = text;
  command.content_mac = absl::StrCat(report.open().SerializeAsString(), "|", text);
  command.classes = core::ClassesOf(sealed);
  return command;
}

std::optional<absl::StatusOr<core::Answer>> ErasureAct(World& world, const Names& names, const std::string& who,
                                                       const std::string& verb, Words& words) {
  if (verb == "retains") return Retain(world, who, words);
  if (verb == "erases") {
    core::EraseCommand command;
    command.request.set_incident_id(names.incident(words.Take()));
    if (words.Took("because")) command.request.set_reason(words.Take());
    return world.Do(command, who);
  }
  if (verb == "holds" || verb == "lifts") {
    core::HoldCommand command;
    command.request.set_incident_id(names.incident(words.Take()));
    command.request.set_lift(verb == "lifts");
    if (words.Took("because")) command.request.set_reason(words.Take());
    return world.Do(command, who);
  }
  return std::nullopt;
}

std::optional<absl::Status> ErasureExpect(const World& world, Words& words, const IncidentNamed& incident) {
  const bool erased = words.Took("erased");
  if (!erased && !words.Took("kept")) return std::nullopt;
  const uint64_t id = incident(words.Take());
  const v1::Record* record = ErasureOf(world, id);
  if ((record != nullptr) != erased) return Differs(erased ? "it erased" : "it kept", erased ? "it kept" : "it erased");
  if (!words.Took("by")) return absl::OkStatus();
  const std::string wanted = words.Take();
  const std::string found = record->incidents_erased().rule().empty() ? "a-person" : record->incidents_erased().rule();
  return found == wanted ? absl::OkStatus() : Differs(wanted, found);
}

}  // namespace liandong::scenarios
