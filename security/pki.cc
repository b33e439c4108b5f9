#include "security/pki.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <ctime>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "security/certificate.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/limits.h"
#include "security/openssl.h"

namespace liandong::security {
namespace {

constexpr mode_t kKeyMode = 0600;
constexpr mode_t kCertificateMode = 0644;
constexpr mode_t kFolderMode = 0700;
// X.520 bounds a common name.
constexpr size_t kCommonNameBytesMax = 64;
constexpr char kReservedParty[] = "ca";

struct Ca {
  X509Ptr certificate;
  EvpKeyPtr key;
  std::string pem;
  std::string trust_domain;
};

bool Exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

absl::Status Taken(const std::string& path, const std::string& chinese, const std::string& english) {
  return absl::AlreadyExistsError(absl::StrCat(path, ": 文件已存在; ", chinese, " / exists already; ", english));
}

absl::StatusOr<Ca> LoadCa(const std::string& folder) {
  const std::string cert_path = folder + "/ca.crt";
  const std::string key_path = folder + "/ca.key";
  if (!Exists(cert_path) || !Exists(key_path)) {
    return absl::FailedPreconditionError(absl::StrCat(
        folder, ": 没有CA, 请先运行 liandong pki init / holds no CA (ca.crt, ca.key); run: liandong pki init"));
  }
  if (absl::Status mode = CheckPrivateFile(key_path); !mode.ok()) return mode;
  auto cert_pem = ReadFileBounded(cert_path, kPemBytesMax);
  if (!cert_pem.ok()) return cert_pem.status();
  auto key_pem = ReadFileBounded(key_path, kPemBytesMax);
  if (!key_pem.ok()) return key_pem.status();
  Ca ca{CertificateFromPem(*cert_pem), PrivateKeyFromPem(*key_pem), *cert_pem, ""};
  Wipe(*key_pem);
  if (ca.certificate == nullptr || ca.key == nullptr ||
      X509_check_private_key(ca.certificate.get(), ca.key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(absl::StrCat(
        folder,
        ": ca.crt 与 ca.key 损坏或不匹配, 请从备份恢复 / ca.crt and ca.key are broken or do not match; restore them"));
  }
  if (X509_cmp_current_time(X509_get0_notAfter(ca.certificate.get())) <= 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        cert_path, ": CA证书已过期, 请在新文件夹中新建CA / the CA has expired; make a new one in another folder"));
  }
  auto trust_domain = TrustDomainOfCa(ca.certificate.get());
  if (!trust_domain.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(cert_path, ": ", std::string(trust_domain.status().message())));
  }
  ca.trust_domain = *std::move(trust_domain);
  return ca;
}

absl::Status CheckOptions(std::string_view party, const IssueOptions& options) {
  if (absl::Status id = CheckPartyId(party); !id.ok()) return id;
  if (party == kReservedParty) {
    return absl::InvalidArgumentError("party id \"ca\": its files would be the CA's own; choose another id");
  }
  if (options.days < 1 || options.days > kLeafDaysMax) {
    return absl::InvalidArgumentError(absl::StrCat("days: 1 to ", kLeafDaysMax, ", not ", options.days));
  }
  if (!options.client && !options.server) {
    return absl::InvalidArgumentError("a certificate is for a client, a server or both");
  }
  return CheckSubjectNames(options.dns_names, options.ip_addresses);
}

// A file that belongs to one party: refused when there, unless it is to be replaced.
absl::Status Write(const std::string& path, std::string_view bytes, mode_t mode, bool replace) {
  const absl::Status written = replace ? WriteFileAtomic(path, bytes, mode) : CreateFileAtomic(path, bytes, mode);
  if (!absl::IsAlreadyExists(written)) return written;
  return Taken(path, "续期请加 --replace", "to renew, ask to replace it (--replace)");
}

struct Target {
  std::string folder;
  IssuedFiles files;
};

// Everything that could be in the way is found before the first file is written.
absl::StatusOr<Target> Prepare(const std::string& ca_folder, std::string_view party, const Ca& ca,
                               const IssueOptions& options, bool with_key) {
  Target target{options.out_folder.empty() ? ca_folder : options.out_folder, {}};
  if (absl::Status made = MakeFolder(target.folder, kFolderMode); !made.ok()) return made;
  const std::string base = absl::StrCat(target.folder, "/", std::string(party));
  target.files.ca = target.folder + "/ca.crt";
  target.files.cert = base + ".crt";
  if (with_key) target.files.key = base + ".key";
  if (!options.pkcs12_password.empty()) target.files.pkcs12 = base + ".p12";
  target.files.uri = PartyUri({ca.trust_domain, std::string(party)});
  if (options.replace) return target;
  for (const std::string& path : {target.files.cert, target.files.key, target.files.pkcs12}) {
    if (!path.empty() && Exists(path))
      return Taken(path, "续期请加 --replace", "to renew, ask to replace it (--replace)");
  }
  if (const auto other = ReadFileBounded(target.files.ca, kPemBytesMax); other.ok() && *other != ca.pem) {
    return Taken(target.files.ca, "属于另一个CA, 请换一个输出文件夹",
                 "belongs to another CA; choose another output folder");
  }
  return target;
}

absl::StatusOr<std::string> Sign(const Ca& ca, const std::string& uri, std::string_view party, EVP_PKEY* public_key,
                                 const IssueOptions& options, X509Ptr* signed_out = nullptr) {
  auto certificate = MakeLeaf({.common_name = std::string(party),
                               .uri = uri,
                               .dns_names = options.dns_names,
                               .ip_addresses = options.ip_addresses,
                               .client = options.client,
                               .server = options.server,
                               .days = options.days},
                              public_key, ca.certificate.get(), ca.key.get());
  if (!certificate.ok()) return certificate.status();
  std::string pem = CertificatePem(certificate->get());
  if (signed_out != nullptr) *signed_out = *std::move(certificate);
  return pem;
}

