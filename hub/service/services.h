// The services of the contract. gRPC stays behind these functions.
#pragma once

#include <memory>

#include "hub/service/parts.h"

namespace grpc {
class Service;
}

namespace liandong::service {

// `parts` and `gate` outlive the services. A service may be destroyed when its server has ended every call.
std::shared_ptr<grpc::Service> MakeIntakeService(const Parts& parts, const Gate& gate);
std::shared_ptr<grpc::Service> MakeLinkService(const Parts& parts, const Gate& gate);
std::shared_ptr<grpc::Service> MakeDeskService(const Parts& parts, const Gate& gate);
std::shared_ptr<grpc::Service> MakeAccountService(const Parts& parts, const Gate& gate);
std::shared_ptr<grpc::Service> MakeAuditService(const Parts& parts, const Gate& gate);
std::shared_ptr<grpc::Service> MakeFeedService(const Parts& parts, const Gate& gate);

}  // namespace liandong::service
