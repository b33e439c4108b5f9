// The command centre at work while everything goes wrong: merges, splits, transfers, corrections, orders, responses and
// new site sets in mid-flight.
#ifndef LIANDONG_TESTS_SIMULATION_DESK_H_
#define LIANDONG_TESTS_SIMULATION_DESK_H_

#include <string>
#include <vector>

#include "liandong/v1/site.pb.h"
#include "tests/simulation/hub_node.h"
#include "tests/simulation/world.h"

namespace liandong::sim {

class Desk {
 public:
  Desk(World* world, HubNode* hub, const v1::SiteSet& site);
  // One act of a person, on whatever incident or duty.
  void Act();

 private:
  hub::Work Choose();
  std::string Party() const { return parties_[world_.random.Below(parties_.size())]; }
  uint64_t Incident() const;
  uint64_t Duty() const;

  World& world_;
  HubNode& hub_;
  v1::SiteSet site_;
  std::vector<std::string> parties_, categories_;
  uint64_t site_sets_ = 0;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_DESK_H_
