// Destroys the keys of which a durable record says so. What the disk does not let go now is tried again until it does.
//
// Thread-safety: every method may be called from any thread; Destroy blocks for a sync.
#ifndef LIANDONG_HUB_SHREDDER_H_
#define LIANDONG_HUB_SHREDDER_H_

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "hub/core/retention.h"
#include "security/key_destroyer.h"

namespace liandong::hub {

class Shredder {
 public:
  // `say` hears once that keys cannot be destroyed for now; may be empty. `keys` outlives this.
  explicit Shredder(security::KeyDestroyer* keys, std::function<void(const std::string&)> say = {})
      : keys_(keys), say_(std::move(say)) {}

  // These and what waits from before. A key that was never there counts as destroyed.
  void Destroy(const std::vector<uint64_t>& key_ids = {});
  // At the start: whatever is there although a record says that it is destroyed, since the process ended in between or
  // an older copy of the key store was put back.
  absl::Status DestroyAgain(const core::KeyRanges& erased);
  // While standing by, again and again, from one thread: what is new in `erased`, and what waits.
  void Follow(const core::KeyRanges& erased);
  // Keys that are still there although a record says that they are destroyed.
  size_t waiting() const;

 private:
  absl::Status TryAll(const std::vector<uint64_t>& key_ids);

  security::KeyDestroyer* const keys_;
  const std::function<void(const std::string&)> say_;
  core::KeyRanges followed_;  // Follow's
  mutable std::mutex mu_;
  std::set<uint64_t> waiting_;  // guarded by mu_
};

}  // namespace liandong::hub

#endif  // LIANDONG_HUB_SHREDDER_H_
