// GB/T 26875.3-2011 over TCP, the centre's side (DOMAIN 5): transmission devices connect, send frames and wait for the
// acknowledgment; the centre may send commands to a device that is connected.
//
// What the standard asks for is done here: bad frames are denied, good ones acknowledged after the handler said so,
// commands repeated until they are answered. Frames of one connection are handled one after another, in order.
//
// Thread-safety: every method may be called from any thread, Stop not from a handler.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_FRAME_SERVER_H_
#define LIANDONG_ADAPTERS_TRANSPORT_FRAME_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/fire_119/gb26875.h"
#include "adapters/limits.h"
#include "adapters/transport/address.h"

namespace liandong::adapters {

// kNone: no answer at all, so that the device sends again (the spool is full).
enum class FrameVerdict { kAck, kDeny, kNone };

// A command that every connected device gets regularly.
struct PeriodicCommand {
  int64_t every_ms = 0;
  std::string name;  // for the log
  std::function<std::pair<gb26875::Command, std::string>(const gb26875::TimeTag& now)> make;
};

struct FrameServerOptions {
  std::string listen;
  AddressRanges allow_plain;  // who may connect beside loopback: the protocol knows no identification
  gb26875::Options codec;
  int zone_offset_minutes = 8 * 60;  // of our time tags
  std::function<int64_t()> now_ms;   // empty: the wall clock
  size_t connections_max = kFrameConnectionsMax;
  int64_t idle_ms = kFrameIdleMs;
  int64_t incomplete_ms = kFrameAnswerMs;  // a frame that is not whole by then is given up
  int64_t answer_ms = kFrameAnswerMs;      // for our commands
  int tries_max = kFrameTriesMax;
  std::vector<PeriodicCommand> periodic;
};

class FrameServer {
 public:
  struct Handlers {
    // A frame of command send, control or reply. On a worker thread; may block. A reply gets no answer whatever is
    // returned (GB/T 26875.3 6.4: request and reply end the exchange).
    std::function<FrameVerdict(const gb26875::Frame&)> on_frame;  // required
    // A frame that was denied, or bytes that were none. On the server's thread: must not block.
    std::function<void(gb26875::Fault, const std::string& peer)> on_fault;
    // How a periodic command to `device` ended. On the server's thread: must not block.
    std::function<void(uint64_t device, const std::string& name, const absl::Status&)> on_periodic;
  };

  static absl::StatusOr<std::unique_ptr<FrameServer>> Start(FrameServerOptions options, Handlers handlers);
  ~FrameServer();  // Stop()
  FrameServer(const FrameServer&) = delete;
  FrameServer& operator=(const FrameServer&) = delete;

  const std::string& address() const;

  // Sends to the device with this source address. `done` runs on the server's thread: OK when acknowledged or replied
  // to; FailedPrecondition when denied; DeadlineExceeded after the last try; Unavailable when the device is not
  // connected or leaves; ResourceExhausted when kFrameCommandsMax wait already.
  using Done = std::function<void(const absl::Status&)>;
  void SendCommand(uint64_t device, gb26875::Command command, std::string adu, Done done);

  // Addresses of the devices that have sent a good frame and are connected.
  std::vector<uint64_t> Devices();

  void Stop();

 private:
  class Impl;
  explicit FrameServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_FRAME_SERVER_H_
