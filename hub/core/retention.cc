#include "hub/core/retention.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace liandong::core {
namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

int64_t TermMs(const v1::RetentionRule& rule) { return int64_t{rule.days()} * kDayMs; }

}  // namespace

FieldClasses ClassesOf(const v1::SealedPart& sealed) {
  FieldClasses out = ClassBit(v1::DESCRIPTION);
  if (!sealed.address().empty() || sealed.has_point() || !sealed.village().empty()) out |= ClassBit(v1::PLACE);
  if (!sealed.caller_name().empty()) out |= ClassBit(v1::CALLER_NAME);
  if (!sealed.caller_phone().empty() || !sealed.contact_phone().empty()) out |= ClassBit(v1::CALLER_PHONE);
  if (!sealed.medical().empty()) out |= ClassBit(v1::MEDICAL);
  if (sealed.details_size() > 0) out |= ClassBit(v1::DETAILS);
  return out;
}

FieldClasses ClassesOf(const v1::RetentionRule& rule) {
  FieldClasses out = rule.field().empty() ? kSealedClasses : 0;
  for (int field : rule.field()) out |= ClassBit(static_cast<v1::Field>(field));
  return out;
}

bool AwaitsErasure(const v1::IncidentState& incident) {
  const bool ended = incident.status() == v1::CLOSED || incident.status() == v1::CANCELLED;
  return ended && incident.merged_into() == 0 && incident.closed_at_ms() > 0 && incident.erased_at_ms() == 0 &&
         incident.held_since_ms() == 0;
}

const v1::RetentionRule* LongestRule(const v1::SiteSettings& settings, FieldClasses classes) {
  if (classes == 0) classes = kSealedClasses;
  const v1::RetentionRule* longest = nullptr;
  for (const v1::RetentionRule& rule : settings.retention()) {
    if ((ClassesOf(rule) & classes) == 0) continue;
    if (longest == nullptr || rule.days() > longest->days()) longest = &rule;
  }
  return longest;
}

void RetentionIndex::Add(FieldClasses classes, int64_t ended_ms, uint64_t incident_id) {
  ended_[classes].emplace(ended_ms, incident_id);
}

void RetentionIndex::Remove(FieldClasses classes, int64_t ended_ms, uint64_t incident_id) {
  auto it = ended_.find(classes);
  if (it == ended_.end()) return;
  it->second.erase({ended_ms, incident_id});
  if (it->second.empty()) ended_.erase(it);
}

RetentionIndex::Due RetentionIndex::Until(const v1::SiteSettings& settings, int64_t now_ms, size_t max) const {
  Due out;
  int64_t earliest = std::numeric_limits<int64_t>::max();
  const absl::btree_set<std::pair<int64_t, uint64_t>>* of = nullptr;
  for (const auto& [classes, ended] : ended_) {
    const v1::RetentionRule* rule = LongestRule(settings, classes);
    if (rule == nullptr) continue;
    const int64_t due_ms = ended.begin()->first + TermMs(*rule);
    if (due_ms > now_ms || due_ms >= earliest) continue;
    earliest = due_ms;
    out.rule = rule;
    of = &ended;
  }
  if (of == nullptr) return out;
  for (const auto& [ended_ms, incident_id] : *of) {
    if (ended_ms + TermMs(*out.rule) > now_ms || out.incidents.size() >= max) break;
    out.incidents.push_back(incident_id);
  }
  return out;
}

int64_t RetentionIndex::Next(const v1::SiteSettings& settings) const {
  int64_t next = std::numeric_limits<int64_t>::max();
  if (settings.retention().empty()) return next;
  for (const auto& [classes, ended] : ended_) {
    const v1::RetentionRule* rule = LongestRule(settings, classes);
    if (rule != nullptr) next = std::min(next, ended.begin()->first + TermMs(*rule));
  }
  return next;
}

void KeyRanges::Add(uint64_t key_id) { AddRange(key_id, key_id); }

void KeyRanges::AddRange(uint64_t first, uint64_t last) {
  auto next = ranges_.upper_bound(first);
  if (next != ranges_.begin()) {
    const auto before = std::prev(next);
    if (before->second + 1 >= first) {
      first = before->first;
      last = std::max(last, before->second);
      next = ranges_.erase(before);
    }
  }
  while (next != ranges_.end() && next->first <= last + 1) {
    last = std::max(last, next->second);
    next = ranges_.erase(next);
  }
  ranges_.emplace(first, last);
}

bool KeyRanges::Contains(uint64_t key_id) const {
  const auto next = ranges_.upper_bound(key_id);
  return next != ranges_.begin() && std::prev(next)->second >= key_id;
}

}  // namespace liandong::core
