// The one way from a gRPC call to a handler: the gate first, then the handler with a Caller. Included by the services
// only.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/auth_context.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "hub/service/auth.h"
#include "hub/service/errors.h"
#include "hub/service/trail_notes.h"

namespace liandong::service {

using Context = grpc::CallbackServerContext;

// Metadata of a call that carries a person's session.
inline constexpr char kSessionKey[] = "liandong-session";
inline constexpr char kFromKey[] = "liandong-from";  // a screen's: the address of the browser that it serves

inline absl::StatusOr<Caller> Admit(const Gate& gate, const grpc::AuthContext* auth, std::string_view method,
                                    std::string_view session = "", std::string_view from = "") {
  std::vector<std::string> uris;
  std::string pem;
  if (auth != nullptr && auth->IsPeerAuthenticated()) {
    for (const grpc::string_ref& uri : auth->FindPropertyValues(GRPC_PEER_URI_PROPERTY_NAME)) {
      uris.emplace_back(uri.data(), uri.size());
    }
    const auto found = auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (!found.empty()) pem.assign(found.front().data(), found.front().size());
  }
  absl::StatusOr<Caller> caller = gate.Admit(uris, method, session, pem);
  if (!caller.ok() && gate.trail() != nullptr) gate.trail()->Note(EntryOfDenied(uris, method, from, caller.status()));
  return caller;
}
inline absl::StatusOr<Caller> Admit(const Gate& gate, const Context& context, std::string_view method) {
  const auto session = context.client_metadata().find(kSessionKey);
  const bool has = session != context.client_metadata().end();
  return Admit(gate, context.auth_context().get(), method,
               has ? std::string_view(session->second.data(), session->second.size()) : std::string_view(),
               context.peer());
}

inline absl::Status CheckBytes(size_t bytes, size_t bytes_max) {
  if (bytes <= bytes_max) return absl::OkStatus();
  return core::Refuse(
      absl::StatusCode::kInvalidArgument, "TOO_LARGE",
      "the message has " + std::to_string(bytes) + " bytes; at most " + std::to_string(bytes_max) + " are taken here",
      "消息超出长度上限");
}

// The caller's network address; where a screen serves a person, also what it says of his browser's.
inline std::string FromOf(const Context& context, const Caller& caller) {
  const auto told = context.client_metadata().find(kFromKey);
  const v1::Party* via = caller.site().FindParty(caller.via());
  if (told == context.client_metadata().end() || via == nullptr || via->kind() != v1::SCREEN) return context.peer();
  return context.peer() + " < " + std::string(told->second.data(), told->second.size());
}

inline Noted NotedFor(const Gate& gate, const Context& context, std::string_view method, const Caller& caller,
                      const google::protobuf::Message* request) {
  const auto kind = gate.trail() == nullptr ? std::nullopt : NotedAs(method, caller, request);
  if (!kind.has_value()) return Noted();
  v1::TrailEntry entry = EntryOf(*kind, caller, method, FromOf(context, caller));
  entry.set_object(ObjectOf(caller, request));
  return Noted(gate.trail(), std::move(entry));
}

// `body(caller, done)` returns an error, or OK and then calls done exactly once, from any thread.
template <typename Request, typename Reply, typename Body>
grpc::ServerUnaryReactor* Unary(const Gate& gate, Context* context, std::string_view method, const Request& request,
                                Reply* reply, Body body, size_t bytes_max = limits::kRequestBytes) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(gate, *context, method);
  absl::Status status = caller.status();
  if (status.ok()) status = CheckBytes(request.ByteSizeLong(), bytes_max);
  const auto finish = [reactor](const absl::Status& outcome) { reactor->Finish(ToGrpc(outcome)); };
  Noted noted;
  if (caller.ok()) noted = NotedFor(gate, *context, method, *caller, &request);
  if (status.ok()) {
    status = body(*caller, [reply, noted, finish](absl::StatusOr<Reply> answer) {
      if (answer.ok()) *reply = *std::move(answer);
      noted.End(answer.status(), finish);
    });
  }
  if (!status.ok()) noted.End(status, finish);
  return reactor;
}

// A streaming call that is refused before it begins.
template <typename Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const absl::Status& status) { this->Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

inline absl::Status Stopping() {
  return core::Refuse(absl::StatusCode::kUnavailable, "STOPPING", "the hub is stopping; try again shortly",
                      "枢纽正在停机,请稍后重试", "", limits::kRetryAfterMs);
}

}  // namespace liandong::service
