// Where the live feed is, and the state that it starts from.
#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/feed/framer.h"
#include "hub/requests.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/feed.grpc.pb.h"

namespace liandong::service {
namespace {

using Reactor = grpc::ServerUnaryReactor;

std::vector<std::string> AreasOf(const Caller& caller) {
  if (caller.kind() == v1::COMMAND) return {""};  // everything
  const v1::Party* party = caller.site().FindParty(caller.party());
  return {party->feed_area().begin(), party->feed_area().end()};
}

// What of the prefix asked for lies within the areas.
std::vector<std::string> Within(const std::string& asked, const std::vector<std::string>& areas) {
  std::set<std::string> out;
  for (const std::string& area : areas) {
    if (absl::StartsWith(area, asked)) out.insert(area);
    if (absl::StartsWith(asked, area)) out.insert(asked);
  }
  return {out.begin(), out.end()};
}

bool Lies(const v1::IncidentState& incident, const std::vector<std::string>& areas) {
  const std::string division = incident.division().empty() ? feed::kUnknownDivision : incident.division();
  return std::any_of(areas.begin(), areas.end(), [&](const auto& area) { return absl::StartsWith(division, area); });
}

class FeedService final : public v1::Feed::CallbackService {
 public:
  FeedService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate) {}

  Reactor* Where(Context* context, const v1::FeedWhereRequest* request, v1::FeedWhereReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Feed/Where", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::FeedWhereReply> done) {
                   v1::FeedWhereReply answer;
                   answer.set_endpoint(parts_.feed_endpoint);
                   if (parts_.feed != nullptr) answer.set_server_key(parts_.feed->public_key());
                   const v1::Party* party = caller.site().FindParty(caller.party());
                   answer.set_feed_key(party->feed_key());
                   *answer.mutable_area() = party->feed_area();
                   answer.set_log_index(parts_.sequencer->committed_index());
                   done(std::move(answer));
                   return absl::OkStatus();
                 });
  }

  Reactor* Snapshot(Context* context, const v1::FeedSnapshotRequest* request, v1::FeedSnapshotReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Feed/Snapshot", *request, reply,
                 [&](const Caller& caller, hub::Done<v1::FeedSnapshotReply> done) -> absl::Status {
                   const std::vector<std::string> areas = Within(request->division(), AreasOf(caller));
                   if (areas.empty()) {
                     return core::Refuse(
                         absl::StatusCode::kPermissionDenied, "NOT_YOUR_AREA",
                         absl::StrCat("division ", request->division(), " is not within what the site set gives party ",
                                      caller.party(), " to read (feed_area in parties.textproto)"),
                         "该区划不在本单位可订阅范围内", "division");
                   }
                   return parts_.sequencer->SubmitFor(
                       caller.party(), hub::Priority::kAct,
                       [this, areas, purpose = request->purpose(), done = std::move(done)](hub::Turn& turn) {
                         auto answer = std::make_shared<v1::FeedSnapshotReply>(Take(turn, areas, purpose));
                         turn.Release([done, answer] { done(std::move(*answer)); });
                       });
                 });
  }

 private:
  // On the sequencer's thread.
  v1::FeedSnapshotReply Take(const hub::Turn& turn, const std::vector<std::string>& areas, v1::Purpose purpose) const {
    v1::FeedSnapshotReply answer;
    answer.set_log_index(turn.state().index());
    answer.set_time_ms(turn.now_ms());
    for (const std::string& area : areas) answer.add_area(area);
    answer.set_endpoint(parts_.feed_endpoint);
    if (parts_.feed != nullptr) {
      answer.set_server_key(parts_.feed->public_key());
      answer.set_started_ms(parts_.feed->started_ms());
    }
    const std::string& reader = turn.state().site()->settings().command_party();
    turn.state().incidents().Descend([&](uint64_t, const v1::IncidentState& incident) {
      const bool wanted = incident.status() == v1::OPEN && !incident.secret() && Lies(incident, areas) &&
                          (purpose == v1::PURPOSE_UNSPECIFIED || incident.purpose() == purpose);
      if (!wanted) return true;
      if (answer.incident_size() >= limits::kFeedSnapshotIncidents) {
        answer.set_more(true);
        return false;
      }
      *answer.add_incident() = feed::ForTheFeed(turn.renderer().Summary(incident, reader));
      return true;
    });
    return answer;
  }

  const Parts& parts_;
  const Gate& gate_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeFeedService(const Parts& parts, const Gate& gate) {
  return std::make_shared<FeedService>(parts, gate);
}

}  // namespace liandong::service
