#include "hub/service/auth.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "security/identity.h"
#include "security/policy.h"

namespace liandong::service {
namespace {

std::optional<security::PartyKind> KindOf(v1::PartyKind kind) {
  switch (kind) {
    case v1::HOTLINE:
      return security::PartyKind::kHotline;
    case v1::AGENCY:
      return security::PartyKind::kAgency;
    case v1::TOWNSHIP:
      return security::PartyKind::kTownship;
    case v1::COMMAND:
      return security::PartyKind::kCommand;
    case v1::HUB:
      return security::PartyKind::kHub;
    case v1::SCREEN:
      return security::PartyKind::kScreen;
    default:
      return std::nullopt;
  }
}

absl::Status Unknown(const std::string& party) {
  return core::Refuse(absl::StatusCode::kPermissionDenied, "UNKNOWN_PARTY",
                      absl::StrCat("party ", party, " is not in the site set in force; add it to parties.textproto"),
                      absl::StrCat("单位 ", party, " 不在现行站点配置中,请先登记"));
}

}  // namespace

absl::Status Caller::CheckStillIn(const routing::Site& site) const {
  const v1::Party* party = site.FindParty(party_);
  return party != nullptr && party->kind() == kind_ ? absl::OkStatus() : Unknown(party_);
}

absl::StatusOr<v1::Actor> Caller::ActorFrom(const v1::Actor& given) const {
  if (std::max({given.person().size(), given.role().size(), given.told_by().size()}) > limits::kPersonBytes) {
    return core::Refuse(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                        absl::StrCat("actor: a name has more than ", limits::kPersonBytes, " bytes"),
                        "经办人信息超出长度上限", "actor");
  }
  v1::Actor actor = given;
  actor.set_party(party_);
  const bool own_way = v1::Way_IsValid(given.way()) && given.way() != v1::WAY_UNSPECIFIED && given.way() != v1::BY_HUB;
  if (!own_way) actor.set_way(v1::BY_CLIENT);
  return actor;
}

absl::StatusOr<Caller> Gate::Admit(const std::vector<std::string>& uris, std::string_view method) const {
  const std::shared_ptr<const routing::Site> site = directory_->Get();
  if (site == nullptr) {
    return core::Refuse(absl::StatusCode::kUnavailable, "NO_SITE_SET", "the hub has no site set yet; try again shortly",
                        "枢纽尚未启用站点配置,请稍后重试", "", limits::kRetryAfterMs);
  }
  const auto identity = uris.size() == 1 ? security::ParsePartyUri(uris.front())
                                         : absl::InvalidArgumentError("the certificate does not name one party");
  if (!identity.ok() || identity->trust_domain != site->settings().trust_domain()) {
    return core::Refuse(absl::StatusCode::kUnauthenticated, "NO_PARTY",
                        absl::StrCat("the certificate must hold one name spiffe://", site->settings().trust_domain(),
                                     "/party/<id>; issue one with: liandong pki issue"),
                        absl::StrCat("证书须且只须含一个本系统单位名称 spiffe://", site->settings().trust_domain(),
                                     "/party/<单位>,请重新签发"));
  }
  const v1::Party* party = site->FindParty(identity->party);
  const auto kind = party == nullptr ? std::nullopt : KindOf(party->kind());
  if (!kind.has_value()) return Unknown(identity->party);
  if (!security::May(*kind, method)) {
    return core::Refuse(
        absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
        absl::StrCat(std::string(method), " is not for parties of kind ", std::string(security::PartyKindName(*kind))),
        "本单位类别无权执行此操作");
  }
  return Caller(identity->party, party->kind(), site);
}

}  // namespace liandong::service
