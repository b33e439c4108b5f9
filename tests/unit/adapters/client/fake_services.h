// The services of the fake hub, for its own files.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_SERVICES_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_SERVICES_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/service_type.h>

#include <memory>

#include "tests/unit/adapters/client/fake_hub.h"

namespace liandong::adapters {

grpc::Status ToGrpc(const FakeError& error);

std::unique_ptr<grpc::Service> MakeFakeIntake(std::shared_ptr<FakeState> state);
std::unique_ptr<grpc::Service> MakeFakeLink(std::shared_ptr<FakeState> state);
std::unique_ptr<grpc::Service> MakeFakeDesk(std::shared_ptr<FakeState> state);

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_SERVICES_H_