absl::Status WriteCaCopy(const Target& target, const Ca& ca) {
  const auto there = ReadFileBounded(target.files.ca, kPemBytesMax);
  if (there.ok() && *there == ca.pem) return absl::OkStatus();
  return WriteFileAtomic(target.files.ca, ca.pem, kCertificateMode);
}

}  // namespace

absl::Status InitCa(const std::string& folder, std::string_view trust_domain, const CaOptions& options) {
  if (absl::Status domain = CheckTrustDomain(trust_domain); !domain.ok()) return domain;
  if (options.days < 1 || options.days > kCaDaysMax) {
    return absl::InvalidArgumentError(absl::StrCat("days: 1 to ", kCaDaysMax, ", not ", options.days));
  }
  if (options.common_name.size() > kCommonNameBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a common name has at most ", kCommonNameBytesMax, " bytes"));
  }
  std::string common_name = options.common_name;
  if (common_name.empty()) {
    common_name = absl::StrCat("Liandong CA ", std::string(trust_domain)).substr(0, kCommonNameBytesMax);
  }
  if (absl::Status made = MakeFolder(folder, kFolderMode); !made.ok()) return made;
  const std::string key_path = folder + "/ca.key";
  const std::string cert_path = folder + "/ca.crt";
  for (const std::string& path : {key_path, cert_path}) {
    if (!Exists(path)) continue;
    return Taken(path, "请换一个文件夹; 删除旧CA会使它签发的全部证书失效",
                 "choose another folder; removing this CA makes every certificate that it issued worthless");
  }
  const EvpKeyPtr key = NewP256Key();
  const auto certificate =
      MakeCa(common_name, absl::StrCat("spiffe://", std::string(trust_domain)), options.days, key.get());
  if (!certificate.ok()) return certificate.status();
  std::string key_pem = PrivateKeyPem(key.get());
  const absl::Status written = CreateFileAtomic(key_path, key_pem, kKeyMode);
  Wipe(key_pem);
  if (!written.ok()) return written;
  return CreateFileAtomic(cert_path, CertificatePem(certificate->get()), kCertificateMode);
}

absl::StatusOr<IssuedFiles> Issue(const std::string& folder, std::string_view party, const IssueOptions& options) {
  if (absl::Status good = CheckOptions(party, options); !good.ok()) return good;
  const auto ca = LoadCa(folder);
  if (!ca.ok()) return ca.status();
  const auto target = Prepare(folder, party, *ca, options, true);
  if (!target.ok()) return target.status();
  const EvpKeyPtr key = NewP256Key();
  X509Ptr certificate;
  const auto pem = Sign(*ca, target->files.uri, party, key.get(), options, &certificate);
  if (!pem.ok()) return pem.status();
  if (absl::Status copied = WriteCaCopy(*target, *ca); !copied.ok()) return copied;
  std::string key_pem = PrivateKeyPem(key.get());
  const absl::Status key_written = Write(target->files.key, key_pem, kKeyMode, options.replace);
  Wipe(key_pem);
  if (!key_written.ok()) return key_written;
  if (absl::Status status = Write(target->files.cert, *pem, kCertificateMode, options.replace); !status.ok()) {
    return status;
  }
  if (target->files.pkcs12.empty()) return target->files;
  const auto bundle =
      Pkcs12Bundle(options.pkcs12_password, std::string(party), key.get(), certificate.get(), ca->certificate.get());
  if (!bundle.ok()) return bundle.status();
  if (absl::Status status = Write(target->files.pkcs12, *bundle, kKeyMode, options.replace); !status.ok())
    return status;
  return target->files;
}

absl::StatusOr<IssuedFiles> SignCsr(const std::string& folder, std::string_view csr_pem, std::string_view party,
                                    const IssueOptions& options) {
  if (absl::Status good = CheckOptions(party, options); !good.ok()) return good;
  if (!options.pkcs12_password.empty()) {
    return absl::InvalidArgumentError(
        "PKCS#12 holds the private key, which stays with the party that made the request");
  }
  const auto public_key = PublicKeyOfRequest(csr_pem);
  if (!public_key.ok()) return public_key.status();
  const auto ca = LoadCa(folder);
  if (!ca.ok()) return ca.status();
  const auto target = Prepare(folder, party, *ca, options, false);
  if (!target.ok()) return target.status();
  const auto pem = Sign(*ca, target->files.uri, party, public_key->get(), options);
  if (!pem.ok()) return pem.status();
  if (absl::Status copied = WriteCaCopy(*target, *ca); !copied.ok()) return copied;
  if (absl::Status status = Write(target->files.cert, *pem, kCertificateMode, options.replace); !status.ok()) {
    return status;
  }
  return target->files;
}

absl::StatusOr<std::string> MakeCsr(const std::string& key_path, std::string_view party) {
  if (absl::Status id = CheckPartyId(party); !id.ok()) return id;
  const EvpKeyPtr key = NewP256Key();
  std::string key_pem = PrivateKeyPem(key.get());
  const absl::Status written = CreateFileAtomic(key_path, key_pem, kKeyMode);
  Wipe(key_pem);
  if (absl::IsAlreadyExists(written)) {
    return Taken(key_path, "请换一个文件名, 或先移走旧私钥", "choose another name, or move the old key away first");
  }
  if (!written.ok()) return written;
  return RequestPem(key.get(), std::string(party));
}

}  // namespace liandong::security
