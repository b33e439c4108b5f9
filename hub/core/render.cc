#include "hub/core/render.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/core/counts.h"
#include "hub/core/limits.h"
#include "hub/core/mask.h"
#include "hub/core/retention.h"
#include "hub/core/steps.h"
#include "routing/statutory.h"

namespace liandong::core {
namespace {

constexpr v1::Field kAllFields[] = {v1::PLACE,      v1::DESCRIPTION, v1::CALLER_NAME,   v1::CALLER_PHONE,
                                    v1::CASUALTIES, v1::MEDICAL,     v1::SOURCE_RECORD, v1::DETAILS};

// A key that is lost, or a disk that cannot be read now: an empty field would say that nothing was told.
constexpr char kUnreadable[] =
    "【原文暂无法读取,请电话询问指挥中心】 [the text cannot be read now: ask the command centre by telephone]";

bool StillDiscloses(v1::DutyStatus status) {
  return status == v1::DUTY_OPEN || status == v1::DUTY_DONE || status == v1::DUTY_MERGED_INTO;
}

// Which fields of a report say something at all.
std::set<v1::Field> Filled(const v1::ReportState& report, const v1::SealedPart& sealed) {
  std::set<v1::Field> out = {v1::SOURCE_RECORD};
  if (!sealed.address().empty() || sealed.has_point() || !sealed.village().empty()) out.insert(v1::PLACE);
  if (!sealed.description().empty()) out.insert(v1::DESCRIPTION);
  if (!sealed.caller_name().empty()) out.insert(v1::CALLER_NAME);
  if (!sealed.caller_phone().empty() || !sealed.contact_phone().empty()) out.insert(v1::CALLER_PHONE);
  if (!sealed.medical().empty()) out.insert(v1::MEDICAL);
  if (sealed.details_size() > 0) out.insert(v1::DETAILS);
  if (report.open().has_counts()) out.insert(v1::CASUALTIES);
  return out;
}

v1::ReportView ViewOf(const v1::ReportState& report, const v1::SealedPart& sealed, const Disclosure& disclosure) {
  const bool own = report.key().party() == disclosure.own_party;
  auto shown = [&](v1::Field field) { return own || disclosure.has(field); };
  v1::ReportView view;
  view.set_party(report.key().party());
  view.set_revision(report.revision());
  view.set_reported_at_ms(report.open().reported_at_ms());
  view.set_occurred_at_ms(report.open().occurred_at_ms());
  if (shown(v1::SOURCE_RECORD)) view.set_external_id(report.key().external_id());
  if (shown(v1::CALLER_NAME)) {
    view.set_caller_name(sealed.caller_name());
  } else if (disclosure.has(v1::CALLER_NAME_MASKED)) {
    view.set_caller_name(MaskName(sealed.caller_name()));
  }
  if (shown(v1::CALLER_PHONE)) {
    view.set_caller_phone(sealed.caller_phone());
    view.set_contact_phone(sealed.contact_phone());
  } else if (disclosure.has(v1::CALLER_PHONE_MASKED)) {
    view.set_caller_phone(MaskPhone(sealed.caller_phone()));
    view.set_contact_phone(MaskPhone(sealed.contact_phone()));
  }
  if (shown(v1::PLACE)) {
    view.set_address(sealed.address());
    if (sealed.has_point()) *view.mutable_point() = sealed.point();
  }
  if (shown(v1::DESCRIPTION)) view.set_description(sealed.description());
  if (shown(v1::MEDICAL)) view.set_medical(sealed.medical());
  if (shown(v1::DETAILS)) {
    for (const auto& detail : sealed.details()) {
      v1::DetailView* one = view.add_details();
      one->set_name(detail.name());
      one->set_value(detail.value());
    }
  }
  return view;
}

void SetHead(const State& state, const v1::IncidentState& incident, v1::IncidentView* view) {
  const routing::Site* site = state.site();
  view->set_incident_id(incident.id());
  view->set_revision(incident.revision());
  view->set_status(incident.status());
  view->set_verification(incident.verification());
  view->set_purpose(incident.purpose());
  view->set_lane(incident.lane());
  view->set_category(incident.category());
  if (const v1::Category* category = site->FindCategory(incident.category()))
    view->set_category_zh(category->name_zh());
  view->set_severity(incident.severity());
  view->set_division(incident.division());
  if (const v1::Division* division = site->FindDivision(incident.division()))
    view->set_division_zh(division->name_zh());
  view->set_holder(incident.holder());
  view->set_opened_at_ms(incident.opened_at_ms());
  view->set_danger_to_life(incident.danger_to_life());
  view->set_merged_into(incident.merged_into());
  view->set_secret(incident.secret());
  if (incident.category().empty()) view->add_unconfirmed("category");
  if (incident.severity() == v1::SEVERITY_UNKNOWN) view->add_unconfirmed("severity");
  if (incident.division().empty()) view->add_unconfirmed("division");
  if (incident.danger_to_life() == v1::ANSWER_UNKNOWN) view->add_unconfirmed("danger_to_life");
  if (incident.verification() == v1::UNVERIFIED) view->add_unconfirmed("verification");
}

// One more line.
void AddText(const std::string& line, std::string* text) {
  if (line.empty()) return;
  absl::StrAppend(text, text->empty() ? "" : "\n", line);
}

}  // namespace

v1::StatutoryView ViewOfStatutory(const routing::Site* site, const v1::StatutoryDuty& duty) {
  v1::StatutoryView view;
  view.set_rule(duty.rule());
  view.set_kind(duty.kind());
  view.set_number(duty.number());
  view.set_to(duty.to());
  *view.mutable_form() = duty.allowed();
  *view.mutable_required() = duty.required();
  view.set_due_ms(duty.due_ms());
  view.set_made_at_ms(duty.made_at_ms());
  if (const v1::StatutoryRule* rule = site == nullptr ? nullptr : routing::FindStatutoryRule(*site, duty.rule())) {
    view.set_title(rule->title());
    view.set_source(rule->source());
  }
  return view;
}

std::string MatchText(const v1::SealedPart& sealed) {
  std::string out = absl::StrCat(sealed.description(), "\n", sealed.address(), "\n", sealed.medical());
  for (const auto& detail : sealed.details()) absl::StrAppend(&out, "\n", detail.value());
  return out;
}

v1::DutyLine LineOf(const State& state, const v1::DutyState& duty, int64_t now_ms) {
  v1::DutyLine line;
  line.set_duty_id(duty.id());
  line.set_party(duty.party());
  line.set_role(duty.role());
  line.set_status(duty.status());
  line.set_transport(duty.transport());
  line.set_person(duty.person());
  line.set_field(duty.field());
  const Due next = NextDue(duty);
  line.set_next_deadline_ms(next.at_ms);
  line.set_next_rung(next.rung);
  line.set_steps_climbed(duty.next_step());
  *line.mutable_missed() = duty.missed();
  line.set_delivery_id(duty.first_delivery());
  line.set_reason(duty.reason());
  line.set_statutory_rule(duty.statutory().rule());
  line.set_upward_kind(duty.statutory().kind());
  line.set_binding(duty.binding());
  line.set_return_requested(duty.return_delivery() != 0);
  *line.mutable_reminded() = duty.reminded();
  const routing::Site& site = *state.site();
  if (const v1::Party* party = site.FindParty(duty.party())) line.set_phone_24h(party->phone_24h());
  if (duty.step_size() == 0) return line;
  const int step = std::min(static_cast<int>(duty.next_step()), duty.step_size() - 1);
  const Target target = WhoIsTold(state, site, duty.step(step).to(), now_ms);
  line.set_told_next(duty.step(step).to());
  line.set_on_post(target.person);
  line.set_post_phone_24h(target.phone_24h);
  return line;
}

std::optional<v1::DisputeLine> DisputeOf(const v1::IncidentState& incident) {
  if (incident.dispute_until_ms() == 0) return std::nullopt;
  v1::DisputeLine line;
  line.set_from(incident.transfer_from());
  line.set_to(incident.transfer_to());
  line.set_until_ms(incident.dispute_until_ms());
  return line;
}

std::string Renderer::OpenText(uint64_t incident_id, const std::string& sealed) const {
  const v1::IncidentState* incident = state_.FindIncident(incident_id);
  // The record decides, not whether the key happens to be there still.
  if (incident == nullptr || sealed.empty() || incident->erased_at_ms() != 0) return "";
  absl::StatusOr<std::string> text = open_(*incident, sealed);
  return text.ok() ? *std::move(text) : "";
}

std::string Renderer::ReadText(uint64_t incident_id, const std::string& sealed) const {
  const v1::IncidentState* incident = state_.FindIncident(incident_id);
  if (incident == nullptr || sealed.empty()) return "";
  if (incident->erased_at_ms() != 0) return kErasedZh;
  std::string text = OpenText(incident_id, sealed);
  return text.empty() ? kUnreadable : text;  // nothing is sealed of an empty text
}

std::vector<const v1::ReportState*> Renderer::Reports(const v1::IncidentState& incident) const {
  std::vector<const v1::ReportState*> out;
  auto add = [&](const v1::IncidentState& one) {
    const std::vector<const v1::ReportState*> reports = state_.ReportsOf(one.id());
    out.insert(out.end(), reports.begin(), reports.end());
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = state_.FindIncident(id)) add(*younger);
  }
  return out;
}

