#include "tests/scenarios/linkage_acts.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/core/command.h"

namespace liandong::scenarios {
namespace {

constexpr int64_t kHourMs = 3'600'000;

absl::StatusOr<core::Answer> Assign(World& world, const Names& names, const std::string& who, Words& words) {
  core::AssignCommand command;
  command.request.set_incident_id(names.incident(words.Take()));
  words.Took("to");
  command.request.set_lead(names.party(words.Take()));
  if (words.Took("with")) {
    while (!words.empty()) command.request.add_support(names.party(words.Take()));
  }
  command.request.set_reason("指定承办");
  return world.Do(command, who);
}

absl::StatusOr<core::Answer> Review(World& world, const Names& names, const std::string& who, bool grant,
                                    Words& words) {
  core::ReviewCommand command;
  const std::string party = names.party(words.Take());
  command.request.set_duty_id(names.duty(party, names.incident(words.Take())));
  command.request.set_grant(grant);
  if (words.Took("to")) command.request.set_to(names.party(words.Take()));
  if (words.Took("because")) command.request.set_reason(words.Take());
  return world.Do(command, who);
}

absl::StatusOr<core::Answer> Start(World& world, const std::string& who, Words& words) {
  core::StartResponseCommand command;
  v1::ResponseLevel level = v1::RESPONSE_LEVEL_UNSPECIFIED;
  (void)v1::ResponseLevel_Parse(words.Take(), &level);
  command.request.set_level(level);
  command.request.set_purpose(v1::ACTUAL);
  command.request.set_matters("防汛");
  command.request.set_measures("转移人员");
  command.request.set_expected_until_ms(world.now_ms() + 24 * kHourMs);
  while (!words.empty()) {
    const std::string word = words.Take();
    if (word == "for") command.request.set_category(words.Take());
    if (word == "in") command.request.set_division(words.Take());
    if (word == "exercise") command.request.set_purpose(v1::EXERCISE);
    if (word == "without-matters") command.request.clear_matters();
    if (word == "without-measures") command.request.clear_measures();
    if (word == "without-term") command.request.clear_expected_until_ms();
  }
  return world.Do(command, who);
}

// The newest response that is in force.
uint64_t Response(const World& world) {
  uint64_t id = 0;
  for (const auto& [one, response] : world.state().responses()) {
    if (response.ended_at_ms() == 0) id = one;
  }
  return id;
}

absl::StatusOr<core::Answer> Adjust(World& world, const std::string& who, Words& words) {
  core::AdjustResponseCommand command;
  v1::ResponseLevel level = v1::RESPONSE_LEVEL_UNSPECIFIED;
  (void)v1::ResponseLevel_Parse(words.Take(), &level);
  command.request.set_response_id(Response(world));
  command.request.set_level(level);
  command.request.set_reason("雨势变化");
  return world.Do(command, who);
}

absl::StatusOr<core::Answer> End(World& world, const std::string& who) {
  core::EndResponseCommand command;
  command.request.set_response_id(Response(world));
  command.request.set_reason("雨停");
  return world.Do(command, who);
}

absl::StatusOr<core::Answer> HandOver(World& world, const std::string& who, Words& words) {
  core::HandOverCommand command;
  command.request.set_post(words.Take());
  words.Took("to");
  command.request.set_person(words.Take());
  if (words.Took("on")) command.request.set_phone_24h(words.Take());
  return world.Do(command, who);
}

// A setting of the site, by its name in SiteSettings: the set is adopted anew with it.
absl::StatusOr<core::Answer> Set(World& world, const std::string& who, Words& words) {
  core::AdoptCommand command;
  command.site = world.state().site()->proto();
  v1::SiteSettings* settings = command.site.mutable_settings();
  const std::string name = words.Take(), value = words.Take();
  const auto* field = v1::SiteSettings::descriptor()->FindFieldByName(name);
  if (field == nullptr) return absl::InvalidArgumentError(absl::StrCat("there is no setting ", name));
  uint32_t number = 0;
  if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_UINT32 && absl::SimpleAtoi(value, &number)) {
    settings->GetReflection()->SetUInt32(settings, field, number);
  } else {
    settings->GetReflection()->SetString(settings, field, value);
  }
  return world.Do(command, who);
}

}  // namespace

std::optional<absl::StatusOr<core::Answer>> LinkageAct(World& world, const Names& names, const std::string& who,
                                                       const std::string& verb, Words& words) {
  if (verb == "assigns") return Assign(world, names, who, words);
  if (verb == "grants" || verb == "rejects") return Review(world, names, who, verb == "grants", words);
  if (verb == "starts") return Start(world, who, words);
  if (verb == "adjusts") return Adjust(world, who, words);
  if (verb == "ends") return End(world, who);
  if (verb == "hands-over") return HandOver(world, who, words);
  if (verb == "sets") return Set(world, who, words);
  return std::nullopt;
}

bool Read(const World& world, const std::string& party, uint64_t incident_id, const std::string& text) {
  for (const v1::Record& record : world.records()) {
    for (const auto& delivery : record.changes().delivery()) {
      if (delivery.party() == party && delivery.incident_id() == incident_id &&
          absl::StrContains(delivery.text(), text))
        return true;
    }
  }
  return false;
}

v1::TransferWay WayOf(const std::string& word) {
  if (word == "one-key") return v1::ONE_KEY;
  if (word == "three-way") return v1::THREE_WAY;
  return v1::WORK_ORDER;
}

}  // namespace liandong::scenarios
