#include "security/signature.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "absl/time/clock.h"
#include "security/openssl.h"
#include "security/pki.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::security {
namespace {

struct Pair {
  std::string key, certificate;
};

// Self-signed, with a key of this kind.
Pair Make(const char* algorithm, const char* group) {
  const std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EXPECT_EQ(EVP_PKEY_keygen_init(context.get()), 1);
  if (group != nullptr) {
    EXPECT_EQ(EVP_PKEY_CTX_set_group_name(context.get(), group), 1);
  }
  EVP_PKEY* raw = nullptr;
  EXPECT_EQ(EVP_PKEY_generate(context.get(), &raw), 1) << algorithm;
  const EvpKeyPtr key(raw);
  const X509Ptr certificate(X509_new());
  EXPECT_EQ(X509_set_version(certificate.get(), 2), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  EXPECT_EQ(X509_set_pubkey(certificate.get(), key.get()), 1);
  const EVP_MD* hash = EVP_PKEY_is_a(key.get(), "ED25519") ? nullptr
                       : EVP_PKEY_is_a(key.get(), "SM2")   ? EVP_sm3()
                                                           : EVP_sha256();
  EXPECT_GT(X509_sign(certificate.get(), key.get(), hash), 0);
  const BioPtr key_bio(BIO_new(BIO_s_mem())), certificate_bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  EXPECT_EQ(PEM_write_bio_X509(certificate_bio.get(), certificate.get()), 1);
  return {BioText(key_bio.get()), BioText(certificate_bio.get())};
}

TEST(SignatureTest, EachKindOfKeySigns) {
  for (const auto& [algorithm, group] :
       {std::pair<const char*, const char*>{"EC", "P-256"}, {"ED25519", nullptr}, {"SM2", nullptr}}) {
    const Pair one = Make(algorithm, group), other = Make(algorithm, group);
    const auto signature = SignBytes(one.key, "内容");
    ASSERT_TRUE(signature.ok()) << algorithm << ": " << signature.status();
    EXPECT_TRUE(VerifyBytes(one.certificate, "内容", *signature).ok()) << algorithm;
    EXPECT_TRUE(absl::IsDataLoss(VerifyBytes(one.certificate, "内容!", *signature))) << algorithm;
    EXPECT_TRUE(absl::IsDataLoss(VerifyBytes(other.certificate, "内容", *signature))) << algorithm;
    std::string changed = *signature;
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
    EXPECT_TRUE(absl::IsDataLoss(VerifyBytes(one.certificate, "内容", changed))) << algorithm;
    EXPECT_TRUE(absl::IsDataLoss(VerifyBytes(one.certificate, "内容", ""))) << algorithm;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(SignBytes("nonsense", "x").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(VerifyBytes("nonsense", "x", "y")));
}

TEST(SignatureTest, WhoseCertificateItWasThen) {
  TemporaryFolder folder, other;
  ASSERT_TRUE(InitCa(folder.path(), "small.example").ok());
  ASSERT_TRUE(InitCa(other.path(), "small.example").ok());
  IssueOptions short_lived;
  short_lived.days = 1;
  ASSERT_TRUE(Issue(folder.path(), "hub", short_lived).ok());
  const std::string certificate = Slurp(folder / "hub.crt"), ca = Slurp(folder / "ca.crt");
  EXPECT_TRUE(CheckIssuedBy(certificate, ca, absl::Now()).ok());
  EXPECT_TRUE(absl::IsDataLoss(CheckIssuedBy(certificate, ca, absl::Now() + absl::Hours(48))))
      << "it had ended by then";
  EXPECT_TRUE(absl::IsDataLoss(CheckIssuedBy(certificate, Slurp(other / "ca.crt"), absl::Now())));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckIssuedBy("nonsense", ca, absl::Now())));
}

}  // namespace
}  // namespace liandong::security
