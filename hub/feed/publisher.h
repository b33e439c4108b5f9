// The live feed: an XPUB socket in manual mode over CURVE. Who may read what is looked up here, whatever a subscriber
// asks for: its key stands for a party (asked of our own ZAP handler when it connects), and each subscription is
// granted only as far as it lies within that party's areas.
//
// The hub never waits for anybody: Offer puts frames into a bounded queue and returns; what does not fit there, or in
// the bounded queue of one subscriber, is lost and visible as a gap in the headers (framer.h).
//
// Thread-safety: Offer, SetReaders and the counters from any thread. One thread of its own owns the sockets.
#ifndef LIANDONG_HUB_FEED_PUBLISHER_H_
#define LIANDONG_HUB_FEED_PUBLISHER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/committed_event.h"
#include "hub/feed/framer.h"

namespace liandong::feed {

struct Reader {
  std::string party;
  std::vector<std::string> areas;  // division prefixes
  bool operator==(const Reader&) const = default;
};
using Readers = std::map<std::string, Reader>;  // by public key, Z85

struct PublisherOptions {
  std::string listen;        // "127.0.0.1:7444"; port 0 takes a free one
  std::string secret_key;    // the hub's, Z85
  int64_t heartbeat_ms = 0;  // 0: limits::kHeartbeatMs
  // One line for the operator, Chinese and English. From the publisher's thread.
  std::function<void(const std::string& line)> say;
};

struct Counters {
  uint64_t frames_sent = 0;
  uint64_t frames_dropped = 0;  // before sending, because the queue was full
  uint64_t refused = 0;         // connections with a key that nobody has
  size_t waiting = 0;           // frames in the queue
};

class Publisher {
 public:
  // `framer` knows what was there before. InvalidArgument or FailedPrecondition (port taken, bad key), with the mend.
  static absl::StatusOr<std::unique_ptr<Publisher>> Start(PublisherOptions options, Framer framer, Readers readers);
  ~Publisher();

  void Offer(std::shared_ptr<const hub::CommittedEvent> event);
  // When something changed every connection is made anew, so that what was granted before is granted no longer.
  void SetReaders(Readers readers);

  // "tcp://127.0.0.1:7444", with the port taken.
  const std::string& endpoint() const;
  // Of the hub, Z85.
  const std::string& public_key() const;
  int64_t started_ms() const;
  Counters counters() const;

 private:
  class Impl;
  explicit Publisher(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::feed

#endif  // LIANDONG_HUB_FEED_PUBLISHER_H_
