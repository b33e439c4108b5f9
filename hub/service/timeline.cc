#include "hub/service/timeline.h"

#include <utility>

#include "absl/time/time.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/core/print.h"
#include "hub/core/retention.h"
#include "routing/explain.h"

namespace liandong::service {
namespace {

// The sealed text that came with a record; empty: none.
std::string SealedOf(const v1::Record& record) {
  if (record.has_acknowledged()) return record.acknowledged().sealed_note();
  if (record.has_acknowledged_for()) return record.acknowledged_for().acknowledged().sealed_note();
  if (record.has_note_added()) return record.note_added().sealed_text();
  if (record.has_order_given()) {
    for (const auto& duty : record.changes().duty()) {
      if (!duty.sealed_text().empty()) return duty.sealed_text();
    }
  }
  if (record.has_transfer_offered()) {
    for (const auto& delivery : record.changes().delivery()) {
      if (!delivery.sealed_text().empty()) return delivery.sealed_text();
    }
  }
  return "";
}

// Sealed bytes are tied to their incident, so they open under one of the keys or none (erased).
std::string Opened(const Parts& parts, const std::vector<v1::IncidentState>& keys, const std::string& sealed) {
  if (sealed.empty()) return "";
  bool erased = false;
  for (const v1::IncidentState& key : keys) {
    erased = erased || key.erased_at_ms() != 0;
    if (key.erased_at_ms() != 0) continue;
    if (auto text = parts.open(key, sealed); text.ok()) return *std::move(text);
  }
  return erased ? core::kErasedZh : "";
}

const v1::Decision* DecisionOf(const v1::Record& record, uint64_t incident_id) {
  if (record.has_incidents_routed()) {
    for (const auto& routed : record.incidents_routed().routed()) {
      if (routed.incident_id() == incident_id) return &routed.decision();
    }
  }
  if (record.has_report_recorded() && record.report_recorded().has_decision())
    return &record.report_recorded().decision();
  if (record.has_incident_corrected() && record.incident_corrected().has_decision())
    return &record.incident_corrected().decision();
  if (record.has_incident_verified() && record.incident_verified().has_decision())
    return &record.incident_verified().decision();
  return nullptr;
}

}  // namespace

absl::StatusOr<std::vector<v1::Record>> RecordsOf(const Parts& parts, uint64_t incident_id, uint64_t index) {
  if (!parts.history->WaitForIndex(index, absl::Milliseconds(limits::kHistoryWaitMs))) {
    return core::Refuse(absl::StatusCode::kUnavailable, "HISTORY_BEHIND",
                        "history is catching up with the log; try again as told", "历史库正在追赶日志,请稍后重试", "",
                        limits::kRetryAfterMs);
  }
  std::vector<v1::Record> records;
  uint64_t after = 0;
  while (true) {
    auto more = parts.history->RecordsOf(incident_id, limits::kTimelinePage, after);
    if (!more.ok()) return more.status();
    if (more->empty()) return records;
    after = more->back().index();
    std::move(more->begin(), more->end(), std::back_inserter(records));
    if (records.size() > limits::kTimelineMax) records.erase(records.begin(), records.end() - limits::kTimelineMax);
  }
}

void AddTimeline(const Parts& parts, const routing::Site& site, const TimelineOf& of,
                 const std::vector<v1::Record>& records, v1::ShowIncidentReply* reply) {
  for (const v1::Record& record : records) {
    v1::TimelineEntry* entry = reply->add_timeline();
    entry->set_log_index(record.index());
    entry->set_time_ms(record.time_ms());
    *entry->mutable_actor() = record.actor();
    entry->set_what(core::WhatToken(record));
    core::Words words = core::InWords(record, &site);
    entry->set_text(std::move(words.zh));
    entry->set_text_en(std::move(words.en));
    if (of.notes) entry->set_note(Opened(parts, of.keys, SealedOf(record)));
  }
}

void AddDecisions(const Parts& parts, const routing::Site& site, uint64_t incident_id,
                  const std::vector<v1::Record>& records, v1::ExplainIncidentReply* reply) {
  for (const v1::Record& record : records) {
    const v1::Decision* decision = DecisionOf(record, incident_id);
    if (decision == nullptr) continue;
    std::shared_ptr<const routing::Site> then;
    if (decision->site_version() != site.version()) then = parts.archive->Find(decision->site_version());
    const routing::Site& in_force = then == nullptr ? site : *then;
    v1::Explanation* one = reply->add_decision();
    one->set_log_index(record.index());
    one->set_time_ms(record.time_ms());
    *one->mutable_decision() = *decision;
    for (const v1::Fired& fired : decision->fired()) {
      v1::CitedClause* cited = one->add_clause();
      *cited->mutable_ref() = fired.clause();
      if (const v1::Agreement* agreement = in_force.FindAgreement(fired.clause().agreement()))
        cited->set_title(agreement->title());
      if (const v1::Clause* clause = in_force.FindClause(fired.clause())) cited->set_text(clause->text());
    }
    one->set_text(routing::ExplainZh(in_force, *decision));
    one->set_text_en(routing::ExplainEn(in_force, *decision));
  }
}

}  // namespace liandong::service
