// An account made at the hub's own terminal, while the hub is stopped: the first one, for there is no default account,
// and a way back in when no account keeper is left.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "liandong/v1/config.pb.h"

namespace liandong::hub {

struct FirstAccount {
  std::string account = {}, person = {}, party = {};
  std::vector<std::string> roles = {};
  std::string certificate_pem = {};  // empty: none
};

// The first password, to be changed at the first sign-in; empty for a wall. FailedPrecondition while a hub runs on the
// folder; InvalidArgument names what is wrong with the account (checked against the site set adopted last, else
// site_dir).
absl::StatusOr<std::string> CreateFirstAccount(const v1::HubConfig& config, const FirstAccount& wanted);

}  // namespace liandong::hub
