// What the page offers a person, by party and roles. For the page only: what somebody really may is the hub's to say.
//
// Pure function.
#ifndef LIANDONG_ADAPTERS_SCREEN_MAY_H_
#define LIANDONG_ADAPTERS_SCREEN_MAY_H_

#include <string>
#include <vector>

#include "liandong/v1/account.pb.h"

namespace liandong::screen {

// The page's action tokens, in a fixed order; none before a password is changed or a second factor enrolled.
std::vector<std::string> MayOf(const v1::SessionView& view);

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_MAY_H_
