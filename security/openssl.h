// Owners of OpenSSL objects and its error texts, for the files of security/ only.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace liandong::security {

template <auto Free>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using EvpKeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using X509RequestPtr = std::unique_ptr<X509_REQ, OpensslFree<X509_REQ_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, OpensslFree<X509_STORE_free>>;
using X509StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<X509_STORE_CTX_free>>;
using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using Pkcs12Ptr = std::unique_ptr<PKCS12, OpensslFree<PKCS12_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;

// Ends the process when what cannot fail on a working machine has failed; `what` names the step.
void CheckOpenssl(bool ok, const char* what);

// What OpenSSL says of the last failure, and empties its queue: "bad decrypt; no start line", or "no reason given".
std::string OpensslErrors();

inline const unsigned char* Bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
inline unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Null when the text holds none.
X509Ptr CertificateFromPem(std::string_view pem);
// Every certificate of the text, in its order; empty when one of them is broken or there is none.
std::vector<X509Ptr> CertificatesFromPem(std::string_view pem);
// Null when the text holds no clear private key; never asks for a pass phrase.
EvpKeyPtr PrivateKeyFromPem(std::string_view pem);
std::string BioText(BIO* bio);

// The certificate's URI name; InvalidArgument when it has none or several.
absl::StatusOr<std::string> OnlyUriName(const X509* certificate);

absl::StatusOr<absl::Time> TimeFromAsn1(const ASN1_TIME* time);

}  // namespace liandong::security
