// Signing in and out, and what a person does with the own account.
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/client/account_client.h"
#include "adapters/client/error.h"
#include "adapters/screen/api.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"
#include "adapters/screen/may.h"

namespace liandong::screen {
namespace {

constexpr char kCookieAttributes[] = "; Path=/; HttpOnly; Secure; SameSite=Strict";

// The text of a member; "" when it is absent or no text.
std::string TextOf(const nlohmann::json& json, const char* name) {
  const auto it = json.find(name);
  return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

absl::StatusOr<nlohmann::json> ObjectOf(const std::string& body) {
  auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  return Refusal(absl::StatusCode::kInvalidArgument, "BAD_JSON", "请求内容不是 JSON 对象",
                 "the body is no JSON object");
}

absl::Duration ActTimeout() { return absl::Milliseconds(kActTimeoutMs); }

// Counts one more while it lives.
class Counted {
 public:
  explicit Counted(std::atomic<int>* count) : count_(count), number_(++*count) {}
  ~Counted() { --*count_; }
  int number() const { return number_; }

 private:
  std::atomic<int>* const count_;
  const int number_;
};

std::string TextList(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  return absl::StrCat(
      "[",
      absl::StrJoin(texts, ",", [](std::string* out, const std::string& one) { absl::StrAppend(out, Quoted(one)); }),
      "]");
}

}  // namespace

Api::Answer Api::SignIn(const Call& call) {
  const Counted counted(&signing_in_);
  if (counted.number() > kSignInsMax) {
    return Error(Refusal(absl::StatusCode::kResourceExhausted, "TOO_MANY_SIGN_INS", "正在登录的人过多，请稍后再试",
                         "too many people are signing in: try again in a moment"));
  }
  auto json = ObjectOf(call.body);
  if (!json.ok()) return Error(json.status());
  v1::SignInRequest request;
  request.set_account(TextOf(*json, "account"));
  request.set_password(TextOf(*json, "password"));
  request.set_totp(TextOf(*json, "totp"));
  request.set_device_certificate(call.peer_certificate);
  if (request.account().size() > kAccountBytesMax || request.password().size() > kPasswordBytesMax ||
      request.totp().size() > kAccountBytesMax) {
    return Error(Refusal(absl::StatusCode::kInvalidArgument, "BAD_FIELD", "账号或密码过长",
                         "the account or the password is too long"));
  }
  auto reply = adapters::AccountClient(options_.hub->As("", call.peer), ActTimeout()).SignIn(request);
  if (reply.ok()) return SignedIn(sessions_.Add(reply->session(), reply->view()));
  Answer answer = Error(reply.status());
  const std::string reason = adapters::ErrorReasonOf(reply.status());
  if (reason == "BAD_CREDENTIALS" || reason == "TOTP_REQUIRED" || reason == "BAD_CODE") answer.status = 401;
  return answer;
}

absl::StatusOr<SessionPtr> Api::SignInWall(const Call& call) {
  for (const Wall& wall : options_.walls) {
    if (call.peer_certificate.empty() || wall.certificate != call.peer_certificate) continue;
    v1::SignInRequest request;
    request.set_account(wall.account);
    request.set_device_certificate(call.peer_certificate);
    auto reply = adapters::AccountClient(options_.hub, ActTimeout()).SignIn(request);
    if (!reply.ok()) return reply.status();
    return sessions_.Add(reply->session(), reply->view());
  }
  return absl::NotFoundError("no wall shows this certificate");
}

Api::Answer Api::SignedIn(const SessionPtr& session) {
  Answer answer = Me(session);
  answer.headers.emplace_back("Set-Cookie", absl::StrCat("liandong_session=", session->token, kCookieAttributes));
  return answer;
}

Api::Answer Api::SignOut(const Call& call, const SessionPtr& session) {
  // Here at once; when the hub is away its session ends by itself.
  adapters::AccountClient(As(call, session), absl::Milliseconds(kSessionCheckTimeoutMs)).SignOut().IgnoreError();
  sessions_.Forget(session->token);
  Answer answer{200, "application/json", "{}"};
  answer.headers.emplace_back("Set-Cookie", absl::StrCat("liandong_session=; Max-Age=0", kCookieAttributes));
  return answer;
}

Api::Answer Api::Me(const SessionPtr& session) {
  const v1::SessionView& view = session->view;
  std::string name_zh, name_en;
  if (const auto site = CurrentSite(); site.ok()) {
    for (const v1::Party& party : (*site)->party()) {
      if (party.id() != view.party()) continue;
      name_zh = party.name_zh();
      name_en = party.name_en();
    }
  }
  const std::vector<std::string> may = MayOf(view);
  const google::protobuf::RepeatedPtrField<std::string> tokens(may.begin(), may.end());
  return {200, "application/json",
          absl::StrCat("{\"account\":", Quoted(view.account()), ",\"person\":", Quoted(view.person()),
                       ",\"party\":", Quoted(view.party()), ",\"party_kind\":\"", v1::PartyKind_Name(view.party_kind()),
                       "\",\"party_name_zh\":", Quoted(name_zh), ",\"party_name_en\":", Quoted(name_en), ",\"roles\":",
                       TextList(view.role()), ",\"expires_ms\":\"", view.expires_ms(), "\",\"idle_expires_ms\":\"",
                       view.idle_expires_ms(), "\",\"csrf\":\"", session->csrf, "\",\"may\":", TextList(tokens),
                       ",\"must_change_password\":", view.must_change_password() ? "true" : "false",
                       ",\"must_enrol\":", view.must_enrol() ? "true" : "false", ",\"second_factor\":\"",
                       v1::SecondFactor_Name(view.second_factor()), "\"}")};
}

Api::Answer Api::ChangePassword(const Call& call, const SessionPtr& session) {
  auto json = ObjectOf(call.body);
  if (!json.ok()) return Error(json.status());
  v1::ChangePasswordRequest request;
  request.set_old_password(TextOf(*json, "old"));
  request.set_new_password(TextOf(*json, "new"));
  const absl::Status status = adapters::AccountClient(As(call, session), ActTimeout()).ChangePassword(request);
  if (!status.ok()) return Refused(status, *session);
  sessions_.Doubt(session->token);
  return {200, "application/json", "{}"};
}

Api::Answer Api::EnrolTotp(const Call& call, const SessionPtr& session, bool confirm) {
  v1::EnrolTotpRequest request;
  if (confirm) {
    auto json = ObjectOf(call.body);
    if (!json.ok()) return Error(json.status());
    request.set_code(TextOf(*json, "code"));
    if (request.code().empty()) {
      return Error(Refusal(absl::StatusCode::kInvalidArgument, "BAD_CODE", "请输入六位验证码", "enter the six digits"));
    }
  }
  auto reply = adapters::AccountClient(As(call, session), ActTimeout()).EnrolTotp(request);
  if (!reply.ok()) return Refused(reply.status(), *session);
  sessions_.Doubt(session->token);
  return Json(*reply);
}

}  // namespace liandong::screen
