// Who calls, and whether that kind of party may call this method. Free of gRPC, so that it can be tested alone.
//
// Thread-safety: everything here may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "liandong/v1/common.pb.h"
#include "routing/site.h"

namespace liandong::service {

// The site set in force, for threads that do not own State. Changed only when the record that adopts it is durable.
class SiteDirectory {
 public:
  explicit SiteDirectory(std::shared_ptr<const routing::Site> site) : site_(std::move(site)) {}
  // nullptr before the first adoption.
  std::shared_ptr<const routing::Site> Get() const {
    absl::MutexLock lock(&mu_);
    return site_;
  }
  void Set(std::shared_ptr<const routing::Site> site) {
    absl::MutexLock lock(&mu_);
    site_ = std::move(site);
  }

 private:
  mutable absl::Mutex mu_;
  std::shared_ptr<const routing::Site> site_ ABSL_GUARDED_BY(mu_);
};

// A party that has passed the gate. Handlers get one from Gate and cannot make one, so none can be written that forgets
// to ask.
class Caller {
 public:
  const std::string& party() const { return party_; }
  v1::PartyKind kind() const { return kind_; }
  const routing::Site& site() const { return *site_; }
  const std::shared_ptr<const routing::Site>& shared_site() const { return site_; }

  // `given` with the party of the certificate. BY_CLIENT where no way, or one that is the hub's own, is named.
  // INVALID_ARGUMENT (TOO_LARGE) beyond limits::kPersonBytes.
  absl::StatusOr<v1::Actor> ActorFrom(const v1::Actor& given) const;

  // PERMISSION_DENIED (UNKNOWN_PARTY) when this site set no longer has the party, or has it as another kind.
  absl::Status CheckStillIn(const routing::Site& site) const;

 private:
  friend class Gate;
  Caller(std::string party, v1::PartyKind kind, std::shared_ptr<const routing::Site> site)
      : party_(std::move(party)), kind_(kind), site_(std::move(site)) {}
  std::string party_;
  v1::PartyKind kind_;
  std::shared_ptr<const routing::Site> site_;
};

class Gate {
 public:
  explicit Gate(const SiteDirectory* directory) : directory_(directory) {}

  // `uris`: the URI names of the peer's verified certificate. `method`: "/package.Service/Method". UNAUTHENTICATED
  // (NO_PARTY): not exactly one party's name of this site's trust domain. PERMISSION_DENIED: UNKNOWN_PARTY, not in the
  // site set in force; NOT_ALLOWED, the policy does not give the method to this kind of party.
  absl::StatusOr<Caller> Admit(const std::vector<std::string>& uris, std::string_view method) const;

 private:
  const SiteDirectory* const directory_;
};

}  // namespace liandong::service
