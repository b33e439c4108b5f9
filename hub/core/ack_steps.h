// What the decisions on acknowledgments share (decide_ack.cc, offers.cc).
#ifndef LIANDONG_HUB_CORE_ACK_STEPS_H_
#define LIANDONG_HUB_CORE_ACK_STEPS_H_

#include <cstdint>

#include "hub/core/command.h"
#include "hub/core/draft.h"

namespace liandong::core {

v1::AckReply AckReplyOf(const Draft& draft, const v1::Acknowledgment& ack, v1::AckOutcome outcome);

// The record of it.
v1::Acknowledged* RecordAck(Draft& draft, const AckCommand& command, uint64_t duty_id, bool moved);

// Anything a party says of a delivery also says that its system has it; what somebody said by telephone does not, so
// that the delivery stays to be sent. People know by then, so nobody is called because of the system.
void Receive(Draft& draft, uint64_t delivery_id, bool for_another);

}  // namespace liandong::core

#endif  // LIANDONG_HUB_CORE_ACK_STEPS_H_
