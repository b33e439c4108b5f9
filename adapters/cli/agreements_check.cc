#include <unistd.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "adapters/cli/certs_check.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "nlohmann/json.hpp"
#include "routing/calendar_day.h"
#include "routing/load.h"
#include "routing/matrix.h"

namespace liandong::cli {
namespace {

constexpr int64_t kDayMs = 24 * 3600 * 1000;

struct CheckFlags {
  std::string dir, today, certs;
  int days = routing::limits::kExpirySoonDays;
  bool strict = false, matrix = false, html = false;
};

// The day that the check looks from: now, or noon of the day named.
absl::StatusOr<int64_t> TodayMs(const std::string& today) {
  if (today.empty()) return absl::ToUnixMillis(absl::Now());
  const auto day = routing::ParseDay(today);
  if (!day) {
    return absl::InvalidArgumentError(
        absl::StrCat("--today \"", today, "\" 不是日期 is not a day; write \"YYYY-MM-DD\""));
  }
  return *day * kDayMs + kDayMs / 2;
}

void ShowFinding(Context& context, const routing::Finding& finding) {
  if (context.json) {
    context.out << nlohmann::json({{"file", finding.file},
                                   {"line", finding.line},
                                   {"column", finding.column},
                                   {"warning", finding.warning},
                                   {"kind", finding.kind},
                                   {"message", finding.message},
                                   {"messageZh", finding.message_zh}})
                       .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                << std::endl;
    return;
  }
  context.out << (finding.warning ? "提醒 warning " : "错误 error ") << Clean(finding.Text());
  if (!finding.message_zh.empty()) context.out << " / " << Clean(finding.message_zh);
  context.out << std::endl;
}

int RunCheck(Context& context, const CheckFlags& flags) {
  const auto now_ms = TodayMs(flags.today);
  if (!now_ms.ok()) return context.FailLocal(now_ms.status());
  routing::CheckOptions options;
  options.now_ms = *now_ms;
  options.expiry_days = flags.days;
  options.coverage = true;
  auto findings = routing::CheckSiteDir(flags.dir, options);
  if (!findings.ok()) return context.FailLocal(findings.status());
  size_t errors = 0;
  if (!flags.certs.empty()) {
    // Of a set with errors nobody knows which parties it has.
    if (const auto site = routing::LoadSiteDir(flags.dir); site.ok()) {
      const auto more = CheckCertificates(site->site, flags.certs, absl::FromUnixMillis(*now_ms), flags.days);
      findings->insert(findings->end(), more.begin(), more.end());
    }
  }
  for (const auto& finding : *findings) {
    ShowFinding(context, finding);
    errors += finding.warning ? 0 : 1;
  }
  const bool refused = errors > 0 || (flags.strict && !findings->empty());
  if (!context.json) {
    if (errors > 0) {
      context.out << errors << " 处错误，不能采用 errors: it would be refused as a whole";
    } else {
      context.out << (refused ? "有提醒，严格检查不通过 warnings, not clean with --strict: "
                              : "可以采用 fit for adoption: ")
                  << flags.dir;
    }
    context.out << std::endl;
  }
  return refused ? kRefused : kDone;
}

int RunMatrix(Context& context, const CheckFlags& flags) {
  const auto now_ms = TodayMs(flags.today);
  if (!now_ms.ok()) return context.FailLocal(now_ms.status());
  auto loaded = routing::LoadSiteDir(flags.dir);
  if (!loaded.ok()) return context.FailLocal(loaded.status());
  const auto site = routing::Site::CompileAdopted(std::move(loaded->site));
  const int32_t day = routing::LocalDay(*now_ms, site->settings().utc_offset_minutes());
  const routing::Matrix matrix = routing::MatrixOf(*site, day);
  context.out << (flags.html ? routing::MatrixHtml(*site, matrix, routing::FormatDay(day))
                             : routing::MatrixText(*site, matrix))
              << std::flush;
  return kDone;
}

int RunDiff(Context& context, const std::string& old_dir, const std::string& new_dir) {
  auto before = routing::LoadSiteDir(old_dir);
  if (!before.ok()) return context.FailLocal(before.status());
  auto after = routing::LoadSiteDir(new_dir);
  if (!after.ok()) return context.FailLocal(after.status());
  const auto old_site = routing::Site::CompileAdopted(std::move(before->site));
  const auto new_site = routing::Site::CompileAdopted(std::move(after->site));
  const auto lines =
      routing::MatrixDiff(*old_site, routing::MatrixOf(*old_site, 0), *new_site, routing::MatrixOf(*new_site, 0));
  for (const std::string& line : lines) context.out << Clean(line) << "\n";
  if (lines.empty()) context.out << "职责矩阵没有变化 nothing changes in the duty matrix\n";
  context.out << std::flush;
  return kDone;
}

// The hub's own program reads its log: it stands beside this one, and shares with it what may be read of sealed words.
struct ReplayFlags {
  std::string dir, from, master_key;
};

int RunReplay(Context& context, const ReplayFlags& flags) {
  std::array<char, 4096> self{};
  const ssize_t length = readlink("/proc/self/exe", self.data(), self.size() - 1);
  const std::string path(self.data(), length > 0 ? static_cast<size_t>(length) : 0);
  const std::string hub = absl::StrCat(path.substr(0, path.rfind('/') + 1), "liandong-hub");
  if (access(hub.c_str(), X_OK) != 0) {
    return context.FailLocal(absl::NotFoundError(absl::StrCat(
        hub, ": 没有枢纽程序,请在枢纽的机器上运行 the hub's program is not there: run this on the hub's machine")));
  }
  std::vector<std::string> arguments = {hub, "replay", flags.dir, "--from", flags.from};
  if (!flags.master_key.empty()) arguments.insert(arguments.end(), {"--master-key", flags.master_key});
  if (context.json) arguments.emplace_back("--json");
  std::vector<char*> raw;
  for (std::string& argument : arguments) raw.push_back(argument.data());
  raw.push_back(nullptr);
  context.out << std::flush;
  execv(hub.c_str(), raw.data());
  return context.FailLocal(absl::InternalError(absl::StrCat(hub, ": 不能运行 cannot be run")));
}

}  // namespace

void AddAgreementChecks(CLI::App& group, Context& context) {
  auto flags = std::make_shared<CheckFlags>();
  auto* command = group.add_subcommand(
      "check", "检查目录：错误、空档、重叠、死条款，不连枢纽 errors, gaps, overlaps, dead clauses; needs no hub");
  command->add_option("DIR", flags->dir, "协议集目录 site directory")->required();
  command->add_flag("--strict", flags->strict, "有提醒即不通过 warnings fail too");
  command
      ->add_option("--days", flags->days,
                   "几天内到期的要提醒 warn of agreements and certificates that end within these days")
      ->check(CLI::Range(0, 3650));
  command
      ->add_option(
          "--certs", flags->certs,
          "单位证书目录：缺证书、快过期、写错单位的要提醒 folder with <party>.crt: warn of missing, expiring and "
          "wrong certificates")
      ->type_name("DIR");
  command->add_option("--today", flags->today, "按这一天检查 look from this day: YYYY-MM-DD");
  command->add_flag("--matrix", flags->matrix, "打印职责矩阵 print the duty matrix instead: category and party");
  command->add_flag("--html", flags->html, "矩阵打成 A4 网页 the matrix as a page for A4")->needs("--matrix");
  OnRun(command, context,
        [&context, flags] { return flags->matrix ? RunMatrix(context, *flags) : RunCheck(context, *flags); });

  auto dirs = std::make_shared<std::pair<std::string, std::string>>();
  command = group.add_subcommand("diff", "两套协议的职责矩阵有何不同 what changes in the duty matrix");
  command->add_option("OLD", dirs->first, "原来的目录 the directory as it was")->required();
  command->add_option("NEW", dirs->second, "新的目录 the directory as it would be")->required();
  OnRun(command, context, [&context, dirs] { return RunDiff(context, dirs->first, dirs->second); });

  auto replay = std::make_shared<ReplayFlags>();
  command =
      group.add_subcommand("replay",
                           "用新协议重放日志：哪些事件会派往别处，谁增减任务，哪些时限会逾期 what would have gone "
                           "elsewhere, who would have gained or lost duties, what would have been late");
  command->add_option("NEW", replay->dir, "新的协议集目录 the site directory to try")->required();
  command
      ->add_option("--from", replay->from,
                   "枢纽数据目录（已停机）或其副本 a stopped hub's data folder, or a copy of one")
      ->type_name("LOG")
      ->required();
  command
      ->add_option("--master-key", replay->master_key,
                   "枢纽主密钥文件，用来读报告文字 the hub's master key file, to read the reports' words")
      ->type_name("FILE");
  OnRun(command, context, [&context, replay] { return RunReplay(context, *replay); });
}

}  // namespace liandong::cli
