// How alike two reports are in words and place. Pure; works on clear text, so what it makes stays in the memory of the
// process that may read the text: never in State, records, snapshots or logs. Those get bands and points only.
#ifndef LIANDONG_HUB_CORE_SKETCH_H_
#define LIANDONG_HUB_CORE_SKETCH_H_

#include <cstdint>
#include <vector>

#include "liandong/v1/report.pb.h"

namespace liandong::core {

struct Sketch {
  std::vector<uint32_t> pairs;  // hashes of the text's pairs of neighbouring characters, sorted, without repeats
  bool has_point = false;
  double lat = 0, lng = 0;  // WGS-84 degrees
};

// Description and address. Of a long text the limits::kSketchPairs pairs with the lowest hashes are kept: the same ones
// of the same text.
Sketch SketchOf(const v1::SealedPart& sealed);

// 0..100: what share of their pairs both have (Dice). -1: one of them has no text.
int WordsAlike(const Sketch& a, const Sketch& b);
// Metres over the ground; -1: one of them has no point.
double MetresApart(const Sketch& a, const Sketch& b);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_SKETCH_H_
