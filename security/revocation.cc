#include "security/revocation.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

using CrlPtr = std::unique_ptr<X509_CRL, OpensslFree<X509_CRL_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, OpensslFree<X509_REVOKED_free>>;
using Asn1TimePtr = std::unique_ptr<ASN1_TIME, OpensslFree<ASN1_TIME_free>>;

absl::Status Refuse(const std::string& path, const std::string& chinese, const std::string& english) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", chinese, " / ", english));
}

CrlPtr CrlFromPem(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CheckOpenssl(bio != nullptr, "reading a revocation list");
  CrlPtr crl(PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return crl;
}

std::string KeyOf(const X509_NAME* issuer, const ASN1_INTEGER* serial) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(issuer, &der);
  CheckOpenssl(size > 0, "encoding an issuer's name");
  std::string key(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  key.append(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
             static_cast<size_t>(ASN1_STRING_length(serial)));
  return key;
}

absl::StatusOr<std::set<std::string>> SerialsOf(const std::string& path, X509_CRL* crl,
                                                const std::vector<X509Ptr>& roots) {
  bool is_signed = false;
  for (const X509Ptr& root : roots) {
    is_signed = is_signed || (X509_NAME_cmp(X509_get_subject_name(root.get()), X509_CRL_get_issuer(crl)) == 0 &&
                              X509_CRL_verify(crl, X509_get0_pubkey(root.get())) == 1);
  }
  ERR_clear_error();
  if (!is_signed) return Refuse(path, "吊销列表不是本 CA 签发的", "this revocation list is not of this CA");
  std::set<std::string> serials;
  STACK_OF(X509_REVOKED)* const revoked = X509_CRL_get_REVOKED(crl);
  for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
    const X509_REVOKED* one = sk_X509_REVOKED_value(revoked, i);
    serials.insert(KeyOf(X509_CRL_get_issuer(crl), X509_REVOKED_get0_serialNumber(one)));
  }
  return serials;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Revocations>> Revocations::Open(const std::string& crl_path,
                                                               const std::string& ca_path) {
  std::unique_ptr<Revocations> out(new Revocations(crl_path, ca_path));
  if (auto read = out->Refresh(); !read.ok()) return read.status();
  return out;
}

bool Revocations::Changed() {
  const auto changed = Refresh();
  return changed.ok() && *changed;
}

absl::StatusOr<bool> Revocations::Refresh() {
  auto pem = ReadFileBounded(crl_path_, kCrlBytesMax);
  if (!pem.ok()) return pem.status();
  if (pem->empty()) return Refuse(crl_path_, "吊销列表是空文件", "the revocation list is an empty file");
  {
    std::lock_guard lock(mutex_);
    if (*pem == seen_) return false;
  }
  const auto ca = ReadFileBounded(ca_path_, kPemBytesMax);
  if (!ca.ok()) return ca.status();
  const CrlPtr crl = CrlFromPem(*pem);
  if (crl == nullptr) return Refuse(crl_path_, "不是PEM吊销列表", "holds no revocation list in PEM form");
  auto serials = SerialsOf(crl_path_, crl.get(), CertificatesFromPem(*ca));
  if (!serials.ok()) return serials.status();
  const ASN1_TIME* until = X509_CRL_get0_nextUpdate(crl.get());
  const auto next_update = until == nullptr ? absl::InfiniteFuture() : TimeFromAsn1(until);
  if (!next_update.ok()) return Refuse(crl_path_, "吊销列表的有效期无法读取", "its end cannot be read");
  std::lock_guard lock(mutex_);
  answers_.clear();
  next_update_ = *next_update;
  serials_ = *std::move(serials);
  seen_ = *std::move(pem);
  return true;
}

bool Revocations::IsRevoked(std::string_view certificate_pem) const {
  {
    std::lock_guard lock(mutex_);
    if (const auto known = answers_.find(certificate_pem); known != answers_.end()) return known->second;
  }
  const X509Ptr certificate = CertificateFromPem(certificate_pem);
  if (certificate == nullptr) return true;
  const std::string key = KeyOf(X509_get_issuer_name(certificate.get()), X509_get0_serialNumber(certificate.get()));
  std::lock_guard lock(mutex_);
  const bool revoked = serials_.count(key) > 0;
  if (answers_.size() >= kCrlAnswersMax) answers_.clear();
  answers_.emplace(certificate_pem, revoked);
  return revoked;
}

absl::Time Revocations::next_update() const {
  std::lock_guard lock(mutex_);
  return next_update_;
}

size_t Revocations::size() const {
  std::lock_guard lock(mutex_);
  return serials_.size();
}

absl::Status RevokeCertificate(const std::string& ca_folder, std::string_view certificate_pem) {
  const std::string path = ca_folder + "/ca.crl";
  const auto ca_pem = ReadFileBounded(ca_folder + "/ca.crt", kPemBytesMax);
  if (!ca_pem.ok()) return ca_pem.status();
  if (auto mode = CheckPrivateFile(ca_folder + "/ca.key"); !mode.ok()) return mode;
  auto key_pem = ReadFileBounded(ca_folder + "/ca.key", kPemBytesMax);
  if (!key_pem.ok()) return key_pem.status();
  const X509Ptr ca = CertificateFromPem(*ca_pem);
  const EvpKeyPtr key = PrivateKeyFromPem(*key_pem);
  if (ca == nullptr || key == nullptr) return Refuse(ca_folder, "没有 CA", "holds no CA");
  CrlPtr crl(X509_CRL_new());
  const auto old = ReadFileBounded(path, kCrlBytesMax);
  if (!old.ok() && !absl::IsNotFound(old.status())) return old.status();
  if (old.ok()) {
    crl = CrlFromPem(*old);
    if (crl == nullptr) return Refuse(path, "不是PEM吊销列表", "holds no revocation list in PEM form");
  }
  const std::time_t now = absl::ToTimeT(absl::Now());
  const Asn1TimePtr from(ASN1_TIME_set(nullptr, now)), until(ASN1_TIME_set(nullptr, now + kCrlDays * 86'400));
  bool good = X509_CRL_set_version(crl.get(), 1) == 1 &&
              X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(ca.get())) == 1 &&
              X509_CRL_set1_lastUpdate(crl.get(), from.get()) == 1 &&
              X509_CRL_set1_nextUpdate(crl.get(), until.get()) == 1;
  if (!certificate_pem.empty()) {
    const X509Ptr certificate = CertificateFromPem(certificate_pem);
    if (certificate == nullptr)
      return absl::InvalidArgumentError("要吊销的不是PEM证书 this is no certificate in PEM form");
    if (X509_verify(certificate.get(), key.get()) != 1) {
      ERR_clear_error();
      return absl::InvalidArgumentError("该证书不是本 CA 签发的 this certificate is not of this CA");
    }
    RevokedPtr one(X509_REVOKED_new());
    X509_REVOKED* known = nullptr;
    if (X509_CRL_get0_by_cert(crl.get(), &known, certificate.get()) != 1) {
      good = good && X509_REVOKED_set_serialNumber(one.get(), X509_get_serialNumber(certificate.get())) == 1 &&
             X509_REVOKED_set_revocationDate(one.get(), from.get()) == 1 &&
             X509_CRL_add0_revoked(crl.get(), one.release()) == 1;
    }
  }
  good = good && X509_CRL_sort(crl.get()) == 1 && X509_CRL_sign(crl.get(), key.get(), EVP_sha256()) > 0;
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CheckOpenssl(good && bio != nullptr && PEM_write_bio_X509_CRL(bio.get(), crl.get()) == 1,
               "signing a revocation list");
  return WriteFileAtomic(path, BioText(bio.get()), 0644);
}

}  // namespace liandong::security
