// One event, many calls: what may be one incident, and saying no to it. Saying yes is merge.
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/show_reply.h"
#include "adapters/cli/text.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

std::string Head(const v1::IncidentView& view) {
  return absl::StrCat(view.incident_id(), " ", view.category_zh().empty() ? "类别不明" : view.category_zh(), " ",
                      view.division_zh().empty() ? "地点不明" : view.division_zh(), " ", Time(view.opened_at_ms()));
}

int List(Context& context, uint64_t incident, uint32_t limit) {
  v1::ListSuggestionsRequest request;
  request.set_incident_id(incident);
  request.set_limit(limit);
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.ListSuggestions(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (reply->suggestion().empty() && !context.json) context.out << "没有并案建议 nothing is suggested" << std::endl;
    for (const auto& line : reply->suggestion()) {
      if (context.json) {
        context.Json(line);
        continue;
      }
      context.out << Clean(Head(line.older_view())) << "\n"
                  << Clean(Head(line.younger_view())) << "\n  " << line.text() << "\n  " << line.text_en()
                  << "\n  是 yes: liandong merge " << line.older() << " " << line.younger()
                  << " --reason …   否 no: liandong dismiss " << line.older() << " " << line.younger()
                  << " --reason …\n";
    }
    context.out << std::flush;
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddEvents(CLI::App& app, Context& context) {
  struct ListFlags {
    uint64_t incident = 0;
    uint32_t limit = 0;
  };
  auto list = std::make_shared<ListFlags>();
  auto* command = app.add_subcommand(
      "suggestions", "疑似同一事件，及理由（指挥中心） incidents that may be one, and why (command centre)");
  command->add_option("INCIDENT", list->incident, "只看与它有关的 only those that it is part of");
  command->add_option("--limit", list->limit, "最多几条 at most; 0: 50")->check(CLI::Range(0, 500));
  OnRun(command, context, [&context, list] { return List(context, list->incident, list->limit); });

  struct Pair {
    uint64_t older = 0, younger = 0;
    std::string reason;
  };
  auto pair = std::make_shared<Pair>();
  command = app.add_subcommand("dismiss", "不是同一事件（指挥中心） these two are not one (command centre)");
  command->add_option("OLDER", pair->older, "事件编号 incident id")->required();
  command->add_option("YOUNGER", pair->younger, "事件编号 incident id")->required();
  command->add_option("--reason", pair->reason, "原因，不写个人信息 why; nothing personal")->required();
  OnRun(command, context, [&context, pair] {
    v1::DismissSuggestionRequest request;
    request.set_older(pair->older);
    request.set_younger(pair->younger);
    request.set_reason(pair->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return ShowReply(context, "已标为不同事件 marked as not one", desk.DismissSuggestion(request));
    });
  });
}

}  // namespace liandong::cli
