// Clocks that the law sets, as duties with deadlines like any other (routing/statutory.h says which rows apply).
//
//  - An incident that matches an INITIAL row gives its party a duty with the row's deadline from that moment.
//  - Only FileUpwardReport completes it, and only when every field that the law asks for is there.
//  - FOLLOW_UP rows begin when a report to the same level was made, again after each, until the FINAL one or the end of
//    the incident. FINAL rows begin when the INITIAL report to the same level was made.
//  - Casualties that grow within the row's days after the initial report bring a SUPPLEMENT duty.
//  - An incident does not close while an initial, supplementary or final report is due.
//
// Content is personal or free text: sealed. Open are rule, kind, number, times, form, casualties and which fields are
// there.
#ifndef LIANDONG_HUB_CORE_STATUTORY_H_
#define LIANDONG_HUB_CORE_STATUTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/core/draft.h"
#include "hub/core/render.h"
#include "hub/core/state.h"

namespace liandong::core {

// Adds what the incident's rows ask for and is not there yet. After anything that may change category, grade or
// casualties.
void AddStatutoryDuties(Draft& draft, uint64_t incident_id);

// FailedPrecondition UPWARD_REPORT_DUE, naming the reports, while one is due that must be made before the incident
// ends.
absl::Status UpwardStillDue(const Draft& draft, uint64_t incident_id);

// The same duty for another party: rule and clock go along.
void CarryStatutory(const v1::DutyState& from, v1::DutyState* to);

// Highest said by reports and parties.
v1::Counts KnownCasualties(const Draft& draft, const v1::IncidentState& incident);
v1::Counts KnownCasualties(const State& state, const v1::IncidentState& incident);

// What is due and made for an incident, in order of its duties; what is not made yet is filled in as far as the hub
// knows (upward_view.cc).
std::vector<v1::UpwardReport> UpwardReports(const State& state, const Renderer& renderer,
                                            const v1::IncidentState& incident);

// ---- Words and fields (upward_words.cc)

std::vector<v1::UpwardField> PresentFields(const v1::UpwardFields& fields);
std::vector<v1::UpwardField> MissingFields(const google::protobuf::RepeatedField<int>& required,
                                           const std::vector<v1::UpwardField>& present);
std::string FieldZh(v1::UpwardField field);
std::string KindZh(v1::UpwardKind kind, uint32_t number);  // "初报", "续报二"
std::string KindEn(v1::UpwardKind kind);
std::string LevelZh(v1::UpwardLevel level);
std::string LevelEn(v1::UpwardLevel level);
std::string FormZh(v1::UpwardForm form);
// 地点+类型+伤亡+进展, as 内应急发〔2021〕23号 has titles.
std::string UpwardTitle(const std::string& place, const std::string& category, const v1::Counts& counts,
                        const std::string& progress);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_STATUTORY_H_
