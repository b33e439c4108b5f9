#include "adapters/client/feed_client.h"

#include <utility>

#include "adapters/client/unary.h"

namespace liandong::adapters {

using Stub = v1::Feed::Stub;

FeedClient::FeedClient(std::shared_ptr<HubClient> client, absl::Duration timeout)
    : client_(std::move(client)), timeout_(timeout) {}

absl::StatusOr<v1::FeedWhereReply> FeedClient::Where() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::feed, &Stub::Where, v1::FeedWhereRequest());
}
absl::StatusOr<v1::FeedSnapshotReply> FeedClient::Snapshot(const v1::FeedSnapshotRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::feed, &Stub::Snapshot, request);
}

}  // namespace liandong::adapters
