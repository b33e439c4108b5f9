// An evidence package as one HTML page: a timeline that anybody can read, and the package itself inside it, so that the
// page is the evidence. Pure functions.
#ifndef LIANDONG_ADAPTERS_CLI_AUDIT_HTML_H_
#define LIANDONG_ADAPTERS_CLI_AUDIT_HTML_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "liandong/v1/audit.pb.h"
#include "security/audit/evidence.h"

namespace liandong::cli {

// `checked` is what CheckEvidence made of it. The same evidence always makes the same page, so that a changed
// word in it shows.
std::string EvidenceHtml(const v1::SignedEvidence& evidence, const audit::CheckedEvidence& checked);

// The evidence in such a page. DataLoss when there is none.
absl::StatusOr<v1::SignedEvidence> EvidenceInHtml(std::string_view html);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_AUDIT_HTML_H_
