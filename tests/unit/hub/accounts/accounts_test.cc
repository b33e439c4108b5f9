#include "hub/accounts/accounts.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "hub/accounts/limits.h"
#include "hub/core/errors.h"
#include "security/crypto.h"
#include "security/totp.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::accounts {
namespace {

using enum security::AccountRole;

std::string ReasonOf(const absl::Status& status) { return core::DetailOf(status).reason(); }
template <typename T>
std::string ReasonOf(const absl::StatusOr<T>& status) {
  return status.ok() ? "" : ReasonOf(status.status());
}
bool Anyone(const std::string&) { return true; }

class AccountsTest : public testing::Test {
 protected:
  AccountsTest() {
    auto keys = security::FileKeyProvider::Open(folder_ / "master.key", security::Suite::kInternational);
    keys_ = *std::move(keys);
    Open();
  }

  void Open(const std::string& file = "accounts.db") {
    accounts_.reset();
    Accounts::Options options;
    options.path = folder_ / file;
    options.keys = keys_.get();
    options.cost = {4, 8, 1};
    options.now_ms = [this] { return now_ms_.load(); };
    auto opened = Accounts::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    accounts_ = *std::move(opened);
  }

  // With the password "correct horse".
  void Make(const std::string& name, security::AccountRole role = kDutyOfficer, const std::string& party = "command") {
    Account account;
    account.name = name;
    account.person = "张三";
    account.party = party;
    account.roles = security::RoleBit(role);
    const auto first = accounts_->Create(account);
    ASSERT_TRUE(first.ok()) << first.status();
    const auto in = SignIn(name, *first);
    ASSERT_TRUE(in.ok()) << in.status();
    EXPECT_TRUE(in->person.must_change_password);
    ASSERT_TRUE(accounts_->ChangePassword(*in->person.session, *first, "correct horse").ok());
    ASSERT_TRUE(accounts_->SignOut(*in->person.session).ok());
  }
  absl::StatusOr<Accounts::SignedIn> SignIn(const std::string& name, const std::string& password = "correct horse",
                                            const std::string& totp = "", const std::string& certificate = "") {
    return accounts_->SignIn({name, password, totp, certificate, "screen", ""});
  }
  bool Live(const std::string& token) { return accounts_->Find(token, "screen", true).ok(); }

