// Reads a site directory: settings, parties, rosters, divisions, categories, calendar and agreements/*.textproto.
#ifndef LIANDONG_ROUTING_LOAD_H_
#define LIANDONG_ROUTING_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/site.pb.h"
#include "routing/finding.h"

namespace liandong::routing {

struct LoadedSite {
  v1::SiteSet site;  // version 0
  std::vector<Finding> warnings;
};

// InvalidArgument: every error found, one a line, each with file:line:column. Nothing is half taken. Does file I/O;
// thread-safe.
absl::StatusOr<LoadedSite> LoadSiteDir(const std::string& dir);

// Like LoadSiteDir, but hands back all findings, errors included (for `liandong agreements check`). Fails only when dir
// cannot be read. now_ms > 0: also warns of agreements that have expired or will within limits::kExpirySoonDays.
absl::StatusOr<std::vector<Finding>> CheckSiteDir(const std::string& dir, int64_t now_ms = 0);

// Parses protobuf text with positions: errors as "name:line:column: text; did you mean ...?". Used for every
// configuration file. Findings, when given, gets the errors one by one; the status has them all.
absl::Status ParseText(const std::string& name, const std::string& text, google::protobuf::Message* message,
                       std::vector<Finding>* findings);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_LOAD_H_
