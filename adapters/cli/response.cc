// response start|adjust|end|list: 应急响应.
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/cli/view.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct ResponseFlags {
  uint64_t id = 0;
  std::optional<v1::ResponseLevel> level;
  std::optional<v1::Purpose> purpose;
  std::string category, division, matters, until, measures, reason;
};

int Show(Context& context, const std::string& done, const absl::StatusOr<v1::ResponseReply>& reply) {
  if (!reply.ok()) return context.Fail(reply.status());
  if (context.json) {
    context.Json(*reply);
  } else {
    context.out << done << ": 响应 response " << reply->response_id() << "，记录 record " << reply->log_index()
                << std::endl;
  }
  return kDone;
}

// 0 for an empty text.
absl::StatusOr<int64_t> UntilOf(const ResponseFlags& flags) {
  if (flags.until.empty()) return 0;
  return ParseTime(flags.until, absl::Now());
}

void AddStart(CLI::App* app, Context& context) {
  auto flags = std::make_shared<ResponseFlags>();
  auto* command = app->add_subcommand("start", "启动（指挥中心） start one (command centre)");
  command->footer(
      "例 Example:\n"
      "  liandong response start --level level-iii --category natural.flood --matters 防汛 --until +24h \\\n"
      "    --measures 转移危险区人员，队伍前置 --purpose actual\n"
      "突发事件应对法第七十二条：事项、级别、预计期限、措施缺一不可");
  AddEnum(command, "--level", flags->level, "级别 level")->required();
  AddEnum(command, "--purpose", flags->purpose, "用途 purpose")->required();
  command->add_option("--matters", flags->matters, "响应事项 what it is about")->required();
  command->add_option("--until", flags->until, "预计期限 expected end: \"2026-07-14 20:00\" or +24h")->required();
  command->add_option("--measures", flags->measures, "应急处置措施 measures")->required();
  command->add_option("--category", flags->category, "类别，含下级；不写为全部 class and what is under it; none: all");
  command->add_option("--division", flags->division, "区划代码前缀；不写为全县 prefix of the code; none: everywhere");
  OnRun(command, context, [&context, flags] {
    const absl::StatusOr<int64_t> until = UntilOf(*flags);
    if (!until.ok()) return context.FailLocal(until.status());
    v1::StartResponseRequest request;
    request.set_level(*flags->level);
    request.set_purpose(*flags->purpose);
    request.set_matters(flags->matters);
    request.set_measures(flags->measures);
    request.set_expected_until_ms(*until);
    request.set_category(flags->category);
    request.set_division(flags->division);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk([&](adapters::DeskClient& desk) {
      return Show(context, "已启动，区域内事件重新分派 started; incidents of its area are routed again",
                  desk.StartResponse(request));
    });
  });
}

void AddAdjust(CLI::App* app, Context& context) {
  auto flags = std::make_shared<ResponseFlags>();
  auto* command = app->add_subcommand("adjust", "调整级别、期限或措施（指挥中心） change level, term or measures");
  command->add_option("RESPONSE", flags->id, "响应编号 response id")->required();
  AddEnum(command, "--level", flags->level, "级别 level");
  command->add_option("--until", flags->until, "预计期限 expected end");
  command->add_option("--measures", flags->measures, "措施 measures");
  command->add_option("--reason", flags->reason, "原因 why")->required();
  OnRun(command, context, [&context, flags] {
    const absl::StatusOr<int64_t> until = UntilOf(*flags);
    if (!until.ok()) return context.FailLocal(until.status());
    v1::AdjustResponseRequest request;
    request.set_response_id(flags->id);
    request.set_level(flags->level.value_or(v1::RESPONSE_LEVEL_UNSPECIFIED));
    request.set_expected_until_ms(*until);
    request.set_measures(flags->measures);
    request.set_reason(flags->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk(
        [&](adapters::DeskClient& desk) { return Show(context, "已调整 adjusted", desk.AdjustResponse(request)); });
  });
}

void AddEnd(CLI::App* app, Context& context) {
  auto flags = std::make_shared<ResponseFlags>();
  auto* command = app->add_subcommand("end", "终止（指挥中心） end it (command centre)");
  command->add_option("RESPONSE", flags->id, "响应编号 response id")->required();
  command->add_option("--reason", flags->reason, "原因 why")->required();
  OnRun(command, context, [&context, flags] {
    v1::EndResponseRequest request;
    request.set_response_id(flags->id);
    request.set_reason(flags->reason);
    *request.mutable_actor() = context.Actor();
    return context.WithDesk(
        [&](adapters::DeskClient& desk) { return Show(context, "已终止 ended", desk.EndResponse(request)); });
  });
}

}  // namespace

std::string ResponseText(const v1::StatusReply& reply) {
  std::string out;
  for (const auto& one : reply.response()) {
    absl::StrAppend(&out, PurposeMark(one.purpose()), "响应 response ", one.id(), " ", Say(one.level()), "：",
                    Clean(one.matters()), "，类别 class ", one.category().empty() ? "全部 all" : one.category(),
                    "，区域 area ", one.division().empty() ? "全县 all" : one.division(), "，自 since ",
                    Time(one.started_at_ms()), "，预计至 expected until ", Time(one.expected_until_ms()),
                    "\n  措施 measures: ", Clean(one.measures()), "\n");
  }
  return out;
}

void AddResponse(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("response", "应急响应：启动、调整、终止、列出 the emergency responses in force");
  command->require_subcommand(1);
  AddStart(command, context);
  AddAdjust(command, context);
  AddEnd(command, context);
  auto* list = command->add_subcommand("list", "正在执行的响应 those in force (command centre)");
  OnRun(list, context, [&context] {
    return context.WithDesk([&](adapters::DeskClient& desk) {
      const auto reply = desk.Status();
      if (!reply.ok()) return context.Fail(reply.status());
      if (context.json) {
        for (const auto& one : reply->response()) context.Json(one);
      } else {
        const std::string text = ResponseText(*reply);
        context.out << (text.empty() ? "没有正在执行的响应 no response is in force\n" : text) << std::flush;
      }
      return static_cast<int>(kDone);
    });
  });
}

}  // namespace liandong::cli
