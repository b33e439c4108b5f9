#include "adapters/screen/api.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "adapters/client/account_client.h"
#include "adapters/client/desk_client.h"
#include "adapters/screen/gzip.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"
#include "security/crypto.h"

namespace liandong::screen {
namespace {

// Of a header; "" when absent.
std::string HeaderOf(const adapters::HttpCall& call, const char* name) {
  return std::string(adapters::HeaderValue(call.headers, name));
}

constexpr char kCookie[] = "liandong_session";
constexpr int kQuickCompression = 1;

// A page of another site can send a form here, but neither JSON nor a foreign Origin that is ours.
absl::Status CheckOrigin(const adapters::HttpCall& call) {
  const std::string origin = HeaderOf(call, "origin");
  const bool same = origin.empty() || origin == absl::StrCat("https://", HeaderOf(call, "host"));
  const bool json = call.method == "DELETE" || absl::StartsWith(HeaderOf(call, "content-type"), "application/json");
  if (same && json) return absl::OkStatus();
  return Refusal(absl::StatusCode::kPermissionDenied, "NOT_FROM_THE_PAGE", "请求不是本页面发出的",
                 "the call does not come from this page");
}

void Compress(const adapters::HttpCall& call, adapters::HttpAnswer* answer) {
  if (answer->body.size() < kCompressFrom || !AcceptsGzip(HeaderOf(call, "accept-encoding"))) return;
  answer->body = Gzip(answer->body, kQuickCompression);
  answer->headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

void AddSecurityHeaders(const v1::MapTiles& tiles, adapters::HttpAnswer* answer) {
  std::string images = "'self' data:";
  if (absl::StartsWith(tiles.url(), "https://")) {
    const std::string host = tiles.url().substr(0, tiles.url().find('/', sizeof "https://" - 1));
    absl::StrAppend(&images, " ", host);
  }
  // Charts place their tooltips by style attributes; scripts come from here only.
  answer->headers.emplace_back(
      "Content-Security-Policy",
      absl::StrCat("default-src 'self'; style-src 'self' 'unsafe-inline'; img-src ", images,
                   "; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"));
  answer->headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  answer->headers.emplace_back("X-Content-Type-Options", "nosniff");
  answer->headers.emplace_back("X-Frame-Options", "DENY");
  answer->headers.emplace_back("Referrer-Policy", "no-referrer");
  answer->headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  answer->headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  answer->headers.emplace_back("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
}

std::string CookieOf(absl::string_view header, absl::string_view name) {
  for (absl::string_view one : absl::StrSplit(header, ';')) {
    one = absl::StripAsciiWhitespace(one);
    if (absl::ConsumePrefix(&one, absl::StrCat(name, "="))) return std::string(one);
  }
  return "";
}

std::string ParameterOf(absl::string_view query, absl::string_view name) {
  for (absl::string_view one : absl::StrSplit(query, '&')) {
    if (absl::ConsumePrefix(&one, absl::StrCat(name, "="))) return std::string(one);
  }
  return "";
}

Api::Api(Options options)
    : options_(std::move(options)),
      sessions_(
          [hub = options_.hub](const std::string& token) {
            return adapters::AccountClient(hub->As(token), absl::Milliseconds(kSessionCheckTimeoutMs)).Check();
          },
          [board = options_.board](const std::string& key) { board->EndSession(key); }, options_.wall_ms,
          options_.steady_ms) {}

adapters::HttpAnswer Api::Handle(const Call& call) {
  Answer answer;
  if (absl::StartsWith(call.path, "/api/")) {
    answer = Route(call);
    answer.headers.emplace_back("Cache-Control", "no-store");
    if (answer.stream == nullptr && answer.shared_body == nullptr) Compress(call, &answer);
  } else {
    answer = options_.page.Answer(call);
  }
  AddSecurityHeaders(options_.tiles, &answer);
  return answer;
}

absl::StatusOr<SessionPtr> Api::Who(const Call& call) {
  const std::string token = CookieOf(HeaderOf(call, "cookie"), kCookie);
  return sessions_.Find(token);
}

std::shared_ptr<adapters::HubClient> Api::As(const Call& call, const SessionPtr& session) const {
  return options_.hub->As(session->token, call.peer);
}

absl::Status Api::CheckChange(const Call& call, const Session& session) const {
  if (absl::Status status = CheckOrigin(call); !status.ok()) return status;
  if (security::ConstantTimeEqual(HeaderOf(call, "x-liandong-csrf"), session.csrf)) return absl::OkStatus();
  return Refusal(absl::StatusCode::kPermissionDenied, "BAD_CSRF", "页面已过期，请刷新后重试",
                 "the page is out of date: reload it and try again");
}

Api::Answer Api::Route(const Call& call) {
  if (call.path == "/api/session" && call.method == "POST") {
    if (absl::Status status = CheckOrigin(call); !status.ok()) return Error(status);
    return SignIn(call);
  }
  auto session = Who(call);
  if (!session.ok() && call.path == "/api/me" && call.method == "GET" && !absl::IsUnavailable(session.status())) {
    if (auto wall = SignInWall(call); wall.ok()) return SignedIn(*wall);
  }
  if (!session.ok()) return Error(session.status());
  if (call.method != "GET" && call.method != "HEAD") {
    if (absl::Status status = CheckChange(call, **session); !status.ok()) return Error(status);
  }
  return RouteSignedIn(call, *session);
}

Api::Answer Api::RouteSignedIn(const Call& call, const SessionPtr& session) {
  const absl::string_view path = call.path;
  if (call.method == "GET") {
    if (path == "/api/me") return Me(session);
    if (path == "/api/site") return Site(call);
    if (path == "/api/view") return View(call, session);
    if (path == "/api/events") return Events(call, session);
    if (path == "/api/incidents" || absl::StartsWith(path, "/api/incidents/")) return Incidents(call, session);
    if (path == "/api/deliveries") return Deliveries(call, session);
    if (path == "/api/posts" || path == "/api/responses" || path == "/api/upward") return Procedure(call, session);
    if (path == "/api/accounts") return Act(call, session, "accounts");
  } else if (call.method == "POST") {
    if (path == "/api/password") return ChangePassword(call, session);
    if (path == "/api/totp") return EnrolTotp(call, session, /*confirm=*/false);
    if (path == "/api/totp/confirm") return EnrolTotp(call, session, /*confirm=*/true);
    if (path == "/api/ack") return Acknowledge(call, session);
    if (path == "/api/report") return Report(call, session);
    absl::string_view name = path;
    if (absl::ConsumePrefix(&name, "/api/act/")) return Act(call, session, name);
    name = path;
    if (absl::ConsumePrefix(&name, "/api/accounts/")) return Act(call, session, absl::StrCat("accounts/", name));
  } else if (call.method == "DELETE" && path == "/api/session") {
    return SignOut(call, session);
  }
  return Error(Refusal(absl::StatusCode::kNotFound, "NO_SUCH_CALL", "没有这个接口", "no such call"));
}

Api::Answer Api::Json(const google::protobuf::Message& message) const {
  return {200, "application/json", ToJson(message)};
}

Api::Answer Api::Error(const absl::Status& status) const {
  return {HttpStatusOf(status), "application/json", ErrorJson(status)};
}

Api::Answer Api::Refused(const absl::Status& status, const Session& session) {
  if (absl::IsUnauthenticated(status)) sessions_.Forget(session.token);
  return Error(status);
}

void Api::KeepHouse() {
  sessions_.Recheck(options_.board->StreamingSessions());
  AskForMonth();
  if (options_.steady_ms() - links_ms_ < kLinksEveryMs || options_.board->numbers().streams == 0) return;
  links_ms_ = options_.steady_ms();
  adapters::DeskClient desk(options_.hub, absl::Milliseconds(kSessionCheckTimeoutMs));
  if (auto status = desk.Status(); status.ok()) options_.board->SetLinks(*status);
}

}  // namespace liandong::screen
