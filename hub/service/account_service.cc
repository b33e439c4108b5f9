// People: signing in and out, and accounts for those who keep them. What hashes a password or waits for the disk runs
// on a thread of its own, one at a time: guessing is slow for everybody, and the rest of the hub never waits for it.
#include <memory>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "hub/accounts/limits.h"
#include "hub/requests.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/account.grpc.pb.h"
#include "security/identity.h"
#include "security/roles.h"
#include "security/totp.h"

namespace liandong::service {
namespace {

using Reactor = grpc::ServerUnaryReactor;

v1::PartyKind KindIn(const routing::Site& site, const std::string& party) {
  const v1::Party* found = site.FindParty(party);
  return found == nullptr ? v1::PARTY_KIND_UNSPECIFIED : found->kind();
}

v1::SessionView ViewOf(const routing::Site& site, const accounts::Person& person) {
  v1::SessionView view;
  view.set_account(person.account);
  view.set_person(person.person);
  view.set_party(person.party);
  view.set_party_kind(KindIn(site, person.party));
  for (const std::string& role : security::RoleWords(person.roles)) view.add_role(role);
  view.set_expires_ms(person.expires_ms);
  view.set_idle_expires_ms(person.idle_expires_ms);
  view.set_must_change_password(person.must_change_password);
  view.set_must_enrol(person.must_enrol);
  view.set_second_factor(person.has_certificate ? v1::SECOND_FACTOR_CERTIFICATE
                         : person.has_totp      ? v1::SECOND_FACTOR_TOTP
                                                : v1::SECOND_FACTOR_NONE);
  return view;
}

v1::AccountView ViewOf(const accounts::Listed& listed) {
  const accounts::Account& account = listed.account;
  v1::AccountView view;
  view.set_account(account.name);
  view.set_person(account.person);
  view.set_party(account.party);
  for (const std::string& role : security::RoleWords(account.roles)) view.add_role(role);
  view.set_disabled(account.disabled);
  view.set_locked_until_ms(account.locked_until_ms > absl::ToUnixMillis(absl::Now()) ? account.locked_until_ms : 0);
  view.set_must_change_password(account.must_change_password);
  view.set_second_factor(!account.certificate.empty() ? v1::SECOND_FACTOR_CERTIFICATE
                         : account.totp_confirmed     ? v1::SECOND_FACTOR_TOTP
                                                      : v1::SECOND_FACTOR_NONE);
  view.set_created_ms(account.created_ms);
  view.set_last_sign_in_ms(account.last_sign_in_ms);
  view.set_sessions(listed.sessions);
  return view;
}

absl::Status BadRole(const absl::Status& status) {
  return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", std::string(status.message()),
                      "角色无效,或这些角色不能由同一人担任", "role");
}

absl::StatusOr<security::RoleSet> RolesFor(v1::PartyKind kind,
                                           const google::protobuf::RepeatedPtrField<std::string>& words) {
  const auto known = KindOf(kind);
  security::RoleSet roles = 0;
  const absl::Status status = known.has_value() ? security::ParseRoles({words.begin(), words.end()}, *known, &roles)
                                                : absl::InvalidArgumentError("the site set has no such party");
  if (!status.ok()) return BadRole(status);
  return roles;
}

// Of a certificate that is still good; anything else signs nobody in.
std::string FingerprintOf(const std::string& pem, const security::Revocations* revocations) {
  if (pem.empty() || (revocations != nullptr && revocations->IsRevoked(pem))) return "";
  const auto end = security::CertificateExpiry(pem);
  const auto fingerprint = security::CertificateFingerprint(pem);
  return end.ok() && *end > absl::Now() && fingerprint.ok() ? *fingerprint : "";
}

// Ends what is over, and looks again at the calls that last.
class Sweeper {
 public:
  explicit Sweeper(const Parts& parts) : parts_(parts), thread_([this] { Run(); }) {}
  ~Sweeper() {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
    }
    thread_.join();
  }

 private:
  void Run() {
    while (true) {
      {
        absl::MutexLock lock(&mu_);
        if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), absl::Milliseconds(accounts::limits::kSweepMs))) return;
      }
      const auto site = parts_.directory->Get();
      if (site == nullptr) continue;
      const bool ended =
          parts_.accounts->Sweep([&](const std::string& party) { return site->FindParty(party) != nullptr; });
      // An unreadable new list changes nothing: the old one counts on, and the next look may find a whole one.
      const bool revoked = parts_.revocations != nullptr && parts_.revocations->Changed();
      if (ended || revoked) parts_.lasting->Recheck(*site);
    }
  }

  const Parts& parts_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;  // last: it uses everything above
};

