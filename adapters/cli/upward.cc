// Reports upward that the law asks for: what is due, making one, printing one.
#include <fstream>

#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/html.h"
#include "adapters/cli/note_export.h"
#include "adapters/cli/show_reply.h"
#include "adapters/cli/text.h"
#include "liandong/v1/desk.pb.h"

namespace liandong::cli {
namespace {

struct UpwardFlags {
  uint64_t incident = 0, duty = 0;
  std::string rule, file, out, unit_profile, happened, place, scene, course, measures, other, progress, made;
  std::optional<v1::UpwardKind> kind;
  std::optional<v1::UpwardForm> form;
  CountFlags counts;
};

constexpr size_t kFieldsBytesMax = 256 * 1024;  // nine texts of 8 KiB, written as JSON, with room

absl::StatusOr<v1::UpwardFields> FieldsOf(Context& context, const UpwardFlags& flags) {
  v1::UpwardFields fields;
  if (!flags.file.empty()) {
    absl::StatusOr<std::string> text = ReadInput(context, flags.file, kFieldsBytesMax);
    if (!text.ok()) return text.status();
    if (auto status = ParseMessage(flags.file, *text, &fields); !status.ok()) return status;
  }
  auto set = [](const std::string& text, std::string* to) {
    if (!text.empty()) *to = text;
  };
  set(flags.unit_profile, fields.mutable_unit_profile());
  set(flags.place, fields.mutable_place());
  set(flags.scene, fields.mutable_scene());
  set(flags.course, fields.mutable_course());
  set(flags.measures, fields.mutable_measures());
  set(flags.other, fields.mutable_other());
  set(flags.progress, fields.mutable_progress());
  if (flags.counts.Any()) flags.counts.WriteTo(fields.mutable_counts());
  if (!flags.happened.empty()) {
    const auto at = ParseTime(flags.happened, absl::Now());
    if (!at.ok()) return at.status();
    fields.set_happened_at_ms(*at);
  }
  return fields;
}

int RunList(Context& context, uint64_t incident) {
  v1::ListUpwardReportsRequest request;
  request.set_incident_id(incident);
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.ListUpwardReports(request);
    if (!reply.ok()) return context.Fail(reply.status());
    std::vector<std::vector<std::string>> rows = {{"事件 incident", "规定 rule", "种类 kind", "报至 to",
                                                   "责任单位 party", "时限 due", "报送 made", "还缺 missing"}};
    for (const auto& report : reply->report()) {
      if (context.json) {
        context.Json(report);
        continue;
      }
      std::string missing;
      for (int field : report.missing())
        missing += (missing.empty() ? "" : "、") + SayZh(static_cast<v1::UpwardField>(field));
      rows.push_back({std::to_string(report.incident_id()), report.rule().rule(), SayZh(report.rule().kind()),
                      SayZh(report.rule().to()), report.party(), Time(report.rule().due_ms()),
                      Time(report.rule().made_at_ms()) + (report.late() ? " 逾期 late" : ""), missing});
    }
    if (!context.json) context.out << Table(rows) << std::flush;
    return static_cast<int>(kDone);
  });
}

int RunFile(Context& context, const UpwardFlags& flags) {
  const absl::StatusOr<v1::UpwardFields> fields = FieldsOf(context, flags);
  if (!fields.ok()) return context.FailLocal(fields.status());
  v1::FileUpwardReportRequest request;
  request.set_incident_id(flags.incident);
  request.set_rule(flags.rule);
  request.set_kind(flags.kind.value_or(v1::UPWARD_KIND_UNSPECIFIED));
  request.set_form(flags.form.value_or(v1::UPWARD_FORM_UNSPECIFIED));
  *request.mutable_fields() = *fields;
  if (!flags.made.empty()) {
    const auto at = ParseTime(flags.made, absl::Now());
    if (!at.ok()) return context.FailLocal(at.status());
    request.set_made_at_ms(*at);
  }
  *request.mutable_actor() = context.Actor();
  return context.WithDesk([&](adapters::DeskClient& desk) {
    return ShowReply(context, "已报送 report made", desk.FileUpwardReport(request));
  });
}

