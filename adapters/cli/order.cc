#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct OrderFlags {
  std::string text, given_by;
  std::vector<std::string> parties;
  uint64_t incident = 0;
  uint32_t accept_within_s = 0, complete_within_s = 0;
  bool all_townships = false, urgent = false;
  std::optional<v1::Purpose> purpose;
};

int RunOrder(Context& context, const OrderFlags& flags) {
  if (flags.parties.empty() && !flags.all_townships) {
    return context.FailLocal(
        absl::InvalidArgumentError("下达给谁？写 --party 或 --all-townships say to whom: --party or --all-townships"));
  }
  if (flags.incident == 0 && !flags.purpose) {
    return context.FailLocal(absl::InvalidArgumentError(
        "没有 --incident 时须写明用途 without --incident say what it is for: --purpose actual, exercise or test"));
  }
  v1::OrderPartiesRequest request;
  request.set_incident_id(flags.incident);
  for (const std::string& party : flags.parties) request.add_party(party);
  request.set_all_townships(flags.all_townships);
  request.set_text(flags.text);
  request.set_accept_within_s(flags.accept_within_s);
  request.set_complete_within_s(flags.complete_within_s);
  request.set_given_by(flags.given_by);
  request.set_purpose(flags.purpose.value_or(v1::PURPOSE_UNSPECIFIED));
  request.set_urgent(flags.urgent);
  *request.mutable_actor() = context.Actor();
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.OrderParties(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (context.json) {
      context.Json(*reply);
    } else {
      context.out << "已下达 given: 事件 incident " << reply->incident_id() << "，投递 deliveries";
      for (uint64_t id : reply->delivery_id()) context.out << " #" << id;
      context.out << std::endl;
    }
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddOrder(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("order", "下达指令（指挥中心） order parties to act (command centre)");
  auto flags = std::make_shared<OrderFlags>();
  command->add_option("--text", flags->text, "指令内容 what to do")->required();
  command->add_option("--given-by", flags->given_by, "谁下的指令 who gave the order")->required();
  command->add_option("--party", flags->parties, "下达给哪些单位 to which parties");
  command->add_flag("--all-townships", flags->all_townships, "下达给全部乡镇街道 to all townships");
  command->add_option("--incident", flags->incident,
                      "关于哪个事件；不写则另立 of which incident; none: one of its own");
  command->add_option("--accept-within", flags->accept_within_s, "几秒内受理 seconds; 0: the site's default");
  command->add_option("--complete-within", flags->complete_within_s, "几秒内办结 seconds; 0: no deadline");
  AddEnum(command, "--purpose", flags->purpose, "用途 what it is for, without --incident");
  command->add_flag("--urgent", flags->urgent, "走急件通道 urgent lane, without --incident");
  OnRun(command, context, [&context, flags] { return RunOrder(context, *flags); });
}

}  // namespace liandong::cli
