#include "hub/sketch_book.h"

#include <utility>

#include "hub/core/limits.h"

namespace liandong::hub {

std::vector<core::Sketch>& SketchBook::Slot(uint64_t incident_id) {
  while (order_.size() >= limits::kSketchesKept) {
    sketches_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(incident_id);
  return sketches_[incident_id];
}

void SketchBook::Put(uint64_t incident_id, core::Sketch sketch) { Slot(incident_id) = {std::move(sketch)}; }

const std::vector<core::Sketch>& SketchBook::Of(const core::State& state, const core::Renderer& renderer,
                                                uint64_t incident_id) {
  const auto known = sketches_.find(incident_id);
  if (known != sketches_.end()) return known->second;
  std::vector<core::Sketch>& slot = Slot(incident_id);
  std::vector<const v1::ReportState*> reports = state.ReportsOf(incident_id);
  if (reports.size() > limits::kSketchesPerIncident)
    reports.erase(reports.begin() + 1, reports.end() - (limits::kSketchesPerIncident - 1));
  for (const v1::ReportState* report : reports) {
    v1::SealedPart sealed;
    if (sealed.ParseFromString(renderer.OpenText(incident_id, report->sealed())))
      slot.push_back(core::SketchOf(sealed));
  }
  return slot;
}

}  // namespace liandong::hub
