// Where a party's end keeps what it must not lose: what goes to the hub, and what came from it.
#ifndef LIANDONG_TESTS_SIMULATION_STORE_H_
#define LIANDONG_TESTS_SIMULATION_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/spool/spool.h"
#include "liandong/v1/link.pb.h"
#include "liandong/v1/report.pb.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/world.h"

namespace liandong::sim {

// On its way to the hub.
struct Up {
  uint64_t number = 0;
  bool urgent = true;
  bool is_report = false;
  v1::Report report;
  v1::Acknowledgment ack;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual absl::Status Put(Up up) = 0;
  // The oldest, urgent ones first.
  virtual std::vector<Up> Peek(size_t max) = 0;
  virtual absl::Status Done(uint64_t number) = 0;
  virtual absl::Status StoreDeliveries(const std::vector<v1::Delivery>& deliveries) = 0;
  virtual absl::StatusOr<uint64_t> Cursor(v1::Lane lane) = 0;
  // Hands what waits for the party's own system over, one at a time. 0: nothing is due.
  virtual uint64_t HandOver() = 0;
  virtual bool HasSystem() const = 0;
  // Nothing when the store cannot crash.
  virtual Machine* machine() { return nullptr; }
  virtual absl::Status Restart(bool /*power_cut*/) { return absl::OkStatus(); }
};

// A program that keeps its own state well: agencies in other people's languages.
std::unique_ptr<Store> MakeMemoryStore();
// The adapter's real spool on a simulated disk.
std::unique_ptr<Store> MakeSpoolStore(World* world, const std::string& party);

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_STORE_H_
