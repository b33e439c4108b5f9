#include "hub/core/statutory.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hub/core/deadlines.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"
#include "routing/statutory.h"

namespace liandong::core {
namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

// The incident's duties upward and those of the incidents merged into it.
std::vector<const v1::DutyState*> UpwardDuties(const Draft& draft, const v1::IncidentState& incident) {
  std::vector<const v1::DutyState*> out;
  auto add = [&](const v1::IncidentState& one) {
    for (uint64_t id : one.duty()) {
      const v1::DutyState* duty = draft.FindDuty(id);
      if (duty->has_statutory()) out.push_back(duty);
    }
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = draft.FindIncident(id)) add(*younger);
  }
  return out;
}

bool Stands(const v1::DutyState& duty) {
  return duty.status() == v1::DUTY_OPEN || duty.status() == v1::DUTY_REFUSED || duty.status() == v1::DUTY_DONE;
}
bool Made(const v1::DutyState& duty) { return duty.statutory().made_at_ms() > 0; }

std::string PartyOf(const Draft& draft, const v1::IncidentState& incident, const v1::StatutoryRule& rule) {
  const std::string& command = draft.site().settings().command_party();
  if (rule.party() == "@command") return command;
  if (rule.party() != "@lead") return draft.site().FindParty(rule.party()) == nullptr ? command : rule.party();
  for (uint64_t id : incident.duty()) {
    const v1::DutyState* duty = draft.FindDuty(id);
    if (duty->role() == v1::LEAD && (duty->status() == v1::DUTY_OPEN || duty->status() == v1::DUTY_DONE))
      return duty->party();
  }
  return command;
}

void Begin(Draft& draft, uint64_t incident_id, const v1::StatutoryRule& rule, v1::UpwardKind kind, uint32_t number) {
  const v1::SiteSettings& settings = draft.site().settings();
  const std::string party = PartyOf(draft, draft.Incident(incident_id), rule);
  v1::DutyState& duty = draft.NewDuty(incident_id);
  duty.set_party(party);
  duty.set_role(v1::SUPPORT);
  v1::StatutoryDuty& law = *duty.mutable_statutory();
  law.set_rule(rule.id());
  law.set_site_version(draft.site().version());
  law.set_kind(kind);
  law.set_to(rule.to());
  law.set_number(number);
  *law.mutable_required() = rule.required();
  *law.mutable_allowed() = rule.form();
  if (rule.within_s() > 0) law.set_due_ms(draft.now() + int64_t{rule.within_s()} * 1000);
  duty.set_complete_by_ms(law.due_ms());
  if (settings.lead_receive_s() > 0) duty.set_receive_by_ms(draft.now() + int64_t{settings.lead_receive_s()} * 1000);
  bool told_command = party == settings.command_party();
  for (const v1::EscalationStep& step : rule.escalate()) {
    v1::EscalationStepState* one = duty.add_step();
    one->set_to(step.to());
    one->set_wait_s(step.wait_s());
    told_command = told_command || step.to() == settings.command_party();
  }
  if (!told_command) duty.add_step()->set_to(settings.command_party());
  v1::DeliveryState& delivery = draft.Queue(party, v1::UPWARD_REPORT, incident_id, duty.id());
  delivery.set_receive_by_ms(0);  // the duty's own rung watches it
  delivery.set_text(absl::StrCat("【信息报送】事件", incident_id, ",", rule.title(), KindZh(kind, number), ",报",
                                 LevelZh(rule.to()),
                                 rule.within_s() > 0 ? absl::StrCat(",时限", rule.within_s() / 60, "分钟") : ""));
  delivery.set_text_en(absl::StrCat(
      "Report upward: incident ", incident_id, ", ", KindEn(kind), " report to the ", LevelEn(rule.to()),
      rule.within_s() > 0 ? absl::StrCat(" within ", rule.within_s() / 60, " min") : "", ", row ", rule.id()));
  duty.set_first_delivery(delivery.id());
}

bool Grew(const v1::Counts& now, const v1::Counts& told) {
  return now.dead() > told.dead() || now.missing() > told.missing() || now.injured() > told.injured();
}

