// What waits for the sequencer, shared out between the parties: each has a queue of its own, of which the next piece is
// taken in turn, and a bounded share of the room. So a party that floods the hub fills its own share and waits behind
// itself; the others' reports are taken and decided as if it were not there.
//
// Not thread-safe: the sequencer guards it.
#ifndef LIANDONG_HUB_WORK_QUEUE_H_
#define LIANDONG_HUB_WORK_QUEUE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace liandong::hub {

class Turn;
using Work = std::function<void(Turn&)>;

// Who is refused first when the hub is full. Bookkeeping of streams (written, detached) is never refused: what was
// counted must be counted down, and there is no more of it than there are streams and frames.
enum class Priority { kOrdinaryReport, kUrgentReport, kAct, kBookkeeping };

class WorkQueue {
 public:
  // `party` empty: the hub's own, which has no share and goes first. `weight`: how much there is to do, in commands.
  // False: no room for work of this priority, in all or for this party; then it is not taken.
  bool Put(Priority priority, const std::string& party, size_t weight, Work work);
  // At most about `weight_max`: the hub's own, then one of each party in turn. Of one party in the order of Put.
  std::deque<Work> Take(size_t weight_max);

  bool empty() const { return works_ == 0; }
  // Pieces of work.
  size_t size() const { return works_; }

 private:
  struct One {
    size_t weight = 0;
    Work work;
  };
  struct OfParty {
    std::deque<One> waiting;
    size_t weight = 0;
  };
  void TakeFirst(OfParty* of, std::deque<Work>* out, size_t* taken);

  OfParty own_;
  std::map<std::string, OfParty> parties_;  // those that have work waiting
  std::string last_;                        // whose turn was last
  size_t works_ = 0, weight_ = 0;
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_WORK_QUEUE_H_
