// For subcommands of a person with an account: signs in, does it, signs out.
#ifndef LIANDONG_ADAPTERS_CLI_SIGNED_IN_H_
#define LIANDONG_ADAPTERS_CLI_SIGNED_IN_H_

#include <functional>
#include <memory>
#include <string>

#include "adapters/cli/context.h"

namespace CLI {
class App;
}

namespace liandong::cli {

struct SignInFlags {
  std::string as, password_file, totp;

  // --as, --password-file, --totp
  void AddTo(CLI::App* command);
};

// The first line of a file with a secret, "-" for standard input.
absl::StatusOr<std::string> ReadSecret(Context& context, const std::string& file);

// `act` gets a connection in the person's name; the session ends whatever came of it.
int SignedIn(Context& context, const SignInFlags& flags,
             const std::function<int(std::shared_ptr<adapters::HubClient>)>& act);

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_SIGNED_IN_H_