// Art. 13: what has changed since the last report of this row is told again, while its days run.
void MaybeSupplement(Draft& draft, const v1::IncidentState& incident, const v1::StatutoryRule& rule) {
  const bool is_short = routing::AccidentLawOf(draft.site(), incident.category()) == v1::ACCIDENT_LAW_493_SHORT;
  const uint32_t days = is_short ? rule.supplement_days_short() : rule.supplement_days();
  if (draft.now() - incident.opened_at_ms() > int64_t{days} * kDayMs) return;
  const v1::DutyState* last = nullptr;
  uint32_t supplements = 0;
  for (const v1::DutyState* duty : UpwardDuties(draft, incident)) {
    if (duty->statutory().rule() != rule.id()) continue;
    supplements += duty->statutory().kind() == v1::UPWARD_SUPPLEMENT;
    if (Stands(*duty) && !Made(*duty)) return;  // one is due already and will tell it
    if (Made(*duty) && (last == nullptr || duty->statutory().made_at_ms() >= last->statutory().made_at_ms()))
      last = duty;
  }
  if (last == nullptr || !Grew(KnownCasualties(draft, incident), last->statutory().counts())) return;
  Begin(draft, incident.id(), rule, v1::UPWARD_SUPPLEMENT, supplements + 1);
}

// After a report to a level was made: what must follow it.
void BeginFollowing(Draft& draft, uint64_t incident_id, v1::UpwardKind made, v1::UpwardLevel to) {
  const v1::IncidentState& incident = draft.Incident(incident_id);
  if (incident.status() != v1::OPEN) return;
  for (const v1::StatutoryRule& rule : draft.site().proto().statutory()) {
    const bool follows =
        rule.kind() == v1::UPWARD_FOLLOW_UP && (made == v1::UPWARD_INITIAL || made == v1::UPWARD_FOLLOW_UP);
    const bool ends = rule.kind() == v1::UPWARD_FINAL && made == v1::UPWARD_INITIAL;
    if (rule.to() != to || (!follows && !ends)) continue;
    if (!routing::Applies(draft.site(), rule, incident.category(), incident.severity())) continue;
    uint32_t number = 0;
    bool due = false, over = false;
    for (const v1::DutyState* duty : UpwardDuties(draft, incident)) {
      if (duty->statutory().to() != to) continue;
      over = over || (duty->statutory().kind() == v1::UPWARD_FINAL && Made(*duty));
      if (duty->statutory().rule() != rule.id()) continue;
      ++number;
      due = due || (Stands(*duty) && !Made(*duty));
    }
    if (due || over || (ends && number > 0)) continue;
    Begin(draft, incident_id, rule, rule.kind(), number + 1);
  }
}

// The final report ends the follow-ups to the same level.
void EndFollowUps(Draft& draft, const v1::IncidentState& incident, v1::UpwardLevel to) {
  for (const v1::DutyState* duty : UpwardDuties(draft, incident)) {
    if (duty->status() == v1::DUTY_OPEN && duty->statutory().kind() == v1::UPWARD_FOLLOW_UP &&
        duty->statutory().to() == to)
      EndDuty(draft, duty->id(), v1::DUTY_CANCELLED, "终报已报送,续报结束",
              "The final report was made; no more follow-ups");
  }
}

std::string Name(const v1::DutyState& duty) {
  return absl::StrCat(duty.statutory().rule(), "(", KindZh(duty.statutory().kind(), duty.statutory().number()), ")");
}

// The duty that a filing is for.
absl::StatusOr<uint64_t> DueFor(const Draft& draft, const v1::IncidentState& incident,
                                const v1::FileUpwardReportRequest& request) {
  const v1::DutyState* found = nullptr;
  std::vector<std::string> due;
  for (const v1::DutyState* duty : UpwardDuties(draft, incident)) {
    if (!Stands(*duty) || Made(*duty)) continue;
    due.push_back(Name(*duty));
    const bool kind_fits = request.kind() == v1::UPWARD_KIND_UNSPECIFIED || request.kind() == duty->statutory().kind();
    const bool sooner = found == nullptr || duty->assigned_at_ms() < found->assigned_at_ms();
    if (duty->statutory().rule() == request.rule() && kind_fits && sooner) found = duty;
  }
  if (found != nullptr) return found->id();
  return Refuse(
      absl::StatusCode::kNotFound, "NO_UPWARD_DUTY",
      absl::StrCat("incident ", incident.id(),
                   " has no such report due; due are: ", due.empty() ? "none" : absl::StrJoin(due, ", ")),
      absl::StrCat("事件 ", incident.id(), " 没有该项待报信息;待报:", due.empty() ? "无" : absl::StrJoin(due, "、")),
      "rule");
}