int RunPrint(Context& context, const UpwardFlags& flags) {
  v1::ListUpwardReportsRequest request;
  request.set_incident_id(flags.incident);
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) -> int {
    const auto reply = adapters::DeskClient(client, context.Timeout()).ListUpwardReports(request);
    if (!reply.ok()) return context.Fail(reply.status());
    for (const auto& report : reply->report()) {
      if (flags.duty != 0 && report.duty_id() != flags.duty) continue;
      if (!flags.rule.empty() && report.rule().rule() != flags.rule) continue;
      const std::string page = UpwardHtml(report);
      if (const int code = NoteExport(context, client, absl::StrCat("report upward of incident ", flags.incident));
          code != kDone) {
        return code;
      }
      if (flags.out.empty()) {
        context.out << page << std::flush;
        return static_cast<int>(kDone);
      }
      std::ofstream file(flags.out, std::ios::binary);
      file << page << std::flush;
      if (!file) return context.FailLocal(absl::InvalidArgumentError("无法写入 cannot write \"" + flags.out + "\""));
      return static_cast<int>(kDone);
    }
    return context.Fail(absl::NotFoundError("该事件没有这项信息报送 this incident has no such report upward"));
  });
}

}  // namespace

void AddUpward(CLI::App& app, Context& context) {
  auto* upward = app.add_subcommand("upward", "法定信息报送：待报、报送、打印 reports upward that the law asks for");
  upward->require_subcommand(1);

  auto list = std::make_shared<uint64_t>(0);
  auto* command =
      upward->add_subcommand("list", "待报的；写事件编号则含已报的 what is due; of an incident also what was made");
  command->add_option("INCIDENT", *list, "事件编号 incident id");
  OnRun(command, context, [&context, list] { return RunList(context, *list); });

  auto file = std::make_shared<UpwardFlags>();
  command = upward->add_subcommand(
      "file", "登记一次报送；缺法定内容不算报送 make one; without what the law asks for it does not count");
  command->footer(
      "例 Example:\n"
      "  liandong upward file 7 --rule cn-493-11 --form phone --unit 云溪砂石厂,采石,32人 --happened \"2026-07-13 "
      "02:10\" \\\n"
      "    --place 青石镇采石场 --scene 边坡垮塌,仍有落石 --course 爆破后边坡失稳 --dead 0 --missing 1 --injured 2 \\\n"
      "    --loss-yuan 300000 --measures 已封路搜救 --other 无 --progress 正在搜救");
  command->add_option("INCIDENT", file->incident, "事件编号 incident id")->required();
  command->add_option("--rule", file->rule, "哪一项规定 row of statutory.textproto")->required();
  AddEnum(command, "--kind", file->kind, "种类，缺省为待报的那一种 kind");
  AddEnum(command, "--form", file->form, "怎么报的 how it was made");
  command->add_option("--made", file->made, "何时报的，缺省为现在 when it was made");
  command->add_option("--file", file->file, "UpwardFields，文本或 JSON as protobuf text or JSON")->type_name("FILE");
  command->add_option("--unit", file->unit_profile, "事故发生单位概况 the unit");
  command->add_option("--happened", file->happened, "发生时间 when it happened");
  command->add_option("--place", file->place, "地点 place");
  command->add_option("--scene", file->scene, "现场情况 the scene");
  command->add_option("--course", file->course, "简要经过 brief course");
  command->add_option("--measures", file->measures, "已采取的措施 measures taken");
  command->add_option("--other", file->other, "其他，没有写“无” other; write 无 where there is nothing");
  command->add_option("--progress", file->progress, "进展，用于标题 where it stands, for the title");
  file->counts.AddTo(command);
  OnRun(command, context, [&context, file] { return RunFile(context, *file); });

  auto print = std::make_shared<UpwardFlags>();
  command = upward->add_subcommand(
      "print", "打印成网页（A4），未报的按已知内容填好 as an HTML page for A4, filled in as far as known");
  command->add_option("INCIDENT", print->incident, "事件编号 incident id")->required();
  command->add_option("--rule", print->rule, "哪一项规定，缺省为最急的 which row; the most urgent by default");
  command->add_option("--duty", print->duty, "哪一项任务 which duty");
  command->add_option("--out", print->out, "写到文件，缺省为标准输出 to this file")->type_name("FILE");
  OnRun(command, context, [&context, print] { return RunPrint(context, *print); });
}

}  // namespace liandong::cli
