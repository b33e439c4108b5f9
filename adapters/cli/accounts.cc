// liandong account: who may sign in at screens. For an account keeper, who signs in for the one command.
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/signed_in.h"
#include "adapters/client/account_client.h"
#include "liandong/v1/account.pb.h"

namespace liandong::cli {
namespace {

constexpr size_t kCertificateBytes = 65536;  // a chain of several certificates

struct AccountFlags {
  SignInFlags keeper;
  std::string account, person, party, certificate_file;
  std::vector<std::string> roles;
  bool forget_totp = false;
};
using Flags = std::shared_ptr<AccountFlags>;
using Client = adapters::AccountClient;

int AsKeeper(Context& context, const Flags& flags, const std::function<int(Client&)>& act) {
  return SignedIn(context, flags->keeper, [&](std::shared_ptr<adapters::HubClient> client) {
    Client accounts(std::move(client), context.Timeout());
    return act(accounts);
  });
}

void ShowOne(Context& context, const v1::AccountView& view) {
  if (context.json) return context.Json(view);
  context.out << view.account() << "\t" << view.person() << "\t" << view.party() << "\t";
  for (int i = 0; i < view.role_size(); ++i) context.out << (i > 0 ? "," : "") << view.role(i);
  if (view.disabled()) context.out << "\t已停用 disabled";
  if (view.locked_until_ms() > 0) context.out << "\t已锁定 locked";
  if (view.second_factor() == v1::SECOND_FACTOR_NONE) context.out << "\t无第二因素 no second factor";
  context.out << "\t会话 sessions " << view.sessions() << std::endl;
}

void ShowPassword(Context& context, const std::string& password) {
  if (password.empty()) return;
  context.out << "初始口令,首次登录后须修改 first password, to be changed at the first sign-in: " << password
              << std::endl;
}

CLI::App* AddOne(CLI::App* group, const char* name, const char* help, const Flags& flags, bool takes_account) {
  auto* command = group->add_subcommand(name, help);
  flags->keeper.AddTo(command);
  if (takes_account) command->add_option("ACCOUNT", flags->account, "账号 account")->required();
  return command;
}

void AddRoles(CLI::App* command, const Flags& flags) {
  command
      ->add_option("--role", flags->roles,
                   "角色，可重复 may be repeated: viewer, duty_officer, agreement_keeper, "
                   "account_keeper, auditor, wall, clerk")
      ->required()
      ->allow_extra_args(false);
}

int Show(Context& context, const absl::StatusOr<v1::AccountView>& view) {
  if (!view.ok()) return context.Fail(view.status());
  ShowOne(context, *view);
  return kDone;
}

}  // namespace

void AddAccounts(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("account",
                                   "网页人员账号（账号管理员） people's accounts (account keeper): list, create, "
                                   "disable, enable, reset, roles");
  group->require_subcommand(1);

  auto list = std::make_shared<AccountFlags>();
  OnRun(AddOne(group, "list", "列出 list them", list, false), context, [&context, list] {
    return AsKeeper(context, list, [&](Client& accounts) -> int {
      const auto reply = accounts.List();
      if (!reply.ok()) return context.Fail(reply.status());
      for (const auto& view : reply->account()) ShowOne(context, view);
      return kDone;
    });
  });

  auto create = std::make_shared<AccountFlags>();
  auto* command = AddOne(group, "create", "新建 make one", create, true);
  command->add_option("--name", create->person, "姓名或工号 the person, as it stands in the record")->required();
  command->add_option("--party", create->party, "所属单位 party id")->required();
  AddRoles(command, create);
  command->add_option("--certificate", create->certificate_file, "只凭此证书登录 sign in with this certificate only")
      ->type_name("PEM");
  OnRun(command, context, [&context, create] {
    v1::CreateAccountRequest request;
    request.set_account(create->account);
    request.set_person(create->person);
    request.set_party(create->party);
    for (const std::string& role : create->roles) request.add_role(role);
    if (!create->certificate_file.empty()) {
      const auto pem = ReadInput(context, create->certificate_file, kCertificateBytes);
      if (!pem.ok()) return context.FailLocal(pem.status());
      request.set_device_certificate(*pem);
    }
    return AsKeeper(context, create, [&](Client& accounts) -> int {
      const auto reply = accounts.Create(request);
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) return context.Json(*reply), kDone;
      ShowOne(context, reply->account());
      ShowPassword(context, reply->password());
      return kDone;
    });
  });

  for (const bool enable : {false, true}) {
    auto flags = std::make_shared<AccountFlags>();
    command = AddOne(
        group, enable ? "enable" : "disable",
        enable ? "重新启用并解锁 enable again, and unlock" : "停用，会话立即结束 disable; its sessions end at once",
        flags, true);
    OnRun(command, context, [&context, flags, enable] {
      v1::DisableAccountRequest request;
      request.set_account(flags->account);
      request.set_enable(enable);
      return AsKeeper(context, flags, [&](Client& accounts) { return Show(context, accounts.Disable(request)); });
    });
  }

  auto reset = std::make_shared<AccountFlags>();
  command = AddOne(group, "reset", "重置口令 a new first password", reset, true);
  command->add_flag("--forget-totp", reset->forget_totp,
                    "手机丢失：动态码须重新绑定 a lost telephone: the authenticator is enrolled anew");
  OnRun(command, context, [&context, reset] {
    v1::ResetPasswordRequest request;
    request.set_account(reset->account);
    request.set_forget_second_factor(reset->forget_totp);
    return AsKeeper(context, reset, [&](Client& accounts) -> int {
      const auto reply = accounts.ResetPassword(request);
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) return context.Json(*reply), kDone;
      ShowPassword(context, reply->password());
      return kDone;
    });
  });

  auto roles = std::make_shared<AccountFlags>();
  command = AddOne(group, "roles", "改角色，会话立即结束 other roles; its sessions end at once", roles, true);
  AddRoles(command, roles);
  OnRun(command, context, [&context, roles] {
    v1::SetRolesRequest request;
    request.set_account(roles->account);
    for (const std::string& role : roles->roles) request.add_role(role);
    return AsKeeper(context, roles, [&](Client& accounts) { return Show(context, accounts.SetRoles(request)); });
  });

  auto password = std::make_shared<AccountFlags>();
  auto changed = std::make_shared<std::string>();
  command = AddOne(group, "password", "改自己的口令 change one's own password", password, false);
  command->add_option("--new-password-file", *changed, "新口令文件 file with the new password")->required();
  OnRun(command, context, [&context, password, changed] {
    v1::ChangePasswordRequest request;
    const auto old = ReadSecret(context, password->keeper.password_file);
    const auto fresh = ReadSecret(context, *changed);
    if (!old.ok() || !fresh.ok()) return context.FailLocal(old.ok() ? fresh.status() : old.status());
    request.set_old_password(*old);
    request.set_new_password(*fresh);
    return AsKeeper(context, password, [&](Client& accounts) -> int {
      const absl::Status status = accounts.ChangePassword(request);
      if (!status.ok()) return context.Fail(status);
      if (!context.json) context.out << "口令已修改 password changed" << std::endl;
      return kDone;
    });
  });
}

}  // namespace liandong::cli
