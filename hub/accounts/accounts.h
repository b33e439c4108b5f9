// People, their passwords and their sessions.
//
// Thread-safety: every method from any thread. SignIn and ChangePassword take some hundred milliseconds (memory-hard
// hashes), what changes something waits for the disk; Find never waits for either. Errors carry a reason of the
// contract.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/accounts/store.h"
#include "security/key_provider.h"
#include "security/password.h"
#include "security/policy.h"

namespace liandong::accounts {

// Of the site set's settings; 0: limits.h.
struct Rules {
  int64_t session_idle_ms = 0;
  int64_t session_absolute_ms = 0;
  uint32_t failures_max = 0;
  int64_t lock_ms = 0;
  bool second_factor_required = false;
};

// One open session. What may change of it is behind Accounts' lock; `ended` is for whoever holds on to it.
struct Session {
  std::string token_hash;
  std::string account;
  std::string via;
  int64_t created_ms = 0;
  std::atomic<int64_t> last_used_ms = 0;
  std::atomic<bool> ended = false;
};

// Who it is, as of now.
struct Person {
  std::shared_ptr<const Session> session;
  std::string account, person, party;
  security::RoleSet roles = 0;
  int64_t expires_ms = 0;
  int64_t idle_expires_ms = 0;
  bool must_change_password = false;
  bool must_enrol = false;
  bool has_totp = false;
  bool has_certificate = false;
};

struct Ask {
  std::string account, password, totp;
  std::string certificate;  // SHA-256 of the certificate that the browser proved to hold; empty: none
  std::string via;          // the party whose certificate the call came over
  std::string only_party;   // that party when it is no screen: only its own people sign in there. Empty: anybody
};

struct Listed {
  Account account;  // without password and secret
  uint32_t sessions = 0;
};

class Accounts {
 public:
  struct Options {
    std::string path;                       // accounts.db
    security::KeyProvider* keys = nullptr;  // outlives this; wraps TOTP secrets
    security::PasswordCost cost = {};
    std::function<int64_t()> now_ms = {};  // wall clock; default: the system's
  };
  static absl::StatusOr<std::unique_ptr<Accounts>> Open(Options options);

  void SetRules(const Rules& rules);

  // The token and who it is. UNAUTHENTICATED: BAD_CREDENTIALS, TOTP_REQUIRED (the password was right).
  // PERMISSION_DENIED: LOCKED, for names that do not exist as for those that do.
  struct SignedIn {
    std::string token;
    Person person;
  };
  absl::StatusOr<SignedIn> SignIn(const Ask& ask);
  // UNAUTHENTICATED (SESSION_ENDED): no such session, over, its account disabled, or made over another certificate.
  absl::StatusOr<Person> Find(std::string_view token, std::string_view via, bool counts_as_use);
  absl::Status SignOut(const Session& session);

  // PERMISSION_DENIED (BAD_CREDENTIALS), INVALID_ARGUMENT (BAD_PASSWORD). Ends the account's other sessions.
  absl::Status ChangePassword(const Session& session, std::string_view old_password, std::string_view new_password);
  // A fresh secret, not asked for until it is confirmed.
  absl::StatusOr<std::string> BeginTotp(const std::string& account);
  // INVALID_ARGUMENT (BAD_CODE).
  absl::Status ConfirmTotp(const std::string& account, std::string_view code);

  // `account` has name, person, party, roles and certificate. Returns the first password (empty for a wall).
  // INVALID_ARGUMENT (BAD_FIELD), ALREADY_EXISTS (ACCOUNT_EXISTS).
  absl::StatusOr<std::string> Create(Account account);
  std::vector<Listed> List() const;
  // NOT_FOUND (UNKNOWN_ACCOUNT), as those below.
  absl::StatusOr<Listed> Look(const std::string& name) const;
  absl::Status SetDisabled(const std::string& name, bool disabled);
  absl::StatusOr<std::string> ResetPassword(const std::string& name, bool forget_second_factor);
  absl::Status SetRoles(const std::string& name, security::RoleSet roles);

  // Ends what is over, and the sessions of accounts whose party `is_party` does not know, or over the certificate of
  // such a party. True: some ended since the last call, whoever ended them.
  bool Sweep(const std::function<bool(const std::string& party)>& is_party);

  size_t sessions() const;
  // For tests: how many passwords were hashed.
  uint64_t hashed() const { return hashed_.load(); }

 private:
  Accounts(Options options, Store store) : options_(std::move(options)), store_(std::move(store)) {}

  int64_t Now() const;
  absl::Status Load();
  absl::StatusOr<Account> Copy(const std::string& name) const;
  absl::Status Save(const Account& account);
  bool Over(const Session& session, const Account& account, int64_t now) const;
  Person PersonOf(const Account& account, std::shared_ptr<const Session> session) const;
  absl::Status CheckLock(const std::string& name, int64_t now) const;
  void Failed(const std::string& name, int64_t now);
  absl::Status CheckSecondFactor(Account* account, const Ask& ask, int64_t now, bool* wrong);
  // Ends the sessions for which `which` is true. writing_ is held.
  absl::Status EndSessions(const std::function<bool(const Session&)>& which);
  absl::StatusOr<SignedIn> Begin(Account account, const Ask& ask, int64_t now);
  bool Verify(std::string_view password, const std::string& kept);

  const Options options_;
  std::mutex writing_;  // one change at a time, with its wait for the disk; taken before mu_
  Store store_;         // guarded by writing_
  int64_t next_keep_use_ms_ = 0;

  mutable std::mutex mu_;  // memory only
  Rules rules_;
  std::map<std::string, Account> accounts_;
  std::unordered_map<std::string, std::shared_ptr<Session>> sessions_;  // by token hash
  struct Unknown {
    uint32_t failures = 0;
    int64_t locked_until_ms = 0;
  };
  std::map<std::string, Unknown> unknown_;  // names that are no accounts, counted alike
  std::atomic<bool> some_ended_ = false;
  std::atomic<uint64_t> hashed_ = 0;
};

// 1..64 of a-z, 0-9, '-', '_', '.'.
bool IsAccountName(std::string_view name);

}  // namespace liandong::accounts
