// The sessions of the people who look. The hub issues them and decides what they may; here is only remembered what it
// said, for a few seconds, so that not every call of a page asks it. While the hub is away a session that it knew goes
// on, for looking: whatever acts is asked of the hub anyway.
//
// Thread-safe. A token is never logged, nor in an error; sessions are named by a hash of it.
#ifndef LIANDONG_ADAPTERS_SCREEN_SESSIONS_H_
#define LIANDONG_ADAPTERS_SCREEN_SESSIONS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/screen/audience.h"
#include "liandong/v1/account.pb.h"

namespace liandong::screen {

struct Session {
  std::string key;    // names the session; says nothing of the token
  std::string token;  // for the hub
  std::string csrf;   // what the page must send along with whatever changes something
  v1::SessionView view;

  Audience audience() const { return Audience::Of(view.party_kind(), view.party()); }
};
using SessionPtr = std::shared_ptr<const Session>;

class Sessions {
 public:
  // Account.Check in the session's name.
  using Ask = std::function<absl::StatusOr<v1::SessionView>(const std::string& token)>;
  // A session holds no longer. Called without a lock.
  using Ended = std::function<void(const std::string& key)>;

  Sessions(Ask ask, Ended ended, std::function<int64_t()> wall_ms, std::function<int64_t()> steady_ms);

  // Unauthenticated: the hub knows no such session. Unavailable: it cannot be asked, and was not before.
  absl::StatusOr<SessionPtr> Find(const std::string& token);
  // One that the hub has just issued.
  SessionPtr Add(const std::string& token, v1::SessionView view);
  void Forget(const std::string& token);
  // The hub is asked at the next look: something of the account has changed.
  void Doubt(const std::string& token);
  // Asks the hub about those of `keys` that were not asked about for a while.
  void Recheck(const std::set<std::string>& keys);
  size_t size() const;

 private:
  struct Known {
    SessionPtr session;
    int64_t checked_ms = 0;  // steady
    int64_t used_ms = 0;
    bool asking = false;
  };

  absl::StatusOr<SessionPtr> Check(const std::string& key, const std::string& token, SessionPtr known);
  SessionPtr Keep(const std::string& key, const std::string& token, v1::SessionView view);

  const Ask ask_;
  const Ended ended_;
  const std::function<int64_t()> wall_ms_, steady_ms_;

  mutable std::mutex mutex_;
  std::map<std::string, Known> known_;  // by key
  int64_t away_until_ms_ = 0;           // the hub could not be asked: not again before this
};

}  // namespace liandong::screen

#endif  // LIANDONG_ADAPTERS_SCREEN_SESSIONS_H_
