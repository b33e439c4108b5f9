// Certificates of a site's parties: each fault is named with its file and its mend, and nothing where all is well.
#include "adapters/cli/certs_check.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "absl/time/clock.h"
#include "security/pki.h"

namespace liandong::cli {
namespace {

class CertsCheckTest : public testing::Test {
 protected:
  CertsCheckTest() {
    std::string made = (std::filesystem::temp_directory_path() / "certs-XXXXXX").string();
    dir_ = mkdtemp(made.data());
    site_.mutable_settings()->set_trust_domain("county.example");
    for (const char* id : {"hub", "power", "fire"}) site_.add_party()->set_id(id);
    EXPECT_TRUE(security::InitCa(dir_, "county.example").ok());
    for (const char* id : {"hub", "power", "fire"}) Issue(id);
  }
  ~CertsCheckTest() override { std::filesystem::remove_all(dir_); }

  void Issue(const std::string& party, int days = 825) {
    security::IssueOptions options;
    options.days = days;
    options.replace = true;
    ASSERT_TRUE(security::Issue(dir_, party, options).ok());
  }
  std::vector<routing::Finding> Check(absl::Time now = absl::Now(), int days = 60) {
    return CheckCertificates(site_, dir_, now, days);
  }
  void Expect(const std::string& file, const std::string& says, const std::string& says_zh) {
    const auto findings = Check();
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].file, dir_ + "/" + file);
    EXPECT_EQ(findings[0].kind, "certificate");
    EXPECT_TRUE(findings[0].warning);
    EXPECT_NE(findings[0].message.find(says), std::string::npos) << findings[0].message;
    EXPECT_NE(findings[0].message.find("liandong pki issue DIR"), std::string::npos) << findings[0].message;
    EXPECT_NE(findings[0].message_zh.find(says_zh), std::string::npos) << findings[0].message_zh;
  }

  std::string dir_;
  v1::SiteSet site_;
};

TEST_F(CertsCheckTest, AllAreWell) { EXPECT_TRUE(Check().empty()); }

TEST_F(CertsCheckTest, OneIsMissing) {
  std::filesystem::remove(dir_ + "/power.crt");
  Expect("power.crt", "\"power\" has no certificate", "没有证书");
}

TEST_F(CertsCheckTest, OneNamesAnotherParty) {
  std::filesystem::copy_file(dir_ + "/fire.crt", dir_ + "/power.crt",
                             std::filesystem::copy_options::overwrite_existing);
  Expect("power.crt", "names spiffe://county.example/party/fire, it must name spiffe://county.example/party/power",
         "应为 spiffe://county.example/party/power");
}

TEST_F(CertsCheckTest, OfAnotherTrustDomain) {
  site_.mutable_settings()->set_trust_domain("other.example");
  EXPECT_EQ(Check().size(), 3u);
}

TEST_F(CertsCheckTest, TheCaIsNoParty) {
  std::filesystem::copy_file(dir_ + "/ca.crt", dir_ + "/power.crt", std::filesystem::copy_options::overwrite_existing);
  Expect("power.crt", "no party's certificate", "不是单位证书");
}

TEST_F(CertsCheckTest, ExpiresSoonAndHasExpired) {
  Issue("fire", 30);
  Expect("fire.crt", "expires on", "天后");
  EXPECT_TRUE(Check(absl::Now(), 20).empty());
  const auto later = Check(absl::Now() + absl::Hours(24 * 40));
  ASSERT_EQ(later.size(), 1u);
  EXPECT_NE(later[0].message.find("expired on"), std::string::npos) << later[0].message;
}

}  // namespace
}  // namespace liandong::cli
