#include "security/roles.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace liandong::security {
namespace {

using enum AccountRole;

constexpr std::string_view kAccountService = "/liandong.v1.Account/";
constexpr std::string_view kReadsTrail = "/liandong.v1.Audit/Trail";
constexpr std::string_view kErases = "/liandong.v1.Desk/EraseIncident";
constexpr std::string_view kHolds = "/liandong.v1.Desk/SetLegalHold";

constexpr RoleSet kDuty = RoleBit(kDutyOfficer);
constexpr RoleSet kDutyOrClerk = kDuty | RoleBit(kClerk);
constexpr RoleSet kReadsDetails = kDuty | RoleBit(kViewer) | RoleBit(kAuditor);
constexpr RoleSet kLooks = kReadsDetails | RoleBit(kWall);
constexpr RoleSet kKeepsAccounts = RoleBit(kAccountKeeper);
constexpr RoleSet kKeepsAgreements = RoleBit(kAgreementKeeper);
constexpr RoleSet kEverybody = 0x7F;

constexpr RoleRule kRules[] = {
    {"/liandong.v1.Intake/Report", kDutyOrClerk},
    {"/liandong.v1.Intake/ReportStream", kDutyOrClerk},

    {"/liandong.v1.Link/Connect", kDutyOrClerk},
    {"/liandong.v1.Link/Fetch", kDutyOrClerk},
    {"/liandong.v1.Link/Acknowledge", kDutyOrClerk},
    {"/liandong.v1.Link/Transfer", kDutyOrClerk},
    {"/liandong.v1.Link/Close", kDutyOrClerk},

    {"/liandong.v1.Desk/ReportByHand", kDuty},
    {"/liandong.v1.Desk/CorrectIncident", kDuty},
    {"/liandong.v1.Desk/VerifyIncident", kDuty},
    {"/liandong.v1.Desk/MarkFalseAlarm", kDuty},
    {"/liandong.v1.Desk/OrderParties", kDuty},
    {"/liandong.v1.Desk/Reassign", kDuty},
    {"/liandong.v1.Desk/Transfer", kDuty},
    {"/liandong.v1.Desk/Close", kDuty},
    {"/liandong.v1.Desk/Cancel", kDuty},
    {"/liandong.v1.Desk/Merge", kDuty},
    {"/liandong.v1.Desk/Split", kDuty},
    {"/liandong.v1.Desk/CorrectAcknowledgment", kDuty},
    {"/liandong.v1.Desk/AcknowledgeFor", kDuty},
    {"/liandong.v1.Desk/AddNote", kDuty},
    {"/liandong.v1.Desk/DismissSuggestion", kDuty},
    {"/liandong.v1.Desk/FileUpwardReport", kDutyOrClerk},
    {"/liandong.v1.Desk/AssignIncident", kDuty},
    {"/liandong.v1.Desk/ReviewReturn", kDuty},
    {"/liandong.v1.Desk/StartResponse", kDuty},
    {"/liandong.v1.Desk/AdjustResponse", kDuty},
    {"/liandong.v1.Desk/EndResponse", kDuty},
    {"/liandong.v1.Desk/HandOverPost", kDutyOrClerk},
    {"/liandong.v1.Desk/AdoptSiteSet", kKeepsAgreements},
    // Who keeps the rules of retention carries them out; neither who works on incidents nor who audits does.
    {kErases, kKeepsAgreements},
    {kHolds, kKeepsAgreements},
    {"/liandong.v1.Desk/ListIncidents", kLooks},
    {"/liandong.v1.Desk/ListSuggestions", kReadsDetails},    // two incidents' heads, with places
    {"/liandong.v1.Desk/ListUpwardReports", kReadsDetails},  // prefilled with what was reported
    {"/liandong.v1.Desk/ListPosts", kReadsDetails | RoleBit(kClerk)},
    {"/liandong.v1.Desk/Stats", kReadsDetails | kKeepsAgreements},
    {"/liandong.v1.Desk/ShowIncident",
     kReadsDetails},  // names and numbers: not for a wall that everybody in the room reads
    {"/liandong.v1.Desk/ExplainIncident", kReadsDetails},
    {"/liandong.v1.Desk/ShowSiteSet", kLooks | kKeepsAgreements | kKeepsAccounts},
    {"/liandong.v1.Desk/Status", kLooks | kKeepsAgreements | kKeepsAccounts},
    {"/liandong.v1.Desk/Watch", kLooks},

    {"/liandong.v1.Feed/Where", kLooks | RoleBit(kClerk)},
    {"/liandong.v1.Feed/Snapshot", kLooks | RoleBit(kClerk)},

    {"/liandong.v1.Account/SignIn", kEverybody},
    {"/liandong.v1.Account/SignOut", kEverybody},
    {"/liandong.v1.Account/Check", kEverybody},
    {"/liandong.v1.Account/ChangePassword", kEverybody},
    {"/liandong.v1.Account/EnrolTotp", kEverybody},
    {"/liandong.v1.Account/Create", kKeepsAccounts},
    {"/liandong.v1.Account/List", kKeepsAccounts | RoleBit(kAuditor)},
    {"/liandong.v1.Account/Disable", kKeepsAccounts},
    {"/liandong.v1.Account/ResetPassword", kKeepsAccounts},
    {"/liandong.v1.Account/SetRoles", kKeepsAccounts},

    {kReadsTrail, RoleBit(kAuditor)},
    {"/liandong.v1.Audit/Note", kEverybody},
};

// What excludes what. Who makes accounts could make one for himself; who checks the others must not be one of them; a
// wall has no person before it.
bool Together(RoleSet roles) {
  const auto alone = [&](AccountRole role) { return (roles & RoleBit(role)) == 0 || roles == RoleBit(role); };
  const bool keeper = (roles & RoleBit(kAccountKeeper)) != 0;
  return alone(kAuditor) && alone(kWall) && alone(kClerk) &&
         !(keeper && (roles & (RoleBit(kDutyOfficer) | RoleBit(kAgreementKeeper))) != 0);
}

}  // namespace

