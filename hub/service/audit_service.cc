// Reading the trail, and notes of what a page printed or exported.
#include <utility>

#include "hub/audit/trail.h"
#include "hub/requests.h"
#include "hub/service/rpc.h"
#include "hub/service/services.h"
#include "liandong/v1/audit.grpc.pb.h"

namespace liandong::service {
namespace {

using Reactor = grpc::ServerUnaryReactor;

constexpr char kNote[] = "/liandong.v1.Audit/Note";
constexpr size_t kObjectBytesMax = 128;  // as the contract says

absl::Status BadField(const char* field, const char* en, const char* zh) {
  return core::Refuse(absl::StatusCode::kInvalidArgument, "BAD_FIELD", en, zh, field);
}

class AuditService final : public v1::Audit::CallbackService {
 public:
  AuditService(const Parts& parts, const Gate& gate) : parts_(parts), gate_(gate) {}

  Reactor* Trail(Context* context, const v1::TrailRequest* request, v1::TrailReply* reply) override {
    return Unary(gate_, context, "/liandong.v1.Audit/Trail", *request, reply,
                 [&](const Caller&, hub::Done<v1::TrailReply> done) {
                   return parts_.workers->Run([this, ask = *request, done = std::move(done)] {
                     parts_.trail->Flush();
                     done(parts_.trail->Read(ask));
                   });
                 });
  }

  Reactor* Note(Context* context, const v1::NoteRequest* request, v1::NoteReply* reply) override {
    return Unary(gate_, context, kNote, *request, reply,
                 [&](const Caller&, hub::Done<v1::NoteReply> done) -> absl::Status {
                   if (request->kind() != v1::TRAIL_EXPORT && request->kind() != v1::TRAIL_PRINT) {
                     return BadField("kind", "kind is TRAIL_EXPORT or TRAIL_PRINT", "类别须为导出或打印");
                   }
                   if (request->object().empty() || request->object().size() > kObjectBytesMax) {
                     return BadField("object", "object has 1 to 128 bytes", "对象为 1 至 128 字节");
                   }
                   done(v1::NoteReply());  // NotedAs and ObjectOf know it
                   return absl::OkStatus();
                 });
  }

 private:
  const Parts& parts_;
  const Gate& gate_;
};

}  // namespace

std::shared_ptr<grpc::Service> MakeAuditService(const Parts& parts, const Gate& gate) {
  return std::make_shared<AuditService>(parts, gate);
}

}  // namespace liandong::service
