// accounts.db: who may sign in, and the sessions that are open. SQLite, synchronous=FULL: what a call answered is on
// disk. Passwords are hashes, session tokens are hashes, TOTP secrets are wrapped under the master key.
//
// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/log/sqlite.h"
#include "security/roles.h"

namespace liandong::accounts {

struct Account {
  std::string name = {};
  std::string person = {};
  std::string party = {};
  security::RoleSet roles = 0;
  std::string password = {};  // security::HashPassword; empty: none, for a wall
  bool must_change_password = false;
  bool disabled = false;
  uint32_t failures = 0;  // wrong passwords since the last right one
  int64_t locked_until_ms = 0;
  std::string totp = {};  // wrapped; empty: none
  bool totp_confirmed = false;
  uint64_t totp_last_step = 0;   // a code works once
  std::string certificate = {};  // SHA-256 of the one certificate it signs in with, hexadecimal; empty: any
  int64_t created_ms = 0;
  int64_t last_sign_in_ms = 0;
};

struct StoredSession {
  std::string token_hash;
  std::string account;
  std::string via;  // the party over whose certificate it was made
  int64_t created_ms = 0;
  int64_t last_used_ms = 0;
};

class Store {
 public:
  static absl::StatusOr<Store> Open(const std::string& path);

  absl::StatusOr<std::vector<Account>> Accounts();
  absl::StatusOr<std::vector<StoredSession>> Sessions();
  // Adds or replaces.
  absl::Status Put(const Account& account);
  absl::Status PutSession(const StoredSession& session);
  absl::Status RemoveSessions(const std::vector<std::string>& token_hashes);
  // In one transaction.
  absl::Status KeepUse(const std::vector<StoredSession>& sessions);

 private:
  explicit Store(log::Connection db) : db_(std::move(db)) {}
  log::Connection db_;
};

}  // namespace liandong::accounts
