#include "adapters/client/account_client.h"

#include <utility>

#include "adapters/client/unary.h"

namespace liandong::adapters {

using Stub = v1::Account::Stub;

AccountClient::AccountClient(std::shared_ptr<HubClient> client, absl::Duration timeout)
    : client_(std::move(client)), timeout_(timeout) {}

absl::StatusOr<v1::SignInReply> AccountClient::SignIn(const v1::SignInRequest& request) {
  // Not tried again: a wrong password would count twice.
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::account, &Stub::SignIn, request);
}
absl::Status AccountClient::SignOut() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::account, &Stub::SignOut, v1::SignOutRequest()).status();
}
absl::StatusOr<v1::SessionView> AccountClient::Check() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::account, &Stub::Check, v1::CheckSessionRequest());
}
absl::Status AccountClient::ChangePassword(const v1::ChangePasswordRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::account, &Stub::ChangePassword, request).status();
}
absl::StatusOr<v1::EnrolTotpReply> AccountClient::EnrolTotp(const v1::EnrolTotpRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::account, &Stub::EnrolTotp, request);
}
absl::StatusOr<v1::CreateAccountReply> AccountClient::Create(const v1::CreateAccountRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::account, &Stub::Create, request);
}
absl::StatusOr<v1::ListAccountsReply> AccountClient::List() {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::account, &Stub::List, v1::ListAccountsRequest());
}
absl::StatusOr<v1::AccountView> AccountClient::Disable(const v1::DisableAccountRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::account, &Stub::Disable, request);
}
absl::StatusOr<v1::ResetPasswordReply> AccountClient::ResetPassword(const v1::ResetPasswordRequest& request) {
  return Unary(*client_, timeout_, Repeat::kUnsafe, &Hub::account, &Stub::ResetPassword, request);
}
absl::StatusOr<v1::AccountView> AccountClient::SetRoles(const v1::SetRolesRequest& request) {
  return Unary(*client_, timeout_, Repeat::kSafe, &Hub::account, &Stub::SetRoles, request);
}

}  // namespace liandong::adapters
