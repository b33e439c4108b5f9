// Every site set that was ever in force, so that an explanation can cite a clause as it was then. One file a version,
// <folder>/<version>.site; derived from the log, which has the same content in its records.
//
// Thread-safety: every method may be called from any thread; both do file I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "routing/site.h"

namespace liandong::service {

class SiteArchive {
 public:
  // `folder` is made when the first set is kept.
  explicit SiteArchive(std::string folder) : folder_(std::move(folder)) {}

  // Keeps it if it is not there yet.
  absl::Status Keep(const v1::SiteSet& site);
  // nullptr: not kept here, or not readable.
  std::shared_ptr<const routing::Site> Find(uint64_t version);

 private:
  std::string PathOf(uint64_t version) const;

  const std::string folder_;
  absl::Mutex mu_;
  std::deque<std::shared_ptr<const routing::Site>> cache_ ABSL_GUARDED_BY(mu_);  // newest use last
};

}  // namespace liandong::service
