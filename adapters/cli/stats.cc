#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/html.h"
#include "adapters/cli/note_export.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct StatsFlags {
  std::string from, to;
  bool html = false, csv = false;
  uint32_t ids = 0;
};

// The first moment of a day on this machine's clock; `days` later.
absl::StatusOr<int64_t> DayMs(const std::string& day, int days) {
  absl::CivilDay parsed;
  if (!absl::ParseCivilTime(day, &parsed)) {
    return absl::InvalidArgumentError("\"" + day +
                                      "\" 不是日期，请写 2026-01-01 这样的日期 is no day; write it like 2026-01-01");
  }
  return absl::ToUnixMillis(absl::FromCivil(parsed + days, absl::LocalTimeZone()));
}

int RunStats(Context& context, const StatsFlags& flags) {
  const auto from = DayMs(flags.from, 0), until = DayMs(flags.to, 1);
  if (!from.ok()) return context.FailLocal(from.status());
  if (!until.ok()) return context.FailLocal(until.status());
  v1::StatsRequest request;
  request.set_from_ms(*from);
  request.set_until_ms(*until);
  request.set_ids_max(flags.ids);
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) -> int {
    const auto reply = adapters::DeskClient(client, context.Timeout()).Stats(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (flags.html || flags.csv) {
      const std::string what = absl::StrCat("statistics ", flags.from, " to ", flags.to);
      if (const int code = NoteExport(context, client, what); code != kDone) return code;
    }
    if (context.json) {
      context.Json(*reply);
    } else {
      context.out << (flags.html ? StatsHtml(*reply) : flags.csv ? StatsCsv(*reply) : StatsText(*reply)) << std::flush;
    }
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddStats(CLI::App& app, Context& context) {
  auto flags = std::make_shared<StatsFlags>();
  auto* command = app.add_subcommand("stats",
                                     "统计：按类别、区域、热线、单位，附定义和事件编号（指挥中心） figures with "
                                     "definitions and incidents behind them");
  command->add_option("--from", flags->from, "起始日 first day, 2026-01-01")->required();
  command->add_option("--to", flags->to, "截止日（含） last day, included")->required();
  auto* html = command->add_flag("--html", flags->html, "网页，可打印 an HTML page that prints");
  command->add_flag("--csv", flags->csv, "表格 a table for a spreadsheet")->excludes(html);
  command->add_option("--ids", flags->ids, "每个指标最多列几个事件 incidents named with each figure; 0: 200")
      ->check(CLI::Range(0, 1000));
  OnRun(command, context, [&context, flags] { return RunStats(context, *flags); });
}

}  // namespace liandong::cli