std::string Renderer::MatchText(const v1::IncidentState& incident, const ReportKey* but) const {
  std::string out;
  for (const v1::ReportState* report : Reports(incident)) {
    if (but != nullptr && report->key().party() == but->first && report->key().external_id() == but->second) continue;
    v1::SealedPart sealed;
    if (sealed.ParseFromString(OpenText(report->incident_id(), report->sealed())))
      absl::StrAppend(&out, core::MatchText(sealed), "\n");
  }
  return out;
}

Disclosure Renderer::DisclosureFor(const std::string& party, const v1::IncidentState& incident) const {
  Disclosure out;
  out.own_party = party;
  const v1::Party* known = state_.site()->FindParty(party);
  const bool handler = party == incident.holder() || party == incident.first_party();
  if (known == nullptr || (incident.secret() && !handler && incident.duty().empty())) return out;
  if (known->kind() == v1::COMMAND && !incident.secret()) {
    out.fields.insert(std::begin(kAllFields), std::end(kAllFields));
    return out;
  }
  auto from = [&](const v1::IncidentState& one) {
    for (uint64_t id : one.duty()) {
      const v1::DutyState* duty = state_.FindDuty(id);
      if (duty == nullptr || duty->party() != party || !StillDiscloses(duty->status())) continue;
      for (int field : duty->disclose()) out.fields.insert(static_cast<v1::Field>(field));
      out.clauses.insert(out.clauses.end(), duty->clause().begin(), duty->clause().end());
    }
    for (const v1::ReportState* report : state_.ReportsOf(one.id())) {
      if (report->key().party() != party) continue;
      for (int field : known->feedback_disclose()) out.fields.insert(static_cast<v1::Field>(field));
    }
  };
  from(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = state_.FindIncident(id)) from(*younger);
  }
  const bool offered = incident.transfer_delivery() != 0 || incident.dispute_until_ms() > 0;
  if (offered && incident.transfer_to() == party) {
    for (int field : state_.site()->settings().transfer_disclose()) out.fields.insert(static_cast<v1::Field>(field));
  }
  return out;
}

