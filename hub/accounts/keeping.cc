// What is done to accounts: by the person itself, and by an account keeper.
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/accounts/accounts.h"
#include "hub/accounts/limits.h"
#include "hub/core/errors.h"
#include "security/totp.h"

namespace liandong::accounts {
namespace {

using core::Refuse;

std::string TotpName(const std::string& account) { return absl::StrCat("liandong totp ", account); }

absl::Status BadField(std::string_view field, std::string_view en, std::string_view zh) {
  return Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", en, zh, field);
}

}  // namespace

absl::Status Accounts::ChangePassword(const Session& session, std::string_view old_password,
                                      std::string_view new_password) {
  absl::StatusOr<Account> account = Copy(session.account);
  if (!account.ok()) return account.status();
  if (auto status = CheckLock(account->name, Now()); !status.ok()) return status;
  const std::string kept = account->password;
  if (!Verify(old_password, kept)) {
    std::lock_guard writing(writing_);
    Failed(session.account, Now());
    return Refuse(absl::StatusCode::kPermissionDenied, "BAD_CREDENTIALS", "the old password is wrong", "原口令不正确",
                  "old_password");
  }
  absl::Status fit = security::CheckNewPassword(new_password, account->name);
  if (fit.ok() && new_password == old_password) fit = absl::InvalidArgumentError("the new password is the old one");
  if (!fit.ok()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_PASSWORD", std::string(fit.message()),
                  "新口令须为 10 至 256 字节,不含账号名,且不同于原口令", "new_password");
  }
  const std::string hash = security::HashPassword(new_password, options_.cost);
  std::lock_guard writing(writing_);
  account = Copy(session.account);
  // Somebody else changed it meanwhile, an account keeper for example: that one stands.
  if (!account.ok() || account->password != kept) {
    return Refuse(absl::StatusCode::kPermissionDenied, "BAD_CREDENTIALS", "the old password is wrong", "原口令不正确",
                  "old_password");
  }
  account->password = hash;
  account->must_change_password = false;
  if (auto status = Save(*account); !status.ok()) return status;
  return EndSessions(
      [&](const Session& one) { return one.account == session.account && one.token_hash != session.token_hash; });
}

absl::StatusOr<std::string> Accounts::BeginTotp(const std::string& name) {
  std::lock_guard writing(writing_);
  absl::StatusOr<Account> account = Copy(name);
  if (!account.ok()) return account.status();
  if (account->totp_confirmed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ALREADY_ENROLLED",
                  "the account has an authenticator; an account keeper can make it forget that one",
                  "该账号已绑定动态码;更换请联系账号管理员");
  }
  std::string secret = security::MakeTotpSecret();
  auto wrapped = options_.keys->Wrap(TotpName(name), secret);
  if (!wrapped.ok()) return wrapped.status();
  account->totp = *std::move(wrapped);
  account->totp_last_step = 0;
  if (auto status = Save(*account); !status.ok()) return status;
  return secret;
}

absl::Status Accounts::ConfirmTotp(const std::string& name, std::string_view code) {
  std::lock_guard writing(writing_);
  absl::StatusOr<Account> account = Copy(name);
  if (!account.ok()) return account.status();
  if (auto status = CheckLock(name, Now()); !status.ok()) return status;
  if (account->totp_confirmed) return absl::OkStatus();
  std::optional<uint64_t> step;
  if (!account->totp.empty()) {
    auto secret = options_.keys->Unwrap(TotpName(name), account->totp);
    if (!secret.ok()) return secret.status();
    step = security::MatchTotp(*secret, code, Now(), account->totp_last_step);
  }
  if (!step.has_value()) {
    Failed(name, Now());
    return Refuse(absl::StatusCode::kInvalidArgument, "BAD_CODE",
                  "the code does not fit the secret given last; look at the telephone's clock and try the next one",
                  "动态码与最近发放的密钥不符,请核对手机时间后再试", "code");
  }
  account->totp_confirmed = true;
  account->totp_last_step = *step;
  return Save(*account);
}

