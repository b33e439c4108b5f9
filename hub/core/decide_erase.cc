// Destroying what is personal, by time or by a person, and the hold that stops it. Decides and records; the key itself
// is destroyed by whoever lets the record out.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/leaves.h"
#include "hub/core/limits.h"
#include "hub/core/steps.h"

namespace liandong::core {
namespace {

// The incident that the act is about: in memory, and not merged into another.
absl::StatusOr<const v1::IncidentState*> RootOf(const Draft& draft, uint64_t incident_id) {
  const v1::IncidentState* incident = draft.FindIncident(incident_id);
  if (incident == nullptr) {
    return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT",
                  absl::StrCat("there is no incident ", incident_id, "; list them with: liandong incidents --all"),
                  absl::StrCat("没有事件 ", incident_id), "incident_id");
  }
  if (incident->merged_into() != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_MERGED",
                  absl::StrCat("incident ", incident_id, " lives on in ", incident->merged_into(), "; act there"),
                  absl::StrCat("事件 ", incident_id, " 已并入 ", incident->merged_into(), ",请对其操作"),
                  "incident_id");
  }
  return incident;
}

// It and what is merged into it.
std::vector<uint64_t> FamilyOf(const Draft& draft, const v1::IncidentState& root) {
  std::vector<uint64_t> out = {root.id()};
  for (uint64_t id : root.merged()) {
    if (draft.FindIncident(id) != nullptr) out.push_back(id);
  }
  return out;
}

void Erase(Draft& draft, uint64_t incident_id, uint64_t key_id) {
  v1::ErasedKey* erased = draft.record().mutable_changes()->add_erased();
  erased->set_incident_id(incident_id);
  erased->set_key_id(key_id);
  draft.record().add_incident_id(incident_id);
}

void EraseInMemory(Draft& draft, const v1::IncidentState& root) {
  for (uint64_t id : FamilyOf(draft, root)) {
    v1::IncidentState& incident = draft.Incident(id);
    incident.set_erased_at_ms(draft.now());
    Erase(draft, id, incident.key_id());
  }
}

}  // namespace

absl::StatusOr<Answer> DecideEraseDue(Draft& draft, const EraseDueCommand&) {
  const State& state = draft.state();
  const RetentionIndex::Due due = state.ErasuresDue(draft.now(), limits::kErasePerRecord);
  if (due.incidents.empty()) return Answer();
  v1::IncidentsErased* what = draft.record().mutable_incidents_erased();
  what->set_rule(due.rule->id());
  what->set_site_version(draft.site().version());
  for (uint64_t id : due.incidents) {
    if (const v1::IncidentState* incident = state.FindIncident(id)) {
      EraseInMemory(draft, *incident);
      continue;
    }
    Erase(draft, id, state.FindKept(id)->key_id);
    for (const v1::ErasedKey& merged : state.MergedIntoKept(id)) Erase(draft, merged.incident_id(), merged.key_id());
  }
  return Answer();
}

absl::StatusOr<Answer> DecideErase(Draft& draft, const EraseCommand& command) {
  const v1::EraseIncidentRequest& request = command.request;
  absl::StatusOr<const v1::IncidentState*> root = RootOf(draft, request.incident_id());
  if (!root.ok()) return root.status();
  if (auto s = ReasonRequired(request.reason()); !s.ok()) return s;
  if ((*root)->erased_at_ms() != 0) return Answer(ActionOn(draft, request.incident_id()));  // a repeat
  if ((*root)->status() == v1::OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INCIDENT_OPEN",
                  absl::StrCat("incident ", request.incident_id(), " is open; close it first"),
                  absl::StrCat("事件 ", request.incident_id(), " 尚未办结,不得销毁"), "incident_id");
  }
  if ((*root)->held_since_ms() != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "UNDER_HOLD",
                  absl::StrCat("incident ", request.incident_id(),
                               " is kept as evidence; lift the hold first with: liandong incident hold --lift"),
                  absl::StrCat("事件 ", request.incident_id(), " 处于证据保全,须先解除保全"), "incident_id");
  }
  draft.record().mutable_incidents_erased()->set_reason(request.reason());
  EraseInMemory(draft, **root);
  return Answer(ActionOn(draft, request.incident_id()));
}

absl::StatusOr<Answer> DecideHold(Draft& draft, const HoldCommand& command) {
  const v1::SetLegalHoldRequest& request = command.request;
  absl::StatusOr<const v1::IncidentState*> root = RootOf(draft, request.incident_id());
  if (!root.ok()) return root.status();
  if (auto s = ReasonRequired(request.reason()); !s.ok()) return s;
  if ((*root)->erased_at_ms() != 0) return RefuseErased(request.incident_id());
  if (((*root)->held_since_ms() != 0) != request.lift()) return Answer(ActionOn(draft, request.incident_id()));
  for (uint64_t id : FamilyOf(draft, **root)) draft.Incident(id).set_held_since_ms(request.lift() ? 0 : draft.now());
  v1::LegalHoldChanged* what = draft.record().mutable_legal_hold_changed();
  what->set_incident_id(request.incident_id());
  what->set_held(!request.lift());
  what->set_reason(request.reason());
  return Answer(ActionOn(draft, request.incident_id()));
}

void Keep(Draft& draft, const v1::IncidentState& root) {
  if (root.erased_at_ms() != 0) return;
  v1::KeptState* kept = draft.record().mutable_changes()->add_kept();
  kept->set_incident_id(root.id());
  kept->set_key_id(root.key_id());
  kept->set_ended_ms(root.closed_at_ms());
  kept->set_held_since_ms(root.held_since_ms());
  kept->set_sealed_classes(root.sealed_classes());
  for (uint64_t id : root.merged()) {
    const v1::IncidentState* merged = draft.FindIncident(id);
    if (merged == nullptr) continue;
    v1::ErasedKey* key = kept->add_merged();
    key->set_incident_id(id);
    key->set_key_id(merged->key_id());
  }
}

void ShareClassesAndHold(Draft& draft, uint64_t root) {
  const std::vector<uint64_t> family = FamilyOf(draft, *draft.FindIncident(root));
  FieldClasses classes = 0;
  bool all_known = true;
  int64_t held_since_ms = 0;
  for (uint64_t id : family) {
    const v1::IncidentState* one = draft.FindIncident(id);
    classes |= one->sealed_classes();
    all_known = all_known && one->sealed_classes() != 0;
    if (one->held_since_ms() != 0)
      held_since_ms = held_since_ms == 0 ? one->held_since_ms() : std::min(held_since_ms, one->held_since_ms());
  }
  for (uint64_t id : family) {
    if (draft.FindIncident(id)->held_since_ms() != held_since_ms) draft.Incident(id).set_held_since_ms(held_since_ms);
  }
  draft.Incident(root).set_sealed_classes(all_known ? classes : 0);
}

}  // namespace liandong::core
