// A replay as a person reads it, Chinese first, and as one line of JSON. Neither holds anything personal.
#ifndef LIANDONG_HUB_REPLAY_TEXT_H_
#define LIANDONG_HUB_REPLAY_TEXT_H_

#include <string>

#include "hub/replay_log.h"

namespace liandong::hub {

std::string ReplayText(const Replayed& replayed);
// {"records":..,"incidents":..,"elsewhere":..,"parties":{..},"list":[..]}, times in ms since 1970, roles and rungs as
// their enum names.
std::string ReplayJson(const Replayed& replayed);

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_REPLAY_TEXT_H_
