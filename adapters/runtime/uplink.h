// The spool's way to the hub: reports, acknowledgments and actions, in the order in which they were stored within each
// lane, again and again until the hub has them or refuses them for good (then a dead letter and an alarm).
//
// Invariant: two records of one report (the same external id) are never under way together, so that a revision cannot
// arrive before what it revises.
// Thread-safety: Stop may be called from any thread; each lane has a thread of its own.
#ifndef LIANDONG_ADAPTERS_RUNTIME_UPLINK_H_
#define LIANDONG_ADAPTERS_RUNTIME_UPLINK_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "adapters/client/hub_client.h"
#include "adapters/client/link_session.h"
#include "adapters/client/report_pipe.h"
#include "adapters/spool/spool.h"

namespace liandong::adapters {

class Uplink {
 public:
  // `spool` and `session` outlive the uplink.
  Uplink(std::shared_ptr<HubClient> client, LinkSession* session, Spool* spool);
  ~Uplink();  // Stop()
  Uplink(const Uplink&) = delete;
  Uplink& operator=(const Uplink&) = delete;

  // What is under way stays in the spool and is sent again after the next start. `session` must be stopped after this
  // was called, or its answers are waited for.
  void Stop();

 private:
  class Round;
  void Loop(SpoolLane lane);
  // False: something has to be sent again later.
  bool Send(const std::vector<SpooledRecord>& records, ReportPipe* pipe);
  bool SendAction(const SpooledRecord& record);

  const std::shared_ptr<HubClient> client_;
  LinkSession* const session_;
  Spool* const spool_;
  std::atomic<bool> stopping_{false};
  std::unique_ptr<ReportPipe> pipes_[2];
  std::thread threads_[2];
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_UPLINK_H_
