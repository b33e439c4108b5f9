#include "security/revocation.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "security/pki.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

class RevocationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitCa(folder_.path(), "small.example").ok());
    for (const char* party : {"power", "telecom"}) ASSERT_TRUE(Issue(folder_.path(), party).ok());
  }
  std::string Pem(const std::string& party) const { return Slurp(folder_ / (party + ".crt")); }
  absl::StatusOr<std::unique_ptr<Revocations>> Open() const { return Revocations::Open(crl_, folder_ / "ca.crt"); }

  TemporaryFolder folder_;
  const std::string crl_ = folder_ / "ca.crl";
};

TEST_F(RevocationTest, ANewListCountsWhenItIsLookedAt) {
  ASSERT_TRUE(RevokeCertificate(folder_.path(), "").ok());
  const auto list = Open();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_FALSE((*list)->IsRevoked(Pem("power")));
  EXPECT_FALSE((*list)->Changed());
  ASSERT_TRUE(RevokeCertificate(folder_.path(), Pem("power")).ok());
  EXPECT_FALSE((*list)->IsRevoked(Pem("power"))) << "nobody has looked";
  EXPECT_TRUE((*list)->Changed());
  EXPECT_TRUE((*list)->IsRevoked(Pem("power")));
  EXPECT_FALSE((*list)->IsRevoked(Pem("telecom")));
  EXPECT_FALSE((*list)->Changed());
  // What was revoked stays so, and the same once more changes nothing of it.
  ASSERT_TRUE(RevokeCertificate(folder_.path(), Pem("telecom")).ok());
  ASSERT_TRUE(RevokeCertificate(folder_.path(), Pem("telecom")).ok());
  EXPECT_TRUE((*list)->Changed());
  EXPECT_TRUE((*list)->IsRevoked(Pem("power")));
  EXPECT_TRUE((*list)->IsRevoked(Pem("telecom")));
  EXPECT_EQ((*list)->size(), 2u);
}

TEST_F(RevocationTest, ARenewedCertificateIsAnotherOne) {
  const std::string old = Pem("power");
  ASSERT_TRUE(RevokeCertificate(folder_.path(), old).ok());
  IssueOptions again;
  again.replace = true;
  ASSERT_TRUE(Issue(folder_.path(), "power", again).ok());
  const auto list = Open();
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE((*list)->IsRevoked(old));
  EXPECT_FALSE((*list)->IsRevoked(Pem("power")));
}

TEST_F(RevocationTest, WhatIsNoListOfThisCaChangesNothing) {
  ASSERT_TRUE(RevokeCertificate(folder_.path(), Pem("power")).ok());
  const auto list = Open();
  ASSERT_TRUE(list.ok());
  TemporaryFolder other;
  ASSERT_TRUE(InitCa(other.path(), "small.example").ok());
  ASSERT_TRUE(RevokeCertificate(other.path(), "").ok());
  for (const std::string& bad : {Slurp(other / "ca.crl"), std::string("nonsense"), std::string()}) {
    Spill(crl_, bad);
    EXPECT_FALSE((*list)->Changed());
    EXPECT_TRUE((*list)->IsRevoked(Pem("power")));
    EXPECT_TRUE(absl::IsFailedPrecondition(Open().status())) << Open().status();
  }
  EXPECT_EQ(remove(crl_.c_str()), 0);
  EXPECT_FALSE((*list)->Changed());
  EXPECT_TRUE((*list)->IsRevoked(Pem("power")));
  EXPECT_TRUE(absl::IsNotFound(Open().status()));
}

TEST_F(RevocationTest, NoCertificateCountsAsRevoked) {
  ASSERT_TRUE(RevokeCertificate(folder_.path(), "").ok());
  const auto list = Open();
  ASSERT_TRUE(list.ok());
  EXPECT_TRUE((*list)->IsRevoked(""));
  EXPECT_TRUE((*list)->IsRevoked("nonsense"));
}

TEST_F(RevocationTest, AListIsGoodForAYear) {
  ASSERT_TRUE(RevokeCertificate(folder_.path(), "").ok());
  const auto list = Open();
  ASSERT_TRUE(list.ok());
  EXPECT_GT((*list)->next_update(), absl::Now() + absl::Hours(24 * 364));
  EXPECT_LT((*list)->next_update(), absl::Now() + absl::Hours(24 * 366));
}

TEST_F(RevocationTest, OnlyTheCasOwnCertificatesAreRevoked) {
  TemporaryFolder other;
  ASSERT_TRUE(InitCa(other.path(), "small.example").ok());
  ASSERT_TRUE(Issue(other.path(), "power").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(RevokeCertificate(folder_.path(), Slurp(other / "power.crt"))));
  EXPECT_TRUE(absl::IsInvalidArgument(RevokeCertificate(folder_.path(), "nonsense")));
  EXPECT_FALSE(std::filesystem::exists(crl_));
}

}  // namespace
}  // namespace liandong::security
