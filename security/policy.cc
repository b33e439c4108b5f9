#include "security/policy.h"

namespace liandong::security {
namespace {

constexpr uint8_t kCommandOnly = KindBit(PartyKind::kCommand);
// The hub calls nobody's intake but its own core, so a hub's certificate that leaked opens nothing.
constexpr uint8_t kAllButHub = KindBit(PartyKind::kHotline) | KindBit(PartyKind::kAgency) |
                               KindBit(PartyKind::kTownship) | KindBit(PartyKind::kCommand);
// Of its own a screen lets people sign in and shows what is not personal; for anything else it needs a person's
// session, and then that person's party is the one that is asked about here.
constexpr uint8_t kScreenToo = KindBit(PartyKind::kScreen);
constexpr uint8_t kEveryParty = kAllButHub | KindBit(PartyKind::kHub) | kScreenToo;

constexpr MethodRule kRules[] = {
    {"/liandong.v1.Intake/Report", kAllButHub},
    {"/liandong.v1.Intake/ReportStream", kAllButHub},

    {"/liandong.v1.Link/Connect", kAllButHub},
    {"/liandong.v1.Link/Fetch", kAllButHub},
    {"/liandong.v1.Link/Acknowledge", kAllButHub},
    {"/liandong.v1.Link/Transfer", kAllButHub},
    {"/liandong.v1.Link/Close", kAllButHub},

    {"/liandong.v1.Desk/ReportByHand", kCommandOnly},
    {"/liandong.v1.Desk/CorrectIncident", kCommandOnly},
    {"/liandong.v1.Desk/VerifyIncident", kCommandOnly},
    {"/liandong.v1.Desk/MarkFalseAlarm", kCommandOnly},
    {"/liandong.v1.Desk/OrderParties", kCommandOnly},
    {"/liandong.v1.Desk/ListIncidents", kCommandOnly},
    {"/liandong.v1.Desk/ShowIncident", kCommandOnly},
    {"/liandong.v1.Desk/ExplainIncident", kCommandOnly},
    {"/liandong.v1.Desk/Reassign", kCommandOnly},
    {"/liandong.v1.Desk/Transfer", kCommandOnly},
    {"/liandong.v1.Desk/Close", kCommandOnly},
    {"/liandong.v1.Desk/Cancel", kCommandOnly},
    {"/liandong.v1.Desk/Merge", kCommandOnly},
    {"/liandong.v1.Desk/Split", kCommandOnly},
    {"/liandong.v1.Desk/CorrectAcknowledgment", kCommandOnly},
    {"/liandong.v1.Desk/AcknowledgeFor", kCommandOnly},
    {"/liandong.v1.Desk/AddNote", kCommandOnly},
    {"/liandong.v1.Desk/AdoptSiteSet", kCommandOnly},
    {"/liandong.v1.Desk/ShowSiteSet", kCommandOnly | kScreenToo},
    {"/liandong.v1.Desk/EraseIncident", kCommandOnly},
    {"/liandong.v1.Desk/SetLegalHold", kCommandOnly},
    {"/liandong.v1.Desk/Status", kCommandOnly | kScreenToo},
    {"/liandong.v1.Desk/Watch", kCommandOnly},
    {"/liandong.v1.Desk/ListSuggestions", kCommandOnly},
    {"/liandong.v1.Desk/DismissSuggestion", kCommandOnly},
    {"/liandong.v1.Desk/ListUpwardReports", kCommandOnly},
    // The law may name an agency: the core lets only the duty's own party and the command centre file.
    {"/liandong.v1.Desk/FileUpwardReport", kAllButHub},
    {"/liandong.v1.Desk/Stats", kCommandOnly},
    {"/liandong.v1.Desk/AssignIncident", kCommandOnly},
    {"/liandong.v1.Desk/ReviewReturn", kCommandOnly},
    {"/liandong.v1.Desk/StartResponse", kCommandOnly},
    {"/liandong.v1.Desk/AdjustResponse", kCommandOnly},
    {"/liandong.v1.Desk/EndResponse", kCommandOnly},
    // Whose post it is, is decided by the core and by the reader.
    {"/liandong.v1.Desk/HandOverPost", kAllButHub},
    {"/liandong.v1.Desk/ListPosts", kAllButHub},

    {"/liandong.v1.Feed/Where", kAllButHub | kScreenToo},
    {"/liandong.v1.Feed/Snapshot", kAllButHub | kScreenToo},

    // All but SignIn need a person's session beside the certificate (roles.h).
    {"/liandong.v1.Account/SignIn", kCommandOnly | kScreenToo},
    {"/liandong.v1.Account/SignOut", kAllButHub | kScreenToo},
    {"/liandong.v1.Account/Check", kAllButHub | kScreenToo},
    {"/liandong.v1.Account/ChangePassword", kAllButHub},
    {"/liandong.v1.Account/EnrolTotp", kAllButHub},
    {"/liandong.v1.Account/Create", kCommandOnly},
    {"/liandong.v1.Account/List", kCommandOnly},
    {"/liandong.v1.Account/Disable", kCommandOnly},
    {"/liandong.v1.Account/ResetPassword", kCommandOnly},
    {"/liandong.v1.Account/SetRoles", kCommandOnly},

    {"/liandong.v1.Audit/Trail", kCommandOnly},
    {"/liandong.v1.Audit/Note", kAllButHub},

    {"/grpc.health.v1.Health/*", kEveryParty},
    {"/grpc.reflection.v1alpha.ServerReflection/*", kEveryParty},
    {"/grpc.reflection.v1.ServerReflection/*", kEveryParty},
};

bool Matches(std::string_view pattern, std::string_view method) {
  if (pattern.empty() || pattern.back() != '*') return pattern == method;
  const std::string_view service = pattern.substr(0, pattern.size() - 1);
  return method.size() > service.size() && method.substr(0, service.size()) == service &&
         method.find('/', service.size()) == std::string_view::npos;
}

}  // namespace

std::string_view PartyKindName(PartyKind kind) {
  switch (kind) {
    case PartyKind::kHotline:
      return "HOTLINE";
    case PartyKind::kAgency:
      return "AGENCY";
    case PartyKind::kTownship:
      return "TOWNSHIP";
    case PartyKind::kCommand:
      return "COMMAND";
    case PartyKind::kHub:
      return "HUB";
    case PartyKind::kScreen:
      return "SCREEN";
  }
  return "UNKNOWN";
}

absl::Span<const MethodRule> MethodRules() { return kRules; }

bool May(PartyKind kind, std::string_view method) {
  for (const MethodRule& rule : kRules) {
    if (Matches(rule.method, method)) return rule.Allows(kind);
  }
  return false;
}

}  // namespace liandong::security
