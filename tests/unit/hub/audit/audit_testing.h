// A data folder as a hub leaves it, with signed checkpoints, and what somebody with access to the disk can do to it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "hub/audit/notary.h"
#include "hub/log/sqlite_log.h"
#include "security/audit/verify.h"
#include "tests/unit/security/temporary_folder.h"

namespace liandong::audit {

inline constexpr int64_t kNow = 1'795'000'000'000;  // 2026-11-18; of records. Certificates are of today
inline constexpr auto kLong = absl::Seconds(60);

bool Eventually(const std::function<bool()>& condition);

// A row of a log, for changing.
struct Stored {
  uint64_t first = 0, last = 0;
  std::string bytes;
};

class AuditedFolder {
 public:
  // A CA with certificates for "hub" and "command".
  AuditedFolder();
  AuditedFolder(const AuditedFolder&) = delete;

  std::string data() const { return folder_.path() + "/data"; }
  std::string pki(const std::string& file) const { return folder_.path() + "/pki/" + file; }
  std::string ca_pem() const { return security::Slurp(pki("ca.crt")); }

  // Batches of three records: of each, the second is about incident 7, the others about incidents of their own number.
  // The very first record adopts a site set.
  void Append(int batches);
  uint64_t records() const { return log_->last_index(); }
  log::SqliteLog* log() { return log_.get(); }

  // Every `every_records`, and at Stop. Its clock is now_ms.
  absl::Status StartNotary(uint64_t every_records);
  Notary* notary() { return notary_.get(); }
  // Signs what is left, and closes the log.
  void Close();
  NotaryOptions options(uint64_t every_records);

  absl::StatusOr<Verified> Verify(const std::vector<security::ChainLink>& anchors = {}) const;
  // What Verify says of a folder that it must not pass; "" when it passes.
  std::string Wrong(const std::vector<security::ChainLink>& anchors = {}) const;

  std::function<v1::TrailEnd()> trail_end = {};
  std::atomic<int64_t> now_ms = absl::ToUnixMillis(absl::Now());  // the notary's

 private:
  security::TemporaryFolder folder_;
  std::unique_ptr<log::SqliteLog> log_;
  std::unique_ptr<Notary> notary_;
};

// The rows of <folder>/log.db, as they are or as `change` leaves them. With `recompute` the chain is computed anew, as
// somebody would who knows how it is made.
std::vector<Stored> Rows(const std::string& folder);
void Rewrite(const std::string& folder, bool recompute, const std::function<void(std::vector<Stored>&)>& change);

// Gives every record of the rows the number of its place.
void Renumber(std::vector<Stored>& rows);

}  // namespace liandong::audit
