// Which role of a person may call which method, beside what its party's kind may (policy.h). Default deny: a method
// that is not in the table is nobody's. 三权分立: who keeps accounts takes no part in the work, and who audits does
// nothing else.
//
// Thread-safety: constants and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "security/policy.h"

namespace liandong::security {

enum class AccountRole : uint8_t { kViewer, kDutyOfficer, kAgreementKeeper, kAccountKeeper, kAuditor, kWall, kClerk };
inline constexpr std::array<AccountRole, 7> kAllRoles = {
    AccountRole::kViewer,        AccountRole::kDutyOfficer, AccountRole::kAgreementKeeper,
    AccountRole::kAccountKeeper, AccountRole::kAuditor,     AccountRole::kWall,
    AccountRole::kClerk};

// "viewer", "duty_officer" … as in the contract.
std::string_view RoleName(AccountRole role);

constexpr uint8_t RoleBit(AccountRole role) { return static_cast<uint8_t>(1u << static_cast<unsigned>(role)); }
using RoleSet = uint8_t;  // of RoleBit

struct RoleRule {
  std::string_view method;
  RoleSet roles;
};
absl::Span<const RoleRule> RoleRules();

// Whether one of the roles may call the method.
bool RolesMay(RoleSet roles, std::string_view method);
// Whether a certificate alone never does for the method.
bool NeedsSession(std::string_view method);
// What a person may call whose password is still the first one, or who has yet to enrol a second factor.
bool IsForOnesOwnAccount(std::string_view method);

// InvalidArgument names a word that is no role, roles that exclude each other, or one that is not for this kind of
// party.
absl::Status ParseRoles(const std::vector<std::string>& words, PartyKind kind, RoleSet* out);
std::vector<std::string> RoleWords(RoleSet roles);

}  // namespace liandong::security
