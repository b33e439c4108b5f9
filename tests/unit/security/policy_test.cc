#include "security/policy.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace liandong::security {
namespace {

using enum PartyKind;

const std::vector<PartyKind> kNobody = {};
const std::vector<PartyKind> kCommandCentre = {kCommand};
const std::vector<PartyKind> kMembers = {kHotline, kAgency, kTownship, kCommand};
const std::vector<PartyKind> kAnyone = {kHotline, kAgency, kTownship, kCommand, kHub, kScreen};
const std::vector<PartyKind> kMembersAndScreens = {kHotline, kAgency, kTownship, kCommand, kScreen};
const std::vector<PartyKind> kCommandAndScreens = {kCommand, kScreen};

struct Row {
  std::string method;
  std::vector<PartyKind> allowed;
};

// Written out a second time on purpose: a change of a right has to be meant twice.
const std::vector<Row> kExpected = {
    {"/liandong.v1.Intake/Report", kMembers},
    {"/liandong.v1.Intake/ReportStream", kMembers},
    {"/liandong.v1.Link/Connect", kMembers},
    {"/liandong.v1.Link/Fetch", kMembers},
    {"/liandong.v1.Link/Acknowledge", kMembers},
    {"/liandong.v1.Link/Transfer", kMembers},
    {"/liandong.v1.Link/Close", kMembers},
    {"/liandong.v1.Desk/ReportByHand", kCommandCentre},
    {"/liandong.v1.Desk/CorrectIncident", kCommandCentre},
    {"/liandong.v1.Desk/VerifyIncident", kCommandCentre},
    {"/liandong.v1.Desk/MarkFalseAlarm", kCommandCentre},
    {"/liandong.v1.Desk/OrderParties", kCommandCentre},
    {"/liandong.v1.Desk/ListIncidents", kCommandCentre},
    {"/liandong.v1.Desk/ShowIncident", kCommandCentre},
    {"/liandong.v1.Desk/ExplainIncident", kCommandCentre},
    {"/liandong.v1.Desk/Reassign", kCommandCentre},
    {"/liandong.v1.Desk/Transfer", kCommandCentre},
    {"/liandong.v1.Desk/Close", kCommandCentre},
    {"/liandong.v1.Desk/Cancel", kCommandCentre},
    {"/liandong.v1.Desk/Merge", kCommandCentre},
    {"/liandong.v1.Desk/Split", kCommandCentre},
    {"/liandong.v1.Desk/CorrectAcknowledgment", kCommandCentre},
    {"/liandong.v1.Desk/AdoptSiteSet", kCommandCentre},
    {"/liandong.v1.Desk/AcknowledgeFor", kCommandCentre},
    {"/liandong.v1.Desk/AddNote", kCommandCentre},
    {"/liandong.v1.Desk/EraseIncident", kCommandCentre},
    {"/liandong.v1.Desk/SetLegalHold", kCommandCentre},
    {"/liandong.v1.Desk/ShowSiteSet", kCommandAndScreens},
    {"/liandong.v1.Desk/Status", kCommandAndScreens},
    {"/liandong.v1.Desk/Watch", kCommandCentre},
    {"/liandong.v1.Desk/ListSuggestions", kCommandCentre},
    {"/liandong.v1.Desk/DismissSuggestion", kCommandCentre},
    {"/liandong.v1.Desk/ListUpwardReports", kCommandCentre},
    {"/liandong.v1.Desk/FileUpwardReport", kMembers},
    {"/liandong.v1.Desk/Stats", kCommandCentre},
    {"/liandong.v1.Desk/AssignIncident", kCommandCentre},
    {"/liandong.v1.Desk/ReviewReturn", kCommandCentre},
    {"/liandong.v1.Desk/StartResponse", kCommandCentre},
    {"/liandong.v1.Desk/AdjustResponse", kCommandCentre},
    {"/liandong.v1.Desk/EndResponse", kCommandCentre},
    {"/liandong.v1.Desk/HandOverPost", kMembers},
    {"/liandong.v1.Desk/ListPosts", kMembers},
    {"/liandong.v1.Feed/Where", kMembersAndScreens},
    {"/liandong.v1.Feed/Snapshot", kMembersAndScreens},
    {"/liandong.v1.Account/SignIn", kCommandAndScreens},
    {"/liandong.v1.Account/SignOut", kMembersAndScreens},
    {"/liandong.v1.Account/Check", kMembersAndScreens},
    {"/liandong.v1.Account/ChangePassword", kMembers},
    {"/liandong.v1.Account/EnrolTotp", kMembers},
    {"/liandong.v1.Account/Create", kCommandCentre},
    {"/liandong.v1.Account/List", kCommandCentre},
    {"/liandong.v1.Account/Disable", kCommandCentre},
    {"/liandong.v1.Account/ResetPassword", kCommandCentre},
    {"/liandong.v1.Account/SetRoles", kCommandCentre},
    {"/liandong.v1.Audit/Trail", kCommandCentre},
    {"/liandong.v1.Audit/Note", kMembers},
    {"/grpc.health.v1.Health/Check", kAnyone},
    {"/grpc.health.v1.Health/Watch", kAnyone},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAnyone},
    {"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", kAnyone},
    // Default deny.
    {"", kNobody},
    {"/", kNobody},
    {"/liandong.v1.Desk/", kNobody},
    {"/liandong.v1.Desk/*", kNobody},
    {"/liandong.v1.Desk/Shutdown", kNobody},
    {"/liandong.v1.Desk/watch", kNobody},
    {"/liandong.v1.Desk/WatchAll", kNobody},
    {"liandong.v1.Desk/Watch", kNobody},
    {"/liandong.v2.Desk/Watch", kNobody},
    {"/liandong.v1.Admin/Watch", kNobody},
    {"/grpc.health.v1.Health/", kNobody},
    {"/grpc.health.v1.Health/a/b", kNobody},
    {"/grpc.health.v1.HealthX/Check", kNobody},
    {"/grpc.channelz.v1.Channelz/GetServers", kNobody},
};

TEST(Policy, EveryRowForEveryKind) {
  for (const Row& row : kExpected) {
    const std::set<PartyKind> allowed(row.allowed.begin(), row.allowed.end());
    for (const PartyKind kind : kAllPartyKinds) {
      EXPECT_EQ(May(kind, row.method), allowed.count(kind) == 1) << row.method << " by " << PartyKindName(kind);
    }
  }
}

TEST(Policy, NoRuleIsMissingInThisTest) {
  for (const MethodRule& rule : MethodRules()) {
    const std::string method(rule.method);
    bool found = false;
    for (const Row& row : kExpected) {
      const bool any =
          method.back() == '*' && row.method.compare(0, method.size() - 1, method, 0, method.size() - 1) == 0;
      found = found || row.method == method || any;
    }
    EXPECT_TRUE(found) << method;
  }
}

TEST(Policy, EachMethodHasOneRule) {
  std::set<std::string> seen;
  for (const MethodRule& rule : MethodRules()) EXPECT_TRUE(seen.insert(std::string(rule.method)).second) << rule.method;
}

TEST(Policy, KindsHaveTheNamesOfTheContract) {
  std::set<std::string> names;
  for (const PartyKind kind : kAllPartyKinds) names.insert(std::string(PartyKindName(kind)));
  EXPECT_EQ(names, (std::set<std::string>{"HOTLINE", "AGENCY", "TOWNSHIP", "COMMAND", "HUB", "SCREEN"}));
}

}  // namespace
}  // namespace liandong::security
