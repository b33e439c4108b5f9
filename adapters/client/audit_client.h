// The Audit service, for people who have signed in.
//
// Thread-safe. Errors as in hub_client.h.
#ifndef LIANDONG_ADAPTERS_CLIENT_AUDIT_CLIENT_H_
#define LIANDONG_ADAPTERS_CLIENT_AUDIT_CLIENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::adapters {

class AuditClient {
 public:
  // `client` in a person's name (HubClient::As).
  explicit AuditClient(std::shared_ptr<HubClient> client, absl::Duration timeout = kClientCallTimeout);

  absl::StatusOr<v1::TrailReply> Trail(const v1::TrailRequest& request);
  absl::Status Note(const v1::NoteRequest& request);

 private:
  const std::shared_ptr<HubClient> client_;
  const absl::Duration timeout_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_AUDIT_CLIENT_H_
