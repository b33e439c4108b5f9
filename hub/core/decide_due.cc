#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

v1::DeadlineMissed* Missed(Draft& draft, const Due& due) {
  v1::DeadlineMissed* missed = draft.record().mutable_deadlines_missed()->add_missed();
  missed->set_rung(due.rung);
  missed->set_due_ms(due.at_ms);
  return missed;
}

// Targets that would get more than a few escalations of the ordinary lane at once: they get one summary instead.
class Summaries {
 public:
  Summaries(const Draft& draft, const std::vector<Due>& due) {
    for (const Due& one : due) {
      if (!one.ordinary || (RungHeight(one.rung) == 0 && one.rung != v1::RUNG_ESCALATION)) continue;
      const v1::DutyState* duty = draft.FindDuty(one.id);
      if (duty == nullptr || static_cast<int>(duty->next_step()) >= duty->step_size()) continue;
      if (const v1::Party* to = draft.site().PartyOfTarget(duty->step(duty->next_step()).to())) ++expected_[to->id()];
    }
  }

  bool Covers(const Draft& draft, const v1::DutyState& duty, bool ordinary) {
    if (!ordinary || static_cast<int>(duty.next_step()) >= duty.step_size()) return false;
    const v1::Party* to = draft.site().PartyOfTarget(duty.step(duty.next_step()).to());
    if (to == nullptr || expected_[to->id()] <= limits::kSummaryAbove) return false;
    told_[{to->id(), draft.FindIncident(duty.incident_id())->purpose()}].push_back(&duty);
    return true;
  }

  void Send(Draft& draft) {
    for (const auto& [key, duties] : told_) {
      std::string zh = absl::StrCat("【升级汇总】", duties.size(), " 项任务超时:");
      std::string en = absl::StrCat("Escalation summary: ", duties.size(), " duties are late:");
      for (const v1::DutyState* duty : duties) {
        absl::StrAppend(&zh, " 事件", duty->incident_id(), "(", PartyName(draft.site(), duty->party()), ")");
        absl::StrAppend(&en, " incident ", duty->incident_id(), " (", duty->party(), ")");
      }
      v1::DeliveryState& notice = draft.QueueNotice(key.first, v1::ORDINARY, key.second);
      notice.set_text(std::move(zh));
      notice.set_text_en(std::move(en));
    }
  }

 private:
  std::map<std::string, int> expected_;
  std::map<std::pair<std::string, v1::Purpose>, std::vector<const v1::DutyState*>> told_;
};

void DutyLate(Draft& draft, const Due& due, Summaries& summaries) {
  v1::DutyState& duty = draft.Duty(due.id);
  v1::DeadlineMissed* missed = Missed(draft, due);
  missed->set_duty_id(duty.id());
  missed->set_late_party(duty.party());
  draft.record().add_incident_id(duty.incident_id());
  if (due.rung != v1::RUNG_ESCALATION) {
    SetDeadline(duty, due.rung, 0);
    duty.add_missed(due.rung);
    if (due.rung == v1::RUNG_RECEIVE) AlarmLink(draft, duty.party());
    v1::FeedbackNote note = Note(draft, "EXPIRED", duty.party());
    note.set_reason(v1::Rung_Name(due.rung));
    TellReporters(draft, duty.incident_id(), note, duty.party());
    // One climb for one duty: while it goes on for one rung, the next missed rung only hastens it.
    const v1::Rung late = due.rung == v1::RUNG_DEFERRED ? v1::RUNG_ACCEPT : due.rung;
    if (duty.next_step_ms() > 0) {
      if (RungHeight(late) > RungHeight(duty.climbing())) duty.set_climbing(late);
      return;
    }
    duty.set_climbing(late);
    // A rung missed after the ladder's end starts again at its last step, the command centre.
    if (static_cast<int>(duty.next_step()) >= duty.step_size() && duty.step_size() > 0)
      duty.set_next_step(duty.step_size() - 1);
  }
  const v1::Rung rung = duty.climbing() == v1::RUNG_UNSPECIFIED ? due.rung : duty.climbing();
  const bool quietly = summaries.Covers(draft, duty, due.ordinary);
  missed->set_told(ClimbStep(draft, duty, rung, missed, quietly));
  missed->set_step(duty.next_step());
}

void LinkLate(Draft& draft, const Due& due) {
  v1::DeliveryState& delivery = draft.Delivery(due.id);
  delivery.set_receive_by_ms(0);
  v1::DeadlineMissed* missed = Missed(draft, due);
  missed->set_delivery_id(due.id);
  missed->set_late_party(delivery.party());
  if (delivery.incident_id() != 0) draft.record().add_incident_id(delivery.incident_id());
  AlarmLink(draft, delivery.party());
}

