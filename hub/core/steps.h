// The steps that several decisions share. Each works on a Draft; none decides on its own whether it should happen.
#ifndef LIANDONG_HUB_CORE_STEPS_H_
#define LIANDONG_HUB_CORE_STEPS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hub/core/draft.h"
#include "liandong/v1/record.pb.h"
#include "routing/match.h"

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
// The same with the clear text of the incident's reports given, where the context's is not of this one.
v1::Decision Route(Draft& draft, uint64_t incident_id, bool changed, std::string_view text);
// What is known of an incident, as the matcher asks it. `text` must outlive the facts.
routing::Facts FactsOf(const Draft& draft, const v1::IncidentState& incident, std::string_view text);
// What everybody else's duties rest on when nobody else is responsible: the command centre leads.
routing::RoutedDuty CommandLeads(const v1::SiteSettings& settings);
// Gives the duty the deadlines that are asked, from now on: the stricter of a standing one and a new one, the site's
// defaults where nothing is asked.
void AskRungs(const v1::SiteSettings& site, int64_t now_ms, const routing::RoutedDuty& asked, v1::DutyState& duty);
// Whether the party has got as far as this rung, or further.
bool Reached(const v1::DutyState& duty, v1::Rung rung);
// Moves the baton and tells the reporters.
void TakeBaton(Draft& draft, uint64_t incident_id, const std::string& holder);
// The party has reached this rung: its deadline and those under it are met, and a climb for one of them stops. What its
// computer has stored is another matter (RUNG_RECEIVE).
void Reach(v1::DutyState& duty, v1::Rung rung);
// Ends a duty: its deadlines and climb stop. With `text`, its party gets a CANCEL.
void EndDuty(Draft& draft, uint64_t duty_id, v1::DutyStatus status, std::string_view text, std::string_view text_en);
// Ends the incident and all its open duties, merged ones included.
void CloseIncident(Draft& draft, uint64_t incident_id, v1::IncidentStatus status, std::string_view what,
                   std::string_view reason);
// Starts or stops the quiet time and the wait before leaving memory, by what is still open.
void Settle(Draft& draft, uint64_t incident_id);
// Gives an old duty that is OPEN or REFUSED to another party, with the site's times for its role. Returns the delivery.
uint64_t GiveTo(Draft& draft, uint64_t old_duty, const std::string& to);
// A duty that no clause asks for, with the site's times for its role and the command centre as its ladder; nothing is
// sent.
v1::DutyState& NewUnasked(Draft& draft, uint64_t incident_id, const std::string& party, v1::Role role);
// The baton does not hang in the air: it goes back to the hotline that took the call first, else to the command centre.
void BatonBack(Draft& draft, uint64_t incident_id);

// ---- When desks do not agree (dispute.cc)

// An offer was refused or lapsed: the two desks get the site's time to agree. Returns false where there is none to be
// had: it is switched off, or somebody's life may be in danger.
bool OpenDispute(Draft& draft, uint64_t incident_id);
// Somebody takes it on in agreement, or (empty) nobody does and who took the call first must. Both desks hear. Returns
// who has it now.
std::string SettleDispute(Draft& draft, uint64_t incident_id, const std::string& agreed);
// Takes back what the desks were asked, since `holder` has it now whatever they say.
void EndOffers(Draft& draft, uint64_t incident_id, const std::string& holder);
// The party has accepted this offer: it leads and holds the incident from now on.
void TakeOn(Draft& draft, uint64_t incident_id, const std::string& party, uint64_t delivery_id);

// ---- Returns (returns.cc)

// Whether refusing this duty for this reason asks for a review instead of standing at once.
bool ReturnNeedsReview(const Draft& draft, const v1::DutyState& duty, const std::string& reason);
// The duty stands until it was reviewed; what its party wrote goes to the reviewer, sealed as it is.
void RequestReturn(Draft& draft, uint64_t duty_id, const std::string& sealed_note, uint64_t sealed_incident);
// As if nobody had refused: the party has to answer anew.
void StandAgain(Draft& draft, v1::DutyState& duty);
// The party takes it on after all: nothing is left to review.
void WithdrawReturn(Draft& draft, v1::DutyState& duty);
// RETURN_ENDED when nothing waits for review. `to`: with `grant`, who gets the duty; empty: nobody yet.
// `sealed_note`: the reviewer's own words under the incident's key, for the party.
absl::Status ReviewReturn(Draft& draft, uint64_t duty_id, bool grant, const std::string& reason, const std::string& to,
                          const std::string& sealed_note = "");

// ---- Telling (tell.cc)

// A change goes back to every reporter of the incident (and of those merged with it) except `but`. One message is under
// way for each reporter; what happens meanwhile waits and goes as the next one.
void TellReporters(Draft& draft, uint64_t incident_id, const v1::FeedbackNote& note, std::string_view but = "");
// A note with the time set; the rest is the caller's.
v1::FeedbackNote Note(const Draft& draft, std::string_view what, std::string_view party);
// The reporter has stored its feedback: what waited goes now.
void FeedbackReceived(Draft& draft, uint64_t incident_id, const std::string& party, uint64_t delivery_id);
// Tells the next step of the duty's ladder that `late` is late, and sets when the step after it is due. Returns who was
// told; empty at the end of the ladder. `told`, when given, gets who is on that post and the number. With `quietly`
// nothing is sent (a summary tells it).
std::string ClimbStep(Draft& draft, v1::DutyState& duty, v1::Rung rung, v1::DeadlineMissed* told = nullptr,
                      bool quietly = false);
// One alarm for one condition: the command centre hears once that a party stores nothing.
void AlarmLink(Draft& draft, const std::string& party);
// The party has stored something: the condition has ended.
void LinkHeard(Draft& draft, const std::string& party);

// Who is told when this party or post is told, and on which number. `person` is empty for a party and an unnamed post.
struct Target {
  const v1::Party* party = nullptr;  // nullptr: there is no such target
  const v1::Post* post = nullptr;
  std::string person;
  std::string phone_24h;
  bool handed_over = false;
};
Target WhoIsTold(const State& state, const routing::Site& site, const std::string& party_or_post, int64_t now_ms);

// Whether somebody at this party reads what is sent to it: not the hub itself, nor a screen.
bool IsAddressee(const v1::Party* party);
std::string PartyName(const routing::Site& site, const std::string& id);
std::string_view RungZh(v1::Rung rung);
std::string_view RungEn(v1::Rung rung);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STEPS_H_
