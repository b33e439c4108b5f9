#include "adapters/client/audit_client.h"

#include <utility>

#include "adapters/client/unary.h"

namespace liandong::adapters {

using Stub = v1::Audit::Stub;

AuditClient::AuditClient(std::shared_ptr<HubClient> client, absl::Duration timeout)
    : client_(std::move(client)), timeout_(timeout) {}

absl::StatusOr<v1::TrailReply> AuditClient::Trail(const v1::TrailRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::audit, &Stub::Trail, request);
}
absl::Status AuditClient::Note(const v1::NoteRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::audit, &Stub::Note, request).status();
}

}  // namespace liandong::adapters
