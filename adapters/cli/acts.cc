#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/show_reply.h"
#include "adapters/client/error.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct ActFlags {
  uint64_t incident = 0;
  std::string to, reason;
  std::optional<v1::TransferWay> way;  // of a transfer
};

// Every party may close or hand over what it holds; only the command centre may do so with what others hold.
template <typename AsHolder, typename AsDesk>
int AsHolderOrDesk(Context& context, const std::string& done, AsHolder as_holder, AsDesk as_desk) {
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) {
    const absl::StatusOr<v1::ActionReply> held = as_holder(*client);
    if (held.ok() || adapters::ErrorReasonOf(held.status()) != "NOT_HOLDER") return ShowReply(context, done, held);
    adapters::DeskClient desk(client, context.Timeout());
    const absl::StatusOr<v1::ActionReply> reply = as_desk(desk);
    // For a party that has no desk the first refusal is the one that helps.
    return ShowReply(context, done, absl::IsPermissionDenied(reply.status()) ? held : reply);
  });
}

CLI::App* AddIncidentCommand(CLI::App& app, const char* name, const char* help,
                             const std::shared_ptr<ActFlags>& flags) {
  auto* command = app.add_subcommand(name, help);
  command->add_option("INCIDENT", flags->incident, "事件编号 incident id")->required();
  return command;
}

void AddReason(CLI::App* command, const std::shared_ptr<ActFlags>& flags) {
  command->add_option("--reason", flags->reason, "原因，不写个人信息 why; nothing personal")->required();
}

v1::CloseRequest MakeClose(const Context& context, const ActFlags& flags) {
  v1::CloseRequest request;
  request.set_incident_id(flags.incident);
  request.set_reason(flags.reason);
  *request.mutable_actor() = context.Actor();
  return request;
}

void AddClose(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ActFlags>();
  auto* command = AddIncidentCommand(
      app, "close", "办结事件（牵头单位或指挥中心） close an incident (holder or command centre)", flags);
  AddReason(command, flags);
  OnRun(command, context, [&context, flags] {
    const v1::CloseRequest request = MakeClose(context, *flags);
    return AsHolderOrDesk(
        context, "已办结 closed", [&](adapters::HubClient& client) { return client.Close(request, context.Timeout()); },
        [&](adapters::DeskClient& desk) { return desk.Close(request); });
  });
}

void AddTransfer(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ActFlags>();
  auto* command = AddIncidentCommand(
      app, "transfer", "移交牵头（对方受理后生效） hand the baton over; it moves when the other party accepts", flags);
  command->add_option("PARTY", flags->to, "交给谁 party id")->required();
  AddReason(command, flags);
  AddEnum(command, "--way", flags->way, "方式，不写为推送工单 how it goes over; none: a work order");
  OnRun(command, context, [&context, flags] {
    v1::TransferRequest request;
    request.set_incident_id(flags->incident);
    request.set_to(flags->to);
    request.set_way(flags->way.value_or(v1::TRANSFER_WAY_UNSPECIFIED));
    request.set_reason(flags->reason);
    *request.mutable_actor() = context.Actor();
    return AsHolderOrDesk(
        context, "已提出移交，等对方受理 offered; it moves when the other party accepts",
        [&](adapters::HubClient& client) { return client.Transfer(request, context.Timeout()); },
        [&](adapters::DeskClient& desk) { return desk.Transfer(request); });
  });
}

}  // namespace

void AddActs(CLI::App& app, Context& context) {
  AddClose(app, context);
  AddTransfer(app, context);

  auto cancel = std::make_shared<ActFlags>();
  auto* command = AddIncidentCommand(
      app, "cancel", "撤销事件（指挥中心） it should not have been an incident (command centre)", cancel);
  AddReason(command, cancel);
  OnRun(command, context, [&context, cancel] {
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, "已撤销 cancelled", desk.Cancel(MakeClose(context, *cancel)));
    });
  });

  auto verify = std::make_shared<ActFlags>();
  command = AddIncidentCommand(app, "verify", "核实属实（指挥中心） it is true (command centre)", verify);
  OnRun(command, context, [&context, verify] {
    v1::VerifyIncidentRequest request;
    request.set_incident_id(verify->incident);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, "已核实 verified", desk.VerifyIncident(request));
    });
  });

  auto alarm = std::make_shared<ActFlags>();
  command = AddIncidentCommand(
      app, "false-alarm", "误报，取消全部职责（指挥中心） it is not true: all duties are cancelled (command centre)",
      alarm);
  AddReason(command, alarm);
  OnRun(command, context, [&context, alarm] {
    v1::MarkFalseAlarmRequest request;
    request.set_incident_id(alarm->incident);
    request.set_reason(alarm->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, "已标为误报 marked as a false alarm", desk.MarkFalseAlarm(request));
    });
  });
}

}  // namespace liandong::cli