v1::IncidentView Renderer::View(const v1::IncidentState& incident, const Disclosure& disclosure,
                                size_t reports_max) const {
  v1::IncidentView view;
  SetHead(state_, incident, &view);
  if (incident.secret() && disclosure.fields.empty() && disclosure.own_party != incident.first_party()) {
    // Of a secret record others learn no more than that a number exists.
    v1::IncidentView bare;
    bare.set_incident_id(incident.id());
    bare.set_revision(incident.revision());
    bare.set_status(incident.status());
    bare.set_purpose(incident.purpose());
    bare.set_holder(incident.holder());
    bare.set_secret(true);
    return bare;
  }
  view.set_erased_at_ms(incident.erased_at_ms());
  const v1::Party* reader = state_.site()->FindParty(disclosure.own_party);
  if (reader != nullptr && reader->kind() == v1::COMMAND) view.set_held_since_ms(incident.held_since_ms());
  if (disclosure.has(v1::CASUALTIES)) {
    *view.mutable_counts() = incident.counts();
  } else {
    // What a party told itself it may see; the incident's counts are the largest of what all told.
    for (const v1::ReportState* report : Reports(incident)) {
      if (report->key().party() == disclosure.own_party) Raise(report->open().counts(), view.mutable_counts());
    }
    if (view.counts().ByteSizeLong() == 0) view.clear_counts();
  }
  if (reports_max == 0) return view;
  std::vector<const v1::ReportState*> shown = Reports(incident);
  view.set_report_count(static_cast<uint32_t>(shown.size()));
  if (shown.size() > reports_max) shown.erase(shown.begin() + 1, shown.end() - (reports_max - 1));
  std::set<v1::Field> withheld;
  for (const v1::ReportState* report : shown) {
    v1::SealedPart sealed;
    const std::string text = OpenText(report->incident_id(), report->sealed());
    sealed.ParseFromString(text);
    if (text.empty() && !report->sealed().empty() && incident.erased_at_ms() == 0) {
      sealed.set_description(kUnreadable);
      sealed.set_address(kUnreadable);
    }
    *view.add_reports() = ViewOf(*report, sealed, disclosure);
    if (report->key().party() == disclosure.own_party) continue;
    for (v1::Field field : Filled(*report, sealed)) {
      if (!disclosure.has(field)) withheld.insert(field);
    }
  }
  for (v1::Field field : withheld) {
    v1::Withheld* one = view.add_withheld();
    one->set_field(field);
    one->set_masked(std::any_of(disclosure.fields.begin(), disclosure.fields.end(),
                                [field](v1::Field part) { return WholeOf(part) == field; }));
    for (const auto& ref : disclosure.clauses) *one->add_clauses() = ref;
  }
  return view;
}

