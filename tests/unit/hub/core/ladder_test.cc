#include "hub/core/ladder.h"

#include "gtest/gtest.h"
#include "hub/core/errors.h"

namespace liandong::core {
namespace {

v1::DutyState Standing(v1::AckState person, v1::AckState field, std::vector<v1::AckState> passed) {
  v1::DutyState duty;
  duty.set_status(v1::DUTY_OPEN);
  duty.set_person(person);
  duty.set_field(field);
  for (v1::AckState state : passed) duty.add_passed(state);
  return duty;
}

v1::Acknowledgment Saying(v1::AckState state, const std::string& unit = "") {
  v1::Acknowledgment ack;
  ack.set_state(state);
  ack.set_unit(unit);
  return ack;
}

std::string Reason(const absl::StatusOr<Climb>& climb) {
  return climb.ok() ? "taken" : DetailOf(climb.status()).reason();
}

TEST(Ladder, EveryStepForwardIsTaken) {
  const v1::DutyState fresh = Standing(v1::ACK_STATE_UNSPECIFIED, v1::ACK_STATE_UNSPECIFIED, {});
  for (v1::AckState state : {v1::SEEN, v1::DEFERRED, v1::ACCEPTED, v1::PARTIALLY_ACCEPTED, v1::REFUSED, v1::EN_ROUTE,
                             v1::ON_SCENE, v1::COMPLETED}) {
    const auto climb = Weigh(fresh, Saying(state));
    ASSERT_TRUE(climb.ok()) << v1::AckState_Name(state);
    EXPECT_EQ(*climb, Climb::kMoves) << v1::AckState_Name(state);
  }
  EXPECT_EQ(*Weigh(fresh, Saying(v1::PROGRESS)), Climb::kNote);
}

TEST(Ladder, WhatWasSaidIsARepeatAndNeverAnError) {
  const v1::DutyState duty = Standing(v1::ACCEPTED, v1::ON_SCENE, {v1::SEEN, v1::ACCEPTED, v1::EN_ROUTE, v1::ON_SCENE});
  for (v1::AckState state : {v1::SEEN, v1::ACCEPTED, v1::EN_ROUTE, v1::ON_SCENE}) {
    ASSERT_TRUE(Weigh(duty, Saying(state)).ok());
    EXPECT_EQ(*Weigh(duty, Saying(state)), Climb::kRepeat);
  }
}

TEST(Ladder, AStepBackIsAnErrorThatSaysSo) {
  EXPECT_EQ(Reason(Weigh(Standing(v1::ACCEPTED, v1::ACK_STATE_UNSPECIFIED, {v1::ACCEPTED}), Saying(v1::SEEN))),
            "BACKWARD_STEP");
  EXPECT_EQ(Reason(Weigh(Standing(v1::ACCEPTED, v1::ACK_STATE_UNSPECIFIED, {v1::ACCEPTED}), Saying(v1::REFUSED))),
            "BACKWARD_STEP");
  EXPECT_EQ(Reason(Weigh(Standing(v1::ACCEPTED, v1::ON_SCENE, {v1::ON_SCENE}), Saying(v1::EN_ROUTE))), "BACKWARD_STEP");
  EXPECT_EQ(Reason(Weigh(Standing(v1::ACCEPTED, v1::EN_ROUTE, {v1::EN_ROUTE}), Saying(v1::REFUSED))), "BACKWARD_STEP");
}

TEST(Ladder, PartOfItMayBecomeAllOfIt) {
  EXPECT_EQ(*Weigh(Standing(v1::PARTIALLY_ACCEPTED, v1::ACK_STATE_UNSPECIFIED, {v1::PARTIALLY_ACCEPTED}),
                   Saying(v1::ACCEPTED)),
            Climb::kMoves);
}

TEST(Ladder, TheFirstUnitMovesItLaterOnesAreNotes) {
  v1::DutyState duty = Standing(v1::ACCEPTED, v1::EN_ROUTE, {v1::ACCEPTED, v1::EN_ROUTE});
  v1::UnitSeen* seen = duty.add_unit();
  seen->set_unit("救1");
  seen->set_state(v1::EN_ROUTE);
  EXPECT_EQ(*Weigh(duty, Saying(v1::EN_ROUTE, "救1")), Climb::kRepeat);
  EXPECT_EQ(*Weigh(duty, Saying(v1::EN_ROUTE, "救2")), Climb::kNote);
  EXPECT_EQ(*Weigh(duty, Saying(v1::ON_SCENE, "救2")), Climb::kMoves);
}

TEST(Ladder, AnEndedDutyTakesNoMoreSteps) {
  for (v1::DutyStatus status : {v1::DUTY_REFUSED, v1::DUTY_CANCELLED, v1::DUTY_REASSIGNED, v1::DUTY_DONE}) {
    v1::DutyState duty = Standing(v1::ACK_STATE_UNSPECIFIED, v1::ACK_STATE_UNSPECIFIED, {});
    duty.set_status(status);
    EXPECT_EQ(Reason(Weigh(duty, Saying(v1::ACCEPTED))), "DUTY_ENDED") << v1::DutyStatus_Name(status);
  }
}

TEST(Ladder, PuttingOffIsBounded) {
  v1::DutyState duty = Standing(v1::DEFERRED, v1::ACK_STATE_UNSPECIFIED, {v1::DEFERRED});
  duty.set_deferred_until_ms(1000);
  v1::Acknowledgment again = Saying(v1::DEFERRED);
  again.set_deferred_until_ms(1000);
  EXPECT_EQ(*Weigh(duty, again), Climb::kRepeat);
  again.set_deferred_until_ms(2000);
  EXPECT_EQ(*Weigh(duty, again), Climb::kMoves);
  duty.set_deferrals(3);
  EXPECT_EQ(Reason(Weigh(duty, again)), "TOO_MANY_DEFERRALS");
}

}  // namespace
}  // namespace liandong::core