std::string_view RoleName(AccountRole role) {
  switch (role) {
    case kViewer:
      return "viewer";
    case kDutyOfficer:
      return "duty_officer";
    case kAgreementKeeper:
      return "agreement_keeper";
    case kAccountKeeper:
      return "account_keeper";
    case kAuditor:
      return "auditor";
    case kWall:
      return "wall";
    case kClerk:
      return "clerk";
  }
  return "unknown";
}

absl::Span<const RoleRule> RoleRules() { return kRules; }

bool RolesMay(RoleSet roles, std::string_view method) {
  const auto* rule =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const auto& r) { return r.method == method; });
  return rule != std::end(kRules) && (rule->roles & roles) != 0;
}

bool NeedsSession(std::string_view method) {
  // What cannot be undone is a person's, never a program's that has a certificate.
  if (method == kReadsTrail || method == kErases || method == kHolds) return true;
  return method.substr(0, kAccountService.size()) == kAccountService && method != "/liandong.v1.Account/SignIn";
}

bool IsForOnesOwnAccount(std::string_view method) {
  return method == "/liandong.v1.Account/ChangePassword" || method == "/liandong.v1.Account/EnrolTotp" ||
         method == "/liandong.v1.Account/SignOut" || method == "/liandong.v1.Account/Check";
}

std::vector<std::string> RoleWords(RoleSet roles) {
  std::vector<std::string> out;
  for (AccountRole role : kAllRoles) {
    if ((roles & RoleBit(role)) != 0) out.emplace_back(RoleName(role));
  }
  return out;
}

absl::Status ParseRoles(const std::vector<std::string>& words, PartyKind kind, RoleSet* out) {
  RoleSet roles = 0;
  for (const std::string& word : words) {
    const auto* role = std::find_if(std::begin(kAllRoles), std::end(kAllRoles),
                                    [&](AccountRole one) { return RoleName(one) == word; });
    if (role == std::end(kAllRoles)) {
      return absl::InvalidArgumentError(
          "a role is one of viewer, duty_officer, agreement_keeper, account_keeper, auditor, wall, clerk");
    }
    const bool for_members = *role == kClerk;
    const bool member = kind == PartyKind::kAgency || kind == PartyKind::kTownship || kind == PartyKind::kHotline;
    if (for_members ? !member : kind != PartyKind::kCommand) {
      return absl::InvalidArgumentError(
          absl::StrCat("role ", word, " is not for a party of kind ", std::string(PartyKindName(kind)),
                       ": clerk is for AGENCY, TOWNSHIP and HOTLINE, all others for COMMAND"));
    }
    roles |= RoleBit(*role);
  }
  if (roles == 0) return absl::InvalidArgumentError("an account has at least one role");
  if (!Together(roles)) {
    return absl::InvalidArgumentError(
        "these roles exclude each other: account_keeper is neither duty_officer nor agreement_keeper; auditor, wall "
        "and "
        "clerk stand alone");
  }
  *out = roles;
  return absl::OkStatus();
}

}  // namespace liandong::security
