// Who calls, and whether that kind of party may call this method. Free of gRPC, so that it can be tested alone.
//
// Thread-safety: everything here may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/accounts/accounts.h"
#include "hub/audit/trail.h"
#include "liandong/v1/common.pb.h"
#include "liandong/v1/link.pb.h"
#include "routing/site.h"
#include "security/policy.h"
#include "security/revocation.h"

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

// nullopt: no kind that this version knows.
std::optional<security::PartyKind> KindOf(v1::PartyKind kind);

// A party, or a person of one, that has passed the gate. Handlers get one from Gate and cannot make one, so none can be
// written that forgets to ask.
class Caller {
 public:
  // Whose act it is: of the person's party where there is a session, else of the certificate's.
  const std::string& party() const { return party_; }
  v1::PartyKind kind() const { return kind_; }
  // The certificate's party: the screen's, for a person at a page.
  const std::string& via() const { return via_; }
  // nullptr: no session, the party itself calls.
  const accounts::Person* person() const { return person_.get(); }
  const routing::Site& site() const { return *site_; }
  const std::shared_ptr<const routing::Site>& shared_site() const { return site_; }

  // `given` with the party of the certificate. BY_CLIENT where no way, or one that is the hub's own, is named. With a
  // session the person and roles are the account's, whatever was given, and the way is BY_SCREEN unless somebody told
  // it by telephone. INVALID_ARGUMENT (TOO_LARGE) beyond limits::kPersonBytes.
  absl::StatusOr<v1::Actor> ActorFrom(const v1::Actor& given) const;
  // With a session: the same for the actor of each acknowledgment. Without one they stay as they are.
  absl::Status SetActors(v1::AcknowledgeRequest* request) const;

  // PERMISSION_DENIED (UNKNOWN_PARTY) when this site set no longer has the party, or has it as another kind.
  // UNAUTHENTICATED (SESSION_ENDED) when the session is over, (REVOKED) when the certificate is revoked by now.
  absl::Status CheckStillIn(const routing::Site& site) const;

 private:
  friend class Gate;
  Caller(std::string party, v1::PartyKind kind, std::string via, v1::PartyKind via_kind,
         std::shared_ptr<const accounts::Person> person, std::shared_ptr<const routing::Site> site)
      : party_(std::move(party)),
        kind_(kind),
        via_(std::move(via)),
        via_kind_(via_kind),
        person_(std::move(person)),
        site_(std::move(site)) {}
  std::string party_;
  v1::PartyKind kind_;
  std::string via_;
  v1::PartyKind via_kind_;
  std::shared_ptr<const accounts::Person> person_;
  std::shared_ptr<const routing::Site> site_;
  const security::Revocations* revocations_ = nullptr;  // outlives the call
  std::string certificate_pem_;                         // empty without a revocation list
};

class Gate {
 public:
  // Both outlive the gate. Without `accounts` nobody has a session.
  // `refused` counts those that are not let in. `trail` is for whoever calls the gate; nullptr: nothing is noted.
  // Certificates in `revocations` open nothing.
  explicit Gate(const SiteDirectory* directory, accounts::Accounts* accounts = nullptr,
                std::atomic<uint64_t>* refused = nullptr, audit::Trail* trail = nullptr,
                const security::Revocations* revocations = nullptr)
      : directory_(directory), accounts_(accounts), refused_(refused), trail_(trail), revocations_(revocations) {}

  // `uris`: the URI names of the peer's verified certificate. `method`: "/package.Service/Method". UNAUTHENTICATED
  // (NO_PARTY): not exactly one party's name of this site's trust domain. PERMISSION_DENIED: UNKNOWN_PARTY, not in the
  // site set in force; NOT_ALLOWED, the policy does not give the method to this kind of party.
  //
  // `session`: the token of metadata "liandong-session"; empty: none. With one the person's party and roles are asked
  // about. UNAUTHENTICATED (SESSION_ENDED, SESSION_REQUIRED); PERMISSION_DENIED (MUST_CHANGE_PASSWORD, MUST_ENROL).
  //
  // `certificate_pem`: the peer's own. UNAUTHENTICATED (REVOKED).
  absl::StatusOr<Caller> Admit(const std::vector<std::string>& uris, std::string_view method,
                               std::string_view session = "", std::string_view certificate_pem = "") const;
  audit::Trail* trail() const { return trail_; }

 private:
  absl::StatusOr<Caller> Decide(const std::vector<std::string>& uris, std::string_view method,
                                std::string_view session) const;
  absl::StatusOr<Caller> AdmitPerson(const v1::Party& via, std::shared_ptr<const routing::Site> site,
                                     std::string_view method, std::string_view session) const;

  const SiteDirectory* const directory_;
  accounts::Accounts* const accounts_;
  std::atomic<uint64_t>* const refused_;
  audit::Trail* const trail_;
  const security::Revocations* const revocations_;
};

}  // namespace liandong::service
