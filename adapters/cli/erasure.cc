// incident erase, incident hold: by a person who keeps the agreements and has signed in.
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/show_reply.h"
#include "adapters/cli/signed_in.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct ErasureFlags {
  SignInFlags keeper;
  uint64_t incident = 0;
  std::string reason;
  bool lift = false;
};

CLI::App* AddOne(CLI::App* group, const char* name, const char* help, const std::shared_ptr<ErasureFlags>& flags) {
  auto* command = group->add_subcommand(name, help);
  command->add_option("INCIDENT", flags->incident, "事件编号 incident id")->required();
  command->add_option("--reason", flags->reason, "理由，不写个人信息 why; nothing personal")->required();
  flags->keeper.AddTo(command);
  return command;
}

int AsKeeper(Context& context, const std::shared_ptr<ErasureFlags>& flags,
             const std::function<int(adapters::DeskClient&)>& act) {
  return SignedIn(context, flags->keeper, [&](std::shared_ptr<adapters::HubClient> person) {
    adapters::DeskClient desk(std::move(person), context.Timeout());
    return act(desk);
  });
}

}  // namespace

void AddErasure(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand(
      "incident", "个人信息销毁与证据保全（协议管理员） erase personal data, keep as evidence (agreement keeper)");
  group->require_subcommand(1);

  auto erase = std::make_shared<ErasureFlags>();
  auto* command = AddOne(
      group, "erase",
      "销毁已办结事件的个人信息，不可恢复 destroy the personal data of an incident that has ended, for good", erase);
  command->footer(
      "例 Example: liandong incident erase 7 --reason 当事人申请 --as agreements --password-file keeper.password\n"
      "记录、统计和签收仍在，姓名、电话、地址、文字从此不可读 what was done stays; names, numbers, addresses and words "
      "are gone");
  OnRun(command, context, [&context, erase] {
    v1::EraseIncidentRequest request;
    request.set_incident_id(erase->incident);
    request.set_reason(erase->reason);
    *request.mutable_actor() = context.Actor();
    return AsKeeper(context, erase, [&](adapters::DeskClient& desk) {
      return ShowReply(context, "个人信息已依法销毁 personal data destroyed", desk.EraseIncident(request));
    });
  });

  auto hold = std::make_shared<ErasureFlags>();
  command = AddOne(group, "hold", "证据保全：到期也不销毁 keep as evidence: not erased when its term is over", hold);
  command->footer(
      "例 Examples:\n"
      "  liandong incident hold 7 --reason 立案调查 --as agreements --password-file keeper.password\n"
      "  liandong incident hold 7 --lift --reason 结案 --as agreements --password-file keeper.password");
  command->add_flag("--lift", hold->lift, "解除保全 lift the hold");
  OnRun(command, context, [&context, hold] {
    v1::SetLegalHoldRequest request;
    request.set_incident_id(hold->incident);
    request.set_lift(hold->lift);
    request.set_reason(hold->reason);
    *request.mutable_actor() = context.Actor();
    return AsKeeper(context, hold, [&](adapters::DeskClient& desk) {
      return ShowReply(context, hold->lift ? "已解除证据保全 hold lifted" : "已证据保全 kept as evidence",
                       desk.SetLegalHold(request));
    });
  });
}

}  // namespace liandong::cli
