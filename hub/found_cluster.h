// `liandong-hub found-cluster`: makes this node's log the log of a new cluster, once.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "liandong/v1/config.pb.h"

namespace liandong::hub {

// What to tell the operator. FailedPrecondition: a hub runs on this folder. AlreadyExists: etcd has a log.
absl::StatusOr<std::string> FoundCluster(const v1::HubConfig& config);

}  // namespace liandong::hub
