// A hub for tests of clients: real gRPC over mutual TLS with certificates made on the spot, and answers that a test
// sets. What it remembers outlives the server, so that a test can stop one and start another at the same address.
#ifndef LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_HUB_H_
#define LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_HUB_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "adapters/client/hub_client.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/intake.pb.h"
#include "liandong/v1/link.pb.h"

namespace liandong::adapters {

// A folder of its own that goes away with the object, holding a CA and certificates of "hub" and of the parties named.
class TestPki {
 public:
  explicit TestPki(const std::vector<std::string>& parties = {"power-supply"});
  ~TestPki();
  TlsFiles Files(const std::string& party) const;
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

// A call's answer other than success.
struct FakeError {
  int code = 0;  // gRPC's number; 0: succeed
  std::string message;
  v1::ErrorDetail detail;  // sent when it has a reason
};

class FakeState {
 public:
  // Behaviour, counted down as it happens. Set before or while the hub runs.
  void FailReports(int count, FakeError error) ABSL_LOCKS_EXCLUDED(mutex_);
  void FailActions(int count, FakeError error) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next pipe ends after it has read this many reports, without answering the last of them.
  void BreakPipeAfter(int reports) ABSL_LOCKS_EXCLUDED(mutex_);
  // The next line ends after it has sent this many deliveries, ignoring acknowledgments until then.
  void BreakLinkAfter(int deliveries) ABSL_LOCKS_EXCLUDED(mutex_);
  // What the Welcome promises; this hub never keeps it, as one that hangs.
  void PromiseHeartbeats(uint32_t every_ms) ABSL_LOCKS_EXCLUDED(mutex_);
  // The pipe answers nothing while held.
  void HoldPipe(bool held) ABSL_LOCKS_EXCLUDED(mutex_);

  // Every further step of this delivery's duty is refused with DUTY_ENDED.
  void EndDutyOf(uint64_t delivery_id) ABSL_LOCKS_EXCLUDED(mutex_);
  void AddDelivery(v1::Delivery delivery) ABSL_LOCKS_EXCLUDED(mutex_);

  std::vector<std::string> Reports() const ABSL_LOCKS_EXCLUDED(mutex_);  // external ids, repeats left out
  int ReportsSeen() const ABSL_LOCKS_EXCLUDED(mutex_);                   // repeats counted
  int ActionsSeen() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<v1::Acknowledgment> Acknowledgments() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<v1::Hello> Hellos() const ABSL_LOCKS_EXCLUDED(mutex_);
  int Received(uint64_t delivery_id) const ABSL_LOCKS_EXCLUDED(mutex_);  // how often RECEIVED came for it
  std::vector<std::string> Requests() const
      ABSL_LOCKS_EXCLUDED(mutex_);  // desk requests as text: "Method\n<textproto>"

 private:
  friend class FakeIntake;
  friend class FakeLink;
  friend class FakeDesk;
  friend class FakeHub;

  mutable absl::Mutex mutex_;
  int failing_reports_ ABSL_GUARDED_BY(mutex_) = 0;
  FakeError report_error_ ABSL_GUARDED_BY(mutex_);
  int failing_actions_ ABSL_GUARDED_BY(mutex_) = 0;
  FakeError action_error_ ABSL_GUARDED_BY(mutex_);
  int break_pipe_after_ ABSL_GUARDED_BY(mutex_) = -1;
  int break_link_after_ ABSL_GUARDED_BY(mutex_) = -1;
  std::set<uint64_t> ended_ ABSL_GUARDED_BY(mutex_);
  uint32_t heartbeat_ms_ ABSL_GUARDED_BY(mutex_) = 0;
  bool hold_pipe_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  int reports_seen_ ABSL_GUARDED_BY(mutex_) = 0;
  int actions_seen_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> reports_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Delivery> deliveries_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Acknowledgment> acknowledgments_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::Hello> hellos_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, int> received_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
};

class FakeHub {
 public:
  // port 0: a free one.
  FakeHub(const TestPki& pki, std::shared_ptr<FakeState> state, int port = 0);
  ~FakeHub();
  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  std::shared_ptr<FakeState> state_;
  int port_ = 0;
};

// An address on which nobody listens.
std::string DeadAddress();

// Waits until the condition holds; false after a generous limit.
bool Eventually(const std::function<bool()>& condition, absl::Duration limit = absl::Seconds(60));

// A delivery of the party "power-supply" whose incident is its id and revision 1.
v1::Delivery MakeDelivery(uint64_t id, v1::Lane lane, uint64_t sequence);

}  // namespace liandong::adapters

#endif  // LIANDONG_TESTS_UNIT_ADAPTERS_CLIENT_FAKE_HUB_H_