absl::Status CheckFiling(const Draft& draft, const FileUpwardCommand& command, const v1::DutyState& duty) {
  const v1::FileUpwardReportRequest& request = command.request;
  const std::string& actor = draft.context().actor.party();
  if (actor != duty.party() && actor != draft.site().settings().command_party()) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
                  absl::StrCat("this report is for \"", duty.party(), "\" or the command centre to make"),
                  "该信息应由责任单位或指挥中心报送", "rule");
  }
  const auto& allowed = duty.statutory().allowed();
  const bool form_fits = allowed.empty() || std::find(allowed.begin(), allowed.end(), request.form()) != allowed.end();
  if (request.form() == v1::UPWARD_FORM_UNSPECIFIED || !v1::UpwardForm_IsValid(request.form()) || !form_fits) {
    std::vector<std::string> names;
    for (int form : allowed) names.push_back(FormZh(static_cast<v1::UpwardForm>(form)));
    if (names.empty()) names = {"电话 UPWARD_PHONE", "书面 UPWARD_WRITTEN", "网络直报 UPWARD_ONLINE"};
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                  absl::StrCat("form: say how it was made, one of: ", absl::StrJoin(names, ", ")),
                  absl::StrCat("须注明报送形式:", absl::StrJoin(names, "、")), "form");
  }
  if (request.made_at_ms() < 0 || request.made_at_ms() > draft.now()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "made_at_ms: must not lie in the future",
                  "报送时间不得晚于现在", "made_at_ms");
  }
  const std::vector<v1::UpwardField> missing = MissingFields(duty.statutory().required(), command.present);
  if (missing.empty()) return absl::OkStatus();
  std::vector<std::string> zh, en;
  for (v1::UpwardField field : missing) {
    zh.push_back(FieldZh(field));
    en.push_back(v1::UpwardField_Name(field));
  }
  return Refuse(absl::StatusCode::kInvalidArgument, "MISSING_FIELDS",
                absl::StrCat("the law asks for what is not there: ", absl::StrJoin(en, ", "),
                             "; the report does not count as made"),
                absl::StrCat("缺少法定内容:", absl::StrJoin(zh, "、"), ";不视为已报送"), "fields");
}

template <typename Source>
v1::Counts CasualtiesIn(const Source& source, const v1::IncidentState& incident) {
  v1::Counts out = incident.counts();
  auto raise = [&](const v1::Counts& from) {
    if (from.has_dead()) out.set_dead(std::max(out.dead(), from.dead()));
    if (from.has_missing()) out.set_missing(std::max(out.missing(), from.missing()));
    if (from.has_injured()) out.set_injured(std::max(out.injured(), from.injured()));
    if (from.has_loss_yuan()) out.set_loss_yuan(std::max(out.loss_yuan(), from.loss_yuan()));
  };
  auto add = [&](const v1::IncidentState& one) {
    for (uint64_t id : one.duty()) raise(source.FindDuty(id)->counts());
  };
  add(incident);
  for (uint64_t id : incident.merged()) {
    if (const v1::IncidentState* younger = source.FindIncident(id)) add(*younger);
  }
  return out;
}

}  // namespace

v1::Counts KnownCasualties(const Draft& draft, const v1::IncidentState& incident) {
  return CasualtiesIn(draft, incident);
}
v1::Counts KnownCasualties(const State& state, const v1::IncidentState& incident) {
  return CasualtiesIn(state, incident);
}

void AddStatutoryDuties(Draft& draft, uint64_t incident_id) {
  const v1::IncidentState& incident = draft.Incident(incident_id);
  if (incident.status() != v1::OPEN || incident.secret()) return;
  // A machine's alarm that nobody has looked at is no accident yet.
  if (incident.device_alarm() && incident.verification() != v1::VERIFIED) return;
  for (const v1::StatutoryRule& rule : draft.site().proto().statutory()) {
    if (rule.kind() != v1::UPWARD_INITIAL) continue;
    if (!routing::Applies(draft.site(), rule, incident.category(), incident.severity())) continue;
    bool begun = false;
    for (const v1::DutyState* duty : UpwardDuties(draft, incident)) {
      begun = begun || (duty->statutory().rule() == rule.id() && duty->statutory().kind() == v1::UPWARD_INITIAL &&
                        (Stands(*duty) || duty->status() == v1::DUTY_MERGED_INTO));
    }
    if (!begun) {
      Begin(draft, incident_id, rule, v1::UPWARD_INITIAL, 1);
    } else {
      MaybeSupplement(draft, incident, rule);
    }
  }
}

