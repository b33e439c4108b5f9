// A party's line to the hub (Link.Connect), kept up for as long as the object lives: deliveries in, acknowledgments
// out.
//
// A break is mended behind the scenes: it connects again (exponential backoff with jitter, through the list of hubs),
// says where each lane stopped, and sends again what has no answer. A line on which nothing is heard, not even the
// hub's heartbeat, for kLinkSilenceMax counts as broken.
//
// Invariants:
//   - Within a lane deliveries are handed over in the order of their sequence; each delivery once in the life of the
//     object. (After a restart of the program, whatever the stored cursor does not cover comes again.)
//   - RECEIVED leaves only after on_deliveries has returned OK, so what the handler stored before is what counts.
//   - Each Acknowledge that was taken gets exactly one callback.
// Ignoring a message whose incident_revision is lower than one already seen is the caller's part.
//
// Thread-safety: every method may be called from any thread. All handlers run on one thread of the session, one after
// another; they may call Acknowledge and Cursors, but not Stop.
#ifndef LIANDONG_ADAPTERS_CLIENT_LINK_SESSION_H_
#define LIANDONG_ADAPTERS_CLIENT_LINK_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/link.pb.h"

namespace liandong::adapters {

// The last sequence of each lane up to which everything is stored. 0 with named == false: the lane is not named in the
// Hello, and the hub starts with what is not yet RECEIVED.
struct LaneCursors {
  bool urgent_named = false;
  uint64_t urgent = 0;
  bool ordinary_named = false;
  uint64_t ordinary = 0;
};

struct LinkHandlers {
  // New deliveries in order, repeats taken out. Store them and return OK: then RECEIVED is sent for them (unless
  // auto_received is off) and the cursors move. An error: nothing is acknowledged, the line is dropped and they come
  // again after a backoff.
  std::function<absl::Status(const std::vector<v1::Delivery>&)> on_deliveries;  // required
  // The line is up. `welcome.party` is who the certificate says we are.
  std::function<void(const v1::Welcome&)> on_connected;
  // The line broke, could not be made, or the hub refused the Hello. It is tried again after `retry_in`. With the
  // reason CURSOR_AHEAD the hub has another past than this party (set up anew, or restored from an old backup): the
  // session goes on without cursors, and sequences and delivery ids that the caller has stored mean nothing any more.
  std::function<void(const absl::Status&, absl::Duration retry_in)> on_disconnected;
  // RECEIVED was rejected for a delivery, which is worth a line in the log.
  std::function<void(const v1::AckReply&)> on_received_rejected;
};

struct LinkOptions {
  LaneCursors resume = {};
  uint32_t window = 0;        // deliveries sent and not yet RECEIVED; 0: the hub's default of 64
  std::string client = {};    // program and version, for the operator: "liandong-adapter/0.1.0"
  bool auto_received = true;  // off: the caller sends RECEIVED itself, or the hub stops at the window
};

class LinkSession {
 public:
  // ALREADY_DONE counts as success; look at each reply's outcome.
  using AckCallback = std::function<void(absl::StatusOr<v1::AcknowledgeReply>)>;

  // Starts to connect at once.
  LinkSession(std::shared_ptr<HubClient> client, LinkHandlers handlers, LinkOptions options = {});
  ~LinkSession();  // Stop()
  LinkSession(const LinkSession&) = delete;
  LinkSession& operator=(const LinkSession&) = delete;

  // Queues the acknowledgments (1..kAcknowledgmentsMax); they are applied in this order and after what was queued
  // before. Sent again after a break until answered: safe on the ladders (ALREADY_DONE), while a PROGRESS note may then
  // stand twice in the timeline. `done` may be null. ResourceExhausted: kLinkPendingMax wait already; InvalidArgument:
  // none or too many; Cancelled: stopped; then `done` is not called.
  absl::Status Acknowledge(std::vector<v1::Acknowledgment> acknowledgments, AckCallback done);

  // Up to where everything is stored: keep it beside the stored deliveries and pass it as LinkOptions::resume.
  LaneCursors Cursors() const;

  bool Connected() const;

  // Queued acknowledgments that have no answer yet, RECEIVED included.
  size_t Pending() const;
  // True when that became 0 within `wait`.
  bool Drain(absl::Duration wait);

  // Ends the line; acknowledgments without an answer get Cancelled. Returns when the last handler has. Again: nothing.
  void Stop();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_LINK_SESSION_H_
