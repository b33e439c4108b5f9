#include "tests/scenarios/desk_acts.h"

namespace liandong::scenarios {

std::optional<absl::StatusOr<core::Answer>> DeskAct(World& world, const Names& names, const std::string& who,
                                                    const std::string& verb, Words& words) {
  if (verb == "dismisses") {
    const uint64_t id = names.incident(words.Take());
    words.Took("because");
    return world.Do(core::VerifyCommand{id, v1::FALSE_ALARM, words.Take()}, who);
  }
  if (verb == "takes-back") {  // corrects a mistaken acknowledgment: desk takes-back PARTY r1
    const std::string party = names.party(words.Take());
    core::CorrectAckCommand command;
    command.request.set_duty_id(names.duty(party, names.incident(words.Take())));
    command.request.set_reason("误操作");
    return world.Do(command, who);
  }
  if (verb == "reassigns") {
    const std::string from = names.party(words.Take());
    core::ReassignCommand command;
    command.request.set_duty_id(names.duty(from, names.incident(words.Take())));
    words.Took("to");
    command.request.set_to(names.party(words.Take()));
    command.request.set_reason("改派");
    return world.Do(command, who);
  }
  if (verb == "merges") {
    core::MergeCommand command;
    command.request.set_older(names.incident(words.Take()));
    words.Took("with");
    command.request.set_younger(names.incident(words.Take()));
    return world.Do(command, who);
  }
  if (verb == "splits") {
    core::SplitCommand command;
    command.request.set_incident_id(names.incident(words.Take()));
    return world.Do(command, who);
  }
  if (verb == "notes") {
    const uint64_t id = names.incident(words.Take());
    return world.Do(core::NoteCommand{id, words.Take()}, who);
  }
  return std::nullopt;
}

}  // namespace liandong::scenarios
