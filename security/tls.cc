#include "security/tls.h"

#include <arpa/inet.h>
#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

// TLS 1.2 with forward secrecy and authenticated ciphers only; what 1.3 offers is all of that kind.
constexpr char kTls12Ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
// gRPC sets the lowest version itself, to 1.2; what is switched off here it does not switch on.
constexpr char kOnlyTls13[] =
    "liandong = modules\n[modules]\nssl_conf = ssl\n[ssl]\nsystem_default = contexts\n"
    "[contexts]\nProtocol = -SSLv3, -TLSv1, -TLSv1.1, -TLSv1.2\nCipherString = DEFAULT@SECLEVEL=2\n";
constexpr unsigned char kSessionContext[] = "liandong";

struct OwnCertificate {
  std::string cert_pem, key_pem;
  std::vector<X509Ptr> chain;  // leaf first
  EvpKeyPtr key;
  absl::Time expires_at;
};

absl::Status Refuse(const std::string& path, const std::string& chinese, const std::string& english) {
  return absl::FailedPreconditionError(absl::StrCat(path, ": ", chinese, " / ", english));
}

absl::StatusOr<absl::Time> CheckValidity(const std::string& path, const X509* certificate, absl::Time now) {
  const auto from = TimeFromAsn1(X509_get0_notBefore(certificate));
  const auto until = TimeFromAsn1(X509_get0_notAfter(certificate));
  if (!from.ok()) return from.status();
  if (!until.ok()) return until.status();
  if (now < *from) {
    return Refuse(path, absl::StrCat("证书尚未生效, 生效时间 ", absl::FormatTime(*from), ", 请检查本机时钟"),
                  "the certificate is not valid yet; check this machine's clock");
  }
  if (now > *until) {
    return Refuse(path, absl::StrCat("证书已于 ", absl::FormatTime(*until), " 过期, 请重新签发"),
                  "the certificate has expired; issue a new one (liandong pki issue --replace)");
  }
  return *until;
}

absl::StatusOr<OwnCertificate> LoadOwn(const TlsFiles& files, absl::Time now) {
  OwnCertificate own;
  auto cert_pem = ReadFileBounded(files.cert, kPemBytesMax);
  if (!cert_pem.ok()) return cert_pem.status();
  if (absl::Status mode = CheckPrivateFile(files.key); !mode.ok()) return mode;
  auto key_pem = ReadFileBounded(files.key, kPemBytesMax);
  if (!key_pem.ok()) return key_pem.status();
  own.cert_pem = *std::move(cert_pem);
  own.key_pem = *std::move(key_pem);
  own.chain = CertificatesFromPem(own.cert_pem);
  if (own.chain.empty()) return Refuse(files.cert, "不是PEM证书", "holds no certificate in PEM form");
  own.key = PrivateKeyFromPem(own.key_pem);
  if (own.key == nullptr) {
    return Refuse(files.key, "不是未加密的PEM私钥", "holds no private key in PEM form without a pass phrase");
  }
  if (X509_check_private_key(own.chain.front().get(), own.key.get()) != 1) {
    ERR_clear_error();
    return Refuse(files.cert, absl::StrCat("与私钥 ", files.key, " 不匹配, 请放入同一次签发的两个文件"),
                  absl::StrCat("does not match the key ", files.key, "; put the two files of one issue side by side"));
  }
  const auto until = CheckValidity(files.cert, own.chain.front().get(), now);
  if (!until.ok()) return until.status();
  own.expires_at = *until;
  return own;
}

absl::StatusOr<std::vector<X509Ptr>> LoadRoots(const std::string& path, std::string* pem_out = nullptr) {
  auto pem = ReadFileBounded(path, kPemBytesMax);
  if (!pem.ok()) return pem.status();
  auto roots = CertificatesFromPem(*pem);
  if (roots.empty()) return Refuse(path, "不是PEM证书", "holds no certificate in PEM form");
  if (pem_out != nullptr) *pem_out = *std::move(pem);
  return roots;
}

