#include "hub/found_cluster.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/cluster/etcd_store.h"
#include "hub/cluster/member.h"
#include "hub/log/sqlite_log.h"
#include "security/key_copy.h"
#include "security/key_provider.h"

namespace liandong::hub {

absl::StatusOr<std::string> FoundCluster(const v1::HubConfig& config) {
  if (!config.has_cluster())
    return absl::InvalidArgumentError("设置中没有 cluster / the settings have no cluster block");
  const auto log = log::SqliteLog::Open({.data_dir = config.data_dir()});
  if (!log.ok()) return log.status();
  auto provider = security::FileKeyProvider::Open(config.master_key(), security::Suite::kInternational);
  if (!provider.ok()) return provider.status();
  const auto keys = security::KeyCopy::Open(config.data_dir() + "/keys.db", *std::move(provider));
  if (!keys.ok()) return keys.status();
  const auto store = cluster::MakeEtcdStore(config.cluster());
  const uint64_t last = (*log)->last_index();
  if (auto status = cluster::Found(store.get(), config.cluster(), **log, (*keys)->highest_id()); !status.ok())
    return status;
  if (last == 0) return std::string("集群已建立,日志为空 the cluster is founded, with an empty log");
  return absl::StrCat("集群已建立,日志自第 ", last, " 条之后继续;其他节点首次启动前,请复制本节点的 log.db 与 keys.db ",
                      "the cluster is founded and goes on after record ", last,
                      ": copy log.db and keys.db of this node to the others before they start");
}

}  // namespace liandong::hub
