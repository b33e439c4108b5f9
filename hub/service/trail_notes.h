// What the trail keeps of a call, and how the call then ends. Free of gRPC.
//
// Thread-safety: pure functions, and Trail::Note behind them.
#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hub/service/auth.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::service {

// Nothing: the incidents' log has the act, or the call shows nothing personal. `request` may be absent.
std::optional<v1::TrailKind> NotedAs(std::string_view method, const Caller& caller,
                                     const google::protobuf::Message* request);

// "incident 17" or "account li", from the request's own fields; an account only when it looks like one, for people type
// passwords there. Without a request: whose deliveries.
std::string ObjectOf(const Caller& caller, const google::protobuf::Message* request);

// Who it is, over which party, from where.
v1::TrailEntry EntryOf(v1::TrailKind kind, const Caller& caller, std::string_view method, std::string_view from);
v1::TrailEntry EntryOfDenied(const std::vector<std::string>& uris, std::string_view method, std::string_view from,
                             const absl::Status& why);

// "OK" or the reason of the refusal.
std::string ResultOf(const absl::Status& status);

// A call on its way into the trail.
class Noted {
 public:
  Noted() = default;  // the trail keeps nothing of it
  Noted(audit::Trail* trail, v1::TrailEntry entry) : trail_(trail), entry_(std::move(entry)) {}

  // `finish` runs once with how the call ends: in this call, or when the entry is on the trail's disk. What would show
  // something or let somebody in ends with UNAVAILABLE (NOT_NOTED) when it cannot be noted; an act that has been done
  // ends as it did.
  void End(const absl::Status& outcome, std::function<void(const absl::Status&)> finish) const;

 private:
  audit::Trail* trail_ = nullptr;
  v1::TrailEntry entry_;
};

}  // namespace liandong::service
