// What a person sees: the site, the view, the events, one incident, the own deliveries.
#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "adapters/client/desk_client.h"
#include "adapters/screen/api.h"
#include "adapters/screen/gzip.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

bool WantsGzip(const adapters::HttpCall& call) {
  return AcceptsGzip(std::string(adapters::HeaderValue(call.headers, "accept-encoding")));
}

absl::Duration LookTimeout() { return absl::Milliseconds(kActTimeoutMs); }

template <typename Messages>
std::string ListJson(const Messages& messages) {
  std::string list = "[";
  for (const auto& message : messages) {
    if (list.size() > 1) list += ",";
    list += ToJson(message);
  }
  return list + "]";
}

absl::Status NoSuchIncident() {
  return Refusal(absl::StatusCode::kNotFound, "UNKNOWN_INCIDENT", "没有这个事件", "no such incident");
}

}  // namespace

absl::StatusOr<std::shared_ptr<const v1::SiteSet>> Api::CurrentSite() {
  std::shared_ptr<const v1::SiteSet> site;
  {
    const std::lock_guard lock(site_mutex_);
    const int64_t now = options_.steady_ms();
    if (site_ != nullptr && now - site_ms_ < kSiteEveryMs) return site_;
    // While one asks, or the hub is away, the others take what is known.
    site = site_;
    if (site != nullptr) site_ms_ = now;
  }
  auto reply = adapters::DeskClient(options_.hub, absl::Milliseconds(kSessionCheckTimeoutMs)).ShowSiteSet();
  if (!reply.ok()) {
    if (site != nullptr) return site;
    return reply.status();
  }
  auto fresh = std::make_shared<v1::SiteSet>(std::move(*reply->mutable_site()));
  for (v1::Party& party : *fresh->mutable_party()) {
    party.clear_feed_key();
    party.clear_feed_area();
  }
  const std::lock_guard lock(site_mutex_);
  site_ = std::move(fresh);
  site_ms_ = options_.steady_ms();
  return site_;
}

Api::Answer Api::Site(const Call&) {
  const auto site = CurrentSite();
  if (!site.ok()) return Error(site.status());
  const v1::SiteSettings& settings = (*site)->settings();
  std::string tiles = "null";
  if (!options_.tiles.url().empty()) tiles = ToJson(options_.tiles);
  return {200, "application/json",
          absl::StrCat("{\"name\":", Quoted(settings.name()), ",\"command_party\":", Quoted(settings.command_party()),
                       ",\"utc_offset_minutes\":", settings.utc_offset_minutes(),
                       ",\"divisions\":", ListJson((*site)->division()), ",\"parties\":", ListJson((*site)->party()),
                       ",\"posts\":", ListJson((*site)->post()), ",\"categories\":", ListJson((*site)->category()),
                       ",\"tiles\":", tiles, "}")};
}

// The screen's own certificate may not read figures: they are asked for in the name of somebody who is looking now, so
// that nobody's session is kept from ending.
void Api::AskForMonth() {
  if (options_.steady_ms() < month_due_ms_) return;
  SessionPtr reader;
  {
    const std::lock_guard lock(reader_mutex_);
    reader = reader_;
  }
  if (reader == nullptr || !options_.board->StreamingSessions().contains(reader->key)) return;
  v1::StatsRequest request;
  request.set_until_ms(options_.wall_ms());
  request.set_from_ms(request.until_ms() - kFirstResponseLongMs);
  request.set_ids_max(1);
  const auto reply = adapters::DeskClient(options_.hub->As(reader->token), LookTimeout()).Stats(request);
  month_due_ms_ = options_.steady_ms() + (reply.ok() ? kMonthEveryMs : kMonthRetryMs);
  if (!reply.ok()) return;
  for (const v1::StatsGroup& group : reply->group()) {
    if (group.by() != "total") continue;
    for (const v1::StatsFigure& figure : group.figure()) {
      if (figure.figure() == "respond_median_s" && figure.of() > 0) options_.board->SetMonth(figure.value());
    }
  }
}

// Posts, emergency responses in force, reports upward.
Api::Answer Api::Procedure(const Call& call, const SessionPtr& session) {
  adapters::DeskClient desk(As(call, session), LookTimeout());
  if (call.path == "/api/posts") {
    const auto reply = desk.ListPosts();
    return reply.ok() ? Json(*reply) : Refused(reply.status(), *session);
  }
  if (call.path == "/api/responses") {
    const auto reply = desk.Status();
    if (!reply.ok()) return Refused(reply.status(), *session);
    return {200, "application/json", absl::StrCat("{\"response\":", ListJson(reply->response()), "}")};
  }
  v1::ListUpwardReportsRequest request;
  uint64_t incident = 0;
  if (absl::SimpleAtoi(ParameterOf(call.query, "incident"), &incident)) request.set_incident_id(incident);
  const auto reply = desk.ListUpwardReports(request);
  return reply.ok() ? Json(*reply) : Refused(reply.status(), *session);
}

