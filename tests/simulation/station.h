// A party's end of the line: a hotline's adapter or an agency's program, and the people behind it. Sends until it is
// answered, stores before it says RECEIVED, connects again after every break.
#ifndef LIANDONG_TESTS_SIMULATION_STATION_H_
#define LIANDONG_TESTS_SIMULATION_STATION_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/client/lane_progress.h"
#include "tests/simulation/hub_node.h"
#include "tests/simulation/store.h"
#include "tests/simulation/world.h"

namespace liandong::sim {

class Station {
 public:
  Station(World* world, HubNode* hub, std::string party, std::unique_ptr<Store> store)
      : world_(*world), hub_(*hub), party_(std::move(party)), store_(std::move(store)) {}

  const std::string& party() const { return party_; }
  // The party's own system tells a report until it is taken.
  void Tell(const v1::Report& report);
  // Somebody at the party answers something that it has: properly, twice, backwards, or never.
  void Answer();
  // Whatever can be sent now is sent; a line that is down is made anew.
  void Work();
  // The next frame of its line is here. False: there is none.
  bool Frame();
  // The line breaks; frames on it are lost.
  void Break();
  // The program is gone and starts again from its disk; with a power cut some of what was not synced is gone too.
  void Crash(bool power_cut);
  Machine* machine() { return store_->machine(); }
  // Nothing is under way.
  bool Quiet();

 private:
  void Connect();
  void Reconcile(const adapters::LaneCursors& cursors);
  void NowStored(const v1::Delivery& delivery);
  void SendUp(const Up& up);
  void SendAck(const v1::Acknowledgment& ack, std::function<void()> answered);
  void ReportAtHub(const Up& up);
  bool Retry(std::map<uint64_t, int64_t>& sent, uint64_t number);

  World& world_;
  HubNode& hub_;
  const std::string party_;
  const std::unique_ptr<Store> store_;
  std::deque<v1::Report> telling_;  // by the party's own system, not taken yet

  // Gone with the program.
  std::shared_ptr<Line> line_;
  std::unique_ptr<adapters::LaneProgress> progress_;
  std::map<uint64_t, int64_t> sent_;      // number -> when it was sent last
  std::map<uint64_t, int64_t> received_;  // RECEIVED without an answer: delivery id -> when it was said last

  std::map<std::pair<v1::Lane, uint64_t>, v1::Delivery> uncertain_;  // handed to a store that failed: there or not
  // What people know.
  std::vector<v1::Envelope> to_do_;
  std::map<uint64_t, int> step_;  // of a delivery, on the ladder
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_STATION_H_
