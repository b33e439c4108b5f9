// Adopting a site set: the record, then the directory that the service threads look at, then the archive.
#pragma once

#include "absl/status/status.h"
#include "hub/requests.h"
#include "hub/service/parts.h"

namespace liandong::service {

// Warnings of the check come with the reply, Chinese and English. An error: `done` is not called; else it is called
// once, when the record is durable and every later call sees the new set.
absl::Status Adopt(const Parts& parts, v1::Actor actor, v1::SiteSet site, hub::Done<v1::AdoptSiteSetReply> done);

// Who may read the feed: parties with a key and an area.
feed::Readers ReadersOf(const routing::Site& site);
// Tells feed and accounts what the site set in force says of them.
void Follow(const Parts& parts, const routing::Site& site);

}  // namespace liandong::service
