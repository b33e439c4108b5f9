// What the services stand on.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "hub/accounts/accounts.h"
#include "hub/audit/notary.h"
#include "hub/audit/trail.h"
#include "hub/feed/publisher.h"
#include "hub/history/history.h"
#include "hub/log/event_log.h"
#include "hub/sequencer.h"
#include "hub/service/auth.h"
#include "hub/service/site_archive.h"
#include "hub/service/workers.h"
#include "security/revocation.h"
#include "security/tls.h"

namespace liandong::service {

// A call that lasts: it is asked to end when the hub stops, and when a new site set no longer has its party or the
// session that let it in is over.
class LastingCall {
 public:
  virtual ~LastingCall() = default;
  virtual void EndForStop() = 0;
  virtual void Recheck(const routing::Site& site) = 0;
};

// Thread-safe.
class LastingCalls {
 public:
  void Add(std::weak_ptr<LastingCall> call) {
    std::shared_ptr<LastingCall> late;
    {
      absl::MutexLock lock(&mu_);
      std::erase_if(calls_, [](const auto& one) { return one.expired(); });
      if (stopping_) late = call.lock();
      calls_.push_back(std::move(call));
    }
    if (late != nullptr) late->EndForStop();
  }
  void EndAll() {
    std::vector<std::weak_ptr<LastingCall>> calls;
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      calls.swap(calls_);
    }
    for (const auto& one : calls) {
      if (const auto call = one.lock()) call->EndForStop();
    }
  }
  void Recheck(const routing::Site& site) {
    std::vector<std::weak_ptr<LastingCall>> calls;
    {
      absl::MutexLock lock(&mu_);
      calls = calls_;
    }
    for (const auto& one : calls) {
      if (const auto call = one.lock()) call->Recheck(site);
    }
  }

 private:
  absl::Mutex mu_;
  std::vector<std::weak_ptr<LastingCall>> calls_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
};

// All of these outlive the server. `open` unseals for a reader: thread-safe, unlike the sequencer's Sealer.
struct Parts {
  hub::Sequencer* sequencer = nullptr;
  history::History* history = nullptr;
  log::EventLog* log = nullptr;
  hub::Shredder* shredder = nullptr;
  core::Opener open;
  SiteDirectory* directory = nullptr;
  SiteArchive* archive = nullptr;
  Workers* workers = nullptr;
  LastingCalls* lasting = nullptr;
  accounts::Accounts* accounts = nullptr;
  Workers* sign_in = nullptr;  // one thread: one password is hashed at a time
  audit::Trail* trail = nullptr;
  audit::Notary* notary = nullptr;
  security::Revocations* revocations = nullptr;  // nullptr: no revocation list
  feed::Publisher* feed = nullptr;               // nullptr: this hub has no feed
  std::string feed_endpoint;                     // what subscribers are told
  security::TlsFiles tls;                        // looked at again for the alarm of an end that comes near
  std::string version;
  mutable std::atomic<uint64_t> gate_refused = 0;  // calls that the gate did not let in
  int64_t heartbeat_ms = 0;
  int64_t hello_within_ms = 0;  // a line that has said nothing for so long is ended
};

}  // namespace liandong::service
