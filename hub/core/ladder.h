// The rules of the person and field ladders, free of everything else.
#ifndef LIANDONG_HUB_CORE_LADDER_H_
#define LIANDONG_HUB_CORE_LADDER_H_

#include "absl/status/statusor.h"
#include "liandong/v1/record.pb.h"

namespace liandong::core {

enum class Climb {
  kMoves,   // the ladder goes to the state
  kRepeat,  // said before
  kNote,    // no step: progress, or a later unit of the same party
};

// What `ack` means for a duty that stands where `duty` says. BACKWARD_STEP and DUTY_ENDED are refusals.
absl::StatusOr<Climb> Weigh(const v1::DutyState& duty, const v1::Acknowledgment& ack);

bool OnPersonLadder(v1::AckState state);  // SEEN, ACCEPTED, PARTIALLY_ACCEPTED, REFUSED, DEFERRED
bool OnFieldLadder(v1::AckState state);   // EN_ROUTE, ON_SCENE, COMPLETED

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_LADDER_H_
