#include "hub/streams.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"

namespace liandong::hub {
namespace {

// One being written, one ready behind it: enough to keep a line busy, little enough to stay small.
constexpr int kFramesUnwritten = 2;

uint32_t WindowOf(uint32_t asked) { return asked == 0 ? limits::kWindowDefault : std::min(asked, limits::kWindowMax); }

}  // namespace

absl::Status StreamTable::SetCursors(const core::PartyBook& book,
                                     const google::protobuf::RepeatedPtrField<v1::LaneCursor>& resume,
                                     LanePosition* urgent, LanePosition* ordinary) {
  for (v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
    const uint64_t last = lane == v1::URGENT ? book.state.urgent_sequence() : book.state.ordinary_sequence();
    LanePosition& position = lane == v1::URGENT ? *urgent : *ordinary;
    uint64_t after = last;
    for (const auto& cursor : resume) {
      if (cursor.lane() != lane) continue;
      after = cursor.after_sequence();
      if (after > last) {
        return core::Refuse(absl::StatusCode::kInvalidArgument, "CURSOR_AHEAD",
                            absl::StrCat("lane ", v1::Lane_Name(lane), ": you say you have ", after, " but only ", last,
                                         " were ever given out; your memory is of another hub: start without a cursor"),
                            "续传序号超前,请不带序号重新连接", "resume");
      }
    }
    position.resend_from = 1;
    position.resend_until = after;
    position.next = after + 1;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> StreamTable::Attach(const core::State& state, const std::string& party, const v1::Hello& hello,
                                             std::shared_ptr<StreamSink> sink, v1::Welcome* welcome) {
  if (streams_.size() >= limits::kStreams || of_party_[party].size() >= limits::kStreamsPerParty) {
    return core::Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_STREAMS",
                        absl::StrCat("at most ", limits::kStreamsPerParty, " streams a party; close one first"),
                        "连接数过多", "", limits::kRetryAfterMs);
  }
  const core::PartyBook& book = state.Book(party);
  OpenStream stream;
  stream.party = party;
  stream.sink = std::move(sink);
  stream.window = WindowOf(hello.window());
  if (auto s = SetCursors(book, hello.resume(), &stream.urgent, &stream.ordinary); !s.ok()) return s;
  welcome->set_party(party);
  welcome->set_log_index(state.index());
  welcome->set_window(stream.window);
  welcome->set_time_ms(state.time_ms());
  for (v1::Lane lane : {v1::URGENT, v1::ORDINARY}) {
    v1::LaneCursor* last = welcome->add_last();
    last->set_lane(lane);
    last->set_after_sequence(lane == v1::URGENT ? book.state.urgent_sequence() : book.state.ordinary_sequence());
  }
  const uint64_t id = next_id_++;
  streams_.emplace(id, std::move(stream));
  of_party_[party].insert(id);
  PartyTouched(party);
  return id;
}

void StreamTable::Detach(uint64_t id) {
  auto it = streams_.find(id);
  if (it == streams_.end()) return;
  of_party_[it->second.party].erase(id);
  streams_.erase(it);
}

void StreamTable::FrameWritten(uint64_t id) {
  auto it = streams_.find(id);
  if (it == streams_.end()) return;
  --it->second.unwritten;
  PartyTouched(it->second.party);
}

void StreamTable::Acknowledged(const std::string& party, uint64_t delivery_id) {
  auto it = of_party_.find(party);
  if (it == of_party_.end()) return;
  for (uint64_t id : it->second) {
    if (streams_.at(id).unacknowledged.erase(delivery_id) > 0) PartyTouched(party);
  }
}

// The next delivery of the lane for this stream; 0: none waits.
uint64_t StreamTable::TakeNext(const core::LaneBook& lane, LanePosition* position, bool* resent) {
  auto old = lane.unreceived.lower_bound(position->resend_from);
  if (old != lane.unreceived.end() && *old <= position->resend_until) {
    position->resend_from = *old + 1;
    *resent = true;
    return lane.queued.at(*old);
  }
  position->resend_from = position->resend_until + 1;
  auto it = lane.queued.lower_bound(position->next);
  if (it == lane.queued.end()) return 0;
  position->next = it->first + 1;
  *resent = false;
  return it->second;
}

void StreamTable::Pump(const core::State& state, const core::Renderer& renderer, const Release& release) {
  std::set<std::string> parties;
  parties.swap(touched_);
  for (const std::string& party : parties) {
    auto ids = of_party_.find(party);
    if (ids == of_party_.end()) continue;
    const core::PartyBook& book = state.Book(party);
    for (uint64_t id : ids->second) {
      OpenStream& stream = streams_.at(id);
      while (stream.unwritten < kFramesUnwritten) {
        auto frame = std::make_shared<v1::Deliveries>();
        size_t bytes = 0;
        while (stream.unacknowledged.size() < stream.window && bytes < limits::kFrameBytes) {
          bool resent = false;
          uint64_t delivery_id = TakeNext(book.urgent, &stream.urgent, &resent);
          if (delivery_id == 0) delivery_id = TakeNext(book.ordinary, &stream.ordinary, &resent);
          if (delivery_id == 0) break;
          const v1::DeliveryState* delivery = state.FindDelivery(delivery_id);
          v1::Delivery* out = frame->add_delivery();
          *out = renderer.Delivery(*delivery, resent || delivery->received_at_ms() != 0);
          bytes += out->ByteSizeLong();
          stream.unacknowledged.insert(delivery_id);
        }
        if (frame->delivery().empty()) break;
        ++stream.unwritten;
        release([sink = stream.sink, frame] { sink->Send(frame); });
      }
    }
  }
}

v1::FetchReply StreamTable::Fetch(const core::State& state, const core::Renderer& renderer, const std::string& party,
                                  const v1::FetchRequest& request) const {
  v1::FetchReply reply;
  reply.set_log_index(state.index());
  const core::PartyBook& book = state.Book(party);
  LanePosition urgent, ordinary;
  // A cursor ahead of the hub fetches nothing new; what is not yet RECEIVED comes all the same.
  if (!SetCursors(book, request.resume(), &urgent, &ordinary).ok()) (void)SetCursors(book, {}, &urgent, &ordinary);
  const uint32_t max = WindowOf(request.max());
  size_t bytes = 0;
  while (true) {
    bool resent = false;
    uint64_t id = TakeNext(book.urgent, &urgent, &resent);
    if (id == 0) id = TakeNext(book.ordinary, &ordinary, &resent);
    if (id == 0) break;
    if (static_cast<uint32_t>(reply.delivery_size()) >= max || bytes >= limits::kFrameBytes) {
      reply.set_more(true);
      break;
    }
    const v1::DeliveryState* delivery = state.FindDelivery(id);
    *reply.add_delivery() = renderer.Delivery(*delivery, resent || delivery->received_at_ms() != 0);
    bytes += reply.delivery().rbegin()->ByteSizeLong();
  }
  return reply;
}

size_t StreamTable::CountOf(const std::string& party) const {
  auto it = of_party_.find(party);
  return it == of_party_.end() ? 0 : it->second.size();
}

int64_t StreamTable::LastHeard(const std::string& party) const {
  auto it = heard_.find(party);
  return it == heard_.end() ? 0 : it->second;
}

}  // namespace liandong::hub
