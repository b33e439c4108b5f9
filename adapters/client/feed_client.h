// The Feed service: where the live feed is, and what it would have said so far.
//
// Thread-safe. Errors as in hub_client.h.
#ifndef LIANDONG_ADAPTERS_CLIENT_FEED_CLIENT_H_
#define LIANDONG_ADAPTERS_CLIENT_FEED_CLIENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/feed.pb.h"

namespace liandong::adapters {

class FeedClient {
 public:
  explicit FeedClient(std::shared_ptr<HubClient> client, absl::Duration timeout = kClientCallTimeout);

  absl::StatusOr<v1::FeedWhereReply> Where();
  absl::StatusOr<v1::FeedSnapshotReply> Snapshot(const v1::FeedSnapshotRequest& request);

 private:
  const std::shared_ptr<HubClient> client_;
  const absl::Duration timeout_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_FEED_CLIENT_H_