absl::Status UpwardStillDue(const Draft& draft, uint64_t incident_id) {
  std::vector<std::string> due;
  for (const v1::DutyState* duty : UpwardDuties(draft, *draft.FindIncident(incident_id))) {
    // A refusal is no report: the law still waits.
    if (Stands(*duty) && !Made(*duty) && duty->statutory().kind() != v1::UPWARD_FOLLOW_UP) due.push_back(Name(*duty));
  }
  if (due.empty()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "UPWARD_REPORT_DUE",
                absl::StrCat("the law's reports are still due: ", absl::StrJoin(due, ", "),
                             "; make them with: liandong upward file, or correct the category or grade and reassign"),
                absl::StrCat("法定信息报送尚未完成:", absl::StrJoin(due, "、"), ",请先报送"), "incident_id");
}

void CarryStatutory(const v1::DutyState& from, v1::DutyState* to) {
  if (!from.has_statutory()) return;
  *to->mutable_statutory() = from.statutory();
  // Nobody accepts or sets out to make a report.
  for (v1::Rung rung : {v1::RUNG_SEE, v1::RUNG_ACCEPT, v1::RUNG_EN_ROUTE, v1::RUNG_ARRIVE}) SetDeadline(*to, rung, 0);
  to->set_complete_by_ms(from.complete_by_ms());  // the law's clock goes on
}

absl::StatusOr<Answer> DecideFileUpward(Draft& draft, const FileUpwardCommand& command) {
  const v1::IncidentState* root = draft.state().Root(command.request.incident_id());
  if (root == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT",
                  absl::StrCat("incident ", command.request.incident_id(), " is not in memory"),
                  absl::StrCat("没有事件 ", command.request.incident_id()), "incident_id");
  }
  absl::StatusOr<uint64_t> duty_id = DueFor(draft, *root, command.request);
  if (!duty_id.ok()) return duty_id.status();
  if (auto s = CheckFiling(draft, command, *draft.FindDuty(*duty_id)); !s.ok()) return s;
  const v1::FileUpwardReportRequest& request = command.request;
  v1::IncidentState& incident = draft.Incident(root->id());
  incident.set_revision(incident.revision() + 1);
  v1::DutyState& duty = draft.Duty(*duty_id);
  v1::StatutoryDuty& law = *duty.mutable_statutory();
  law.set_made_at_ms(request.made_at_ms() > 0 ? request.made_at_ms() : draft.now());
  law.set_form(request.form());
  *law.mutable_counts() = request.fields().counts();
  law.set_sealed_fields(command.sealed_fields);
  for (v1::UpwardField field : command.present) law.add_present(field);
  duty.set_status(v1::DUTY_DONE);
  duty.set_person(v1::ACCEPTED);
  duty.set_field(v1::COMPLETED);
  duty.set_receive_by_ms(0);
  duty.set_complete_by_ms(0);
  duty.set_next_step_ms(0);
  duty.set_climbing(v1::RUNG_UNSPECIFIED);
  duty.set_completed_at_ms(draft.now());

  v1::UpwardReportFiled* what = draft.record().mutable_upward_report_filed();
  what->set_incident_id(incident.id());
  what->set_duty_id(duty.id());
  what->set_rule(law.rule());
  what->set_kind(law.kind());
  what->set_number(law.number());
  what->set_made_at_ms(law.made_at_ms());
  what->set_form(law.form());
  what->set_late(law.due_ms() > 0 && law.made_at_ms() > law.due_ms());
  *what->mutable_present() = law.present();
  if (duty.party() != draft.context().actor.party()) {
    v1::DeliveryState& update = draft.Queue(duty.party(), v1::UPDATE, duty.incident_id(), duty.id());
    update.set_text(absl::StrCat("事件", incident.id(), KindZh(law.kind(), law.number()), "已由",
                                 PartyName(draft.site(), draft.context().actor.party()), "报送"));
    update.set_text_en(absl::StrCat("The ", KindEn(law.kind()), " report of incident ", incident.id(), " was made by ",
                                    draft.context().actor.party()));
  }
  const v1::UpwardKind kind = law.kind();
  const v1::UpwardLevel to = law.to();
  if (kind == v1::UPWARD_FINAL) EndFollowUps(draft, incident, to);
  BeginFollowing(draft, incident.id(), kind, to);
  if (incident.status() == v1::OPEN) AddStatutoryDuties(draft, incident.id());
  Settle(draft, incident.id());
  return Answer(ActionOn(draft, incident.id()));
}

}  // namespace liandong::core
