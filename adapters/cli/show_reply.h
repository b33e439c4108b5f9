// How the answer to an act is shown.
#ifndef LIANDONG_ADAPTERS_CLI_SHOW_REPLY_H_
#define LIANDONG_ADAPTERS_CLI_SHOW_REPLY_H_

#include <string>

#include "absl/status/statusor.h"
#include "adapters/cli/context.h"
#include "liandong/v1/link.pb.h"

namespace liandong::cli {

inline int ShowReply(Context& context, const std::string& done, const absl::StatusOr<v1::ActionReply>& reply) {
  if (!reply.ok()) return context.Fail(reply.status());
  if (context.json) {
    context.Json(*reply);
    return kDone;
  }
  context.out << done << ": 事件 incident " << reply->incident_id() << " (r" << reply->incident_revision() << ")";
  if (reply->delivery_id() != 0) context.out << "，投递 delivery #" << reply->delivery_id();
  context.out << "，记录 record " << reply->log_index() << std::endl;
  return kDone;
}

}  // namespace liandong::cli

#endif  // LIANDONG_ADAPTERS_CLI_SHOW_REPLY_H_
