// The hub: the real sequencer, requests, core and streams on the simulated log and clock. It dies and starts again from
// its disk.
#ifndef LIANDONG_TESTS_SIMULATION_HUB_NODE_H_
#define LIANDONG_TESTS_SIMULATION_HUB_NODE_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/sequencer.h"
#include "hub/streams.h"
#include "routing/site.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/sim_log.h"
#include "tests/simulation/sim_sealer.h"
#include "tests/simulation/world.h"

namespace liandong::sim {

// A party's stream as TCP carries it: frames in order, until it breaks.
struct Line : public hub::StreamSink {
  Line(World* in, std::string of) : world(*in), party(std::move(of)) {}
  void Send(std::shared_ptr<const v1::Deliveries> frame) override;

  World& world;
  const std::string party;
  uint64_t stream = 0;  // 0: the hub has not answered the Hello
  bool refused = false;
  std::deque<v1::Deliveries> frames;
};

class HubNode {
 public:
  HubNode(World* world, const v1::SiteSet& site);

  bool up() const { return sequencer_ != nullptr; }
  // From its disk. An error: the machine died on the way, or the log is damaged.
  absl::Status Start();
  // The process is gone; on the machine's disk stays what was synced and some of the rest.
  void Crash();
  Machine& machine() { return machine_; }

  // One turn; what is durable goes out.
  void Turn();
  // The disk writes what waits. False: nothing did.
  bool Write();
  // The log has refused a batch: the process ends itself.
  bool failed() const { return failed_; }
  bool writing() const { return log_ != nullptr && log_->waiting(); }
  absl::Status Submit(hub::Priority priority, hub::Work work);

  // A new stream; the Hello goes through the sequencer.
  std::shared_ptr<Line> Connect(const std::string& party, const v1::Hello& hello);
  void Disconnect(const std::shared_ptr<Line>& line);

  void Adopt(const v1::SiteSet& site);
  // Flips a bit of the log, reads it all, flips it back. Only while the hub is down.
  void TryFlippedBit();
  // For looking only.
  void With(const std::function<void(const core::State&)>& look);
  const core::State* state() const { return state_; }

 private:
  absl::StatusOr<std::unique_ptr<SimLog>> OpenLog(bool quiet);
  absl::StatusOr<core::State> Replay(SimLog& log, std::vector<v1::Record>* records);
  std::string Changed(std::string bytes) const;

  World& world_;
  const v1::SiteSet& site_;
  Machine& machine_;
  int64_t started_log_ms_ = 0;
  int64_t started_at_ms_ = 0;
  uint64_t next_key_ = 1;  // the key store's; keys are durable before they are handed out
  std::unique_ptr<SimLog> log_;
  std::unique_ptr<SimSealer> sealer_;
  std::map<uint64_t, std::shared_ptr<const routing::Site>> past_;
  std::unique_ptr<hub::Sequencer> sequencer_;
  bool failed_ = false;
  const core::State* state_ = nullptr;  // the sequencer's
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_HUB_NODE_H_