  security::TemporaryFolder folder_;
  std::atomic<int64_t> now_ms_ = 1'800'000'000'000;
  std::unique_ptr<security::KeyProvider> keys_;
  std::unique_ptr<Accounts> accounts_;
};

TEST_F(AccountsTest, SignsInAndKnowsWhoItIs) {
  Make("zhang.san");
  const auto in = SignIn("zhang.san");
  ASSERT_TRUE(in.ok()) << in.status();
  EXPECT_EQ(in->token.size(), 64u);
  const auto person = accounts_->Find(in->token, "screen", true);
  ASSERT_TRUE(person.ok());
  EXPECT_EQ(person->person, "张三");
  EXPECT_EQ(person->party, "command");
  EXPECT_EQ(person->roles, security::RoleBit(kDutyOfficer));
  EXPECT_FALSE(person->must_change_password);
}

TEST_F(AccountsTest, ATokenIsGoodOnlyOverTheCertificateThatItWasMadeOver) {
  Make("zhang.san");
  const auto in = SignIn("zhang.san");
  EXPECT_EQ(ReasonOf(accounts_->Find(in->token, "another-screen", true)), "SESSION_ENDED");
  EXPECT_EQ(ReasonOf(accounts_->Find("", "screen", true)), "SESSION_ENDED");
  EXPECT_EQ(ReasonOf(accounts_->Find(std::string(64, '0'), "screen", true)), "SESSION_ENDED");
  EXPECT_EQ(ReasonOf(accounts_->Find(std::string(64, 'x'), "screen", true)), "SESSION_ENDED");
  EXPECT_TRUE(Live(in->token));
}

TEST_F(AccountsTest, AnotherPartysProgramSignsItsOwnPeopleInOnly) {
  Make("clerk.one", kClerk, "town-one");
  EXPECT_EQ(ReasonOf(accounts_->SignIn({"clerk.one", "correct horse", "", "", "command", "command"})),
            "BAD_CREDENTIALS");
  EXPECT_TRUE(accounts_->SignIn({"clerk.one", "correct horse", "", "", "town-one", "town-one"}).ok());
}

TEST_F(AccountsTest, LocksAfterWrongPasswordsAndOpensAgain) {
  Make("zhang.san");
  for (uint32_t i = 0; i < limits::kFailures; ++i)
    EXPECT_EQ(ReasonOf(SignIn("zhang.san", "wrong horse")), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(SignIn("zhang.san")), "LOCKED");
  Open();
  EXPECT_EQ(ReasonOf(SignIn("zhang.san")), "LOCKED") << "also after a restart";
  now_ms_ += limits::kLockMs;
  EXPECT_TRUE(SignIn("zhang.san").ok());
  // The count begins anew after a right one.
  for (uint32_t i = 0; i + 1 < limits::kFailures; ++i) (void)SignIn("zhang.san", "wrong horse");
  EXPECT_TRUE(SignIn("zhang.san").ok());
  (void)SignIn("zhang.san", "wrong horse");
  EXPECT_TRUE(SignIn("zhang.san").ok());
}

TEST_F(AccountsTest, AKeeperUnlocks) {
  Make("zhang.san");
  for (uint32_t i = 0; i < limits::kFailures; ++i) (void)SignIn("zhang.san", "wrong horse");
  ASSERT_TRUE(accounts_->SetDisabled("zhang.san", false).ok());
  EXPECT_TRUE(SignIn("zhang.san").ok());
}

TEST_F(AccountsTest, NobodyLearnsWhichNamesExist) {
  Make("zhang.san");
  const uint64_t before = accounts_->hashed();
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", "wrong horse")), "BAD_CREDENTIALS");
  EXPECT_EQ(accounts_->hashed(), before + 1);
  EXPECT_EQ(ReasonOf(SignIn("li.si", "wrong horse")), "BAD_CREDENTIALS");
  EXPECT_EQ(accounts_->hashed(), before + 2) << "the same work";
  for (uint32_t i = 1; i < limits::kFailures; ++i) (void)SignIn("li.si", "wrong horse");
  EXPECT_EQ(ReasonOf(SignIn("li.si", "wrong horse")), "LOCKED") << "and the same lock";
}

TEST_F(AccountsTest, SessionsEndWhenUnusedAndInAnyCase) {
  Make("zhang.san");
  accounts_->SetRules({.session_idle_ms = 1000, .session_absolute_ms = 5000});
  const auto idle = SignIn("zhang.san");
  const auto used = SignIn("zhang.san");
  EXPECT_EQ(used->person.expires_ms, now_ms_ + 5000);
  for (int i = 0; i < 4; ++i) {
    now_ms_ += 900;
    EXPECT_TRUE(Live(used->token));
    // Looking whether it is there is no use.
    (void)accounts_->Find(idle->token, "screen", false);
  }
  EXPECT_FALSE(Live(idle->token));
  EXPECT_TRUE(accounts_->Sweep(Anyone));
  EXPECT_TRUE(idle->person.session->ended);
  EXPECT_FALSE(accounts_->Sweep(Anyone)) << "nothing more has ended";
  now_ms_ += 900;
  EXPECT_TRUE(Live(used->token));
  now_ms_ += 500;
  EXPECT_FALSE(Live(used->token));
}

TEST_F(AccountsTest, SessionsOutliveARestart) {
  Make("zhang.san");
  const auto in = SignIn("zhang.san");
  const auto out = SignIn("zhang.san");
  ASSERT_TRUE(accounts_->SignOut(*out->person.session).ok());
  Open();
  EXPECT_TRUE(Live(in->token));
  EXPECT_FALSE(Live(out->token));
}

TEST_F(AccountsTest, TheirEndIsSeenAtOnceByWhoeverHoldsThem) {
  Make("zhang.san");
  Make("li.si");
  const auto ends = [&](auto act) {
    const auto in = SignIn("zhang.san");
    const auto other = SignIn("li.si");
    EXPECT_TRUE(in.ok() && other.ok());
    EXPECT_TRUE(act(*in).ok());
    EXPECT_TRUE(in->person.session->ended);
    EXPECT_FALSE(Live(in->token));
    EXPECT_TRUE(Live(other->token));
    EXPECT_TRUE(accounts_->Sweep(Anyone)) << "open streams are looked at";
  };
  ends([&](const auto& in) { return accounts_->SignOut(*in.person.session); });
  ends([&](const auto&) { return accounts_->SetRoles("zhang.san", security::RoleBit(kViewer)); });
  ends([&](const auto&) {
    const auto status = accounts_->SetDisabled("zhang.san", true);
    EXPECT_EQ(ReasonOf(SignIn("zhang.san")), "BAD_CREDENTIALS");
    (void)accounts_->SetDisabled("zhang.san", false);
    return status;
  });
  ends([&](const auto&) { return accounts_->ResetPassword("zhang.san", false).status(); });
}

TEST_F(AccountsTest, APartyThatLeavesTakesItsSessionsAlong) {
  Make("zhang.san");
  Make("clerk.one", kClerk, "town-one");
  const auto in = SignIn("zhang.san"), clerk = SignIn("clerk.one");
  EXPECT_TRUE(accounts_->Sweep([](const std::string& party) { return party != "town-one"; }));
  EXPECT_TRUE(Live(in->token));
  EXPECT_FALSE(Live(clerk->token));
  EXPECT_TRUE(accounts_->Sweep([](const std::string& party) { return party != "screen"; })) << "its screen is gone";
  EXPECT_FALSE(Live(in->token));
}

TEST_F(AccountsTest, AnAuthenticatorIsAskedForOnceItIsConfirmed) {
  Make("zhang.san");
  const auto secret = accounts_->BeginTotp("zhang.san");
  ASSERT_TRUE(secret.ok());
  EXPECT_TRUE(SignIn("zhang.san").ok()) << "not yet";
  EXPECT_EQ(ReasonOf(accounts_->ConfirmTotp("zhang.san", "000000")), "BAD_CODE");
  const auto code = [&] { return security::TotpCode(*secret, security::TotpStep(now_ms_)); };
  ASSERT_TRUE(accounts_->ConfirmTotp("zhang.san", code()).ok());
  EXPECT_EQ(ReasonOf(SignIn("zhang.san")), "TOTP_REQUIRED");
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", "wrong horse", code())), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", "correct horse", code())), "BAD_CREDENTIALS")
      << "it confirmed: a code works once";
  now_ms_ += 30'000;
  EXPECT_TRUE(SignIn("zhang.san", "correct horse", code()).ok());
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", "correct horse", code())), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(accounts_->BeginTotp("zhang.san")), "ALREADY_ENROLLED");
  const auto password = accounts_->ResetPassword("zhang.san", /*forget_second_factor=*/true);
  ASSERT_TRUE(password.ok());
  EXPECT_TRUE(SignIn("zhang.san", *password).ok()) << "a lost telephone";
}

