#include "absl/strings/str_cat.h"
#include "hub/core/print.h"
#include "hub/core/statutory.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

v1::SealedPart OpenPartOf(const Renderer& renderer, const v1::ReportState& report) {
  v1::SealedPart sealed;
  sealed.ParseFromString(renderer.OpenText(report.incident_id(), report.sealed()));
  return sealed;
}

// What has been done, party by party, as their acknowledgments say.
std::string Measures(const State& state, const v1::IncidentState& incident) {
  std::string out;
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = state.FindDuty(id);
    if (duty == nullptr || duty->has_statutory() || duty->person() < v1::ACCEPTED || duty->person() == v1::REFUSED)
      continue;
    const v1::AckState stands = duty->field() != v1::ACK_STATE_UNSPECIFIED ? duty->field() : duty->person();
    absl::StrAppend(&out, out.empty() ? "" : ";", PartyName(*state.site(), duty->party()), StateZh(stands));
  }
  return out;
}

// What the hub knows; the rest is for a person to write.
v1::UpwardFields Prefill(const State& state, const Renderer& renderer, const v1::IncidentState& incident) {
  v1::UpwardFields fields;
  fields.set_happened_at_ms(incident.opened_at_ms());
  const v1::Division* division = state.site()->FindDivision(incident.division());
  std::string place = division == nullptr ? "" : division->name_zh();
  bool first = true;
  for (const v1::ReportState* report : state.ReportsOf(incident.id())) {
    if (!first) break;
    first = false;
    const v1::SealedPart sealed = OpenPartOf(renderer, *report);
    if (report->open().occurred_at_ms() > 0) fields.set_happened_at_ms(report->open().occurred_at_ms());
    absl::StrAppend(&place, sealed.address());
    fields.set_course(sealed.description());
  }
  fields.set_place(place);
  *fields.mutable_counts() = KnownCasualties(state, incident);
  fields.set_measures(Measures(state, incident));
  fields.set_progress(incident.status() == v1::OPEN ? "正在处置" : "处置完毕");
  return fields;
}

// Sealed under the key of the incident that it lived on in when it was made, or its own.
v1::UpwardFields Made(const State& state, const Renderer& renderer, const v1::DutyState& duty) {
  v1::UpwardFields fields;
  std::string text;
  if (const v1::IncidentState* root = state.Root(duty.incident_id()))
    text = renderer.OpenText(root->id(), duty.statutory().sealed_fields());
  if (text.empty()) text = renderer.OpenText(duty.incident_id(), duty.statutory().sealed_fields());
  fields.ParseFromString(text);
  *fields.mutable_counts() = duty.statutory().counts();
  return fields;
}

}  // namespace

std::vector<v1::UpwardReport> UpwardReports(const State& state, const Renderer& renderer,
                                            const v1::IncidentState& incident) {
  std::vector<v1::UpwardReport> out;
  const v1::Category* category = state.site()->FindCategory(incident.category());
  const v1::Division* division = state.site()->FindDivision(incident.division());
  auto add = [&](const v1::IncidentState& one) {
    for (uint64_t id : one.duty()) {
      const v1::DutyState* duty = state.FindDuty(id);
      if (duty == nullptr || !duty->has_statutory() || duty->status() == v1::DUTY_MERGED_INTO) continue;
      const v1::StatutoryDuty& law = duty->statutory();
      v1::UpwardReport& report = out.emplace_back();
      report.set_incident_id(incident.id());
      report.set_duty_id(id);
      report.set_party(duty->party());
      *report.mutable_rule() = ViewOfStatutory(state.site(), law);
      report.set_status(duty->status());
      report.set_purpose(incident.purpose());
      report.set_erased_at_ms(incident.erased_at_ms());
      report.set_severity(incident.severity());
      if (category != nullptr) report.set_category_zh(category->name_zh());
      const bool made = law.made_at_ms() > 0;
      *report.mutable_fields() = made ? Made(state, renderer, *duty) : Prefill(state, renderer, incident);
      if (made) {
        report.add_form(law.form());
      } else {
        *report.mutable_form() = law.allowed();
        for (v1::UpwardField field : MissingFields(law.required(), PresentFields(report.fields())))
          report.add_missing(field);
      }
      report.set_late(law.due_ms() > 0 && (made ? law.made_at_ms() : state.time_ms()) > law.due_ms());
      report.set_title(UpwardTitle(division == nullptr ? "" : division->name_zh(), report.category_zh(),
                                   report.fields().counts(), report.fields().progress()));
    }
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = state.FindIncident(id)) add(*younger);
  }
  return out;
}

}  // namespace liandong::core
