#include "hub/service/errors.h"

#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "liandong/v1/rpc_status.pb.h"

namespace liandong::service {

std::string Cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + " ...";
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const absl::string_view text = status.message();
  v1::RpcStatus rich;
  rich.set_code(static_cast<int>(status.code()));
  rich.set_message(Cut({text.data(), text.size()}, limits::kStatusMessageBytes));
  v1::ErrorDetail detail = core::DetailOf(status);
  detail.set_message_zh(Cut(detail.message_zh(), limits::kStatusMessageBytes));
  rich.add_details()->PackFrom(detail);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rich.message(), rich.SerializeAsString());
}

}  // namespace liandong::service
