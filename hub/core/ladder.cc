#include "hub/core/ladder.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::core {
namespace {

// Height on the person ladder. REFUSED and ACCEPTED stand at the same height: from one there is no step to the other.
int PersonHeight(v1::AckState state) {
  switch (state) {
    case v1::SEEN:
      return 1;
    case v1::DEFERRED:
      return 2;
    case v1::PARTIALLY_ACCEPTED:
      return 3;
    case v1::ACCEPTED:
      return 4;
    case v1::REFUSED:
      return 4;
    default:
      return 0;
  }
}

int FieldHeight(v1::AckState state) {
  switch (state) {
    case v1::EN_ROUTE:
      return 1;
    case v1::ON_SCENE:
      return 2;
    case v1::COMPLETED:
      return 3;
    default:
      return 0;
  }
}

bool Said(const v1::DutyState& duty, v1::AckState state) {
  return std::find(duty.passed().begin(), duty.passed().end(), state) != duty.passed().end();
}

bool KnownUnit(const v1::DutyState& duty, const v1::Acknowledgment& ack) {
  return std::any_of(duty.unit().begin(), duty.unit().end(), [&](const v1::UnitSeen& seen) {
    return seen.unit() == ack.unit() && seen.state() == ack.state();
  });
}

absl::Status Backward(const v1::DutyState& duty, v1::AckState asked) {
  const v1::AckState stands = OnFieldLadder(duty.field()) ? duty.field() : duty.person();
  return Refuse(
      absl::StatusCode::kFailedPrecondition, "BACKWARD_STEP",
      absl::StrCat(
          "the duty stands at ", v1::AckState_Name(stands), "; ", v1::AckState_Name(asked),
          " would be a step back. A mistaken acknowledgment is corrected by the command centre, with a reason"),
      "回执只能向前;误报的回执请由指挥中心更正并注明原因", "state");
}

absl::Status Ended(const v1::DutyState& duty) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "DUTY_ENDED",
                absl::StrCat("this duty has ended as ", v1::DutyStatus_Name(duty.status())), "该任务已结束",
                "delivery_id");
}

}  // namespace

bool OnPersonLadder(v1::AckState state) { return PersonHeight(state) > 0; }
bool OnFieldLadder(v1::AckState state) { return FieldHeight(state) > 0; }

absl::StatusOr<Climb> Weigh(const v1::DutyState& duty, const v1::Acknowledgment& ack) {
  const v1::AckState state = ack.state();
  if (!ack.unit().empty() && OnFieldLadder(state)) {
    if (KnownUnit(duty, ack)) return Climb::kRepeat;
    if (duty.status() != v1::DUTY_OPEN && duty.status() != v1::DUTY_DONE) return Ended(duty);
    if (duty.status() == v1::DUTY_OPEN && FieldHeight(state) > FieldHeight(duty.field())) return Climb::kMoves;
    if (duty.unit_size() >= limits::kUnitsKept) return Climb::kRepeat;
    return Climb::kNote;  // a later unit: the first one moved the ladder
  }
  if (state == v1::DEFERRED && duty.person() == v1::DEFERRED && ack.deferred_until_ms() != duty.deferred_until_ms()) {
    if (static_cast<int>(duty.deferrals()) < limits::kDeferrals) return Climb::kMoves;
    return Refuse(absl::StatusCode::kFailedPrecondition, "TOO_MANY_DEFERRALS",
                  absl::StrCat("put off ", limits::kDeferrals, " times already; accept or refuse"),
                  "已多次暂缓,请签收或拒绝", "state");
  }
  if (Said(duty, state)) return Climb::kRepeat;
  if (duty.status() != v1::DUTY_OPEN) {
    if (state == v1::PROGRESS && duty.status() == v1::DUTY_DONE) return Climb::kNote;
    return Ended(duty);
  }
  if (state == v1::PROGRESS) return Climb::kNote;
  if (OnPersonLadder(state)) {
    // A return that waits for review may be withdrawn by taking the duty on.
    const bool withdraws = duty.return_delivery() != 0 && (state == v1::ACCEPTED || state == v1::PARTIALLY_ACCEPTED);
    if (withdraws) return Climb::kMoves;
    if (FieldHeight(duty.field()) > 0 || PersonHeight(state) <= PersonHeight(duty.person()))
      return Backward(duty, state);
    return Climb::kMoves;
  }
  if (FieldHeight(state) <= FieldHeight(duty.field())) return Backward(duty, state);
  return Climb::kMoves;
}

}  // namespace liandong::core
