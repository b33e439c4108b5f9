// Whether every party of a site has a certificate that will do, as `liandong pki` lays them out: <party>.crt in a
// folder.
#ifndef LIANDONG_ADAPTERS_CLI_CERTS_CHECK_H_
#define LIANDONG_ADAPTERS_CLI_CERTS_CHECK_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "liandong/v1/site.pb.h"
#include "routing/finding.h"

namespace liandong::cli {

// One warning of kind "certificate" for each that is missing, unreadable, of another party or trust domain, expired, or
// expires within `days`. Private keys are not looked at: they are at the parties.
std::vector<routing::Finding> CheckCertificates(const v1::SiteSet& site, const std::string& dir, absl::Time now,
                                                int days);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_CERTS_CHECK_H_