v1::DutyView Renderer::Duty(const v1::DutyState& duty) const {
  v1::DutyView view;
  view.set_duty_id(duty.id());
  view.set_role(duty.role());
  view.set_status(duty.status());
  view.set_receive_by_ms(duty.receive_by_ms());
  view.set_accept_by_ms(duty.accept_by_ms());
  view.set_arrive_by_ms(duty.arrive_by_ms());
  view.set_complete_by_ms(duty.complete_by_ms());
  view.set_person(duty.person());
  view.set_field(duty.field());
  view.set_verify_first(duty.verify_first());
  view.set_see_by_ms(duty.see_by_ms());
  view.set_en_route_by_ms(duty.en_route_by_ms());
  view.set_binding(duty.binding());
  for (const auto& ref : duty.clause()) *view.add_clauses() = Cite(ref);
  if (duty.has_statutory()) *view.mutable_statutory() = ViewOfStatutory(state_.site(), duty.statutory());
  return view;
}

v1::CitedClause Renderer::Cite(const v1::ClauseRef& ref) const {
  v1::CitedClause cited;
  *cited.mutable_ref() = ref;
  const routing::Site* site = state_.site();
  // In the words that it was decided by: the clause may have been signed anew since.
  std::shared_ptr<const routing::Site> past;
  if (ref.site_version() != site->version()) {
    if (past_sites_) past = past_sites_(ref.site_version());
    site = past.get();
  }
  if (site == nullptr) return cited;
  if (const v1::Agreement* agreement = site->FindAgreement(ref.agreement())) cited.set_title(agreement->title());
  if (const v1::Clause* clause = site->FindClause(ref)) cited.set_text(clause->text());
  return cited;
}

