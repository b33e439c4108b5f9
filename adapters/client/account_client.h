// The Account service: people sign in over the certificate of the program that serves them.
//
// Thread-safe. Errors as in hub_client.h. Passwords and sessions are nowhere in them.
#ifndef LIANDONG_ADAPTERS_CLIENT_ACCOUNT_CLIENT_H_
#define LIANDONG_ADAPTERS_CLIENT_ACCOUNT_CLIENT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/account.pb.h"

namespace liandong::adapters {

class AccountClient {
 public:
  // SignIn needs no session; for everything else `client` must be in a person's name (HubClient::As).
  explicit AccountClient(std::shared_ptr<HubClient> client, absl::Duration timeout = kClientCallTimeout);

  absl::StatusOr<v1::SignInReply> SignIn(const v1::SignInRequest& request);
  absl::Status SignOut();
  absl::StatusOr<v1::SessionView> Check();
  absl::Status ChangePassword(const v1::ChangePasswordRequest& request);
  absl::StatusOr<v1::EnrolTotpReply> EnrolTotp(const v1::EnrolTotpRequest& request);

  // For an account keeper.
  absl::StatusOr<v1::CreateAccountReply> Create(const v1::CreateAccountRequest& request);
  absl::StatusOr<v1::ListAccountsReply> List();
  absl::StatusOr<v1::AccountView> Disable(const v1::DisableAccountRequest& request);
  absl::StatusOr<v1::ResetPasswordReply> ResetPassword(const v1::ResetPasswordRequest& request);
  absl::StatusOr<v1::AccountView> SetRoles(const v1::SetRolesRequest& request);

 private:
  const std::shared_ptr<HubClient> client_;
  const absl::Duration timeout_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_ACCOUNT_CLIENT_H_