X509StorePtr StoreOf(const std::vector<X509Ptr>& roots) {
  X509StorePtr store(X509_STORE_new());
  CheckOpenssl(store != nullptr, "making a certificate store");
  for (const X509Ptr& root : roots) {
    CheckOpenssl(X509_STORE_add_cert(store.get(), root.get()) == 1, "adding a root certificate");
  }
  return store;
}

// The end of the root that the chain leads to.
absl::StatusOr<absl::Time> CheckChain(const TlsFiles& files, const OwnCertificate& own,
                                      const std::vector<X509Ptr>& roots, absl::Time now) {
  const X509StorePtr store = StoreOf(roots);
  const X509StoreContextPtr context(X509_STORE_CTX_new());
  STACK_OF(X509)* between = sk_X509_new_null();
  CheckOpenssl(context != nullptr && between != nullptr, "making a verification context");
  for (size_t i = 1; i < own.chain.size(); ++i) sk_X509_push(between, own.chain[i].get());
  CheckOpenssl(X509_STORE_CTX_init(context.get(), store.get(), own.chain.front().get(), between) == 1,
               "starting a verification");
  X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context.get()), absl::ToTimeT(now));
  const bool good = X509_verify_cert(context.get()) == 1;
  const std::string reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
  absl::StatusOr<absl::Time> until = absl::InternalError("empty chain");
  if (good) {
    const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
    until = TimeFromAsn1(X509_get0_notAfter(sk_X509_value(chain, sk_X509_num(chain) - 1)));
  }
  sk_X509_free(between);
  ERR_clear_error();
  if (good) return until;
  return Refuse(files.cert, absl::StrCat("不是由 ", files.ca, " 签发的有效证书"),
                absl::StrCat("does not chain to ", files.ca, " (", reason, "); give the CA that issued it"));
}

absl::Status UseOwn(SSL_CTX* context, const TlsFiles& files, const OwnCertificate& own) {
  bool good = SSL_CTX_use_certificate(context, own.chain.front().get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, own.key.get()) == 1;
  for (size_t i = 1; good && i < own.chain.size(); ++i)
    good = SSL_CTX_add1_chain_cert(context, own.chain[i].get()) == 1;
  if (good) return absl::OkStatus();
  return Refuse(files.cert, "TLS 不接受此证书或私钥",
                absl::StrCat("TLS refuses the certificate or key: ", OpensslErrors()));
}

std::shared_ptr<SSL_CTX> NewContext(const SSL_METHOD* method, const TlsContextOptions& options) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  CheckOpenssl(context != nullptr, "making a TLS context");
  SSL_CTX_set_min_proto_version(context.get(), options.tls13_only ? TLS1_3_VERSION : TLS1_2_VERSION);
  CheckOpenssl(SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers) == 1, "choosing TLS 1.2 ciphers");
  // Hundreds of browsers wait most of the time: an idle connection keeps no buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  CheckOpenssl(SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1) == 1,
               "naming the TLS sessions");
  return context;
}

}  // namespace

absl::StatusOr<CheckedTls> CheckTlsFiles(const TlsFiles& files, absl::Time now) {
  CheckedTls checked;
  const auto roots = LoadRoots(files.ca, &checked.ca_pem);
  if (!roots.ok()) return roots.status();
  auto own = LoadOwn(files, now);
  if (!own.ok()) return own.status();
  const auto root_until = CheckChain(files, *own, *roots, now);
  if (!root_until.ok()) return root_until.status();
  auto identity = PartyFromCertificatePem(own->cert_pem);
  if (!identity.ok()) {
    return Refuse(files.cert, "证书中没有本系统的单位名称(URI), 请用 liandong pki issue 签发",
                  absl::StrCat(std::string(identity.status().message()), "; issue one with liandong pki issue"));
  }
  checked.identity = *std::move(identity);
  checked.expires_at = std::min(own->expires_at, *root_until);
  checked.cert_pem = std::move(own->cert_pem);
  checked.key_pem = std::move(own->key_pem);
  return checked;
}

