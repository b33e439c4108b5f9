// The hub: the real sequencer, requests, core and streams on the simulated log and clock. It dies and starts again from
// its disk. What it records counts (Witness::Durable) when a sync of the log has succeeded after it, and not before: of
// what a crash left in the file more may come back than that.
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

class HubNode;

// A party's stream as TCP carries it: frames in order, until it breaks.
struct Line : public hub::StreamSink {
  Line(World* in, HubNode* node, std::string of) : world(*in), hub(*node), party(std::move(of)) {}
  void Send(std::shared_ptr<const v1::Deliveries> frame) override;

  World& world;
  HubNode& hub;
  const std::string party;
  uint64_t stream = 0;  // 0: the hub has not answered the Hello
  bool refused = false;
  bool gone = false;  // given up by its party, perhaps before the hub saw its Hello
  std::deque<v1::Deliveries> frames;
};

class HubNode {
 public:
  HubNode(World* world, const v1::SiteSet& site);

  bool up() const { return sequencer_ != nullptr; }
  // From its disk. An error: the machine died on the way, or the log is damaged.
  absl::Status Start();
  // The process is gone. With the power, some of what was not synced is too; without, nothing.
  void Crash(bool power_cut);
  Machine& machine() { return machine_; }
  // The process ends when the n-th answer or frame from now would leave.
  void EndAtRelease(int n) { release_fuse_ = n; }
  // Everything that leaves asks first. False: the process has ended.
  bool Leaves();

  // One turn; what is durable goes out.
  void Turn();
  // The disk writes what waits. False: nothing did.
  bool Write();
  // The process has ended: the log has refused a batch, or EndAtRelease.
  bool failed() const { return failed_; }
  bool writing() const { return log_ != nullptr && log_->waiting(); }
  // `party` as Sequencer::SubmitFor.
  absl::Status Submit(const std::string& party, hub::Priority priority, hub::Work work);

  // A new stream; the Hello goes through the sequencer.
  std::shared_ptr<Line> Connect(const std::string& party, const v1::Hello& hello);
  void Disconnect(const std::shared_ptr<Line>& line);

  void Adopt(const v1::SiteSet& site);
  // Flips a bit of the log's files, reads it all, puts them back. Only while the hub is down.
  void TryFlippedBit();
  // For looking only.
  void With(const std::function<void(const core::State&)>& look);
  const core::State* state() const { return state_; }

 private:
  absl::StatusOr<std::unique_ptr<SimLog>> OpenLog(bool quiet);
  absl::StatusOr<core::State> Replay(SimLog& log, std::vector<v1::Record>* records);
  std::string Changed(std::string bytes) const;
  void TellDurable(const std::string& bytes, const std::string& link);

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
  std::vector<v1::Record> survivors_;  // came back and may be lost yet: the next sync tells
  uint64_t told_ = 0;                  // the last record that is durable, and the log's link there, as history keeps it
  std::string told_link_;
  bool failed_ = false;
  int release_fuse_ = -1;
  const core::State* state_ = nullptr;  // the sequencer's
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_HUB_NODE_H_
