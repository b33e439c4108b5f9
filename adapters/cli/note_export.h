// What leaves the system as a file goes into the hub's audit trail first.
#ifndef LIANDONG_ADAPTERS_CLI_NOTE_EXPORT_H_
#define LIANDONG_ADAPTERS_CLI_NOTE_EXPORT_H_

#include <memory>
#include <string>

#include "adapters/cli/context.h"
#include "adapters/client/audit_client.h"

namespace liandong::cli {

// `what`: "statistics 2026-01-01 to 2026-01-31", nothing personal. kDone when the trail has it; otherwise nothing is to
// be written, and the reason has been shown.
inline int NoteExport(Context& context, std::shared_ptr<adapters::HubClient> client, const std::string& what) {
  v1::NoteRequest request;
  request.set_kind(v1::TRAIL_EXPORT);
  request.set_object(what);
  const absl::Status noted = adapters::AuditClient(std::move(client), context.Timeout()).Note(request);
  return noted.ok() ? static_cast<int>(kDone) : context.Fail(noted);
}

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_NOTE_EXPORT_H_
