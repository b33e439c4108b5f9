#include "routing/rungs.h"

#include <algorithm>

namespace liandong::routing {

Rungs AskedBy(const v1::DutySpec& duty) {
  return {duty.receive_within_s(),  duty.see_within_s(),    duty.accept_within_s(),
          duty.en_route_within_s(), duty.arrive_within_s(), duty.complete_within_s()};
}

Rungs DefaultsOf(const v1::SiteSettings& site, v1::Role role) {
  switch (role) {
    case v1::LEAD:
      return {site.lead_receive_s(), 0, site.lead_accept_s(), 0, site.lead_arrive_s(), site.lead_complete_s()};
    case v1::SUPPORT:
      return {site.support_receive_s(), 0, site.support_accept_s(), 0, site.support_arrive_s(),
              site.support_complete_s()};
    default:
      return {site.inform_receive_s(), 0, 0, 0, 0, 0};
  }
}

Rungs AskedOrDefault(const v1::DutySpec& duty, const v1::SiteSettings& site, v1::Role role) {
  Rungs asked = AskedBy(duty);
  const Rungs defaults = DefaultsOf(site, role);
  for (size_t i = 0; i < asked.size(); ++i) {
    if (asked[i] == 0) asked[i] = defaults[i];
  }
  return asked;
}

uint32_t Stricter(uint32_t a, uint32_t b) { return a == 0 ? b : b == 0 ? a : std::min(a, b); }

}  // namespace liandong::routing
