// Which clauses apply to an incident, and which duties follow. Pure: no clock, no I/O; thread-safe.
#ifndef LIANDONG_ROUTING_MATCH_H_
#define LIANDONG_ROUTING_MATCH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "liandong/v1/record.pb.h"
#include "routing/site.h"

namespace liandong::routing {

// What is known of an incident when it is routed. Unknown never makes a condition fail.
struct Facts {
  std::string category;  // empty: unknown
  v1::Severity severity = v1::SEVERITY_UNKNOWN;
  std::string division;  // 12 digits; empty: unknown
  v1::Answer danger_to_life = v1::ANSWER_UNKNOWN;
  bool device_alarm = false;
  v1::Verification verification = v1::UNVERIFIED;
  std::vector<std::string> sources;  // party ids of all reports
  std::string channel;
  v1::Stage stage = v1::STAGE_UNSPECIFIED;  // unspecified counts as RESPONSE
  // The gravest response in force for the incident's category and division.
  v1::ResponseLevel response_level = v1::RESPONSE_LEVEL_UNSPECIFIED;
  int64_t opened_at_ms = 0;
  std::string_view text;  // clear text of all reports, for any_word; not kept
};

// All that the fired clauses ask of one party: strictest deadline of each rung, union of what is disclosed by clauses
// that held for certain (what held only because a field is unknown discloses nothing beyond the clause's PLACE), every
// clause cited.
struct RoutedDuty {
  std::string party;
  v1::Role role = v1::ROLE_UNSPECIFIED;  // the strongest asked: LEAD before SUPPORT before INFORM
  std::vector<v1::ClauseRef> clauses;
  std::vector<v1::Field> disclose;  // sorted, unique
  uint32_t receive_within_s = 0;    // 0: no deadline on this rung (after the site's defaults)
  uint32_t see_within_s = 0;
  uint32_t accept_within_s = 0;
  uint32_t en_route_within_s = 0;
  uint32_t arrive_within_s = 0;
  uint32_t complete_within_s = 0;
  uint32_t remind_before_s = 0;                // the longest asked; 0: no reminder
  std::vector<v1::EscalationStepState> steps;  // ends with the command centre
  bool verify_first = false;
};

struct Routing {
  v1::Decision decision;
  std::vector<RoutedDuty> duties;  // sorted by party id; at most one a party
};

// now_ms decides which agreements are in force.
Routing Match(const Site& site, const Facts& facts, int64_t now_ms);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_MATCH_H_
