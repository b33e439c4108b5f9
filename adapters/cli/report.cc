#include <unistd.h>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/limits.h"
#include "liandong/v1/report.pb.h"

namespace liandong::cli {
namespace {

struct ReportFlags {
  std::string file, id, category, division, text, address, caller, phone, medical, occurred, channel;
  uint64_t revision = 0;
  std::optional<v1::Purpose> purpose;
  std::optional<v1::Severity> severity;
  std::optional<v1::Answer> danger;
  std::optional<double> lat, lng;
  std::vector<std::string> references;
  bool secret = false, device_alarm = false, by_hand = false;
  CountFlags counts;
};

absl::Status AddReference(const std::string& text, v1::OpenPart* open) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--ref \"", text, "\" 应写成 单位:编号 must be PARTY:ID, for example police-110:JJ2026071300012"));
  }
  v1::ExternalRef* reference = open->add_references();
  reference->set_party(text.substr(0, colon));
  reference->set_external_id(text.substr(colon + 1));
  return absl::OkStatus();
}

void Set(const std::string& value, std::string* field) {
  if (!value.empty()) *field = value;
}

absl::Status ApplyFlags(const ReportFlags& flags, v1::Report* report) {
  v1::OpenPart* open = report->mutable_open();
  v1::SealedPart* sealed = report->mutable_sealed();
  Set(flags.id, report->mutable_external_id());
  if (flags.revision != 0) report->set_revision(flags.revision);
  if (flags.purpose) open->set_purpose(*flags.purpose);
  if (flags.severity) open->set_severity(*flags.severity);
  if (flags.danger) open->set_danger_to_life(*flags.danger);
  Set(flags.category, open->mutable_category());
  Set(flags.division, open->mutable_division());
  Set(flags.channel, open->mutable_channel());
  if (flags.secret) open->set_secret(true);
  if (flags.device_alarm) open->set_device_alarm(true);
  for (const std::string& reference : flags.references) {
    if (absl::Status added = AddReference(reference, open); !added.ok()) return added;
  }
  if (flags.counts.Any()) flags.counts.WriteTo(open->mutable_counts());
  if (!flags.occurred.empty()) {
    const auto occurred = ParseTime(flags.occurred, absl::Now());
    if (!occurred.ok()) return occurred.status();
    open->set_occurred_at_ms(*occurred);
  }
  Set(flags.text, sealed->mutable_description());
  Set(flags.address, sealed->mutable_address());
  Set(flags.caller, sealed->mutable_caller_name());
  Set(flags.phone, sealed->mutable_caller_phone());
  Set(flags.medical, sealed->mutable_medical());
  if (flags.lat.has_value() != flags.lng.has_value()) {
    return absl::InvalidArgumentError("--lat 和 --lng 要一起写 --lat and --lng go together (WGS-84 degrees)");
  }
  if (flags.lat) {
    v1::Point* point = sealed->mutable_point();
    point->set_has_wgs84(true);
    point->set_lat(*flags.lat);
    point->set_lng(*flags.lng);
    point->set_original_x(*flags.lng);
    point->set_original_y(*flags.lat);
    point->set_original_datum(v1::WGS84);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Report> MakeReport(Context& context, const ReportFlags& flags) {
  v1::Report report;
  if (!flags.file.empty()) {
    const auto text = ReadInput(context, flags.file, adapters::kNativeMessageBytesMax);
    if (!text.ok()) return text.status();
    if (absl::Status parsed = ParseMessage(flags.file, *text, &report); !parsed.ok()) return parsed;
  }
  if (absl::Status applied = ApplyFlags(flags, &report); !applied.ok()) return applied;
  if (report.open().purpose() == v1::PURPOSE_UNSPECIFIED) {
    return absl::InvalidArgumentError(
        "必须写明实战、演练还是测试 say what it is for: --purpose actual, exercise or test");
  }
  if (report.external_id().empty() && !flags.by_hand) {
    absl::BitGen random;
    report.set_external_id(absl::StrCat(absl::FormatTime("terminal-%Y%m%d%H%M%S-", absl::Now(), absl::LocalTimeZone()),
                                        absl::StrFormat("%08x", absl::Uniform<uint32_t>(random))));
    // Only here: with an id of the caller's own the same command again must be the same content, a repeat.
    if (report.open().reported_at_ms() == 0) report.mutable_open()->set_reported_at_ms(absl::ToUnixMillis(absl::Now()));
  }
  if (!report.has_actor()) *report.mutable_actor() = context.Actor();
  return report;
}

int ShowReceipt(Context& context, const v1::Receipt& receipt) {
  if (context.json) {
    context.Json(receipt);
    return kDone;
  }
  context.out << "已受理 accepted: 事件 incident " << receipt.incident_id() << " (r" << receipt.incident_revision()
              << ")，" << Say(receipt.outcome()) << "，" << Say(receipt.lane()) << "，单号 id "
              << Clean(receipt.external_id()) << "，记录 record " << receipt.log_index() << "，"
              << Time(receipt.recorded_at_ms()) << std::endl;
  return kDone;
}

int RunReport(Context& context, const ReportFlags& flags) {
  const auto report = MakeReport(context, flags);
  if (!report.ok()) return context.FailLocal(report.status());
  if (flags.by_hand) {
    return context.WithDesk([&](adapters::DeskClient& desk) {
      v1::ReportByHandRequest request;
      *request.mutable_report() = *report;
      const auto receipt = desk.ReportByHand(request);
      return receipt.ok() ? ShowReceipt(context, *receipt) : context.Fail(receipt.status());
    });
  }
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) {
    const auto receipt = client->Report(*report, context.Timeout());
    return receipt.ok() ? ShowReceipt(context, *receipt) : context.Fail(receipt.status());
  });
}

}  // namespace

