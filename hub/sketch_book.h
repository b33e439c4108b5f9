// Sketches of open incidents' reports, in memory only: they are made of clear text. What is not here is opened again.
// Owned by the sequencer's thread.
#ifndef LIANDONG_HUB_SKETCH_BOOK_H_
#define LIANDONG_HUB_SKETCH_BOOK_H_

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "hub/core/render.h"
#include "hub/core/sketch.h"

namespace liandong::hub {

class SketchBook {
 public:
  // Of the only report of a new incident.
  void Put(uint64_t incident_id, core::Sketch sketch);
  // After it has ended, or when one of its reports changed.
  void Forget(uint64_t incident_id) { sketches_.erase(incident_id); }
  // Of the first and the newest reports of an incident in memory; opened and kept when they are not here. Empty when
  // the data are erased.
  const std::vector<core::Sketch>& Of(const core::State& state, const core::Renderer& renderer, uint64_t incident_id);

 private:
  std::vector<core::Sketch>& Slot(uint64_t incident_id);
  std::unordered_map<uint64_t, std::vector<core::Sketch>> sketches_;  // looked up only
  std::deque<uint64_t> order_;                                        // oldest first; some may be forgotten already
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_SKETCH_BOOK_H_
