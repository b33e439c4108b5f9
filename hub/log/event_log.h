// The one seam between the sequencer and storage: batches of records go in, committed batches come back in order.
//
// What always holds:
// - Indexes are 1, 2, 3 ... without a gap; a batch begins right after the one before it.
// - A batch that Read hands out is on stable storage, and its bytes are the ones that were appended.
// - Each link is H(link before ‖ H(bytes)), see security/chain.h; the link before the first batch is the genesis link.
// - Answers come in the order of the appends. After the first failed one every later one fails too.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace liandong::log {

struct CommittedBatch {
  uint64_t first_index = 0;
  uint64_t last_index = 0;
  std::string bytes;  // serialized v1::Batch as it is stored; never encoded again
  std::string link;   // security::EncodeLink of the chain after this batch
};

// Thread-safety: every method may be called from any thread; Append from one thread at a time, since its order counts.
class EventLog {
 public:
  // `link` is the encoded chain link after the batch; empty when the status is not OK.
  using Done = std::function<void(const absl::Status& status, std::string_view link)>;
  using Visit = std::function<absl::Status(const CommittedBatch& batch)>;

  virtual ~EventLog() = default;

  // Takes over the bytes and returns at once. `done` runs on the log's own thread, in the order of the appends, when
  // this batch and all before it are on stable storage; it must be short and must not call Append's log to wait for it.
  // A failure is final: it and everything after it fails, the node must stop, and nothing that rests on these batches
  // may be answered. After the restart a batch that failed may be there or not. The caller bounds what is under way.
  virtual void Append(uint64_t first_index, uint64_t last_index, std::string bytes, Done done) = 0;

  // Hands committed batches to `visit` in order, from the first that holds a record after `after_index` (so the first
  // one may begin with records that the caller has) to the last that was committed when it is reached. Each batch is
  // checked against the chain before it is handed out. `link`, when not empty, is what the caller holds as the link
  // after `after_index`; it must then be the end of a batch, and DataLoss says where the log differs.
  // Stops at the first status of `visit` that is not OK, and returns it.
  virtual absl::Status Read(uint64_t after_index, std::string_view link, const Visit& visit) = 0;

  // Of the last batch on stable storage; 0 and the genesis link when there is none.
  virtual uint64_t last_index() const = 0;
  virtual std::string last_link() const = 0;

  // True when something after `after_index` is committed; waits for that at most `timeout`. False at once when the log
  // has failed or is closing.
  virtual bool WaitFor(uint64_t after_index, absl::Duration timeout) = 0;
};

}  // namespace liandong::log
