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

// Puts the call's outcome into the trail, where the trail keeps such calls; called once.
inline std::function<void(const absl::Status&)> NoteFor(const Gate& gate, const Context& context,
                                                        std::string_view method, const Caller& caller,
                                                        const google::protobuf::Message& request) {
  const auto kind = gate.trail() == nullptr ? std::nullopt : NotedAs(method, caller);
  if (!kind.has_value()) return [](const absl::Status&) {};
  v1::TrailEntry entry = EntryOf(*kind, caller, method, context.peer());
  entry.set_object(ObjectOf(request));
  return [trail = gate.trail(), entry = std::move(entry)](const absl::Status& status) {
    v1::TrailEntry noted = entry;
    noted.set_result(ResultOf(status));
    trail->Note(std::move(noted));
  };
}

// `body(caller, done)` returns an error, or OK and then calls done exactly once, from any thread.
template <typename Request, typename Reply, typename Body>
grpc::ServerUnaryReactor* Unary(const Gate& gate, Context* context, std::string_view method, const Request& request,
                                Reply* reply, Body body, size_t bytes_max = limits::kRequestBytes) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  absl::StatusOr<Caller> caller = Admit(gate, *context, method);
  absl::Status status = caller.status();
  if (status.ok()) status = CheckBytes(request.ByteSizeLong(), bytes_max);
  std::function<void(const absl::Status&)> note = [](const absl::Status&) {};
  if (caller.ok()) note = NoteFor(gate, *context, method, *caller, request);
  if (status.ok()) {
    status = body(*caller, [reactor, reply, note](absl::StatusOr<Reply> answer) {
      if (answer.ok()) *reply = *std::move(answer);
      note(answer.status());
      reactor->Finish(ToGrpc(answer.status()));
    });
  }
  if (!status.ok()) {
    note(status);
    reactor->Finish(ToGrpc(status));
  }
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
