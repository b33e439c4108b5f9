// Many reports under way at once over one Intake.ReportStream, answered in the order in which they were sent.
//
// A break of the stream is mended behind the scenes: it connects again (backoff with jitter, through the list of hubs)
// and sends everything again, in order, that has no answer. The hub recognises repeats, so each report counts once.
//
// Invariants: each report that Send took gets exactly one callback; callbacks come in the order of the Sends.
// Thread-safety: every method may be called from any thread; Send calls of several threads are ordered by who came
// first.
#ifndef LIANDONG_ADAPTERS_CLIENT_REPORT_PIPE_H_
#define LIANDONG_ADAPTERS_CLIENT_REPORT_PIPE_H_

#include <cstddef>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "adapters/limits.h"
#include "liandong/v1/report.pb.h"

namespace liandong::adapters {

struct ReportPipeOptions {
  size_t in_flight_max = kPipeInFlightMax;             // reports sent and not answered
  size_t in_flight_bytes_max = kPipeInFlightBytesMax;  // the same in serialized bytes; one report always goes
  // Told when the stream is up (OK) and when it broke (why). On the pipe's thread; must not block for long.
  std::function<void(const absl::Status&)> on_state;
};

class ReportPipe {
 public:
  // Runs on the pipe's thread; may call Send only with a zero wait, and not Stop or Drain. An error with
  // DetailOf(...).retry is for the caller to send again later; any other error will be the same for the same content.
  // Cancelled: Stop was called; the hub may or may not have the report.
  using Callback = std::function<void(absl::StatusOr<v1::Receipt>)>;

  ReportPipe(std::shared_ptr<HubClient> client, ReportPipeOptions options = {});
  ~ReportPipe();  // Stop()
  ReportPipe(const ReportPipe&) = delete;
  ReportPipe& operator=(const ReportPipe&) = delete;

  // Takes the report, waiting up to `wait` for room. ResourceExhausted: no room in that time; Cancelled: stopped; then
  // the callback is not called.
  absl::Status Send(v1::Report report, Callback done, absl::Duration wait);

  // True when everything sent so far was answered within `wait`.
  bool Drain(absl::Duration wait);

  // Reports without an answer now.
  size_t InFlight() const;

  // Ends the stream; what has no answer gets Cancelled. Returns when the last callback has. Again: does nothing.
  void Stop();

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_REPORT_PIPE_H_
