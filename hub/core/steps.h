// The steps that several decisions share. Each works on a Draft; none decides on its own whether it should happen.
#ifndef LIANDONG_HUB_CORE_STEPS_H_
#define LIANDONG_HUB_CORE_STEPS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hub/core/draft.h"
#include "liandong/v1/record.pb.h"

namespace liandong::core {

// ---- What is known of an incident (facts.cc)

// Works out category, severity, division, danger to life, counts and lane from all its reports, leaving what a person
// corrected. A lane never goes back to ORDINARY: what was sent as urgent stays so.
void Summarize(Draft& draft, uint64_t incident_id);
// The reports of an incident and of those merged into it, in order of arrival.
std::vector<const v1::ReportState*> ReportsOf(const Draft& draft, const v1::IncidentState& incident);

// ---- Duties (duties.cc)

// Matches the clauses again and adds or updates duties; withdraws none. `changed`: what the parties were told before is
// out of date, so that each of them gets an UPDATE. Returns the decision for the record.
v1::Decision Route(Draft& draft, uint64_t incident_id, bool changed);
// Moves the baton and tells the reporters.
void TakeBaton(Draft& draft, uint64_t incident_id, const std::string& holder);
// Ends a duty: its deadlines and climb stop. With `text`, its party gets a CANCEL.
void EndDuty(Draft& draft, uint64_t duty_id, v1::DutyStatus status, std::string_view text, std::string_view text_en);
// Ends the incident and all its open duties, merged ones included.
void CloseIncident(Draft& draft, uint64_t incident_id, v1::IncidentStatus status, std::string_view what,
                   std::string_view reason);
// Starts or stops the quiet time and the wait before leaving memory, by what is still open.
void Settle(Draft& draft, uint64_t incident_id);

// ---- Telling (tell.cc)

// A change goes back to every reporter of the incident (and of those merged with it) except `but`. One message is under
// way for each reporter; what happens meanwhile waits and goes as the next one.
void TellReporters(Draft& draft, uint64_t incident_id, const v1::FeedbackNote& note, std::string_view but = "");
// A note with the time set; the rest is the caller's.
v1::FeedbackNote Note(const Draft& draft, std::string_view what, std::string_view party);
// The reporter has stored its feedback: what waited goes now.
void FeedbackReceived(Draft& draft, uint64_t incident_id, const std::string& party, uint64_t delivery_id);
// Tells the next step of the duty's ladder that `late` is late, and sets when the step after it is due. Returns who was
// told; empty at the end of the ladder. With `quietly` nothing is sent (a summary tells it).
std::string ClimbStep(Draft& draft, v1::DutyState& duty, v1::Rung rung, bool quietly = false);
// One alarm for one condition: the command centre hears once that a party stores nothing.
void AlarmLink(Draft& draft, const std::string& party);
// The party has stored something: the condition has ended.
void LinkHeard(Draft& draft, const std::string& party);

// Whether somebody at this party reads what is sent to it: not the hub itself, nor a screen.
bool IsAddressee(const v1::Party* party);
std::string PartyName(const routing::Site& site, const std::string& id);
std::string_view RungZh(v1::Rung rung);
std::string_view RungEn(v1::Rung rung);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STEPS_H_
