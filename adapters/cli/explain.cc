#include "routing/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/cli/view.h"
#include "adapters/cli/words.h"
#include "adapters/limits.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/report.pb.h"
#include "routing/load.h"
#include "routing/match.h"

namespace liandong::cli {
namespace {

struct ExplainFlags {
  uint64_t incident = 0;
  std::string report, site, from;
};

int RunIncident(Context& context, uint64_t incident) {
  v1::ExplainIncidentRequest request;
  request.set_incident_id(incident);
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.ExplainIncident(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (context.json) {
      context.Json(*reply);
    } else {
      context.out << ExplainText(*reply) << std::flush;
    }
    return static_cast<int>(kDone);
  });
}

routing::Facts FactsOf(const v1::Report& report, const std::string& from, std::string_view text, int64_t now_ms) {
  const v1::OpenPart& open = report.open();
  routing::Facts facts;
  facts.category = open.category();
  facts.severity = open.severity();
  facts.division = open.division();
  facts.danger_to_life = open.danger_to_life();
  facts.device_alarm = open.device_alarm();
  facts.channel = open.channel();
  facts.stage = open.stage();
  facts.opened_at_ms = now_ms;
  facts.text = text;
  if (!from.empty()) facts.sources.push_back(from);
  return facts;
}

// What the hub looks for words in.
std::string MatchText(const v1::SealedPart& sealed) {
  std::string out = absl::StrCat(sealed.description(), "\n", sealed.address(), "\n", sealed.medical());
  for (const v1::Detail& detail : sealed.details()) absl::StrAppend(&out, "\n", detail.value());
  return out;
}

// A report that nobody has sent: routed here, with the directory's agreements, and told.
int RunReport(Context& context, const ExplainFlags& flags) {
  if (flags.site.empty()) {
    return context.FailLocal(absl::InvalidArgumentError(
        "--report 要和 --site 目录一起写 --report goes with --site DIR, the site directory to route it by"));
  }
  const auto text = ReadInput(context, flags.report, adapters::kNativeMessageBytesMax);
  if (!text.ok()) return context.FailLocal(text.status());
  v1::Report report;
  if (absl::Status parsed = ParseMessage(flags.report, *text, &report); !parsed.ok()) return context.FailLocal(parsed);
  auto loaded = routing::LoadSiteDir(flags.site);
  if (!loaded.ok()) return context.FailLocal(loaded.status());
  const auto site = routing::Site::CompileAdopted(std::move(loaded->site));
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  const std::string words = MatchText(report.sealed());
  const std::string from = flags.from.empty() ? report.actor().party() : flags.from;
  const routing::Routing routing = routing::Match(*site, FactsOf(report, from, words, now_ms), now_ms);
  if (context.json) {
    context.Json(routing.decision);
    return kDone;
  }
  context.out << routing::ExplainZh(*site, routing.decision) << "\n" << routing::ExplainEn(*site, routing.decision);
  std::vector<std::vector<std::string>> table = {{"单位 party", "职责 role", "接收 receive s", "受理 accept s",
                                                  "到场 arrive s", "办结 complete s", "逾期升级 escalates to"}};
  for (const routing::RoutedDuty& duty : routing.duties) {
    std::string steps;
    for (const auto& step : duty.steps) absl::StrAppend(&steps, steps.empty() ? "" : " > ", step.to());
    table.push_back({duty.party, Say(duty.role), absl::StrCat(duty.receive_within_s),
                     absl::StrCat(duty.accept_within_s), absl::StrCat(duty.arrive_within_s),
                     absl::StrCat(duty.complete_within_s), steps});
  }
  if (!routing.duties.empty()) context.out << Table(table);
  const bool led = std::any_of(routing.duties.begin(), routing.duties.end(),
                               [](const routing::RoutedDuty& duty) { return duty.role == v1::LEAD; });
  if (!led) context.out << "没有主责单位，由指挥中心处置 nobody leads: the command centre would hold it\n";
  context.out << std::flush;
  return kDone;
}

}  // namespace

void AddExplain(CLI::App& app, Context& context) {
  auto flags = std::make_shared<ExplainFlags>();
  auto* command = app.add_subcommand(
      "explain",
      "为什么这样分派，依据哪一条 why it goes where it goes, clause by clause; of an incident, or an unsent report");
  auto* incident =
      command->add_option("INCIDENT", flags->incident, "事件编号（指挥中心） incident id (command centre)");
  auto* report =
      command->add_option("--report", flags->report,
                          "尚未报送的 Report，JSON 或 textproto，- 为标准输入；不连枢纽 an unsent one; needs no hub");
  report->type_name("FILE")->excludes(incident);
  command->add_option("--site", flags->site, "配 --report：协议集目录 with --report: the site directory")
      ->needs(report);
  command->add_option("--from", flags->from, "配 --report：报送单位 with --report: the party that would send it")
      ->needs(report);
  OnRun(command, context, [&context, flags, incident] {
    if (!flags->report.empty()) return RunReport(context, *flags);
    if (incident->count() > 0) return RunIncident(context, flags->incident);
    return context.FailLocal(
        absl::InvalidArgumentError("请写事件编号或 --report 文件 name an incident, or --report FILE"));
  });
}

}  // namespace liandong::cli