void AddReport(CLI::App& app, Context& context) {
  auto* command = app.add_subcommand("report", "报送 tell the hub a report; safe to repeat with the same --id");
  auto flags = std::make_shared<ReportFlags>();
  command->footer(
      "回执返回时，报送已落盘。When the receipt is here, the report is on stable storage.\n"
      "命令行上的个人信息本机其他用户看得见；用 --file - 从标准输入读。\n"
      "Personal data on a command line can be seen by other users of this machine: read it with --file - instead.");
  command
      ->add_option("--file", flags->file, "Report 的 JSON 或 textproto，- 为标准输入 Report as JSON or protobuf text")
      ->type_name("FILE");
  command->add_option("--id", flags->id, "本单位的单号；不写则生成 the party's own id; made up when absent");
  command->add_option("--revision", flags->revision, "版本，越改越大 grows with each amendment");
  AddEnum(command, "--purpose", flags->purpose, "用途 what it is for");
  command->add_option("--category", flags->category, "分类 code of the category tree, for example natural.flood");
  AddEnum(command, "--severity", flags->severity, "等级 severity");
  command->add_option("--division", flags->division, "12 位区划代码 administrative code");
  AddEnum(command, "--danger", flags->danger, "是否危及生命；不写按危及处理 danger to life; unknown counts as yes");
  command->add_option("--text", flags->text, "描述 description");
  command->add_option("--address", flags->address, "详细地址 address");
  command->add_option("--caller", flags->caller, "报警人 caller's name");
  command->add_option("--phone", flags->phone, "报警电话 caller's number");
  command->add_option("--medical", flags->medical, "病情 illness, age, condition");
  command->add_option("--lat", flags->lat, "WGS-84 纬度 degrees")->check(CLI::Range(-90.0, 90.0));
  command->add_option("--lng", flags->lng, "WGS-84 经度 degrees")->check(CLI::Range(-180.0, 180.0));
  command->add_option("--occurred", flags->occurred,
                      "何时发生 when it happened: \"2026-07-13 02:15\", \"02:15\", \"-10m\"");
  command->add_option("--ref", flags->references, "他系统的单号 another system's record of the same")
      ->type_name("PARTY:ID");
  command->add_option("--channel", flags->channel, "来源渠道 how it came, for example telephone");
  command->add_flag("--secret", flags->secret, "涉密，只发指定处理单位 reaches only the named secret handler");
  command->add_flag("--device-alarm", flags->device_alarm, "机器报警，未经人核实 raised by a machine, not verified");
  command->add_flag("--by-hand", flags->by_hand, "指挥中心手工新建 entered by the command centre");
  flags->counts.AddTo(command);
  OnRun(command, context, [&context, flags] { return RunReport(context, *flags); });
}

}  // namespace liandong::cli
