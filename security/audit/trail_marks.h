// What the trail says of its own segments, in entries of kind TRAIL_HUB: `method` is one of these marks, `object` names
// the segment, `detail` is the text of the link that it ended with. On-disk values.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"

namespace liandong::audit {

// First entry of a segment; the object is the segment before it, empty when there was none.
inline constexpr char kBeginsAfter[] = "segment.begins-after";
// The segment was old enough and was removed.
inline constexpr char kDropped[] = "segment.dropped";

inline std::string SegmentObject(const std::string& segment) {
  return segment.empty() ? segment : absl::StrCat("segment ", segment);
}

}  // namespace liandong::audit
