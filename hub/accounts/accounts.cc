#include "hub/accounts/accounts.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/accounts/limits.h"
#include "hub/core/errors.h"
#include "security/crypto.h"
#include "security/totp.h"

namespace liandong::accounts {
namespace {

using core::Refuse;

absl::Status BadCredentials() {
  return Refuse(absl::StatusCode::kUnauthenticated, "BAD_CREDENTIALS",
                "the account, the password, the code or the certificate is wrong", "账号、口令、动态码或证书不正确");
}

absl::Status Locked(int64_t ms) {
  return Refuse(absl::StatusCode::kPermissionDenied, "LOCKED",
                "too many wrong passwords: the account is locked for a while; an account keeper can unlock it",
                "口令多次错误,账号已暂时锁定;可请账号管理员解锁", "", static_cast<uint32_t>(std::max<int64_t>(ms, 1)));
}

absl::Status SessionEnded() {
  return Refuse(absl::StatusCode::kUnauthenticated, "SESSION_ENDED", "the session is over; sign in again",
                "登录已失效,请重新登录");
}

absl::Status UnknownAccount() {
  return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_ACCOUNT", "there is no such account", "没有该账号", "account");
}

bool IsWall(const Account& account) { return account.roles == security::RoleBit(security::AccountRole::kWall); }

std::string TotpName(const std::string& account) { return absl::StrCat("liandong totp ", account); }

int64_t Or(int64_t value, int64_t fallback) { return value > 0 ? value : fallback; }

}  // namespace

bool IsAccountName(std::string_view name) {
  return !name.empty() && name.size() <= limits::kNameBytes &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string_view::npos;
}

absl::StatusOr<std::unique_ptr<Accounts>> Accounts::Open(Options options) {
  auto store = Store::Open(options.path);
  if (!store.ok()) return store.status();
  std::unique_ptr<Accounts> out(new Accounts(std::move(options), *std::move(store)));
  if (auto status = out->Load(); !status.ok()) return status;
  return out;
}

absl::Status Accounts::Load() {
  auto accounts = store_.Accounts();
  if (!accounts.ok()) return accounts.status();
  for (Account& one : *accounts) accounts_[one.name] = std::move(one);
  auto sessions = store_.Sessions();
  if (!sessions.ok()) return sessions.status();
  for (const StoredSession& one : *sessions) {
    auto session = std::make_shared<Session>();
    session->token_hash = one.token_hash;
    session->account = one.account;
    session->via = one.via;
    session->created_ms = one.created_ms;
    session->last_used_ms = one.last_used_ms;
    sessions_[one.token_hash] = std::move(session);
  }
  return absl::OkStatus();
}

int64_t Accounts::Now() const {
  if (options_.now_ms) return options_.now_ms();
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

void Accounts::SetRules(const Rules& rules) {
  std::lock_guard lock(mu_);
  rules_ = rules;
}

absl::StatusOr<Account> Accounts::Copy(const std::string& name) const {
  std::lock_guard lock(mu_);
  const auto found = accounts_.find(name);
  if (found == accounts_.end()) return UnknownAccount();
  return found->second;
}

absl::Status Accounts::Save(const Account& account) {
  if (auto status = store_.Put(account); !status.ok()) return status;
  std::lock_guard lock(mu_);
  accounts_[account.name] = account;
  return absl::OkStatus();
}

bool Accounts::Verify(std::string_view password, const std::string& kept) {
  ++hashed_;
  return security::VerifyPassword(password, kept, options_.cost);
}

// ---- Signing in

absl::Status Accounts::CheckLock(const std::string& name, int64_t now) const {
  std::lock_guard lock(mu_);
  int64_t until = 0;
  if (const auto found = accounts_.find(name); found != accounts_.end()) {
    until = found->second.locked_until_ms;
  } else if (const auto unknown = unknown_.find(name); unknown != unknown_.end()) {
    until = unknown->second.locked_until_ms;
  }
  return until > now ? Locked(until - now) : absl::OkStatus();
}

void Accounts::Failed(const std::string& name, int64_t now) {
  Account account;
  {
    std::lock_guard lock(mu_);
    const uint32_t most = rules_.failures_max > 0 ? rules_.failures_max : limits::kFailures;
    const int64_t lock_ms = Or(rules_.lock_ms, limits::kLockMs);
    auto count = [&](uint32_t* failures, int64_t* until) {
      if (++*failures < most) return;
      *failures = 0;
      *until = now + lock_ms;
    };
    const auto found = accounts_.find(name);
    if (found == accounts_.end()) {
      if (unknown_.size() >= limits::kUnknownNames) unknown_.clear();
      Unknown& one = unknown_[name];
      return count(&one.failures, &one.locked_until_ms);
    }
    count(&found->second.failures, &found->second.locked_until_ms);
    account = found->second;
  }
  (void)store_.Put(account);  // memory counts in any case
}

absl::Status Accounts::CheckSecondFactor(Account* account, const Ask& ask, int64_t now, bool* wrong) {
  if (!account->certificate.empty()) {
    *wrong = !security::ConstantTimeEqual(account->certificate, ask.certificate);
    return *wrong ? BadCredentials() : absl::OkStatus();
  }
  if (!account->totp_confirmed) return absl::OkStatus();
  if (ask.totp.empty()) {
    return Refuse(absl::StatusCode::kUnauthenticated, "TOTP_REQUIRED", "the code of the authenticator is needed too",
                  "还需要动态验证码", "totp");
  }
  auto secret = options_.keys->Unwrap(TotpName(account->name), account->totp);
  if (!secret.ok()) return secret.status();
  const auto step = security::MatchTotp(*secret, ask.totp, now, account->totp_last_step);
  security::Wipe(*secret);
  *wrong = !step.has_value();
  if (*wrong) return BadCredentials();
  account->totp_last_step = *step;
  return absl::OkStatus();
}

absl::StatusOr<Accounts::SignedIn> Accounts::SignIn(const Ask& ask) {
  if (!IsAccountName(ask.account) || ask.password.size() > 256) return BadCredentials();
  const int64_t now = Now();
  if (auto status = CheckLock(ask.account, now); !status.ok()) return status;
  absl::StatusOr<Account> account = Copy(ask.account);
  const bool wall = account.ok() && IsWall(*account);
  // Before the lock: this is what takes the time, and it takes it for everybody.
  const bool right = Verify(ask.password, account.ok() ? account->password : "");
  std::lock_guard writing(writing_);
  account = Copy(ask.account);  // as it is by now
  const bool elsewhere = account.ok() && !ask.only_party.empty() && account->party != ask.only_party;
  if (!account.ok() || account->disabled || elsewhere || (!right && !wall)) {
    Failed(ask.account, now);
    return BadCredentials();
  }
  // Two at once with the same code: the second one finds it used.
  bool wrong = false;
  if (auto status = CheckSecondFactor(&*account, ask, now, &wrong); !status.ok()) {
    if (wrong && !wall) Failed(ask.account, now);
    return status;
  }
  return Begin(*std::move(account), ask, now);
}

absl::StatusOr<Accounts::SignedIn> Accounts::Begin(Account account, const Ask& ask, int64_t now) {
  account.failures = 0;
  account.locked_until_ms = 0;
  account.last_sign_in_ms = now;
  if (auto status = Save(account); !status.ok()) return status;
  const std::string token = security::RandomBytes(limits::kTokenBytes);
  auto session = std::make_shared<Session>();
  session->token_hash = security::Sha256(token);
  session->account = account.name;
  session->via = ask.via;
  session->created_ms = now;
  session->last_used_ms = now;
  if (auto status = store_.PutSession({session->token_hash, account.name, ask.via, now, now}); !status.ok())
    return status;
  std::vector<std::shared_ptr<Session>> of_account;
  {
    std::lock_guard lock(mu_);
    sessions_[session->token_hash] = session;
    for (const auto& [hash, one] : sessions_) {
      if (one->account == account.name) of_account.push_back(one);
    }
  }
  if (of_account.size() > limits::kSessionsPerAccount) {
    const auto oldest = *std::min_element(of_account.begin(), of_account.end(), [](const auto& a, const auto& b) {
      return a->last_used_ms.load() < b->last_used_ms.load();
    });
    if (auto status = EndSessions([&](const Session& one) { return one.token_hash == oldest->token_hash; });
        !status.ok())
      return status;
  }
  std::lock_guard lock(mu_);
  return SignedIn{security::Hex(token), PersonOf(account, session)};
}

// ---- Sessions

bool Accounts::Over(const Session& session, const Account& account, int64_t now) const {
  const bool wall = IsWall(account);
  const int64_t absolute = wall ? limits::kWallAbsoluteMs : Or(rules_.session_absolute_ms, limits::kSessionAbsoluteMs);
  const int64_t idle = wall ? limits::kWallAbsoluteMs : Or(rules_.session_idle_ms, limits::kSessionIdleMs);
  return account.disabled || now >= session.created_ms + absolute || now >= session.last_used_ms.load() + idle;
}

Person Accounts::PersonOf(const Account& account, std::shared_ptr<const Session> session) const {
  const bool wall = IsWall(account);
  Person out;
  out.account = account.name;
  out.person = account.person;
  out.party = account.party;
  out.roles = account.roles;
  out.expires_ms = session->created_ms +
                   (wall ? limits::kWallAbsoluteMs : Or(rules_.session_absolute_ms, limits::kSessionAbsoluteMs));
  out.idle_expires_ms = session->last_used_ms.load() +
                        (wall ? limits::kWallAbsoluteMs : Or(rules_.session_idle_ms, limits::kSessionIdleMs));
  out.must_change_password = account.must_change_password;
  out.has_totp = account.totp_confirmed;
  out.has_certificate = !account.certificate.empty();
  out.must_enrol = rules_.second_factor_required && !out.has_totp && !out.has_certificate;
  out.session = std::move(session);
  return out;
}

absl::StatusOr<Person> Accounts::Find(std::string_view token, std::string_view via, bool counts_as_use) {
  const auto bytes = security::FromHex(token);
  if (!bytes.ok() || bytes->size() != limits::kTokenBytes) return SessionEnded();
  const std::string hash = security::Sha256(*bytes);
  const int64_t now = Now();
  std::lock_guard lock(mu_);
  const auto found = sessions_.find(hash);
  if (found == sessions_.end() || found->second->via != via || found->second->ended) return SessionEnded();
  const auto account = accounts_.find(found->second->account);
  if (account == accounts_.end() || Over(*found->second, account->second, now)) return SessionEnded();
  if (counts_as_use) found->second->last_used_ms = now;
  return PersonOf(account->second, found->second);
}

absl::Status Accounts::EndSessions(const std::function<bool(const Session&)>& which) {
  std::vector<std::string> hashes;
  {
    std::lock_guard lock(mu_);
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      if (!which(*it->second)) {
        ++it;
        continue;
      }
      it->second->ended = true;  // at once, whatever the disk says
      some_ended_ = true;
      hashes.push_back(it->first);
      it = sessions_.erase(it);
    }
  }
  return store_.RemoveSessions(hashes);
}

absl::Status Accounts::SignOut(const Session& session) {
  std::lock_guard writing(writing_);
  return EndSessions([&](const Session& one) { return one.token_hash == session.token_hash; });
}

bool Accounts::Sweep(const std::function<bool(const std::string& party)>& is_party) {
  const int64_t now = Now();
  std::lock_guard writing(writing_);
  std::vector<StoredSession> used;
  std::vector<std::string> over;
  {
    std::lock_guard lock(mu_);
    for (const auto& [hash, one] : sessions_) {
      const auto account = accounts_.find(one->account);
      const bool ends = account == accounts_.end() || Over(*one, account->second, now) ||
                        !is_party(account->second.party) || !is_party(one->via);
      if (ends) {
        over.push_back(hash);
      } else {
        used.push_back({hash, one->account, one->via, one->created_ms, one->last_used_ms.load()});
      }
    }
  }
  (void)EndSessions(
      [&](const Session& one) { return std::find(over.begin(), over.end(), one.token_hash) != over.end(); });
  if (now >= next_keep_use_ms_) {
    next_keep_use_ms_ = now + limits::kKeepUseMs;
    (void)store_.KeepUse(used);
  }
  return some_ended_.exchange(false);
}

size_t Accounts::sessions() const {
  std::lock_guard lock(mu_);
  return sessions_.size();
}

}  // namespace liandong::accounts
