#include "adapters/screen/board.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/screen/gzip.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"

namespace liandong::screen {
namespace {

constexpr int kQuickCompression = 1;

std::string Event(uint64_t log_index, absl::string_view name, absl::string_view data) {
  return absl::StrCat("id: ", log_index, "\nevent: ", name, "\ndata: ", data, "\n\n");
}

std::string LinksJson(const v1::StatusReply& status) {
  std::vector<std::string> links;
  for (const v1::PartyStatus& party : status.party()) {
    links.push_back(absl::StrCat("{\"party\":", Quoted(party.party()), ",\"streams\":", party.streams(),
                                 ",\"outstanding_urgent\":", party.outstanding_urgent(), ",\"outstanding_ordinary\":",
                                 party.outstanding_ordinary(), ",\"last_heard_ms\":\"", party.last_heard_ms(), "\"}"));
  }
  return absl::StrCat("[", absl::StrJoin(links, ","), "]");
}

std::string CountsJson(const std::map<std::string, uint32_t>& counts) {
  return absl::StrCat("{",
                      absl::StrJoin(counts, ",",
                                    [](std::string* out, const auto& one) {
                                      absl::StrAppend(out, Quoted(one.first), ":", one.second);
                                    }),
                      "}");
}

// Seconds; null where nothing was seen yet.
std::string SecondsJson(int64_t seconds) { return seconds < 0 ? "null" : absl::StrCat(seconds); }

}  // namespace

Board::Board(std::function<int64_t()> wall_ms, std::function<int64_t()> steady_ms)
    : wall_ms_(std::move(wall_ms)), steady_ms_(std::move(steady_ms)), heard_ms_(steady_ms_()) {}

// ---- From the feed

void Board::SetAreas(std::vector<std::string> areas) {
  std::lock_guard lock(mutex_);
  follower_.SetAreas(std::move(areas));
}

void Board::OnFrame(absl::string_view topic, const v1::FeedHeader& header, const v1::FeedFrame& frame) {
  std::lock_guard lock(mutex_);
  heard_ms_ = steady_ms_();
  ++numbers_.frames;
  std::vector<Change> changes;
  follower_.OnFrame(topic, header, frame, &changes);
  responses_.OnFrame(follower_.view(), changes, frame.time_ms());
  Publish(changes);
}

void Board::OnHeartbeat(const v1::FeedHeader& header, const v1::FeedHeartbeat& heartbeat) {
  std::lock_guard lock(mutex_);
  heard_ms_ = steady_ms_();
  ++numbers_.heartbeats;
  follower_.OnHeartbeat(header, heartbeat);
}

void Board::OnSnapshot(const std::vector<v1::IncidentSummary>& open, uint64_t log_index, int64_t time_ms,
                       int64_t started_ms) {
  std::lock_guard lock(mutex_);
  heard_ms_ = steady_ms_();
  ever_heard_ = true;
  ++numbers_.snapshots;
  const uint64_t before = follower_.view().log_index();
  std::vector<Change> changes;
  follower_.OnSnapshot(open, log_index, time_ms, started_ms, &changes);
  responses_.OnSnapshot(follower_.view(), changes);
  if (log_index < before) {
    // Another log than before: nothing that a browser knows can be trusted.
    whole_json_.clear();
    deliveries_.clear();
    ++version_;
    for (const Audience& audience : Audiences()) Send(audience, Event(log_index, "reset", "{}"));
    return;
  }
  Publish(changes);
}

bool Board::WantsSnapshot() const {
  std::lock_guard lock(mutex_);
  return follower_.wants_snapshot();
}

int64_t Board::SilenceMs() const {
  std::lock_guard lock(mutex_);
  return SilenceLocked();
}

bool Board::FeedOk() const {
  return ever_heard_ && !follower_.wants_snapshot() && SilenceLocked() <= kFeedSilenceMsMax;
}

void Board::SetMonth(int64_t seconds) {
  std::lock_guard lock(mutex_);
  month_s_ = seconds;
  ++version_;
}

void Board::SetLinks(const v1::StatusReply& status) {
  std::lock_guard lock(mutex_);
  links_json_ = LinksJson(status);
  ++version_;
}

// ---- To the browsers

std::set<Audience> Board::Audiences() const {
  std::set<Audience> audiences;
  for (const auto& stream : streams_) audiences.insert(stream->audience());
  return audiences;
}

const std::string& Board::WholeJson(uint64_t incident_id, const v1::IncidentSummary& summary) {
  std::string& json = whole_json_[incident_id];
  if (json.empty()) json = ToJson(summary);
  return json;
}

std::string Board::EventOf(const Change& change, const Audience& audience) {
  if (change.gone)
    return Event(change.log_index, "gone", absl::StrCat("{\"incident_id\":\"", change.incident_id, "\"}"));
  const View::Entry* entry = follower_.view().Find(change.incident_id);
  if (entry == nullptr || !audience.Sees(entry->summary)) return "";
  const std::string cut = audience.whole() ? std::string() : ToJson(audience.Cut(entry->summary));
  const std::string& json = audience.whole() ? WholeJson(change.incident_id, entry->summary) : cut;
  return Event(change.log_index, "incident",
               absl::StrCat("{\"log_index\":\"", change.log_index, "\",", absl::string_view(json).substr(1)));
}

// Tells a clerk's page that there is something to fetch.
std::string Board::DeliveriesOf(const Change& change, const Audience& audience) {
  const View::Entry* entry = change.gone ? nullptr : follower_.view().Find(change.incident_id);
  if (entry == nullptr || audience.whole()) return "";
  const auto known = deliveries_.find(change.incident_id);
  std::string text;
  for (const v1::DutyLine& duty : entry->summary.duty()) {
    if (duty.party() != audience.party() || duty.delivery_id() == 0) continue;
    const bool told = known != deliveries_.end() && known->second.count(duty.delivery_id()) > 0;
    absl::StrAppend(&text, Event(change.log_index, "delivery",
                                 absl::StrCat("{\"delivery_id\":\"", duty.delivery_id(), "\",\"lane\":\"",
                                              v1::Lane_Name(entry->summary.incident().lane()), "\",\"kind\":\"",
                                              told ? "UPDATE" : "TASK", "\"}")));
  }
  return text;
}

void Board::Publish(const std::vector<Change>& changes) {
  if (changes.empty()) return;
  ++version_;
  for (const Change& change : changes) whole_json_.erase(change.incident_id);
  for (const Audience& audience : Audiences()) {
    std::string text;
    for (const Change& change : changes) {
      absl::StrAppend(&text, EventOf(change, audience), DeliveriesOf(change, audience));
    }
    Send(audience, std::move(text));
  }
  for (const Change& change : changes) {
    const View::Entry* entry = change.gone ? nullptr : follower_.view().Find(change.incident_id);
    if (entry == nullptr) {
      deliveries_.erase(change.incident_id);
      continue;
    }
    for (const v1::DutyLine& duty : entry->summary.duty()) deliveries_[change.incident_id].insert(duty.delivery_id());
  }
}

void Board::Send(const Audience& audience, std::string text) {
  if (text.empty()) return;
  std::shared_ptr<const std::string> zipped;
  const auto plain = std::make_shared<const std::string>(std::move(text));
  for (const auto& stream : streams_) {
    if (stream->audience() != audience || stream->over()) continue;
    if (stream->gzip() && zipped == nullptr) zipped = std::make_shared<const std::string>(GzipPiece(*plain));
    const auto& piece = stream->gzip() ? zipped : plain;
    ++numbers_.events;
    numbers_.event_bytes += piece->size();
    if (!stream->Push(piece)) ++numbers_.dropped;
  }
}

std::string Board::StatusJson(const Audience& audience) const {
  const int64_t now_ms = wall_ms_();
  const Stats stats = Count(follower_.view(), audience, now_ms);
  const std::string links = audience.whole() ? absl::StrCat(",\"links\":", links_json_) : "";
  return absl::StrCat(
      "\"index\":\"", follower_.view().log_index(), "\",\"time_ms\":\"", now_ms,
      "\",\"feed\":{\"ok\":", FeedOk() ? "true" : "false", ",\"age_ms\":", SilenceLocked(),
      ",\"lost\":", follower_.lost(), "}", links, ",\"stats\":{\"open\":", stats.open, ",\"overdue\":", stats.overdue,
      ",\"per_hotline\":", CountsJson(stats.per_hotline), ",\"per_severity\":", CountsJson(stats.per_severity),
      ",\"first_response_s_now\":", SecondsJson(responses_.NowS(now_ms)),
      ",\"first_response_s_30d\":", SecondsJson(month_s_ >= 0 ? month_s_ : responses_.LongS(now_ms)), "}");
}

std::string Board::StatusEvent(const Audience& audience) const {
  return Event(follower_.view().log_index(), "status", absl::StrCat("{", StatusJson(audience), "}"));
}

std::shared_ptr<const std::string> Board::ViewJson(const Audience& audience, bool gzip) {
  std::lock_guard lock(mutex_);
  CachedView& cached = views_[audience];
  if (cached.plain == nullptr || cached.version != version_) {
    std::vector<std::string> cuts;
    for (const auto& [id, entry] : follower_.view().entries()) {
      if (!audience.Sees(entry.summary)) continue;
      cuts.push_back(audience.whole() ? WholeJson(id, entry.summary) : ToJson(audience.Cut(entry.summary)));
    }
    cached.plain = std::make_shared<const std::string>(
        absl::StrCat("{", StatusJson(audience), ",\"incidents\":[", absl::StrJoin(cuts, ","), "]}"));
    cached.gzip = nullptr;
    cached.version = version_;
  }
  if (!gzip) return cached.plain;
  if (cached.gzip == nullptr) cached.gzip = std::make_shared<const std::string>(Gzip(*cached.plain, kQuickCompression));
  return cached.gzip;
}

absl::StatusOr<std::shared_ptr<EventStream>> Board::Join(const Audience& audience, bool gzip,
                                                         std::optional<uint64_t> after, const std::string& session) {
  std::lock_guard lock(mutex_);
  DropOver();
  const size_t own =
      std::count_if(streams_.begin(), streams_.end(), [&](const auto& stream) { return stream->session() == session; });
  if (streams_.size() >= kStreamsMax || own >= kSessionStreamsMax) {
    return Refusal(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS", "打开的大屏页面过多，请关闭一些",
                   "too many pages are open: close some");
  }
  auto stream = std::make_shared<EventStream>(audience, gzip, session);
  std::string text = "retry: 1000\n\n";
  const auto changes = after.has_value() ? follower_.view().Since(*after) : std::nullopt;
  if (!changes.has_value()) absl::StrAppend(&text, Event(follower_.view().log_index(), "reset", "{}"));
  for (const Change& change : changes.value_or(std::vector<Change>())) {
    absl::StrAppend(&text, EventOf(change, audience), DeliveriesOf(change, audience));
  }
  absl::StrAppend(&text, StatusEvent(audience));
  if (gzip) stream->Push(std::make_shared<const std::string>(GzipStreamHead()));
  stream->Push(std::make_shared<const std::string>(gzip ? GzipPiece(text) : std::move(text)));
  streams_.push_back(stream);
  return stream;
}

void Board::DropOver() {
  streams_.erase(std::remove_if(streams_.begin(), streams_.end(), [](const auto& stream) { return stream->over(); }),
                 streams_.end());
}

void Board::EndSession(const std::string& session) {
  std::lock_guard lock(mutex_);
  for (const auto& stream : streams_) {
    if (stream->session() == session) stream->End();
  }
  DropOver();
}

std::set<std::string> Board::StreamingSessions() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> sessions;
  for (const auto& stream : streams_) {
    if (!stream->over()) sessions.insert(stream->session());
  }
  return sessions;
}

