#include "security/roles.h"

#include <gtest/gtest.h>

#include <set>

namespace liandong::security {
namespace {

using enum AccountRole;

bool Fit(const std::vector<std::string>& words, PartyKind kind = PartyKind::kCommand) {
  RoleSet roles = 0;
  return ParseRoles(words, kind, &roles).ok();
}

TEST(Roles, EveryMethodOfTheContractIsGivenToSomebodyOrNobodyHere) {
  std::set<std::string> with_role;
  for (const RoleRule& rule : RoleRules())
    EXPECT_TRUE(with_role.insert(std::string(rule.method)).second) << rule.method;
  for (const MethodRule& rule : MethodRules()) {
    const std::string method(rule.method);
    if (method.rfind("/liandong.v1.", 0) != 0) continue;
    EXPECT_EQ(with_role.erase(method), 1u)
        << method << " has a row in policy.cc and none in roles.cc: say which roles may call it";
  }
  EXPECT_TRUE(with_role.empty()) << *with_role.begin() << " is no method of policy.cc";
}

TEST(Roles, DutiesAreSeparated) {
  EXPECT_TRUE(Fit({"viewer"}));
  EXPECT_TRUE(Fit({"viewer", "duty_officer", "agreement_keeper"}));
  EXPECT_TRUE(Fit({"account_keeper", "viewer"}));
  EXPECT_TRUE(Fit({"auditor"}));
  EXPECT_TRUE(Fit({"wall"}));
  EXPECT_FALSE(Fit({}));
  EXPECT_FALSE(Fit({"boss"}));
  EXPECT_FALSE(Fit({"account_keeper", "duty_officer"}));
  EXPECT_FALSE(Fit({"account_keeper", "agreement_keeper"}));
  for (const char* other : {"viewer", "duty_officer", "agreement_keeper", "account_keeper", "wall"}) {
    EXPECT_FALSE(Fit({"auditor", other})) << other;
    if (std::string(other) != "wall") {
      EXPECT_FALSE(Fit({"wall", other})) << other;
    }
  }
}

TEST(Roles, ClerksAreOfMembersAndTheOthersOfTheCentre) {
  for (PartyKind kind : {PartyKind::kAgency, PartyKind::kTownship, PartyKind::kHotline}) {
    EXPECT_TRUE(Fit({"clerk"}, kind));
    EXPECT_FALSE(Fit({"viewer"}, kind));
    EXPECT_FALSE(Fit({"clerk", "duty_officer"}, kind));
  }
  EXPECT_FALSE(Fit({"clerk"}, PartyKind::kCommand));
  for (PartyKind kind : {PartyKind::kHub, PartyKind::kScreen}) {
    EXPECT_FALSE(Fit({"clerk"}, kind));
    EXPECT_FALSE(Fit({"wall"}, kind));
  }
}

TEST(Roles, WhoMayWhat) {
  const auto may = [](AccountRole role, const char* method) { return RolesMay(RoleBit(role), method); };
  for (const RoleRule& rule : RoleRules()) {
    const std::string method(rule.method);
    const bool acts = method.find(".Desk/") != std::string::npos && method.find("/List") == std::string::npos &&
                      method.find("/Show") == std::string::npos && method.find("/Explain") == std::string::npos &&
                      method.find("/Stat") == std::string::npos && method.find("/Watch") == std::string::npos;
    if (acts || method.find(".Link/") != std::string::npos || method.find(".Intake/") != std::string::npos) {
      for (AccountRole role : {kViewer, kAuditor, kWall, kAccountKeeper})
        EXPECT_FALSE(may(role, method.c_str())) << method;
    }
    // Its own posts and its own report upward are a member's matter too; the core looks whose they are.
    static const std::set<std::string> kOwn = {"/liandong.v1.Desk/FileUpwardReport", "/liandong.v1.Desk/HandOverPost",
                                               "/liandong.v1.Desk/ListPosts"};
    if (method.find(".Desk/") != std::string::npos && kOwn.count(method) == 0) {
      EXPECT_FALSE(may(kClerk, method.c_str())) << method;
    }
  }
  EXPECT_TRUE(may(kDutyOfficer, "/liandong.v1.Desk/OrderParties"));
  EXPECT_FALSE(may(kDutyOfficer, "/liandong.v1.Desk/AdoptSiteSet"));
  EXPECT_TRUE(may(kAgreementKeeper, "/liandong.v1.Desk/AdoptSiteSet"));
  for (const char* method : {"/liandong.v1.Desk/EraseIncident", "/liandong.v1.Desk/SetLegalHold"}) {
    EXPECT_TRUE(may(kAgreementKeeper, method)) << method;
    EXPECT_FALSE(may(kDutyOfficer, method)) << method;
    EXPECT_TRUE(NeedsSession(method)) << method;
  }
  EXPECT_FALSE(NeedsSession("/liandong.v1.Desk/AdoptSiteSet"));
  EXPECT_FALSE(may(kDutyOfficer, "/liandong.v1.Account/Create"));
  EXPECT_TRUE(may(kAccountKeeper, "/liandong.v1.Account/Create"));
  EXPECT_FALSE(may(kAccountKeeper, "/liandong.v1.Desk/ShowIncident"));
  EXPECT_TRUE(may(kAuditor, "/liandong.v1.Account/List"));
  EXPECT_FALSE(may(kWall, "/liandong.v1.Desk/ShowIncident"));
  EXPECT_TRUE(may(kWall, "/liandong.v1.Desk/ListIncidents"));
  EXPECT_TRUE(may(kClerk, "/liandong.v1.Link/Acknowledge"));
  EXPECT_FALSE(may(kClerk, "/liandong.v1.Desk/Invented"));
  EXPECT_EQ(RoleWords(RoleBit(kDutyOfficer) | RoleBit(kViewer)), (std::vector<std::string>{"viewer", "duty_officer"}));
}

}  // namespace
}  // namespace liandong::security
