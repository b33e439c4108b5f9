// What the trail keeps of a call. Free of gRPC.
//
// Thread-safety: pure functions, and Trail::Note behind them.
#pragma once

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "hub/service/auth.h"
#include "liandong/v1/audit.pb.h"

namespace liandong::service {

// Nothing: the incidents' log has the act, or the call shows nothing personal.
std::optional<v1::TrailKind> NotedAs(std::string_view method, const Caller& caller);

// "incident 17" or "account li", from the request's own fields; an account only when it looks like one, for people type
// passwords there.
std::string ObjectOf(const google::protobuf::Message& request);

// Who it is, over which party, from where.
v1::TrailEntry EntryOf(v1::TrailKind kind, const Caller& caller, std::string_view method, std::string_view from);
v1::TrailEntry EntryOfDenied(const std::vector<std::string>& uris, std::string_view method, std::string_view from,
                             const absl::Status& why);

// "OK" or the reason of the refusal.
std::string ResultOf(const absl::Status& status);

}  // namespace liandong::service
