#include "security/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "security/crypto.h"
#include "security/identity.h"
#include "security/limits.h"

namespace liandong::security {
namespace {

constexpr size_t kSerialBytes = 16;
constexpr size_t kDnsNameBytesMax = 253;
constexpr int kRsaBitsMin = 2048;
constexpr long kSecondsADay = 86'400;
// A neighbour's clock may be behind ours.
constexpr long kBackdateSeconds = 300;
constexpr std::string_view kSpiffeScheme = "spiffe://";

bool IsAddress(const std::string& text) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, text.c_str(), address) == 1 || inet_pton(AF_INET6, text.c_str(), address) == 1;
}

bool IsDnsName(const std::string& name) {
  if (name.empty() || name.size() > kDnsNameBytesMax || name.front() == '.' || name.front() == '-') return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') return false;
  }
  return true;
}

void AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  CheckOpenssl(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "adding an extension");
}

void SetRandomSerial(X509* certificate) {
  std::string serial = RandomBytes(kSerialBytes);
  // Positive and never zero or shorter: the first byte is 0x40..0x7f.
  serial[0] = static_cast<char>((static_cast<unsigned char>(serial[0]) & 0x3f) | 0x40);
  const BignumPtr number(BN_bin2bn(Bytes(std::string_view(serial)), static_cast<int>(serial.size()), nullptr));
  CheckOpenssl(number != nullptr && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
               "setting the serial number");
}

void SetCommonName(X509_NAME* name, const std::string& common_name) {
  const int ok = X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, Bytes(std::string_view(common_name)),
                                            static_cast<int>(common_name.size()), -1, 0);
  CheckOpenssl(ok == 1, "setting the common name");
}

X509Ptr Blank(const std::string& common_name, int days, EVP_PKEY* public_key) {
  X509Ptr certificate(X509_new());
  CheckOpenssl(certificate != nullptr, "making a certificate");
  CheckOpenssl(X509_set_version(certificate.get(), X509_VERSION_3) == 1, "setting the version");
  SetRandomSerial(certificate.get());
  SetCommonName(X509_get_subject_name(certificate.get()), common_name);
  const std::time_t now = std::time(nullptr);
  const bool timed = ASN1_TIME_set(X509_getm_notBefore(certificate.get()), now - kBackdateSeconds) != nullptr &&
                     ASN1_TIME_set(X509_getm_notAfter(certificate.get()), now + days * kSecondsADay) != nullptr;
  CheckOpenssl(timed, "setting the validity");
  CheckOpenssl(X509_set_pubkey(certificate.get(), public_key) == 1, "setting the public key");
  return certificate;
}

void SignWith(X509* certificate, EVP_PKEY* key) {
  // Ed25519 hashes by itself and takes no digest.
  const EVP_MD* digest = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  CheckOpenssl(X509_sign(certificate, key, digest) > 0, "signing a certificate");
}

bool IsStrong(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= kRsaBitsMin;
    case EVP_PKEY_ED25519:
      return true;
    case EVP_PKEY_EC: {
      char group[64] = {};
      if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) return false;
      const std::string_view name = group;
      return name == "prime256v1" || name == "secp384r1";
    }
    default:
      return false;
  }
}

}  // namespace

absl::Status CheckSubjectNames(const std::vector<std::string>& dns_names,
                               const std::vector<std::string>& ip_addresses) {
  if (dns_names.size() + ip_addresses.size() > kSubjectNamesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a certificate names at most ", kSubjectNamesMax, " hosts"));
  }
  for (const std::string& name : dns_names) {
    if (!IsDnsName(name)) return absl::InvalidArgumentError(absl::StrCat("not a host name: \"", name, "\""));
  }
  for (const std::string& address : ip_addresses) {
    if (!IsAddress(address)) return absl::InvalidArgumentError(absl::StrCat("not an IP address: \"", address, "\""));
  }
  return absl::OkStatus();
}

EvpKeyPtr NewP256Key() {
  EvpKeyPtr key(EVP_EC_gen("P-256"));
  CheckOpenssl(key != nullptr, "making a P-256 key");
  return key;
}

absl::StatusOr<X509Ptr> MakeCa(const std::string& common_name, const std::string& uri, int days, EVP_PKEY* key) {
  X509Ptr ca = Blank(common_name, days, key);
  CheckOpenssl(X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get())) == 1, "setting the issuer");
  AddExtension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  AddExtension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  AddExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash");
  AddExtension(ca.get(), ca.get(), NID_authority_key_identifier, "keyid:always");
  AddExtension(ca.get(), ca.get(), NID_subject_alt_name, absl::StrCat("URI:", uri));
  SignWith(ca.get(), key);
  return ca;
}

