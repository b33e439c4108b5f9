#include "adapters/screen/view.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

bool Same(const v1::IncidentSummary& a, const v1::IncidentSummary& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

const View::Entry* View::Find(uint64_t incident_id) const {
  const auto it = entries_.find(incident_id);
  return it == entries_.end() ? nullptr : &it->second;
}

void View::Put(const v1::IncidentSummary& summary, uint64_t log_index, int64_t time_ms, std::vector<Change>* changes) {
  log_index_ = std::max(log_index_, log_index);
  const uint64_t id = summary.incident().incident_id();
  const auto it = entries_.find(id);
  if (it != entries_.end() && it->second.told > log_index) return;
  Entry& entry = it == entries_.end() ? entries_[id] : it->second;
  entry.told = log_index;
  if (it != entries_.end() && Same(entry.summary, summary)) return;
  entry.summary = summary;
  entry.log_index = log_index_;
  if (summary.incident().status() == v1::OPEN) {
    entry.ended_ms = 0;
  } else if (entry.ended_ms == 0) {
    entry.ended_ms = time_ms;
  }
  changes->push_back({log_index_, id, false});
}

void View::Remove(uint64_t incident_id, uint64_t log_index, std::vector<Change>* changes) {
  log_index_ = std::max(log_index_, log_index);
  if (entries_.erase(incident_id) > 0) Gone(incident_id, changes);
}

void View::Gone(uint64_t incident_id, std::vector<Change>* changes) {
  const Change change = {log_index_, incident_id, true};
  gone_.push_back(change);
  changes->push_back(change);
  if (gone_.size() <= kGoneKeptMax) return;
  floor_ = gone_.front().log_index + 1;
  gone_.pop_front();
}

void View::Replace(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms,
                   std::vector<Change>* changes) {
  if (!begun_ || log_index < log_index_) {
    entries_.clear();
    gone_.clear();
    log_index_ = floor_ = log_index;
  }
  log_index_ = log_index;
  begun_ = true;
  std::set<uint64_t> named;
  for (const v1::IncidentSummary& summary : open) {
    named.insert(summary.incident().incident_id());
    Put(summary, log_index_, time_ms, changes);
  }
  std::vector<uint64_t> missing;
  for (const auto& [id, entry] : entries_) {
    if (entry.ended_ms == 0 && named.count(id) == 0) missing.push_back(id);
  }
  for (const uint64_t id : missing) Remove(id, log_index_, changes);
}

void View::Sweep(int64_t time_ms, std::vector<Change>* changes) {
  std::vector<std::pair<int64_t, uint64_t>> ended;
  for (const auto& [id, entry] : entries_) {
    if (entry.ended_ms != 0) ended.emplace_back(entry.ended_ms, id);
  }
  std::sort(ended.begin(), ended.end());
  for (size_t i = 0; i < ended.size(); ++i) {
    const bool too_many = ended.size() - i > kEndedKeptMax;
    if (!too_many && ended[i].first > time_ms - kEndedKeptMs) break;
    Remove(ended[i].second, log_index_, changes);
  }
}

std::optional<std::vector<Change>> View::Since(uint64_t log_index) const {
  if (!begun_ || log_index < floor_ || log_index > log_index_) return std::nullopt;
  std::vector<Change> changes;
  for (const auto& [id, entry] : entries_) {
    if (entry.log_index >= log_index) changes.push_back({entry.log_index, id, false});
  }
  for (const Change& change : gone_) {
    if (change.log_index >= log_index && entries_.count(change.incident_id) == 0) changes.push_back(change);
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.log_index < b.log_index; });
  return changes;
}

}  // namespace liandong::screen
