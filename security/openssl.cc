#include "security/openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "security/limits.h"

namespace liandong::security {
namespace {

int NoPassphrase(char*, int, int, void*) { return -1; }

BioPtr ReadBio(std::string_view text) {
  if (text.size() > kPemBytesMax) return nullptr;
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

void CheckOpenssl(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "security: %s failed: %s\n", what, OpensslErrors().c_str());
  std::abort();
}

std::string OpensslErrors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (!text.empty()) text += "; ";
    text += reason != nullptr ? reason : "unknown reason";
  }
  return text.empty() ? "no reason given" : text;
}

X509Ptr CertificateFromPem(std::string_view pem) {
  BioPtr bio = ReadBio(pem);
  if (bio == nullptr) return nullptr;
  X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr) ERR_clear_error();
  return certificate;
}

std::vector<X509Ptr> CertificatesFromPem(std::string_view pem) {
  std::vector<X509Ptr> certificates;
  BioPtr bio = ReadBio(pem);
  if (bio == nullptr) return certificates;
  for (;;) {
    X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (certificate == nullptr) break;
    certificates.push_back(std::move(certificate));
  }
  // The end of the text is told as "no start line"; anything else is a broken certificate.
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) certificates.clear();
  ERR_clear_error();
  return certificates;
}

EvpKeyPtr PrivateKeyFromPem(std::string_view pem) {
  BioPtr bio = ReadBio(pem);
  if (bio == nullptr) return nullptr;
  EvpKeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) ERR_clear_error();
  return key;
}

std::string BioText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<size_t>(size)) : std::string();
}

absl::StatusOr<std::string> OnlyUriName(const X509* certificate) {
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string uri;
  int uris = 0;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
    uri.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
               static_cast<size_t>(ASN1_STRING_length(text)));
    ++uris;
  }
  if (uris != 1) {
    return absl::InvalidArgumentError(absl::StrCat("the certificate has ", uris, " URI names; exactly one is needed"));
  }
  return uri;
}

absl::StatusOr<absl::Time> TimeFromAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the certificate's validity is not a time");
  }
  return absl::FromTM(parts, absl::UTCTimeZone());
}

}  // namespace liandong::security
