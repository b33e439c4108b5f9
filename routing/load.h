// Reads a site directory: settings, parties, rosters, divisions, categories, calendar and agreements/*.textproto.
#ifndef LIANDONG_ROUTING_LOAD_H_
#define LIANDONG_ROUTING_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/site.pb.h"
#include "routing/finding.h"
#include "routing/limits.h"

namespace liandong::routing {

struct LoadedSite {
  v1::SiteSet site;  // version 0
  std::vector<Finding> warnings;
};

// InvalidArgument: every error found, one a line, each with file:line:column. Nothing is half taken. Does file I/O;
// thread-safe.
absl::StatusOr<LoadedSite> LoadSiteDir(const std::string& dir);

struct CheckOptions {
  int64_t now_ms = 0;  // 0: nothing is said of agreements that expire; all count as in force today
  int expiry_days = limits::kExpirySoonDays;  // warn of what ends within these
  bool coverage = false;                      // gaps, overlaps, dead clauses: routing/coverage_findings.h
};

// Like LoadSiteDir, but hands back all findings, errors included (for `liandong agreements check`). Fails only when dir
// cannot be read. Coverage is looked at where there is no error.
absl::StatusOr<std::vector<Finding>> CheckSiteDir(const std::string& dir, const CheckOptions& options = {});

// Parses protobuf text with positions: errors as "name:line:column: text; did you mean ...?". Used for every
// configuration file. Findings, when given, gets the errors one by one; the status has them all.
absl::Status ParseText(const std::string& name, const std::string& text, google::protobuf::Message* message,
                       std::vector<Finding>* findings);

}  // namespace liandong::routing

#endif  // LIANDONG_ROUTING_LOAD_H_
