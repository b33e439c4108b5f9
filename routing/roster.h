// Who is on a post at a moment, by the roster. Pure, thread-safe.
#ifndef LIANDONG_ROUTING_ROSTER_H_
#define LIANDONG_ROUTING_ROSTER_H_

#include <cstdint>
#include <string>

#include "liandong/v1/site.pb.h"
#include "routing/finding.h"

namespace liandong::routing {

struct OnPost {
  std::string person;     // empty: nobody is named
  std::string phone_24h;  // of the shift, else of the post
  int shift = -1;         // index into Post.shift; -1: no shift covers the moment
};

OnPost WhoIsOnPost(const v1::Post& post, int32_t utc_offset_minutes, int64_t now_ms);

// When the next shift begins or the present one ends, whichever comes first; 0: no shift ever again.
int64_t NextShiftChange(const v1::Post& post, int32_t utc_offset_minutes, int64_t now_ms);

// Shifts that cannot be read or name nobody are errors; two at once, and hours of the week that a weekly roster leaves
// to nobody, are warnings.
void CheckRoster(const v1::Post& post, Findings* findings);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_ROSTER_H_