absl::StatusOr<X509Ptr> MakeLeaf(const LeafSpec& spec, EVP_PKEY* public_key, X509* ca, EVP_PKEY* ca_key) {
  X509Ptr leaf = Blank(spec.common_name, spec.days, public_key);
  CheckOpenssl(X509_set_issuer_name(leaf.get(), X509_get_subject_name(ca)) == 1, "setting the issuer");
  if (ASN1_TIME_compare(X509_get0_notAfter(leaf.get()), X509_get0_notAfter(ca)) > 0) {
    CheckOpenssl(X509_set1_notAfter(leaf.get(), X509_get0_notAfter(ca)) == 1, "setting the validity");
  }
  AddExtension(leaf.get(), ca, NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf.get(), ca, NID_key_usage, "critical,digitalSignature");
  std::string usages;
  if (spec.server) usages = "serverAuth";
  if (spec.client) absl::StrAppend(&usages, usages.empty() ? "" : ",", "clientAuth");
  AddExtension(leaf.get(), ca, NID_ext_key_usage, usages);
  AddExtension(leaf.get(), ca, NID_subject_key_identifier, "hash");
  AddExtension(leaf.get(), ca, NID_authority_key_identifier, "keyid:always");
  std::string names = absl::StrCat("URI:", spec.uri);
  for (const std::string& name : spec.dns_names) absl::StrAppend(&names, ",DNS:", name);
  for (const std::string& address : spec.ip_addresses) absl::StrAppend(&names, ",IP:", address);
  AddExtension(leaf.get(), ca, NID_subject_alt_name, names);
  SignWith(leaf.get(), ca_key);
  return leaf;
}

absl::StatusOr<std::string> TrustDomainOfCa(const X509* ca) {
  const auto uri = OnlyUriName(ca);
  if (!uri.ok()) return uri.status();
  const std::string_view text = *uri;
  if (text.substr(0, kSpiffeScheme.size()) != kSpiffeScheme) {
    return absl::InvalidArgumentError(
        "the CA's URI name is not spiffe://<trust domain>; make the CA with liandong pki init");
  }
  const std::string trust_domain(text.substr(kSpiffeScheme.size()));
  if (absl::Status good = CheckTrustDomain(trust_domain); !good.ok()) return good;
  return trust_domain;
}

absl::StatusOr<EvpKeyPtr> PublicKeyOfRequest(std::string_view csr_pem) {
  if (csr_pem.size() > kPemBytesMax) return absl::InvalidArgumentError("the certificate request is too large");
  const BioPtr bio(BIO_new_mem_buf(csr_pem.data(), static_cast<int>(csr_pem.size())));
  CheckOpenssl(bio != nullptr, "reading a request");
  const X509RequestPtr request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  EvpKeyPtr key(request == nullptr ? nullptr : X509_REQ_get_pubkey(request.get()));
  const bool proven = key != nullptr && X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("no certificate request in PEM form was found");
  if (!proven) return absl::InvalidArgumentError("the certificate request's own signature is wrong; make it anew");
  if (!IsStrong(key.get())) {
    return absl::InvalidArgumentError(
        "the request's key is not accepted; use P-256, P-384, Ed25519 or RSA of 2048 bits or more");
  }
  return key;
}

std::string RequestPem(EVP_PKEY* key, const std::string& common_name) {
  const X509RequestPtr request(X509_REQ_new());
  CheckOpenssl(request != nullptr && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1, "making a request");
  SetCommonName(X509_REQ_get_subject_name(request.get()), common_name);
  CheckOpenssl(X509_REQ_set_pubkey(request.get(), key) == 1, "setting the public key");
  CheckOpenssl(X509_REQ_sign(request.get(), key, EVP_sha256()) > 0, "signing the request");
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CheckOpenssl(bio != nullptr && PEM_write_bio_X509_REQ(bio.get(), request.get()) == 1, "writing the request");
  return BioText(bio.get());
}

std::string PrivateKeyPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  CheckOpenssl(bio != nullptr, "making a buffer");
  const int ok = PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  CheckOpenssl(ok == 1, "writing a private key");
  return BioText(bio.get());
}

std::string CertificatePem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CheckOpenssl(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
  return BioText(bio.get());
}

absl::StatusOr<std::string> Pkcs12Bundle(const std::string& password, const std::string& name, EVP_PKEY* key,
                                         X509* certificate, X509* ca) {
  STACK_OF(X509)* others = sk_X509_new_null();
  CheckOpenssl(others != nullptr && sk_X509_push(others, ca) > 0, "listing the CA");
  const Pkcs12Ptr bundle(PKCS12_create(password.c_str(), name.c_str(), key, certificate, others, 0, 0,
                                       kPkcs12Iterations, kPkcs12Iterations, 0));
  sk_X509_free(others);
  if (bundle == nullptr) return absl::InvalidArgumentError(absl::StrCat("PKCS#12: ", OpensslErrors()));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CheckOpenssl(bio != nullptr && i2d_PKCS12_bio(bio.get(), bundle.get()) == 1, "writing PKCS#12");
  return BioText(bio.get());
}

}  // namespace liandong::security