Api::Answer Api::View(const Call& call, const SessionPtr& session) {
  const auto& roles = session->view.role();
  if (std::any_of(roles.begin(), roles.end(),
                  [](const auto& one) { return one == "duty_officer" || one == "viewer" || one == "auditor"; })) {
    const std::lock_guard lock(reader_mutex_);
    reader_ = session;
  }
  Answer answer{200, "application/json"};
  const bool gzip = WantsGzip(call);
  answer.shared_body = options_.board->ViewJson(session->audience(), gzip);
  if (gzip) answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

Api::Answer Api::Events(const Call& call, const SessionPtr& session) {
  // After a reconnect the browser says itself what it has seen; the page's own number is that of its first connection.
  std::string after(adapters::HeaderValue(call.headers, "last-event-id"));
  if (after.empty()) after = ParameterOf(call.query, "after");
  uint64_t index = 0;
  std::optional<uint64_t> seen;
  if (absl::SimpleAtoi(after, &index)) seen = index;
  const bool gzip = WantsGzip(call);
  auto stream = options_.board->Join(session->audience(), gzip, seen, session->key);
  if (!stream.ok()) return Error(stream.status());
  Answer answer{200, "text/event-stream"};
  if (gzip) answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.headers.emplace_back("X-Accel-Buffering", "no");
  answer.stream = *std::move(stream);
  return answer;
}

Api::Answer Api::Incidents(const Call& call, const SessionPtr& session) {
  adapters::DeskClient desk(As(call, session), LookTimeout());
  absl::string_view rest = call.path;
  absl::ConsumePrefix(&rest, "/api/incidents");
  if (rest.empty()) {
    v1::ListIncidentsRequest request;
    uint64_t before = 0;
    uint32_t limit = 0;
    request.set_include_closed(ParameterOf(call.query, "closed") == "1");
    if (absl::SimpleAtoi(ParameterOf(call.query, "before"), &before)) request.set_before_incident_id(before);
    if (absl::SimpleAtoi(ParameterOf(call.query, "limit"), &limit)) request.set_limit(limit);
    const auto reply = desk.ListIncidents(request);
    return reply.ok() ? Json(*reply) : Refused(reply.status(), *session);
  }
  absl::ConsumePrefix(&rest, "/");
  const bool explain = absl::ConsumeSuffix(&rest, "/explain");
  uint64_t id = 0;
  if (!absl::SimpleAtoi(rest, &id) || id == 0) return Error(NoSuchIncident());
  if (explain) {
    v1::ExplainIncidentRequest request;
    request.set_incident_id(id);
    const auto reply = desk.ExplainIncident(request);
    return reply.ok() ? Json(*reply) : Refused(reply.status(), *session);
  }
  v1::ShowIncidentRequest request;
  request.set_incident_id(id);
  const auto reply = desk.ShowIncident(request);
  return reply.ok() ? Json(*reply) : Refused(reply.status(), *session);
}

Api::Answer Api::Deliveries(const Call& call, const SessionPtr& session) {
  const auto hub = As(call, session);
  v1::FetchRequest request;
  std::string list;
  uint64_t index = 0;
  // From the first delivery on that the hub still has, whether it was received or not: what is under way must be seen.
  for (const v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
    v1::LaneCursor* cursor = request.add_resume();
    cursor->set_lane(lane);
  }
  request.set_max(kDeliveriesPage);
  for (int page = 0; page < kDeliveryPagesMax; ++page) {
    const auto reply = hub->Fetch(request, LookTimeout());
    if (!reply.ok()) return Refused(reply.status(), *session);
    index = reply->log_index();
    for (const v1::Delivery& delivery : reply->delivery()) {
      absl::StrAppend(&list, list.empty() ? "" : ",", ToJson(delivery));
      v1::LaneCursor* cursor = request.mutable_resume(delivery.envelope().lane() == v1::URGENT ? 0 : 1);
      cursor->set_after_sequence(std::max(cursor->after_sequence(), delivery.envelope().sequence()));
    }
    if (!reply->more()) break;
  }
  return {200, "application/json", absl::StrCat("{\"delivery\":[", list, "],\"log_index\":\"", index, "\"}")};
}

}  // namespace liandong::screen
