#include "hub/work_queue.h"

#include <algorithm>
#include <utility>

#include "hub/core/limits.h"

namespace liandong::hub {
namespace {

// How much of `all` work of this priority may fill.
size_t BoundOf(Priority priority, size_t all) {
  switch (priority) {
    case Priority::kOrdinaryReport:
      return all * limits::kQueueOrdinaryReportsPercent / 100;
    case Priority::kUrgentReport:
      return all * limits::kQueueUrgentReportsPercent / 100;
    case Priority::kAct:
    case Priority::kBookkeeping:
      break;
  }
  return all;
}

}  // namespace

bool WorkQueue::Put(Priority priority, const std::string& party, size_t weight, Work work) {
  const bool refusable = priority != Priority::kBookkeeping;
  if (refusable && weight_ >= BoundOf(priority, limits::kQueueCommands)) return false;
  OfParty* of = &own_;
  if (!party.empty()) {
    const auto known = parties_.find(party);
    const size_t waiting = known == parties_.end() ? 0 : known->second.weight;
    if (refusable && waiting >= BoundOf(priority, limits::kQueueOfParty)) return false;
    of = known == parties_.end() ? &parties_[party] : &known->second;
  }
  of->waiting.push_back({weight, std::move(work)});
  of->weight += weight;
  weight_ += weight;
  ++works_;
  return true;
}

void WorkQueue::TakeFirst(OfParty* of, std::deque<Work>* out, size_t* taken) {
  One& one = of->waiting.front();
  *taken += one.weight;
  of->weight -= one.weight;
  weight_ -= one.weight;
  --works_;
  out->push_back(std::move(one.work));
  of->waiting.pop_front();
}

std::deque<Work> WorkQueue::Take(size_t weight_max) {
  std::deque<Work> out;
  size_t taken = 0;
  while (taken < weight_max && !own_.waiting.empty()) TakeFirst(&own_, &out, &taken);
  auto next = parties_.upper_bound(last_);
  while (taken < weight_max && !parties_.empty()) {
    if (next == parties_.end()) next = parties_.begin();
    last_ = next->first;
    TakeFirst(&next->second, &out, &taken);
    next = next->second.waiting.empty() ? parties_.erase(next) : std::next(next);
  }
  return out;
}

}  // namespace liandong::hub