TEST_F(AccountsTest, ACertificateIsTheSecondFactorWhereOneIsBound) {
  Account account{.name = "zhang.san", .person = "张三", .party = "command", .roles = security::RoleBit(kDutyOfficer)};
  account.certificate = "ab12";
  const auto first = accounts_->Create(account);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", *first)), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", *first, "", "ab13")), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(SignIn("zhang.san", "wrong horse", "", "ab12")), "BAD_CREDENTIALS");
  EXPECT_TRUE(SignIn("zhang.san", *first, "", "ab12").ok());
}

TEST_F(AccountsTest, AWallSignsInByItsCertificateAlone) {
  Account account{.name = "wall-1", .person = "大屏", .party = "command", .roles = security::RoleBit(kWall)};
  EXPECT_EQ(ReasonOf(accounts_->Create(account)), "BAD_FIELD");
  account.certificate = "ab12";
  const auto first = accounts_->Create(account);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(*first, "");
  EXPECT_EQ(ReasonOf(SignIn("wall-1", "")), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(SignIn("wall-1", "anything", "", "ffff")), "BAD_CREDENTIALS");
  const auto in = SignIn("wall-1", "", "", "ab12");
  ASSERT_TRUE(in.ok()) << in.status();
  now_ms_ += limits::kSessionAbsoluteMs + 1;
  EXPECT_TRUE(Live(in->token)) << "nobody is there to sign it in again";
  EXPECT_EQ(ReasonOf(accounts_->ResetPassword("wall-1", false)), "BAD_FIELD");
  EXPECT_EQ(ReasonOf(accounts_->SetRoles("wall-1", security::RoleBit(kDutyOfficer))), "BAD_FIELD");
}