void Board::EndAll() {
  std::lock_guard lock(mutex_);
  for (const auto& stream : streams_) stream->End();
  streams_.clear();
}

void Board::Tick() {
  std::lock_guard lock(mutex_);
  const int64_t now = steady_ms_();
  if (now - status_ms_ >= kStatusEveryMs) {
    status_ms_ = now;
    DropOver();
    std::vector<Change> changes;
    follower_.Sweep(&changes);
    Publish(changes);
    // Ages and late duties move with time alone.
    ++version_;
    for (const Audience& audience : Audiences()) Send(audience, StatusEvent(audience));
    // Views of people who have left.
    if (views_.size() > 2 * Audiences().size() + 16) views_.clear();
  }
  if (now - comment_ms_ >= kCommentEveryMs) {
    comment_ms_ = now;
    for (const Audience& audience : Audiences()) Send(audience, ": hb\n\n");
  }
}

Board::Numbers Board::numbers() const {
  std::lock_guard lock(mutex_);
  Numbers numbers = numbers_;
  numbers.lost = follower_.lost();
  numbers.incidents = follower_.view().entries().size();
  numbers.log_index = follower_.view().log_index();
  numbers.feed_age_ms = SilenceLocked();
  numbers.feed_ok = FeedOk();
  numbers.streams = std::count_if(streams_.begin(), streams_.end(), [](const auto& one) { return !one->over(); });
  return numbers;
}

}  // namespace liandong::screen
