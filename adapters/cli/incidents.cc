#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/view.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct ListFlags {
  bool all = false;
  std::optional<v1::Purpose> purpose;
  std::string division, holder;
  uint64_t before = 0;
  uint32_t limit = 0;
};

int RunList(Context& context, const ListFlags& flags) {
  v1::ListIncidentsRequest request;
  request.set_include_closed(flags.all);
  request.set_purpose(flags.purpose.value_or(v1::PURPOSE_UNSPECIFIED));
  request.set_division(flags.division);
  request.set_holder(flags.holder);
  request.set_before_incident_id(flags.before);
  request.set_limit(flags.limit);
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.ListIncidents(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (context.json) {
      for (const auto& incident : reply->incident()) context.Json(incident);
    } else {
      context.out << IncidentTable(*reply) << std::flush;
    }
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddIncidents(CLI::App& app, Context& context) {
  auto list = std::make_shared<ListFlags>();
  auto* command =
      app.add_subcommand("incidents", "事件列表，新的在前（指挥中心） incidents, newest first (command centre)");
  command->add_flag("--all", list->all, "包括已结束的 closed ones too, from history");
  AddEnum(command, "--purpose", list->purpose, "只看某种用途 only this purpose");
  command->add_option("--division", list->division, "区划代码前缀 prefix of the division code");
  command->add_option("--holder", list->holder, "牵头单位 party id of the holder");
  command->add_option("--before", list->before, "只看更早的 only ids below this one");
  command->add_option("--limit", list->limit, "最多几条 at most; 0: 50")->check(CLI::Range(0, 500));
  OnRun(command, context, [&context, list] { return RunList(context, *list); });

  auto shown = std::make_shared<uint64_t>(0);
  command = app.add_subcommand("show", "一个事件的全部情况（指挥中心） everything about an incident (command centre)");
  command->add_option("INCIDENT", *shown, "事件编号 incident id")->required();
  OnRun(command, context, [&context, shown] {
    v1::ShowIncidentRequest request;
    request.set_incident_id(*shown);
    return context.WithDesk([&](adapters::DeskClient& desk) {
      const auto reply = desk.ShowIncident(request);
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) {
        context.Json(*reply);
      } else {
        context.out << IncidentText(*reply) << std::flush;
      }
      return static_cast<int>(kDone);
    });
  });
}

}  // namespace liandong::cli
