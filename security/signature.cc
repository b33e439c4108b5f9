#include "security/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;

// GB/T 35276: the id of a signer that has agreed on none. on-disk value: signatures cover it.
constexpr char kSm2Id[] = "1234567812345678";

// nullptr: the key brings its own hash.
const EVP_MD* DigestOf(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return nullptr;
  return EVP_PKEY_is_a(key, "SM2") ? EVP_sm3() : EVP_sha256();
}

bool NameSigner(EVP_PKEY_CTX* context, const EVP_PKEY* key) {
  return !EVP_PKEY_is_a(key, "SM2") || EVP_PKEY_CTX_set1_id(context, kSm2Id, sizeof kSm2Id - 1) == 1;
}

}  // namespace

absl::StatusOr<std::string> SignBytes(std::string_view key_pem, std::string_view bytes) {
  const EvpKeyPtr key = PrivateKeyFromPem(key_pem);
  if (key == nullptr) return absl::InvalidArgumentError("the signing key is no private key in PEM form");
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  size_t size = 0;
  bool good =
      context != nullptr && EVP_DigestSignInit(context.get(), &of_key, DigestOf(key.get()), nullptr, key.get()) == 1 &&
      NameSigner(of_key, key.get()) && EVP_DigestSign(context.get(), nullptr, &size, Bytes(bytes), bytes.size()) == 1;
  std::string signature(size, '\0');
  good = good && EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(bytes), bytes.size()) == 1;
  if (!good) return absl::InvalidArgumentError(absl::StrCat("the key cannot sign: ", OpensslErrors()));
  signature.resize(size);
  return signature;
}

absl::Status VerifyBytes(std::string_view certificate_pem, std::string_view bytes, std::string_view signature) {
  const X509Ptr certificate = CertificateFromPem(certificate_pem);
  EVP_PKEY* const key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate.get());
  if (key == nullptr) return absl::InvalidArgumentError("the signer's certificate is none in PEM form");
  const DigestContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;
  const bool good =
      context != nullptr && EVP_DigestVerifyInit(context.get(), &of_key, DigestOf(key), nullptr, key) == 1 &&
      NameSigner(of_key, key) &&
      EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(bytes), bytes.size()) == 1;
  ERR_clear_error();
  return good ? absl::OkStatus() : absl::DataLossError("the signature is not of these bytes by the named certificate");
}

absl::Status CheckIssuedBy(std::string_view certificate_pem, std::string_view ca_pem, absl::Time at) {
  const X509Ptr certificate = CertificateFromPem(certificate_pem);
  const std::vector<X509Ptr> roots = CertificatesFromPem(ca_pem);
  if (certificate == nullptr || roots.empty()) {
    return absl::InvalidArgumentError("the certificate or its CA is none in PEM form");
  }
  const X509StorePtr store(X509_STORE_new());
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  CheckOpenssl(store != nullptr && context != nullptr, "making a verification context");
  for (const X509Ptr& root : roots) {
    CheckOpenssl(X509_STORE_add_cert(store.get(), root.get()) == 1, "adding a root certificate");
  }
  CheckOpenssl(X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr) == 1,
               "starting a verification");
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(at));
  const bool good = X509_verify_cert(context.get()) == 1;
  const std::string reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  ERR_clear_error();
  if (good) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the signer's certificate is not of this CA: ", reason));
}

}  // namespace liandong::security
