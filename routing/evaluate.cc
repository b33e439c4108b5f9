#include "routing/evaluate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "routing/calendar_day.h"
#include "routing/limits.h"

namespace liandong::routing {
namespace {

enum class Truth : uint8_t { kNo, kUnknown, kYes };

Truth From(bool yes) { return yes ? Truth::kYes : Truth::kNo; }

template <typename List, typename Value>
bool Contains(const List& list, const Value& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

Truth Category(const Asked& asked, const v1::Condition& when) {
  if (asked.category.empty()) return Truth::kUnknown;
  for (const std::string& root : when.category()) {
    if (!asked.category.starts_with(root)) continue;
    if (asked.category.size() == root.size() || asked.category[root.size()] == '.') return Truth::kYes;
  }
  return Truth::kNo;
}

Truth Division(const Asked& asked, const ClauseIndex::Condition& condition) {
  Truth truth = asked.division.empty() ? Truth::kUnknown : Truth::kNo;
  for (const std::string& area : condition.division) {
    if (asked.division.starts_with(area)) return Truth::kYes;
    // Known to lie in the county, wanted a township of it: it may well be that township.
    if (area.starts_with(asked.division)) truth = Truth::kUnknown;
  }
  return truth;
}

Truth Source(const Facts& facts, const v1::Condition& when) {
  if (facts.sources.empty()) return Truth::kUnknown;
  for (const std::string& party : when.source()) {
    if (Contains(facts.sources, party)) return Truth::kYes;
  }
  return Truth::kNo;
}

Truth AnyWord(const Asked& asked, const ClauseIndex::Condition& condition) {
  if (asked.facts->text.empty()) return Truth::kUnknown;
  const std::vector<uint32_t>& found = *asked.found_word;
  for (uint32_t word : condition.word) {
    if (std::binary_search(found.begin(), found.end(), word)) return Truth::kYes;
  }
  return Truth::kNo;
}

Truth Time(const Asked& asked, const ClauseIndex::Condition& condition) {
  if (asked.facts->opened_at_ms == 0) return Truth::kUnknown;
  for (const auto& [from, until] : condition.windows) {
    int minute = asked.local_minute;
    bool within = from < until ? minute >= from && minute < until : minute >= from || minute < until;
    if (within) return Truth::kYes;
  }
  return Truth::kNo;
}

Truth Danger(const Asked& asked, v1::Answer wanted) {
  return asked.danger == v1::ANSWER_UNKNOWN ? Truth::kUnknown : From(asked.danger == wanted);
}

Truth Channel(const Facts& facts, const v1::Condition& when) {
  return facts.channel.empty() ? Truth::kUnknown : From(Contains(when.channel(), facts.channel));
}

Truth Whole(const Asked& asked, const ClauseIndex::Condition& condition) {
  Verdict verdict = Evaluate(asked, condition);
  return !verdict.Holds() ? Truth::kNo : verdict.uncertain != 0 ? Truth::kUnknown : Truth::kYes;
}

// Yes when one is, unknown when one may be.
Truth AnyOf(const Asked& asked, const std::vector<ClauseIndex::Condition>& list) {
  Truth truth = Truth::kNo;
  for (const ClauseIndex::Condition& one : list) truth = std::max(truth, Whole(asked, one));
  return truth;
}

// What may be excluded is not excluded.
Truth NoneOf(const Asked& asked, const std::vector<ClauseIndex::Condition>& list) {
  Truth any = AnyOf(asked, list);
  return any == Truth::kYes ? Truth::kNo : any == Truth::kNo ? Truth::kYes : Truth::kUnknown;
}

// Adds the answer of one part; false once two have failed.
bool Note(Verdict* verdict, Part part, Truth truth) {
  uint32_t bit = 1u << static_cast<uint32_t>(part);
  if (truth == Truth::kUnknown) verdict->uncertain |= bit;
  if (truth != Truth::kNo) return true;
  bool second = verdict->failed != 0;
  verdict->failed |= bit;
  return !second;
}

template <typename List>
std::string Listed(const List& list) {
  auto shown = std::min<int>(list.size(), limits::kWantedListedMax);
  return absl::StrCat(absl::StrJoin(list.begin(), list.begin() + shown, " "), shown < list.size() ? " ..." : "");
}

std::string Windows(const v1::Condition& when) {
  return absl::StrJoin(when.time(), " ", [](std::string* out, const v1::TimeWindow& window) {
    absl::StrAppend(out, window.from(), "-", window.until());
  });
}

}  // namespace

const char* PartName(Part part) {
  static constexpr const char* kNames[kPartCount] = {"effective",
                                                     "category",
                                                     "severity_at_least",
                                                     "division",
                                                     "source",
                                                     "any_word",
                                                     "time",
                                                     "verified",
                                                     "danger_to_life",
                                                     "device_alarm",
                                                     "channel",
                                                     "stage",
                                                     "response_level_at_least",
                                                     "any_of",
                                                     "none_of"};
  return kNames[static_cast<size_t>(part)];
}

std::vector<std::string> PartNames(uint32_t bits) {
  std::vector<std::string> names;
  for (int part = 0; part < kPartCount; ++part) {
    if (bits & (1u << part)) names.emplace_back(PartName(static_cast<Part>(part)));
  }
  return names;
}

v1::Stage StageOf(const Facts& facts) { return facts.stage == v1::STAGE_UNSPECIFIED ? v1::RESPONSE : facts.stage; }

bool InForce(const ClauseIndex::Clause& clause, int32_t local_day) {
  return local_day >= clause.from_day && (!clause.until_day || local_day <= *clause.until_day);
}

Verdict Evaluate(const Asked& asked, const ClauseIndex::Condition& condition) {
  Verdict verdict;
  if (condition.proto == nullptr) return verdict;
  const v1::Condition& when = *condition.proto;
  const Facts& facts = *asked.facts;
  if (!when.category().empty() && !Note(&verdict, Part::kCategory, Category(asked, when))) return verdict;
  if (when.severity_at_least() != v1::SEVERITY_UNKNOWN) {
    Truth truth =
        facts.severity == v1::SEVERITY_UNKNOWN ? Truth::kUnknown : From(facts.severity >= when.severity_at_least());
    if (!Note(&verdict, Part::kSeverity, truth)) return verdict;
  }
  if (!condition.division.empty() && !Note(&verdict, Part::kDivision, Division(asked, condition))) return verdict;
  if (!when.source().empty() && !Note(&verdict, Part::kSource, Source(facts, when))) return verdict;
  if (!condition.word.empty() && !Note(&verdict, Part::kAnyWord, AnyWord(asked, condition))) return verdict;
  if (!condition.windows.empty() && !Note(&verdict, Part::kTime, Time(asked, condition))) return verdict;
  if (when.verified() != v1::ANY_VERIFICATION) {
    bool verified = facts.verification == v1::VERIFIED;
    if (!Note(&verdict, Part::kVerified, From(verified == (when.verified() == v1::ONLY_VERIFIED)))) return verdict;
  }
  if (when.danger_to_life() != v1::ANSWER_UNKNOWN &&
      !Note(&verdict, Part::kDanger, Danger(asked, when.danger_to_life()))) {
    return verdict;
  }
  if (when.device_alarm() != v1::ANSWER_UNKNOWN &&
      !Note(&verdict, Part::kDeviceAlarm, From(facts.device_alarm == (when.device_alarm() == v1::YES)))) {
    return verdict;
  }
  if (!when.channel().empty() && !Note(&verdict, Part::kChannel, Channel(facts, when))) return verdict;
  if (!when.stage().empty() && !Note(&verdict, Part::kStage, From(Contains(when.stage(), StageOf(facts))))) {
    return verdict;
  }
  if (when.response_level_at_least() != v1::RESPONSE_LEVEL_UNSPECIFIED &&
      !Note(&verdict, Part::kResponseLevel, From(facts.response_level >= when.response_level_at_least()))) {
    return verdict;
  }
  if (!condition.any_of.empty() && !Note(&verdict, Part::kAnyOf, AnyOf(asked, condition.any_of))) return verdict;
  if (!condition.none_of.empty()) Note(&verdict, Part::kNoneOf, NoneOf(asked, condition.none_of));
  return verdict;
}

v1::NearMiss Explain(const Asked& asked, const ClauseIndex::Clause& clause, const ClauseIndex::Condition& condition,
                     Part failed) {
  v1::NearMiss miss;
  miss.set_condition(PartName(failed));
  const Facts& facts = *asked.facts;
  static const v1::Condition kNone;
  const v1::Condition& when = condition.proto == nullptr ? kNone : *condition.proto;
  auto set = [&miss](std::string wanted, std::string found) {
    miss.set_wanted(std::move(wanted));
    miss.set_found(std::move(found));
  };
  switch (failed) {
    case Part::kEffective:
      set(absl::StrCat(clause.agreement->effective_from(), "..", clause.agreement->effective_until()),
          FormatDay(asked.local_day));
      break;
    case Part::kCategory:
      set(Listed(when.category()), std::string(asked.category));
      break;
    case Part::kSeverity:
      set(v1::Severity_Name(when.severity_at_least()), v1::Severity_Name(facts.severity));
      break;
    case Part::kDivision:
      set(Listed(when.division()), std::string(asked.division));
      break;
    case Part::kSource:
      set(Listed(when.source()), absl::StrJoin(facts.sources, " "));
      break;
    case Part::kAnyWord:
      set(Listed(when.any_word()), "");
      break;
    case Part::kTime:
      set(Windows(when), absl::StrFormat("%02d:%02d", asked.local_minute / 60, asked.local_minute % 60));
      break;
    case Part::kVerified:
      set(v1::Verification_Condition_Name(when.verified()), v1::Verification_Name(facts.verification));
      break;
    case Part::kDanger:
      set(v1::Answer_Name(when.danger_to_life()), v1::Answer_Name(asked.danger));
      break;
    case Part::kDeviceAlarm:
      set(v1::Answer_Name(when.device_alarm()), v1::Answer_Name(facts.device_alarm ? v1::YES : v1::NO));
      break;
    case Part::kChannel:
      set(Listed(when.channel()), facts.channel);
      break;
    case Part::kStage:
      set(absl::StrJoin(
              when.stage(), " ",
              [](std::string* out, int stage) { out->append(v1::Stage_Name(static_cast<v1::Stage>(stage))); }),
          v1::Stage_Name(StageOf(facts)));
      break;
    case Part::kResponseLevel:
      set(v1::ResponseLevel_Name(when.response_level_at_least()), v1::ResponseLevel_Name(facts.response_level));
      break;
    case Part::kAnyOf:
    case Part::kNoneOf:
      // Several conditions stand in them: the clause's text says it better than a list of values.
      break;
  }
  return miss;
}

}  // namespace liandong::routing