TEST_F(AccountsTest, PasswordsAreChangedByWhoKnowsTheOldOne) {
  Make("zhang.san");
  const auto in = SignIn("zhang.san"), elsewhere = SignIn("zhang.san");
  const Session& session = *in->person.session;
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(session, "wrong horse", "battery staple")), "BAD_CREDENTIALS");
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(session, "correct horse", "short")), "BAD_PASSWORD");
  EXPECT_EQ(ReasonOf(accounts_->ChangePassword(session, "correct horse", "correct horse")), "BAD_PASSWORD");
  ASSERT_TRUE(accounts_->ChangePassword(session, "correct horse", "battery staple").ok());
  EXPECT_TRUE(Live(in->token));
  EXPECT_FALSE(Live(elsewhere->token));
  EXPECT_EQ(ReasonOf(SignIn("zhang.san")), "BAD_CREDENTIALS");
  EXPECT_TRUE(SignIn("zhang.san", "battery staple").ok());
}

TEST_F(AccountsTest, NamesAreGivenOnce) {
  Make("zhang.san");
  Account account{.name = "zhang.san", .person = "李四", .party = "command", .roles = security::RoleBit(kViewer)};
  EXPECT_EQ(ReasonOf(accounts_->Create(account)), "ACCOUNT_EXISTS");
  for (const char* name : {"", "Zhang", "a b", "张三"}) {
    account.name = name;
    EXPECT_EQ(ReasonOf(accounts_->Create(account)), "BAD_FIELD") << name;
  }
  account.name = "li.si";
  account.person = "";
  EXPECT_EQ(ReasonOf(accounts_->Create(account)), "BAD_FIELD");
  EXPECT_EQ(ReasonOf(accounts_->SetDisabled("li.si", true)), "UNKNOWN_ACCOUNT");
}

TEST_F(AccountsTest, TheOldestOfTooManySessionsEnds) {
  Make("zhang.san");
  std::vector<std::string> tokens;
  for (size_t i = 0; i <= limits::kSessionsPerAccount; ++i) {
    now_ms_ += 1;
    tokens.push_back(SignIn("zhang.san")->token);
  }
  EXPECT_FALSE(Live(tokens[0]));
  for (size_t i = 1; i < tokens.size(); ++i) EXPECT_TRUE(Live(tokens[i])) << i;
}

TEST_F(AccountsTest, NeitherPasswordsNorTokensNorSecretsStandInTheFile) {
  Make("zhang.san");
  const auto secret = accounts_->BeginTotp("zhang.san");
  const auto in = SignIn("zhang.san");
  const auto raw = security::FromHex(in->token);
  accounts_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string bytes = security::Slurp(entry.path());
    for (const std::string& hidden : {std::string("correct horse"), *secret, in->token, *raw})
      EXPECT_EQ(bytes.find(hidden), std::string::npos) << entry.path();
  }
}

TEST_F(AccountsTest, WhatAKilledHubLeftInTheWalIsMovedBeforeItIsRead) {
  Make("zhang.san");
  std::filesystem::copy_file(folder_ / "accounts.db", folder_ / "killed.db");
  std::filesystem::copy_file(folder_ / "accounts.db-wal", folder_ / "killed.db-wal");
  Open("killed.db");
  std::filesystem::copy_file(folder_ / "killed.db", folder_ / "without-wal.db");
  Open("without-wal.db");
  const auto in = SignIn("zhang.san");
  EXPECT_TRUE(in.ok()) << in.status();
}

}  // namespace
}  // namespace liandong::accounts
