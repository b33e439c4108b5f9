// Messages between a party and the hub, each for itself: they may be lost, come twice, late, and in another order. A
// party may be cut off. (A stream's frames keep their order, as TCP does; a stream breaks instead, see hub_node.h.)
#ifndef LIANDONG_TESTS_SIMULATION_NET_H_
#define LIANDONG_TESTS_SIMULATION_NET_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tests/simulation/faults.h"
#include "tests/simulation/random.h"

namespace liandong::sim {

class Net {
 public:
  Net(Random* random, Faults* faults) : random_(*random), faults_(*faults) {}

  void Send(const std::string& party, int64_t now_ms, std::function<void()> arrive) {
    ++sent_;
    if (cut_.count(party) > 0) return faults_.CountEffect("message into a partition");
    if (faults_.on && random_.Chance(8)) return faults_.Count("message lost");
    const int copies = faults_.on && random_.Chance(8) ? 2 : 1;
    if (copies == 2) faults_.Count("message doubled");
    for (int i = 0; i < copies; ++i) {
      int64_t takes_ms = static_cast<int64_t>(random_.Below(20));
      if (faults_.on && random_.Chance(10)) {
        faults_.Count("message delayed");
        takes_ms += static_cast<int64_t>(random_.Below(30'000));
      }
      on_the_way_.emplace(std::pair(now_ms + takes_ms, ++number_), Message{party, sent_, arrive});
    }
  }
  // The next to arrive by now. False: none.
  bool Arrive(int64_t now_ms) {
    if (on_the_way_.empty() || on_the_way_.begin()->first.first > now_ms) return false;
    const Message message = std::move(on_the_way_.begin()->second);
    on_the_way_.erase(on_the_way_.begin());
    if (cut_.count(message.party) > 0) {
      faults_.CountEffect("message into a partition");
      return true;
    }
    if (message.order < last_order_[message.party]) faults_.CountEffect("message overtaken");
    last_order_[message.party] = std::max(last_order_[message.party], message.order);
    message.arrive();
    return true;
  }
  void Cut(const std::string& party) { cut_.insert(party); }
  void Mend(const std::string& party) { cut_.erase(party); }
  bool IsCut(const std::string& party) const { return cut_.count(party) > 0; }
  bool empty() const { return on_the_way_.empty(); }

 private:
  struct Message {
    std::string party;
    uint64_t order;
    std::function<void()> arrive;
  };
  Random& random_;
  Faults& faults_;
  std::map<std::pair<int64_t, uint64_t>, Message> on_the_way_;
  std::map<std::string, uint64_t> last_order_;
  std::set<std::string> cut_;
  uint64_t sent_ = 0;
  uint64_t number_ = 0;
};

}  // namespace liandong::sim

#endif  // LIANDONG_TESTS_SIMULATION_NET_H_
