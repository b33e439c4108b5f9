#include "adapters/screen/sessions.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/screen/json.h"
#include "adapters/screen/limits.h"
#include "security/crypto.h"

namespace liandong::screen {
namespace {

std::string KeyOf(const std::string& token) { return security::Hex(security::Sha256(absl::StrCat("key\n", token))); }

// One way from the token, so that a page of another site can neither read nor guess it.
std::string CsrfOf(const std::string& token) { return security::Hex(security::Sha256(absl::StrCat("csrf\n", token))); }

absl::Status SignedOut() {
  return Refusal(absl::StatusCode::kUnauthenticated, "NOT_SIGNED_IN", "请先登录", "sign in first");
}

bool HubAway(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

}  // namespace

Sessions::Sessions(Ask ask, Ended ended, std::function<int64_t()> wall_ms, std::function<int64_t()> steady_ms)
    : ask_(std::move(ask)), ended_(std::move(ended)), wall_ms_(std::move(wall_ms)), steady_ms_(std::move(steady_ms)) {}

SessionPtr Sessions::Keep(const std::string& key, const std::string& token, v1::SessionView view) {
  auto session = std::make_shared<Session>();
  session->key = key;
  session->token = token;
  session->csrf = CsrfOf(token);
  session->view = std::move(view);
  const std::lock_guard lock(mutex_);
  const int64_t now = steady_ms_();
  known_[key] = {session, now, now, false};
  if (known_.size() > kSessionsMax) {
    known_.erase(std::min_element(known_.begin(), known_.end(),
                                  [](const auto& a, const auto& b) { return a.second.used_ms < b.second.used_ms; }));
  }
  return session;
}

SessionPtr Sessions::Add(const std::string& token, v1::SessionView view) {
  return Keep(KeyOf(token), token, std::move(view));
}

absl::StatusOr<SessionPtr> Sessions::Find(const std::string& token) {
  if (token.empty() || token.size() > kSessionTokenBytesMax) return SignedOut();
  const std::string key = KeyOf(token);
  SessionPtr known;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now = steady_ms_();
    const auto it = known_.find(key);
    if (it != known_.end()) {
      known = it->second.session;
      it->second.used_ms = now;
      const bool holds = wall_ms_() < known->view.expires_ms();
      const bool fresh = now - it->second.checked_ms < kSessionCheckMs || it->second.asking || now < away_until_ms_;
      if (holds && fresh) return known;
      it->second.asking = true;
    }
  }
  return Check(key, token, std::move(known));
}

absl::StatusOr<SessionPtr> Sessions::Check(const std::string& key, const std::string& token, SessionPtr known) {
  auto view = ask_(token);
  if (view.ok()) return Keep(key, token, *std::move(view));
  {
    const std::lock_guard lock(mutex_);
    const auto it = known_.find(key);
    if (HubAway(view.status())) {
      away_until_ms_ = steady_ms_() + kSessionCheckTimeoutMs;
      if (it != known_.end()) it->second.asking = false;
      if (known != nullptr && wall_ms_() < known->view.expires_ms()) return known;
      return view.status();
    }
    if (it != known_.end()) known_.erase(it);
  }
  ended_(key);
  if (absl::IsUnauthenticated(view.status())) return SignedOut();
  return view.status();
}

void Sessions::Forget(const std::string& token) {
  const std::string key = KeyOf(token);
  {
    const std::lock_guard lock(mutex_);
    known_.erase(key);
  }
  ended_(key);
}

void Sessions::Doubt(const std::string& token) {
  const std::lock_guard lock(mutex_);
  const auto it = known_.find(KeyOf(token));
  if (it != known_.end()) it->second.checked_ms = steady_ms_() - kSessionCheckMs;
}

void Sessions::Recheck(const std::set<std::string>& keys) {
  std::vector<SessionPtr> due;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now = steady_ms_();
    if (now < away_until_ms_) return;
    for (const std::string& key : keys) {
      const auto it = known_.find(key);
      if (it == known_.end() || it->second.asking || now - it->second.checked_ms < kSessionCheckMs) continue;
      it->second.asking = true;
      it->second.used_ms = now;
      due.push_back(it->second.session);
    }
  }
  for (size_t i = 0; i < due.size(); ++i) {
    Check(due[i]->key, due[i]->token, due[i]).status().IgnoreError();  // what it found stands in known_
    const std::lock_guard lock(mutex_);
    if (steady_ms_() >= away_until_ms_) continue;
    // The hub is away: the others wait for the next round.
    for (size_t j = i + 1; j < due.size(); ++j) {
      if (const auto it = known_.find(due[j]->key); it != known_.end()) it->second.asking = false;
    }
    return;
  }
}

size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return known_.size();
}

}  // namespace liandong::screen