v1::FeedbackItem Renderer::Item(const v1::FeedbackNote& note) const {
  v1::FeedbackItem item;
  item.set_at_ms(note.at_ms());
  item.set_party(note.party());
  if (!note.party().empty()) item.set_party_zh(PartyName(*state_.site(), note.party()));
  item.set_state(note.state());
  item.set_reason(note.reason());
  if (note.has_counts()) *item.mutable_counts() = note.counts();
  item.set_note(ReadText(note.sealed_incident(), note.sealed_note()));
  item.set_what(note.what());
  item.set_person(note.person());
  item.set_unit(note.unit());
  return item;
}

v1::Delivery Renderer::Delivery(const v1::DeliveryState& delivery, bool resent) const {
  v1::Delivery out;
  v1::Envelope* envelope = out.mutable_envelope();
  envelope->set_delivery_id(delivery.id());
  envelope->set_party(delivery.party());
  envelope->set_lane(delivery.lane());
  envelope->set_sequence(delivery.sequence());
  envelope->set_incident_id(delivery.incident_id());
  envelope->set_kind(delivery.kind());
  envelope->set_purpose(delivery.purpose());
  envelope->set_duty_id(delivery.duty_id());
  envelope->set_queued_at_ms(delivery.queued_at_ms());
  envelope->set_resent(resent);
  v1::Body* body = out.mutable_body();
  body->set_text(delivery.text());
  body->set_text_en(delivery.text_en());
  AddText(ReadText(delivery.incident_id(), delivery.sealed_text()), body->mutable_text());
  const v1::IncidentState* incident = state_.FindIncident(delivery.incident_id());
  if (incident == nullptr) return out;
  envelope->set_incident_revision(incident->revision());
  // A CANCEL tells that something ended; it needs no content any more. A feedback's reader knows its own report.
  const bool with_reports = delivery.kind() != v1::CANCEL && delivery.kind() != v1::FEEDBACK;
  const size_t reports_max = with_reports ? limits::kReportsShown : 0;
  *body->mutable_incident() = View(*incident, DisclosureFor(delivery.party(), *incident), reports_max);
  if (const v1::DutyState* duty = state_.FindDuty(delivery.duty_id())) {
    *body->mutable_duty() = Duty(*duty);
    if (duty->is_order() && delivery.party() == duty->party() && delivery.kind() != v1::CANCEL) {
      body->set_text(ReadText(duty->incident_id(), duty->sealed_text()));
    }
  }
  if (with_reports && incident->erased_at_ms() != 0 && !absl::StrContains(body->text(), kErasedZh)) {
    AddText(kErasedZh, body->mutable_text());
    AddText(kErasedEn, body->mutable_text_en());
  }
  if (delivery.kind() == v1::FEEDBACK) {
    // The reporter finds its own record by its own id.
    for (const v1::ReportState* report : state_.ReportsOf(incident->id())) {
      if (report->key().party() != delivery.party()) continue;
      v1::ReportView* own = body->mutable_incident()->add_reports();
      own->set_party(report->key().party());
      own->set_external_id(report->key().external_id());
    }
    for (const auto& note : delivery.feedback()) *body->add_feedback() = Item(note);
  }
  return out;
}

v1::IncidentSummary Renderer::Summary(const v1::IncidentState& incident, const std::string& reader) const {
  v1::IncidentSummary out;
  *out.mutable_incident() = View(incident, DisclosureFor(reader, incident), /*reports_max=*/0);
  if (out.incident().category().empty() && incident.secret()) return out;
  out.set_first_party(incident.first_party());
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = state_.FindDuty(id);
    if (duty == nullptr) continue;
    *out.add_duty() = LineOf(state_, *duty, state_.time_ms());
    const int64_t next = NextDue(*duty).at_ms;
    if (next > 0 && (out.next_deadline_ms() == 0 || next < out.next_deadline_ms())) out.set_next_deadline_ms(next);
  }
  if (const auto dispute = DisputeOf(incident)) *out.mutable_dispute() = *dispute;
  return out;
}

}  // namespace liandong::core
