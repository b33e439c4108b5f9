#ifndef LIANDONG_HUB_CORE_COUNTS_H_
#define LIANDONG_HUB_CORE_COUNTS_H_

#include "liandong/v1/common.pb.h"

namespace liandong::core {

// The larger of two counts, each kind by itself; absent where nobody said anything.
void Raise(const v1::Counts& from, v1::Counts* to);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_COUNTS_H_
