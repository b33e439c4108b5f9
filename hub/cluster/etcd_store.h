// etcd over gRPC with mutual TLS. The only file of the cluster that knows gRPC.
#pragma once

#include <memory>

#include "hub/cluster/store.h"
#include "liandong/v1/config.pb.h"

namespace liandong::cluster {

// Connects at the first request. The certificate files are read again when they change.
std::unique_ptr<Store> MakeEtcdStore(const v1::ClusterConfig& config);

}  // namespace liandong::cluster
