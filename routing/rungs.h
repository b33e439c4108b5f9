// Deadlines by rung, as clauses ask for them and the site sets them by default. What a rung means: hub/core/ladder.h.
#ifndef LIANDONG_ROUTING_RUNGS_H_
#define LIANDONG_ROUTING_RUNGS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "liandong/v1/site.pb.h"

namespace liandong::routing {

// Seconds within which each rung is to be reached, lowest first: receive, see, accept, en route, arrive, complete.
// 0: no deadline, hence the laxest.
using Rungs = std::array<uint32_t, 6>;

Rungs AskedBy(const v1::DutySpec& duty);
// What a site asks where no clause does. See and en route have none here: they depend on the rung that follows.
Rungs DefaultsOf(const v1::SiteSettings& site, v1::Role role);
// What the duty asks in this role, rung by rung, else the site's default.
Rungs AskedOrDefault(const v1::DutySpec& duty, const v1::SiteSettings& site, v1::Role role);
uint32_t Stricter(uint32_t a, uint32_t b);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_RUNGS_H_
