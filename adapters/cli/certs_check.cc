#include "adapters/cli/certs_check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/limits.h"

namespace liandong::cli {
namespace {

// Both languages of one finding; empty: the certificate will do.
struct Trouble {
  std::string en, zh;
};

Trouble TroubleOf(const std::string& pem, const security::Identity& wanted, absl::Time now, int days) {
  const std::string again = absl::StrCat("liandong pki issue DIR ", wanted.party);
  const auto identity = security::PartyFromCertificatePem(pem);
  if (!identity.ok()) {
    const std::string why(identity.status().message());
    return {absl::StrCat("this is no party's certificate: ", why, "; make it anew: ", again),
            absl::StrCat("不是单位证书：", why, "；请重新签发：", again)};
  }
  if (*identity != wanted) {
    const std::string is = security::PartyUri(*identity), should = security::PartyUri(wanted);
    return {absl::StrCat("the certificate names ", is, ", it must name ", should, "; make it anew: ", again),
            absl::StrCat("证书写的是 ", is, "，应为 ", should, "；请重新签发：", again)};
  }
  const auto expiry = security::CertificateExpiry(pem);
  if (!expiry.ok()) return {"its end cannot be read; make it anew: " + again, "读不出有效期；请重新签发：" + again};
  const std::string day = absl::FormatTime("%Y-%m-%d", *expiry, absl::UTCTimeZone());
  if (*expiry <= now) {
    return {
        absl::StrCat("the certificate of \"", wanted.party, "\" expired on ", day, "; renew it: ", again, " --replace"),
        absl::StrCat("“", wanted.party, "”的证书已于 ", day, " 过期；请续签：", again, " --replace")};
  }
  if (*expiry <= now + absl::Hours(24) * days) {
    const int64_t left = (*expiry - now) / absl::Hours(24);
    return {absl::StrCat("the certificate of \"", wanted.party, "\" expires on ", day, ", in ", left,
                         " days; renew it: ", again, " --replace"),
            absl::StrCat("“", wanted.party, "”的证书 ", left, " 天后（", day, "）过期；请续签：", again, " --replace")};
  }
  return {};
}

}  // namespace

std::vector<routing::Finding> CheckCertificates(const v1::SiteSet& site, const std::string& dir, absl::Time now,
                                                int days) {
  std::vector<routing::Finding> findings;
  for (const v1::Party& party : site.party()) {
    const std::string path = absl::StrCat(dir, "/", party.id(), ".crt");
    const auto pem = security::ReadFileBounded(path, security::kPemBytesMax);
    Trouble trouble;
    if (absl::IsNotFound(pem.status())) {
      const std::string issue = absl::StrCat("liandong pki issue DIR ", party.id());
      trouble = {
          absl::StrCat("party \"", party.id(), "\" has no certificate and cannot reach the hub; make one: ", issue),
          absl::StrCat("单位“", party.id(), "”没有证书，连不上枢纽；请签发：", issue)};
    } else if (!pem.ok()) {
      trouble = {std::string(pem.status().message()), std::string(pem.status().message())};
    } else {
      trouble = TroubleOf(*pem, {site.settings().trust_domain(), party.id()}, now, days);
    }
    if (trouble.en.empty()) continue;
    routing::Finding& finding = findings.emplace_back();
    finding.file = path;
    finding.message = trouble.en;
    finding.message_zh = trouble.zh;
    finding.warning = true;
    finding.kind = "certificate";
  }
  return findings;
}

}  // namespace liandong::cli
