#include "hub/service/site_archive.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/limits.h"
#include "security/file.h"

namespace liandong::service {

std::string SiteArchive::PathOf(uint64_t version) const { return absl::StrCat(folder_, "/", version, ".site"); }

absl::Status SiteArchive::Keep(const v1::SiteSet& site) {
  if (auto status = security::MakeFolder(folder_, 0700); !status.ok()) return status;
  const absl::Status status = security::CreateFileAtomic(PathOf(site.version()), site.SerializeAsString(), 0600);
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

std::shared_ptr<const routing::Site> SiteArchive::Find(uint64_t version) {
  absl::MutexLock lock(&mu_);
  const auto found =
      std::find_if(cache_.begin(), cache_.end(), [&](const auto& site) { return site->version() == version; });
  if (found != cache_.end()) return *found;
  const auto bytes = security::ReadFileBounded(PathOf(version), limits::kSiteSetBytes + 1024);
  v1::SiteSet set;
  if (!bytes.ok() || !set.ParseFromString(*bytes) || set.version() != version) return nullptr;
  cache_.push_back(routing::Site::CompileAdopted(std::move(set)));
  if (cache_.size() > limits::kSiteSetsCached) cache_.pop_front();
  return cache_.back();
}

}  // namespace liandong::service
