#include "adapters/cli/signed_in.h"

#include <CLI/CLI.hpp>

#include "absl/strings/strip.h"
#include "adapters/client/account_client.h"
#include "liandong/v1/account.pb.h"

namespace liandong::cli {
namespace {

constexpr size_t kSecretBytes = 1024;  // a password and a line end

}  // namespace

void SignInFlags::AddTo(CLI::App* command) {
  command->add_option("--as", as, "以谁的账号操作 the account of who runs this")->required();
  command
      ->add_option("--password-file", password_file, "口令文件；- 为标准输入 file with the password; -: standard input")
      ->required();
  command->add_option("--totp", totp, "动态码 code of the authenticator");
}

absl::StatusOr<std::string> ReadSecret(Context& context, const std::string& file) {
  auto text = ReadInput(context, file, kSecretBytes);
  if (!text.ok()) return text.status();
  return std::string(absl::StripTrailingAsciiWhitespace(*text));
}

int SignedIn(Context& context, const SignInFlags& flags,
             const std::function<int(std::shared_ptr<adapters::HubClient>)>& act) {
  const auto password = ReadSecret(context, flags.password_file);
  if (!password.ok()) return context.FailLocal(password.status());
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) {
    v1::SignInRequest request;
    request.set_account(flags.as);
    request.set_password(*password);
    request.set_totp(flags.totp);
    const auto in = adapters::AccountClient(client, context.Timeout()).SignIn(request);
    if (!in.ok()) return context.Fail(in.status());
    const auto person = client->As(in->session());
    const int code = act(person);
    adapters::AccountClient(person, context.Timeout()).SignOut().IgnoreError();
    return code;
  });
}

}  // namespace liandong::cli