// Once for each rung, to the party itself. What has fallen due in the meantime needs no reminder any more.
void Remind(Draft& draft, const Due& due) {
  v1::DutyState& duty = draft.Duty(due.id);
  for (v1::Rung rung : kRemindedRungs) {
    const int64_t at_ms = ReminderOf(duty, rung);
    if (at_ms == 0 || at_ms > draft.now()) continue;
    duty.add_reminded(rung);
    const int64_t left_s = (DeadlineOf(duty, rung) - draft.now()) / 1000;
    if (left_s <= 0) continue;
    v1::Reminded* reminded = draft.record().mutable_deadlines_missed()->add_reminded();
    reminded->set_rung(rung);
    reminded->set_duty_id(duty.id());
    reminded->set_party(duty.party());
    reminded->set_due_ms(DeadlineOf(duty, rung));
    v1::DeliveryState& delivery = draft.Queue(duty.party(), v1::REMINDER, duty.incident_id(), duty.id());
    delivery.set_text(
        absl::StrCat("【提醒】事件", duty.incident_id(), ":尚", std::string(RungZh(rung)), ",距时限 ", left_s, " 秒"));
    delivery.set_text_en(absl::StrCat("Reminder: incident ", duty.incident_id(), ": ", std::string(RungEn(rung)),
                                      " yet, ", left_s, " s before the deadline"));
  }
  draft.record().mutable_deadlines_missed();  // also where only the mark was set
  draft.record().add_incident_id(duty.incident_id());
}

void TransferLapsed(Draft& draft, const Due& due) {
  v1::IncidentState& incident = draft.Incident(due.id);
  v1::DeadlineMissed* missed = Missed(draft, due);
  missed->set_delivery_id(incident.transfer_delivery());
  missed->set_late_party(incident.transfer_to());
  incident.set_transfer_until_ms(0);
  incident.set_transfer_delivery(0);
  TellReporters(draft, incident.id(), Note(draft, "TRANSFER_LAPSED", incident.transfer_to()), incident.transfer_to());
  missed->set_dispute_opened(OpenDispute(draft, incident.id()));
  if (!missed->dispute_opened()) {
    v1::DeliveryState& cancel = draft.Queue(incident.transfer_to(), v1::CANCEL, incident.id(), 0);
    cancel.set_text(
        absl::StrCat("事件", incident.id(), "的移交未获答复,仍由", PartyName(draft.site(), incident.holder()), "负责"));
    cancel.set_text_en(
        absl::StrCat("The offer of incident ", incident.id(), " lapsed; it stays with ", incident.holder()));
  }
  Settle(draft, incident.id());
}

// 首接平台先行受理
void DisputeEnds(Draft& draft, const Due& due) {
  v1::DeadlineMissed* missed = Missed(draft, due);
  missed->set_told(SettleDispute(draft, due.id, ""));
  Settle(draft, due.id);
}

void Quiet(Draft& draft, const Due& due) {
  Missed(draft, due);
  draft.record().add_incident_id(due.id);
  CloseIncident(draft, due.id, v1::CLOSED, "CLOSED", "无未结任务且静默期满");
}

}  // namespace

absl::StatusOr<Answer> DecideDue(Draft& draft, const DueCommand&) {
  const std::vector<Due> due = draft.state().due().Until(draft.now(), limits::kDuePerRecord);
  Summaries summaries(draft, due);
  for (const Due& one : due) {
    switch (one.rung) {
      case v1::RUNG_RECEIVE:
      case v1::RUNG_SEE:
      case v1::RUNG_ACCEPT:
      case v1::RUNG_EN_ROUTE:
      case v1::RUNG_ARRIVE:
      case v1::RUNG_COMPLETE:
      case v1::RUNG_DEFERRED:
      case v1::RUNG_ESCALATION: {
        // An earlier one of the same look may have ended it.
        const v1::DutyStatus status = draft.FindDuty(one.id)->status();
        if (status == v1::DUTY_OPEN || status == v1::DUTY_REFUSED) DutyLate(draft, one, summaries);
        break;
      }
      case v1::RUNG_REMINDER:
        if (draft.FindDuty(one.id)->status() == v1::DUTY_OPEN) Remind(draft, one);
        break;
      case v1::RUNG_LINK:
        if (draft.FindDelivery(one.id)->received_at_ms() == 0) LinkLate(draft, one);
        break;
      case v1::RUNG_TRANSFER:
        if (draft.FindIncident(one.id)->transfer_until_ms() > 0) TransferLapsed(draft, one);
        break;
      case v1::RUNG_DISPUTE:
        if (draft.FindIncident(one.id)->dispute_until_ms() > 0) DisputeEnds(draft, one);
        break;
      case v1::RUNG_QUIET_CLOSE:
        if (draft.FindIncident(one.id)->quiet_close_ms() > 0) Quiet(draft, one);
        break;
      case v1::RUNG_EVICT:
      case v1::RUNG_UNSPECIFIED:
      default:
        break;  // evictions wait for history and have a command of their own
    }
  }
  summaries.Send(draft);
  return Answer();
}

}  // namespace liandong::core
