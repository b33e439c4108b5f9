#include "adapters/transport/auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/crypto.h"
#include "security/file.h"
#include "tests/unit/adapters/transport/support.h"

namespace liandong::adapters {
namespace {

constexpr char kSecret[] = "0123456789abcdef-secret";

class AuthTest : public testing::Test {
 protected:
  LinkSecret Make(v1::LinkAuth auth) {
    auth.set_secret_file(folder_.path() + "/secret");
    EXPECT_TRUE(security::WriteFileAtomic(auth.secret_file(), std::string(kSecret) + "\n", 0600).ok());
    auto secret = LinkSecret::Load(auth);
    EXPECT_TRUE(secret.ok()) << secret.status();
    return *secret;
  }
  Folder folder_;
};

TEST_F(AuthTest, ATokenIsComparedWhole) {
  v1::LinkAuth auth;
  auth.set_token_header("Authorization");
  auth.set_token_prefix("Bearer ");
  const LinkSecret secret = Make(auth);
  const HeaderList good = secret.Sign("POST", "/x", "body", 1000);
  EXPECT_THAT(good, testing::ElementsAre(testing::Pair("Authorization", std::string("Bearer ") + kSecret)));
  EXPECT_TRUE(secret.Check("POST", "/x", {{"authorization", std::string("Bearer ") + kSecret}}, "", 5).ok());
  EXPECT_FALSE(secret.Check("POST", "/x", {{"authorization", std::string("Bearer ") + kSecret + "x"}}, "", 5).ok());
  EXPECT_FALSE(secret.Check("POST", "/x", {{"authorization", kSecret}}, "", 5).ok());
  EXPECT_FALSE(secret.Check("POST", "/x", {}, "", 5).ok());
}

TEST_F(AuthTest, ASignatureCoversEverythingItNames) {
  for (const auto hash : {v1::LinkAuth::SHA256, v1::LinkAuth::SM3}) {
    for (const auto writing : {v1::LinkAuth::HEX, v1::LinkAuth::BASE64}) {
      v1::LinkAuth auth;
      auth.set_hmac_header("X-Signature");
      auth.set_hmac_hash(hash);
      auth.set_hmac_writing(writing);
      auth.set_hmac_signed("{method}|{path}|{timestamp}|{nonce}|{body}");
      auth.set_timestamp_header("X-Time");
      auth.set_nonce_header("X-Nonce");
      const LinkSecret secret = Make(auth);
      const HeaderList headers = secret.Sign("POST", "/a", "body", 1'000'000);
      EXPECT_TRUE(secret.Check("POST", "/a", headers, "body", 1'000'000).ok());
      EXPECT_TRUE(secret.Check("POST", "/a", headers, "body", 1'000'300).ok());
      EXPECT_FALSE(secret.Check("POST", "/a", headers, "body", 1'000'301).ok());
      EXPECT_FALSE(secret.Check("POST", "/a", headers, "body", 999'699).ok());
      EXPECT_FALSE(secret.Check("PUT", "/a", headers, "body", 1'000'000).ok());
      EXPECT_FALSE(secret.Check("POST", "/b", headers, "body", 1'000'000).ok());
      EXPECT_FALSE(secret.Check("POST", "/a", headers, "Body", 1'000'000).ok());
    }
  }
}

TEST_F(AuthTest, TheDefaultSignatureIsTheDocumentedOne) {
  v1::LinkAuth auth;
  auth.set_hmac_header("X-Signature");
  auth.set_timestamp_header("X-Time");
  const LinkSecret secret = Make(auth);
  const std::string expected = security::Hex(security::HmacSha256(kSecret, "1000\nPOST\n/a\nbody"));
  EXPECT_TRUE(secret.Check("POST", "/a", {{"X-TIME", "1000"}, {"x-signature", expected}}, "body", 1000).ok());
}

TEST_F(AuthTest, ASecretFileMustBePrivateAndLongEnough) {
  v1::LinkAuth auth;
  auth.set_token_header("X-Token");
  auth.set_secret_file(folder_.path() + "/s");
  EXPECT_FALSE(LinkSecret::Load(auth).ok());
  ASSERT_TRUE(security::WriteFileAtomic(auth.secret_file(), kSecret, 0644).ok());
  EXPECT_FALSE(LinkSecret::Load(auth).ok());
  ASSERT_TRUE(security::WriteFileAtomic(auth.secret_file(), "short", 0600).ok());
  const absl::Status status = LinkSecret::Load(auth).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), testing::Not(testing::HasSubstr("short secret")));
}

}  // namespace
}  // namespace liandong::adapters