absl::StatusOr<std::string> Accounts::Create(Account account) {
  if (!IsAccountName(account.name)) {
    return BadField("account", "account: 1 to 64 of a-z, 0-9, '-', '_' and '.'",
                    "账号须为 1 至 64 个小写字母、数字、-、_ 或 .");
  }
  if (account.person.empty() || account.person.size() > limits::kPersonBytes)
    return BadField("person", "person: the name as it is to stand in the record", "须填写姓名或工号,供记录使用");
  const bool wall = account.roles == security::RoleBit(security::AccountRole::kWall);
  if (wall && account.certificate.empty()) {
    return BadField("device_certificate", "a wall signs in by its certificate: give its PEM text",
                    "大屏账号须绑定设备证书");
  }
  std::string password;
  if (!wall) {
    password = security::MakePassword();
    account.password = security::HashPassword(password, options_.cost);
    account.must_change_password = true;
  }
  account.created_ms = Now();
  std::lock_guard writing(writing_);
  {
    std::lock_guard lock(mu_);
    if (accounts_.contains(account.name)) {
      return Refuse(absl::StatusCode::kAlreadyExists, "ACCOUNT_EXISTS",
                    "there is an account of this name; names are never used again for somebody else",
                    "该账号名已存在,账号名不得转给他人使用", "account");
    }
    if (accounts_.size() >= limits::kAccounts) {
      return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_ACCOUNTS",
                    absl::StrCat("at most ", limits::kAccounts, " accounts"), "账号数已达上限");
    }
    unknown_.erase(account.name);
  }
  if (auto status = Save(account); !status.ok()) return status;
  return password;
}

absl::Status Accounts::SetDisabled(const std::string& name, bool disabled) {
  std::lock_guard writing(writing_);
  absl::StatusOr<Account> account = Copy(name);
  if (!account.ok()) return account.status();
  account->disabled = disabled;
  account->failures = 0;
  account->locked_until_ms = 0;
  if (auto status = Save(*account); !status.ok()) return status;
  return disabled ? EndSessions([&](const Session& one) { return one.account == name; }) : absl::OkStatus();
}

absl::StatusOr<std::string> Accounts::ResetPassword(const std::string& name, bool forget_second_factor) {
  const std::string password = security::MakePassword();
  const std::string hash = security::HashPassword(password, options_.cost);
  std::lock_guard writing(writing_);
  absl::StatusOr<Account> account = Copy(name);
  if (!account.ok()) return account.status();
  if (account->roles == security::RoleBit(security::AccountRole::kWall))
    return BadField("account", "a wall has no password", "大屏账号没有口令");
  account->password = hash;
  account->must_change_password = true;
  account->failures = 0;
  account->locked_until_ms = 0;
  if (forget_second_factor) {
    account->totp.clear();
    account->totp_confirmed = false;
  }
  if (auto status = Save(*account); !status.ok()) return status;
  if (auto status = EndSessions([&](const Session& one) { return one.account == name; }); !status.ok()) return status;
  return password;
}

absl::Status Accounts::SetRoles(const std::string& name, security::RoleSet roles) {
  std::lock_guard writing(writing_);
  absl::StatusOr<Account> account = Copy(name);
  if (!account.ok()) return account.status();
  const security::RoleSet wall = security::RoleBit(security::AccountRole::kWall);
  if ((roles == wall) != (account->roles == wall))
    return BadField("role", "a wall's account is made anew, not changed", "大屏账号须新建,不能由其他角色改成");
  account->roles = roles;
  if (auto status = Save(*account); !status.ok()) return status;
  // Open streams were let in by the old roles.
  return EndSessions([&](const Session& one) { return one.account == name; });
}

absl::StatusOr<Listed> Accounts::Look(const std::string& name) const {
  for (Listed& one : List()) {
    if (one.account.name == name) return std::move(one);
  }
  return Refuse(absl::StatusCode::kNotFound, "UNKNOWN_ACCOUNT", "there is no such account", "没有该账号", "account");
}

std::vector<Listed> Accounts::List() const {
  std::lock_guard lock(mu_);
  std::map<std::string, uint32_t> open;
  for (const auto& [hash, one] : sessions_) ++open[one->account];
  std::vector<Listed> out;
  for (const auto& [name, account] : accounts_) {
    Listed& one = out.emplace_back(Listed{account, open[name]});
    one.account.password.clear();
    one.account.totp.clear();
  }
  return out;
}

}  // namespace liandong::accounts
