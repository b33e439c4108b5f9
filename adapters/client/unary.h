// One unary call of any service, for the .cc files of this folder.
#ifndef LIANDONG_ADAPTERS_CLIENT_UNARY_H_
#define LIANDONG_ADAPTERS_CLIENT_UNARY_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client_impl.h"

namespace liandong::adapters {

using Repeat = HubClient::Impl::Repeat;

template <typename Stub, typename Request, typename Reply>
absl::StatusOr<Reply> Unary(HubClient& client, absl::Duration timeout, Repeat repeat,
                            std::unique_ptr<Stub> Hub::*service,
                            grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                            const Request& request) {
  Reply reply;
  const absl::Status status = client.impl().Call(timeout, repeat, [&](Hub& hub, grpc::ClientContext* context) {
    return ((hub.*service).get()->*method)(context, request, &reply);
  });
  if (!status.ok()) return status;
  return reply;
}

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_UNARY_H_