absl::Status AllowOnlyTls13() {
  // After the system's own openssl.cnf, whose section this replaces.
  OPENSSL_init_ssl(OPENSSL_INIT_LOAD_CONFIG, nullptr);
  const std::unique_ptr<CONF, OpensslFree<NCONF_free>> settings(NCONF_new(nullptr));
  const BioPtr text(BIO_new_mem_buf(kOnlyTls13, sizeof kOnlyTls13 - 1));
  long line = 0;
  if (settings == nullptr || text == nullptr || NCONF_load_bio(settings.get(), text.get(), &line) != 1 ||
      CONF_modules_load(settings.get(), "liandong", 0) != 1) {
    return absl::InternalError(absl::StrCat("TLS 1.3 alone cannot be asked of OpenSSL: ", OpensslErrors()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeServerContext(const TlsFiles& files, bool require_client_cert,
                                                           const TlsContextOptions& options) {
  const auto own = LoadOwn(files, absl::Now());
  if (!own.ok()) return own.status();
  std::shared_ptr<SSL_CTX> context = NewContext(TLS_server_method(), options);
  if (absl::Status used = UseOwn(context.get(), files, *own); !used.ok()) return used;
  if (!require_client_cert) return context;
  const auto roots = LoadRoots(files.ca);
  if (!roots.ok()) return roots.status();
  SSL_CTX_set1_verify_cert_store(context.get(), StoreOf(*roots).get());
  for (const X509Ptr& root : *roots) SSL_CTX_add_client_CA(context.get(), root.get());
  SSL_CTX_set_verify(context.get(),
                     SSL_VERIFY_PEER | (options.client_cert_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT), nullptr);
  return context;
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeClientContext(const TlsFiles& files, const TlsContextOptions& options) {
  const auto roots = LoadRoots(files.ca);
  if (!roots.ok()) return roots.status();
  std::shared_ptr<SSL_CTX> context = NewContext(TLS_client_method(), options);
  SSL_CTX_set1_verify_cert_store(context.get(), StoreOf(*roots).get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (files.cert.empty() && files.key.empty()) return context;
  const auto own = LoadOwn(files, absl::Now());
  if (!own.ok()) return own.status();
  if (absl::Status used = UseOwn(context.get(), files, *own); !used.ok()) return used;
  return context;
}

absl::Status ExpectHost(SSL* ssl, const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  const bool is_address =
      inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An empty name would switch the check off.
  const bool good = !host.empty() && (is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                                                 : SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 &&
                                                       SSL_set1_host(ssl, host.c_str()) == 1);
  if (good) return absl::OkStatus();
  ERR_clear_error();
  return absl::InvalidArgumentError("the server's host is neither a host name nor an address");
}

absl::StatusOr<Identity> PeerIdentity(const SSL* ssl) {
  const std::string pem = PeerCertificatePem(ssl);
  if (pem.empty()) return absl::UnauthenticatedError("the peer has shown no certificate that was verified");
  return PartyFromCertificatePem(pem);
}

std::string PeerCertificatePem(const SSL* ssl) {
  const X509Ptr certificate(SSL_get1_peer_certificate(ssl));
  if (certificate == nullptr || SSL_get_verify_result(ssl) != X509_V_OK) return "";
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CheckOpenssl(bio != nullptr && PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "writing a certificate");
  return BioText(bio.get());
}

absl::StatusOr<std::string> FirstCertificatePem(const std::string& path) {
  const auto bytes = ReadFileBounded(path, kPemBytesMax);
  if (!bytes.ok()) return bytes.status();
  const X509Ptr certificate = CertificateFromPem(*bytes);
  if (certificate == nullptr) return Refuse(path, "不是 PEM 证书", "holds no certificate in PEM form");
  const BioPtr out(BIO_new(BIO_s_mem()));
  CheckOpenssl(out != nullptr && PEM_write_bio_X509(out.get(), certificate.get()) == 1, "writing a certificate");
  return BioText(out.get());
}

}  // namespace liandong::security