class AccountService final : public v1::Account::CallbackService {
 public:
  AccountService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate), sweeper_(parts) {}

  Reactor* SignIn(Context* context, const v1::SignInRequest* request, v1::SignInReply* reply) override {
    return Work(context, "/liandong.v1.Account/SignIn", request, reply,
                [this](const Caller& caller, const v1::SignInRequest& ask) -> absl::StatusOr<v1::SignInReply> {
                  const std::string only = caller.kind() == v1::SCREEN ? "" : caller.party();
                  auto in = parts_.accounts->SignIn({ask.account(), ask.password(), ask.totp(),
                                                     FingerprintOf(ask.device_certificate(), parts_.revocations),
                                                     caller.party(), only});
                  if (!in.ok()) return in.status();
                  v1::SignInReply answer;
                  answer.set_session(in->token);
                  *answer.mutable_view() = ViewOf(caller.site(), in->person);
                  return answer;
                });
  }

  Reactor* SignOut(Context* context, const v1::SignOutRequest* request, v1::SignOutReply* reply) override {
    return Work(context, "/liandong.v1.Account/SignOut", request, reply,
                [this](const Caller& caller, const v1::SignOutRequest&) -> absl::StatusOr<v1::SignOutReply> {
                  if (auto status = parts_.accounts->SignOut(*caller.person()->session); !status.ok()) return status;
                  return v1::SignOutReply();
                });
  }

  Reactor* Check(Context* context, const v1::CheckSessionRequest* request, v1::SessionView* reply) override {
    return Unary(gate_, context, "/liandong.v1.Account/Check", *request, reply,
                 [](const Caller& caller, hub::Done<v1::SessionView> done) {
                   done(ViewOf(caller.site(), *caller.person()));
                   return absl::OkStatus();
                 });
  }

  Reactor* ChangePassword(Context* context, const v1::ChangePasswordRequest* request,
                          v1::ChangePasswordReply* reply) override {
    return Work(
        context, "/liandong.v1.Account/ChangePassword", request, reply,
        [this](const Caller& caller, const v1::ChangePasswordRequest& ask) -> absl::StatusOr<v1::ChangePasswordReply> {
          const absl::Status status =
              parts_.accounts->ChangePassword(*caller.person()->session, ask.old_password(), ask.new_password());
          if (!status.ok()) return status;
          return v1::ChangePasswordReply();
        });
  }

  Reactor* EnrolTotp(Context* context, const v1::EnrolTotpRequest* request, v1::EnrolTotpReply* reply) override {
    return Work(context, "/liandong.v1.Account/EnrolTotp", request, reply,
                [this](const Caller& caller, const v1::EnrolTotpRequest& ask) -> absl::StatusOr<v1::EnrolTotpReply> {
                  const std::string& account = caller.person()->account;
                  v1::EnrolTotpReply answer;
                  if (!ask.code().empty()) {
                    if (auto status = parts_.accounts->ConfirmTotp(account, ask.code()); !status.ok()) return status;
                    answer.set_confirmed(true);
                    return answer;
                  }
                  auto secret = parts_.accounts->BeginTotp(account);
                  if (!secret.ok()) return secret.status();
                  answer.set_secret(security::Base32(*secret));
                  answer.set_otpauth_uri(security::TotpUri(caller.site().settings().name(), account, *secret));
                  return answer;
                });
  }

  Reactor* Create(Context* context, const v1::CreateAccountRequest* request, v1::CreateAccountReply* reply) override {
    return Work(
        context, "/liandong.v1.Account/Create", request, reply,
        [this](const Caller& caller, const v1::CreateAccountRequest& ask) -> absl::StatusOr<v1::CreateAccountReply> {
          auto roles = RolesFor(KindIn(caller.site(), ask.party()), ask.role());
          if (!roles.ok()) return roles.status();
          accounts::Account account;
          account.name = ask.account();
          account.person = ask.person();
          account.party = ask.party();
          account.roles = *roles;
          account.certificate = FingerprintOf(ask.device_certificate(), parts_.revocations);
          if (!ask.device_certificate().empty() && account.certificate.empty()) {
            return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD",
                                "device_certificate: no PEM certificate, or one that has ended or was revoked",
                                "设备证书无效、已过期或已被吊销", "device_certificate");
          }
          auto password = parts_.accounts->Create(std::move(account));
          if (!password.ok()) return password.status();
          v1::CreateAccountReply answer;
          answer.set_password(*std::move(password));
          auto view = View(ask.account());
          if (!view.ok()) return view.status();
          *answer.mutable_account() = *std::move(view);
          return answer;
        });
  }

  Reactor* List(Context* context, const v1::ListAccountsRequest* request, v1::ListAccountsReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Account/List", *request, reply,
                 [&](const Caller&, hub::Done<v1::ListAccountsReply> done) {
                   v1::ListAccountsReply answer;
                   for (const accounts::Listed& one : parts_.accounts->List()) *answer.add_account() = ViewOf(one);
                   done(std::move(answer));
                   return absl::OkStatus();
                 });
  }

  Reactor* Disable(Context* context, const v1::DisableAccountRequest* request, v1::AccountView* reply) override {
    return Work(context, "/liandong.v1.Account/Disable", request, reply,
                [this](const Caller& caller, const v1::DisableAccountRequest& ask) -> absl::StatusOr<v1::AccountView> {
                  if (ask.account() == caller.person()->account) return NotOnesOwn();
                  const absl::Status status = parts_.accounts->SetDisabled(ask.account(), !ask.enable());
                  if (!status.ok()) return status;
                  return View(ask.account());
                });
  }

  Reactor* ResetPassword(Context* context, const v1::ResetPasswordRequest* request,
                         v1::ResetPasswordReply* reply) override {
    return Work(
        context, "/liandong.v1.Account/ResetPassword", request, reply,
        [this](const Caller& caller, const v1::ResetPasswordRequest& ask) -> absl::StatusOr<v1::ResetPasswordReply> {
          if (ask.account() == caller.person()->account) return NotOnesOwn();
          auto password = parts_.accounts->ResetPassword(ask.account(), ask.forget_second_factor());
          if (!password.ok()) return password.status();
          v1::ResetPasswordReply answer;
          answer.set_password(*std::move(password));
          return answer;
        });
  }

  Reactor* SetRoles(Context* context, const v1::SetRolesRequest* request, v1::AccountView* reply) override {
    return Work(context, "/liandong.v1.Account/SetRoles", request, reply,
                [this](const Caller& caller, const v1::SetRolesRequest& ask) -> absl::StatusOr<v1::AccountView> {
                  if (ask.account() == caller.person()->account) return NotOnesOwn();
                  auto listed = parts_.accounts->Look(ask.account());
                  if (!listed.ok()) return listed.status();
                  auto roles = RolesFor(KindIn(caller.site(), listed->account.party), ask.role());
                  if (!roles.ok()) return roles.status();
                  if (auto status = parts_.accounts->SetRoles(ask.account(), *roles); !status.ok()) return status;
                  return View(ask.account());
                });
  }

 private:
  static absl::Status NotOnesOwn() {
    return core::Refuse(absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
                        "an account keeper does not change his own account; another one does",
                        "不能变更自己的账号,请由另一位账号管理员操作", "account");
  }

  absl::StatusOr<v1::AccountView> View(const std::string& name) const {
    auto listed = parts_.accounts->Look(name);
    if (!listed.ok()) return listed.status();
    return ViewOf(*listed);
  }

  // Gate, then `act(caller, request)` on the thread for slow things.
  template <typename Request, typename Reply, typename Act>
  Reactor* Work(Context* context, std::string_view method, const Request* request, Reply* reply, Act act) {
    return Unary(gate_, context, method, *request, reply, [&](const Caller& caller, hub::Done<Reply> done) {
      return parts_.sign_in->Run(
          [caller, ask = *request, done = std::move(done), act = std::move(act)] { done(act(caller, ask)); });
    });
  }

  const Parts& parts_;
  const Gate& gate_;
  Sweeper sweeper_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeAccountService(const Parts& parts, const Gate& gate) {
  return std::make_shared<AccountService>(parts, gate);
}

}  // namespace liandong::service
