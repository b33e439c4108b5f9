#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/show_reply.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct CorrectFlags {
  uint64_t incident = 0, duty = 0;
  std::string category, division, reason;
  std::optional<v1::Severity> severity;
  std::optional<v1::Answer> danger;
  std::optional<v1::AckState> person, field;
};

int CorrectDuty(Context& context, const CorrectFlags& flags) {
  v1::CorrectAcknowledgmentRequest request;
  request.set_duty_id(flags.duty);
  request.set_person(flags.person.value_or(v1::ACK_STATE_UNSPECIFIED));
  request.set_field(flags.field.value_or(v1::ACK_STATE_UNSPECIFIED));
  request.set_reason(flags.reason);
  *request.mutable_actor() = context.Actor();
  return context.WithDesk([&](adapters::DeskClient& desk) {
    return ShowReply(context, "已更正签收 acknowledgment corrected", desk.CorrectAcknowledgment(request));
  });
}

int CorrectIncident(Context& context, const CorrectFlags& flags) {
  v1::CorrectIncidentRequest request;
  request.set_incident_id(flags.incident);
  if (!flags.category.empty()) request.set_category(flags.category);
  if (!flags.division.empty()) request.set_division(flags.division);
  if (flags.severity) request.set_severity(*flags.severity);
  if (flags.danger) request.set_danger_to_life(*flags.danger);
  request.set_reason(flags.reason);
  *request.mutable_actor() = context.Actor();
  return context.WithDesk([&](adapters::DeskClient& desk) {
    return ShowReply(context, "已更正并重新分派 corrected and routed again", desk.CorrectIncident(request));
  });
}

int RunCorrect(Context& context, const CorrectFlags& flags) {
  const bool of_incident = !flags.category.empty() || !flags.division.empty() || flags.severity || flags.danger;
  const bool of_duty = flags.person || flags.field;
  if ((flags.incident != 0) == (flags.duty != 0) || (flags.duty != 0 && of_incident) ||
      (flags.incident != 0 && (of_duty || !of_incident))) {
    return context.FailLocal(absl::InvalidArgumentError(
        "写事件编号和要改的字段，或写 --duty 和两级状态 give INCIDENT and what to correct in it (--category, "
        "--severity, "
        "--division, --danger), or --duty with where the ladders really stand (--person-state, --field-state; neither: "
        "nobody has looked yet)"));
  }
  return flags.duty != 0 ? CorrectDuty(context, flags) : CorrectIncident(context, flags);
}

struct PairFlags {
  uint64_t first = 0, second = 0;
  std::string to, reason;
};

void AddReason(CLI::App* command, const std::shared_ptr<PairFlags>& flags) {
  command->add_option("--reason", flags->reason, "原因，不写个人信息 why; nothing personal")->required();
}

void AddMergeAndSplit(CLI::App& app, Context& context) {
  auto merge = std::make_shared<PairFlags>();
  auto* command = app.add_subcommand("merge", "并案（指挥中心） two incidents are one (command centre)");
  command->add_option("OLDER", merge->first, "并入哪个 incident that stays")->required();
  command->add_option("YOUNGER", merge->second, "被并的 incident that lives on in it")->required();
  AddReason(command, merge);
  OnRun(command, context, [&context, merge] {
    v1::MergeRequest request;
    request.set_older(merge->first);
    request.set_younger(merge->second);
    request.set_reason(merge->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk(
        [&](adapters::DeskClient& desk) { return ShowReply(context, "已并案 merged", desk.Merge(request)); });
  });

  auto split = std::make_shared<PairFlags>();
  command = app.add_subcommand("split", "拆分，取消并案（指挥中心） undo a merge (command centre)");
  command->add_option("INCIDENT", split->first, "被并的事件 the younger, merged one")->required();
  AddReason(command, split);
  OnRun(command, context, [&context, split] {
    v1::SplitRequest request;
    request.set_incident_id(split->first);
    request.set_reason(split->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk(
        [&](adapters::DeskClient& desk) { return ShowReply(context, "已拆分 split", desk.Split(request)); });
  });
}

}  // namespace

void AddDutyActs(CLI::App& app, Context& context) {
  auto flags = std::make_shared<CorrectFlags>();
  auto* command = app.add_subcommand(
      "correct", "更正事件或误点的签收（指挥中心） correct an incident or a mistaken acknowledgment");
  command->footer(
      "例 Examples:\n"
      "  liandong correct 7 --category natural.flood --severity large --reason 现场核实\n"
      "  liandong correct --duty 21 --person-state accepted --reason 到场误点");
  command->add_option("INCIDENT", flags->incident, "事件编号 incident id");
  command->add_option("--category", flags->category, "分类 category code");
  AddEnum(command, "--severity", flags->severity, "等级 severity");
  command->add_option("--division", flags->division, "12 位区划代码 administrative code");
  AddEnum(command, "--danger", flags->danger, "是否危及生命 danger to life");
  command->add_option("--duty", flags->duty, "更正这项职责的签收 correct the acknowledgment of this duty");
  AddEnum(command, "--person-state", flags->person, "人员级实际状态 where the person ladder really stands");
  AddEnum(command, "--field-state", flags->field, "现场级实际状态 where the field ladder really stands");
  command->add_option("--reason", flags->reason, "原因 why")->required();
  OnRun(command, context, [&context, flags] { return RunCorrect(context, *flags); });

  auto reassign = std::make_shared<PairFlags>();
  command = app.add_subcommand("reassign", "改派（指挥中心） a duty goes to another party (command centre)");
  command->add_option("DUTY", reassign->first, "职责编号 duty id")->required();
  command->add_option("PARTY", reassign->to, "改派给谁 party id")->required();
  AddReason(command, reassign);
  OnRun(command, context, [&context, reassign] {
    v1::ReassignRequest request;
    request.set_duty_id(reassign->first);
    request.set_to(reassign->to);
    request.set_reason(reassign->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk(
        [&](adapters::DeskClient& desk) { return ShowReply(context, "已改派 reassigned", desk.Reassign(request)); });
  });
  AddMergeAndSplit(app, context);
}

}  // namespace liandong::cli
