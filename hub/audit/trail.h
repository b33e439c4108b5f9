// The trail: who signed in or failed to, was refused, looked at personal fields, changed accounts or the configuration,
// exported or printed. A second hash-chained log beside the incidents', one segment (a folder of its own) a month:
// <data_dir>/trail/2026-11/log.db.
//
// Off the hot path: Note puts an entry in a bounded queue and returns; a thread writes whatever waits with one sync.
// Who must not answer before it is on disk gives a `done`. What finds no room is counted, and the count is an entry; so
// are refusals of one party beyond a number in each minute. A segment goes, whole, when its last day is older than
// `days`; that is an entry too, with the link it ended with.
//
// Thread-safety: every method from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::audit {

struct TrailOptions {
  std::string folder;  // <data_dir>/trail
  int64_t days = 0;    // 0: limits.h; never under kTrailDaysMin
  std::function<void(const std::string& line)> say;
  std::function<int64_t()> now_ms = {};  // wall clock; default: the system's
};

class Trail {
 public:
  static absl::StatusOr<std::unique_ptr<Trail>> Open(TrailOptions options);
  ~Trail();  // writes what waits

  // Texts are cut to kTrailTextBytes. Never waits. `done` runs once, in this call or on the trail's thread: OK when the
  // entry is on stable storage (or is a refusal that is only counted), else it is not, and never will be.
  using Done = std::function<void(const absl::Status& status)>;
  void Note(v1::TrailEntry entry, Done done = nullptr);

  // What matches and is on disk when it is called. Reads files: not for a thread that must not wait.
  absl::StatusOr<v1::TrailReply> Read(const v1::TrailRequest& request) const;

  // Waits until what was noted before is on disk, or could not be written.
  void Flush();

  // What is on disk: the segment that is written, its records and its link.
  v1::TrailEnd End() const;

  uint64_t lost() const;  // since the start

 private:
  class Impl;
  explicit Trail(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::audit
