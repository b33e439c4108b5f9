// The one thread that owns State. It takes what waits (that is the batch), decides and applies each, appends the batch
// with one sync, and lets answers and deliveries out only when everything they rest on is on stable storage. While one
// batch syncs the next is decided.
//
// Thread-safety: Submit and the read-only accessors from any thread. Work runs on the sequencer's thread; what it
// releases runs on the releaser's thread, in the order of release.
#ifndef LIANDONG_HUB_SEQUENCER_H_
#define LIANDONG_HUB_SEQUENCER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/committed_event.h"
#include "hub/core/command.h"
#include "hub/core/render.h"
#include "hub/core/state.h"
#include "hub/log/event_log.h"
#include "hub/log/records.h"
#include "hub/sealer.h"
#include "hub/shredder.h"
#include "hub/sketch_book.h"
#include "hub/streams.h"
#include "hub/work_queue.h"

namespace liandong::history {
class History;
}

namespace liandong::hub {

// Where time comes from. The simulation has one of its own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t WallMs() const = 0;
  virtual int64_t MonotonicMs() const = 0;
};
const Clock& SystemClock();

class Sequencer;

// What one piece of work sees while it runs.
class Turn {
 public:
  const core::State& state() const;
  const core::Renderer& renderer() const;
  Sealer& sealer();
  history::History* history() const;
  Shredder* shredder() const;
  StreamTable& streams();
  SketchBook& sketches();
  int64_t now_ms() const;

  // Decides, applies and puts the record into the batch. `text`: clear text of the incident's reports, where it may be
  // routed.
  absl::StatusOr<core::Answer> Decide(const core::Command& command, const v1::Actor& actor, std::string_view text = "");
  // Runs when everything that State holds now is durable.
  void Release(std::function<void()> out);

 private:
  friend class Sequencer;
  explicit Turn(Sequencer* sequencer) : sequencer_(sequencer) {}
  Sequencer* const sequencer_;
};

struct SequencerParts {
  log::EventLog* log = nullptr;  // outlives the sequencer, as all of these
  history::History* history = nullptr;
  Sealer* sealer = nullptr;
  const Clock* clock = nullptr;
  core::PastSites past_sites = {};  // called on the sequencer's thread
  Shredder* shredder = nullptr;     // nullptr: erasures are only recorded
};

struct SequencerOptions {
  int tick_ms = 100;  // how often deadlines are looked at, at the least
  std::string version;
  // The log refused a batch: nothing more may be answered. Must end the process.
  std::function<void(const absl::Status&)> on_fatal;
  // Each batch: seconds from handing it to the log until it was durable. From the log's thread; may be empty.
  std::function<void(double seconds)> on_synced;
  // In a cluster: whether surely no other hub leads now. What is answered without a record waits until it says so.
  // Empty: this hub is the only one.
  std::function<bool()> leads;
  // No threads: whoever made the sequencer calls RunOnce and ReleaseReady. So the simulation decides what happens when.
  bool by_hand = false;
};

// Every record as it becomes durable, for watchers: on the releaser's thread.
using Watcher = std::function<void(const std::shared_ptr<const CommittedEvent>&)>;

class Sequencer {
 public:
  // Takes over a State that holds everything of the log, records that the hub has started, and starts the threads.
  Sequencer(core::State state, const SequencerParts& parts, SequencerOptions options);
  // Finishes what was submitted, syncs, releases it.
  ~Sequencer();
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // RESOURCE_EXHAUSTED (reason OVERLOADED, with when to try again) when too much waits, in all or of this party;
  // UNAVAILABLE (STOPPING) at the end. `weight`: how many commands it stands for.
  absl::Status SubmitFor(const std::string& party, Priority priority, Work work, size_t weight = 1);
  // The hub's own: before that of the parties, and on nobody's share.
  absl::Status Submit(Priority priority, Work work);

  // Stops taking work, finishes what waits and ends the threads. Idempotent. By hand: only stops taking work.
  void Stop();

  // With by_hand only. One turn: a batch of what waits, what time has made due, what streams have room for. False when
  // it could not be: as many batches as may be are under way, or the log has failed.
  bool RunOnce();
  // With by_hand only. Lets out what has become durable; how much that was.
  size_t ReleaseReady();

  uint64_t committed_index() const { return committed_.load(std::memory_order_acquire); }
  size_t waiting() const;
  // How many commands were refused because too much waited.
  uint64_t refused() const { return refused_.load(); }
  int64_t started_at_ms() const { return started_at_ms_; }

  // The id to remove it with. Events begin with the first record after this call.
  uint64_t AddWatcher(Watcher watcher);
  void RemoveWatcher(uint64_t id);

 private:
  friend class Turn;
  struct Held {  // what waits for an index to be durable
    uint64_t index;
    std::vector<std::function<void()>> out;
  };

  void Run();
  void RunReleaser();
  void RunBatch(std::deque<Work>& works);
  void Tick();
  void NoticeClock();
  void EraseDue(int64_t now_ms);
  void Commit();
  void LetOut(uint64_t index);
  void OnAppended(uint64_t last_index, const absl::Status& status);
  int64_t Now() const;
  absl::StatusOr<core::Answer> Decide(const core::Command& command, const v1::Actor& actor, std::string_view text);
  void NoteForWatchers(const v1::Record& record);

  const SequencerParts parts_;
  const SequencerOptions options_;

  // ---- Owned by the sequencer's thread.
  core::State state_;
  core::Renderer renderer_;
  StreamTable streams_;
  SketchBook sketches_;
  log::BatchWriter batch_;                  // decided, not yet appended
  std::vector<std::function<void()>> out_;  // of the batch being decided
  int64_t base_log_ms_ = 0;                 // log time = base_log_ms_ + monotonic - base_mono_ms_
  int64_t base_mono_ms_ = 0;
  int64_t known_jump_ms_ = 0;
  int64_t next_evict_ms_ = 0;
  int64_t next_erase_ms_ = 0;
  int64_t started_at_ms_ = 0;

  // std::mutex, since ThreadSanitizer does not understand the mutex of Debian's Abseil. Guards everything below but the
  // atomics.
  mutable std::mutex mu_;
  std::condition_variable work_changed_;      // queue_, stopping_, failed_, in_flight_
  std::condition_variable released_changed_;  // released_, releaser_stopping_
  WorkQueue queue_;
  bool stopping_ = false;
  bool failed_ = false;
  size_t in_flight_ = 0;  // batches appended and not yet durable
  std::deque<Held> held_;
  std::deque<std::function<void()>> released_;
  bool releaser_stopping_ = false;
  std::vector<std::pair<uint64_t, Watcher>> watchers_;
  uint64_t next_watcher_ = 1;
  std::atomic<bool> watched_ = false;
  std::atomic<uint64_t> committed_ = 0;
  std::atomic<uint64_t> refused_ = 0;

  std::thread releaser_;
  std::thread thread_;
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_SEQUENCER_H_
