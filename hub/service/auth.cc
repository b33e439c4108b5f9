#include "hub/service/auth.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "security/identity.h"
#include "security/policy.h"
#include "security/roles.h"

namespace liandong::service {
namespace {

constexpr char kSignIn[] = "/liandong.v1.Account/SignIn";
constexpr char kCheck[] = "/liandong.v1.Account/Check";

absl::Status Unknown(const std::string& party) {
  return core::Refuse(absl::StatusCode::kPermissionDenied, "UNKNOWN_PARTY",
                      absl::StrCat("party ", party, " is not in the site set in force; add it to parties.textproto"),
                      absl::StrCat("单位 ", party, " 不在现行站点配置中,请先登记"));
}

absl::Status Revoked() {
  return core::Refuse(absl::StatusCode::kUnauthenticated, "REVOKED", "the certificate was revoked; ask for a new one",
                      "证书已被吊销,请重新申领");
}

absl::Status NotAllowed(std::string_view method, security::PartyKind kind) {
  return core::Refuse(
      absl::StatusCode::kPermissionDenied, "NOT_ALLOWED",
      absl::StrCat(std::string(method), " is not for parties of kind ", std::string(security::PartyKindName(kind))),
      "本单位类别无权执行此操作");
}

}  // namespace

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

absl::Status Caller::CheckStillIn(const routing::Site& site) const {
  if (revocations_ != nullptr && revocations_->IsRevoked(certificate_pem_)) return Revoked();
  const v1::Party* party = site.FindParty(party_);
  if (party == nullptr || party->kind() != kind_) return Unknown(party_);
  const v1::Party* via = site.FindParty(via_);
  if (via == nullptr || via->kind() != via_kind_) return Unknown(via_);
  if (person_ == nullptr || !person_->session->ended) return absl::OkStatus();
  return core::Refuse(absl::StatusCode::kUnauthenticated, "SESSION_ENDED", "the session is over; sign in again",
                      "登录已失效,请重新登录");
}

absl::Status Caller::SetActors(v1::AcknowledgeRequest* request) const {
  if (person_ == nullptr) return absl::OkStatus();
  for (auto& ack : *request->mutable_acknowledgment()) {
    absl::StatusOr<v1::Actor> actor = ActorFrom(ack.actor());
    if (!actor.ok()) return actor.status();
    *ack.mutable_actor() = *std::move(actor);
  }
  return absl::OkStatus();
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
  if (person_ == nullptr) return actor;
  actor.set_person(person_->person);
  actor.set_role(absl::StrJoin(security::RoleWords(person_->roles), ","));
  const bool told = given.way() == v1::BY_TELEPHONE && !given.told_by().empty();
  if (!told) {
    actor.set_way(via_kind_ == v1::SCREEN ? v1::BY_SCREEN : v1::BY_TERMINAL);
    actor.clear_told_by();
  }
  return actor;
}

absl::StatusOr<Caller> Gate::Admit(const std::vector<std::string>& uris, std::string_view method,
                                   std::string_view session, std::string_view certificate_pem) const {
  const bool revoked = revocations_ != nullptr && revocations_->IsRevoked(certificate_pem);
  absl::StatusOr<Caller> caller = revoked ? Revoked() : Decide(uris, method, session);
  if (caller.ok() && revocations_ != nullptr) {
    caller->revocations_ = revocations_;
    caller->certificate_pem_ = std::string(certificate_pem);
  }
  if (!caller.ok() && refused_ != nullptr) ++*refused_;
  return caller;
}

absl::StatusOr<Caller> Gate::Decide(const std::vector<std::string>& uris, std::string_view method,
                                    std::string_view session) const {
  std::shared_ptr<const routing::Site> site = directory_->Get();
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
  // Whoever signs in has no session yet, or one that is over.
  if (!session.empty() && method != kSignIn) return AdmitPerson(*party, std::move(site), method, session);
  if (!security::May(*kind, method)) return NotAllowed(method, *kind);
  if (security::NeedsSession(method)) {
    return core::Refuse(absl::StatusCode::kUnauthenticated, "SESSION_REQUIRED",
                        "this is done by a person who has signed in: sign in and send metadata liandong-session",
                        "该操作须由已登录的人员进行");
  }
  return Caller(party->id(), party->kind(), party->id(), party->kind(), nullptr, std::move(site));
}

absl::StatusOr<Caller> Gate::AdmitPerson(const v1::Party& via, std::shared_ptr<const routing::Site> site,
                                         std::string_view method, std::string_view session) const {
  auto person = accounts_ == nullptr ? core::Refuse(absl::StatusCode::kUnauthenticated, "SESSION_ENDED",
                                                    "this hub has no sessions", "登录已失效,请重新登录")
                                     : accounts_->Find(session, via.id(), method != kCheck);
  if (!person.ok()) return person.status();
  const v1::Party* party = site->FindParty(person->party);
  const auto kind = party == nullptr ? std::nullopt : KindOf(party->kind());
  if (!kind.has_value()) return Unknown(person->party);
  if (person->must_change_password && !security::IsForOnesOwnAccount(method)) {
    return core::Refuse(absl::StatusCode::kPermissionDenied, "MUST_CHANGE_PASSWORD", "change the first password first",
                        "请先修改初始口令");
  }
  if (person->must_enrol && !security::IsForOnesOwnAccount(method)) {
    return core::Refuse(absl::StatusCode::kPermissionDenied, "MUST_ENROL",
                        "this site asks for a second factor: enrol an authenticator first",
                        "本单位要求双因素,请先绑定动态码");
  }
  if (!security::May(*kind, method)) return NotAllowed(method, *kind);
  if (!security::RolesMay(person->roles, method)) {
    return core::Refuse(absl::StatusCode::kPermissionDenied, "NOT_YOUR_ROLE",
                        absl::StrCat(std::string(method), " is not for the roles ",
                                     absl::StrJoin(security::RoleWords(person->roles), ", ")),
                        "您的角色无权执行此操作");
  }
  auto kept = std::make_shared<const accounts::Person>(*std::move(person));
  return Caller(party->id(), party->kind(), via.id(), via.kind(), std::move(kept), std::move(site));
}

}  // namespace liandong::service
