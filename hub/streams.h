// The open streams of all parties, each with its own cursor. Owned by the sequencer's thread: a stream's own thread
// posts work for it.
//
// Two bounds keep a slow reader from growing the hub: at most `window` deliveries of a stream are sent and not yet
// acknowledged, and at most kFramesUnwritten frames wait for its transport. Bodies are made when there is room, never
// before.
#ifndef LIANDONG_HUB_STREAMS_H_
#define LIANDONG_HUB_STREAMS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "hub/core/render.h"
#include "hub/core/state.h"
#include "liandong/v1/link.pb.h"

namespace liandong::hub {

// The sending side of one stream. Called on the releaser's thread, when everything in the frame is durable.
class StreamSink {
 public:
  virtual ~StreamSink() = default;
  // The sink answers each frame, once it is written or lost, with Sequencer work that calls StreamTable::FrameWritten.
  virtual void Send(std::shared_ptr<const v1::Deliveries> frame) = 0;
};

// Where a stream stands in one lane.
struct LanePosition {
  uint64_t resend_from = 1;   // unreceived ones from here ...
  uint64_t resend_until = 0;  // ... to here were given out before this stream began
  uint64_t next = 1;          // then everything from here
};
struct OpenStream {
  std::string party;
  std::shared_ptr<StreamSink> sink;
  uint32_t window = 0;
  LanePosition urgent;
  LanePosition ordinary;
  std::set<uint64_t> unacknowledged;  // delivery ids
  int unwritten = 0;
};

class StreamTable {
 public:
  using Release = std::function<void(std::function<void()>)>;

  // RESOURCE_EXHAUSTED (TOO_MANY_STREAMS). INVALID_ARGUMENT (BAD_FIELD) for a cursor beyond what was ever given out:
  // the client has the memory of another hub. On success `welcome` is filled; the first frames follow at the next Pump.
  absl::StatusOr<uint64_t> Attach(const core::State& state, const std::string& party, const v1::Hello& hello,
                                  std::shared_ptr<StreamSink> sink, v1::Welcome* welcome);
  void Detach(uint64_t stream);
  // One frame has left, or never will.
  void FrameWritten(uint64_t stream);
  // The party said something of this delivery: it no longer counts against the windows.
  void Acknowledged(const std::string& party, uint64_t delivery_id);
  void PartyTouched(const std::string& party) { touched_.insert(party); }

  // Makes frames for every touched stream that has room and hands each to `release`.
  void Pump(const core::State& state, const core::Renderer& renderer, const Release& release);

  // The deliveries a client would get after these cursors, without a stream.
  v1::FetchReply Fetch(const core::State& state, const core::Renderer& renderer, const std::string& party,
                       const v1::FetchRequest& request) const;

  size_t CountOf(const std::string& party) const;
  void NoteHeard(const std::string& party, int64_t at_ms) { heard_[party] = at_ms; }
  int64_t LastHeard(const std::string& party) const;

 private:
  static uint64_t TakeNext(const core::LaneBook& lane, LanePosition* position, bool* resent);
  static absl::Status SetCursors(const core::PartyBook& book,
                                 const google::protobuf::RepeatedPtrField<v1::LaneCursor>& resume, LanePosition* urgent,
                                 LanePosition* ordinary);

  absl::btree_map<uint64_t, OpenStream> streams_;
  absl::btree_map<std::string, std::set<uint64_t>> of_party_;
  absl::btree_map<std::string, int64_t> heard_;
  std::set<std::string> touched_;
  uint64_t next_id_ = 1;
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_STREAMS_H_
