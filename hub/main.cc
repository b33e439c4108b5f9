// liandong-hub: one county's hub.
//
// Exit codes: 0 stopped as asked; 1 could not start; 2 settings, certificates or site set are wrong; 3 the log could
// not be written while running; 4 (in a cluster) another node leads: start again to stand by.
#include <google/protobuf/stubs/logging.h>
#include <malloc.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "hub/assembly.h"
#include "hub/first_account.h"
#include "hub/found_cluster.h"
#include "hub/replay_log.h"
#include "hub/replay_text.h"
#include "security/file.h"
#include "security/tls.h"

namespace liandong {
namespace {

constexpr int kExitStart = 1;
constexpr int kExitSettings = 2;
constexpr int kExitLog = 3;
constexpr int kExitReplaced = 4;

void Say(const std::string& line) { spdlog::info("{}", line); }

std::string Text(const absl::Status& status) { return std::string(status.message()); }

int Fail(const absl::Status& status) {
  spdlog::error("枢纽未能启动 the hub cannot start: {}", Text(status));
  const bool settings = absl::IsInvalidArgument(status) || absl::IsNotFound(status);
  return settings ? kExitSettings : kExitStart;
}

// Nothing that was not synced may be answered, so nothing more may happen here at all.
void OnFatal(const absl::Status& status) {
  if (absl::IsAborted(status)) {
    spdlog::critical(
        "本节点不再是主节点,立即停止,请重新启动以待命 this node leads no more and stops at once; start it again to "
        "stand by: {}",
        Text(status));
    spdlog::default_logger()->flush();
    _exit(kExitReplaced);
  }
  spdlog::critical(
      "日志无法写入,枢纽立即停止;请检查磁盘后重新启动 the log cannot be written, the hub stops at once; "
      "look at the disk and start again: {}",
      Text(status));
  spdlog::default_logger()->flush();
  _exit(kExitLog);
}

bool Asked(const sigset_t& signals) {
  sigset_t pending;
  sigpending(&pending);
  for (const int signal : {SIGTERM, SIGINT}) {
    if (sigismember(&signals, signal) == 1 && sigismember(&pending, signal) == 1) return true;
  }
  return false;
}

int Serve(const v1::HubConfig& config) {
  // Before any thread is made, so that all of them inherit it and only sigwait sees these.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write with a message, not a silent death

  hub::HubSettings settings;
  settings.config = config;
  settings.version = LIANDONG_VERSION;
  settings.say = Say;
  settings.on_fatal = OnFatal;
  settings.interrupted = [signals] { return Asked(signals); };
  auto hub = hub::Hub::Start(std::move(settings));
  if (!hub.ok()) {
    if (absl::IsCancelled(hub.status())) return 0;
    return Fail(hub.status());
  }
  malloc_trim(0);  // what reading the snapshots and the log took goes back to the system
  std::cout << "liandong-hub " << LIANDONG_VERSION << " 就绪 ready: " << (*hub)->address() << std::endl;
  int signal = 0;
  sigwait(&signals, &signal);
  Say("正在停机 stopping");
  if (auto status = (*hub)->Stop(); !status.ok()) {
    // Everything answered is in the log; the next start only takes longer.
    spdlog::warn("快照未写成,下次启动较慢 no snapshot was written, the next start takes longer: {}", Text(status));
  }
  Say("已停机 stopped");
  return 0;
}

constexpr size_t kCertificateBytes = 64 * 1024;  // a chain of several certificates

int MakeAccount(const v1::HubConfig& config, hub::FirstAccount wanted, const std::string& certificate_file) {
  if (!certificate_file.empty()) {
    auto pem = security::ReadFileBounded(certificate_file, kCertificateBytes);
    if (!pem.ok()) return Fail(pem.status());
    wanted.certificate_pem = *std::move(pem);
  }
  const auto password = hub::CreateFirstAccount(config, wanted);
  if (!password.ok()) {
    spdlog::error("账号未建成 the account was not made: {}", Text(password.status()));
    return kExitSettings;
  }
  std::cout << "已建账号 account made: " << wanted.account << std::endl;
  if (!password->empty())
    std::cout << "初始口令,首次登录后须修改 first password, to be changed at the first sign-in: " << *password
              << std::endl;
  return 0;
}

int MakeCluster(const v1::HubConfig& config) {
  const auto told = hub::FoundCluster(config);
  if (!told.ok()) {
    spdlog::error("集群未建立 the cluster was not founded: {}", Text(told.status()));
    return kExitSettings;
  }
  std::cout << *told << std::endl;
  return 0;
}

struct ReplayFlags {
  std::string site_dir, from, master_key;
  bool json = false;
};

// The settings, where they are given, say where the log and the master key lie; the flags say otherwise.
int ReplayLog(const std::string& config_path, ReplayFlags flags) {
  if (!config_path.empty()) {
    const auto config = hub::LoadHubConfig(config_path);
    if (!config.ok()) return Fail(config.status());
    if (flags.from.empty()) flags.from = config->data_dir();
    if (flags.master_key.empty()) flags.master_key = config->master_key();
  }
  if (flags.from.empty()) {
    spdlog::error(
        "请用 --from 指明枢纽的数据目录 name the hub's data folder with --from, or its settings with --config");
    return kExitSettings;
  }
  const auto replayed = hub::ReplayLog(flags.site_dir, flags.from, flags.master_key);
  if (!replayed.ok()) {
    spdlog::error("未能重放 cannot replay: {}", Text(replayed.status()));
    return kExitSettings;
  }
  std::cout << (flags.json ? hub::ReplayJson(*replayed) : hub::ReplayText(*replayed)) << std::flush;
  return 0;
}

int Run(int argc, char** argv) {
  // glibc gathers its fast bins up again at every large allocation, and a batch is one; each thread's own cache does
  // their work. Without them the hub takes a tenth less processor time for a report.
  mallopt(M_MXFAST, 0);
  umask(0077);  // what the hub writes is nobody else's, whatever library makes the file
  spdlog::set_default_logger(spdlog::stderr_color_mt("liandong-hub"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");

  CLI::App app{
      "联动枢纽:接收各热线的报告,按协议派发并跟踪到底\nThe Liandong hub: takes the hotlines' reports, tells "
      "whom the agreements name, and follows every acknowledgment to its end"};
  std::string path;
  bool check = false;
  app.add_option("--config", path, "设置文件 settings file (protobuf text, HubConfig)");
  app.fallthrough();
  hub::FirstAccount account;
  std::string certificate;
  auto* accounts =
      app.add_subcommand("account", "停机时在本机管理账号 accounts, at this machine, while the hub is stopped");
  accounts->require_subcommand(1);
  auto* create = accounts->add_subcommand(
      "create",
      "新建账号(首个账号管理员由此产生) make an account: the first account keeper, for there is no default one");
  create->add_option("--account", account.account, "账号 name: a-z, 0-9, '-', '_', '.'")->required();
  create->add_option("--person", account.person, "姓名或工号 name or staff number, as it stands in the record")
      ->required();
  create->add_option("--party", account.party, "所属单位 party id")->required();
  create
      ->add_option(
          "--role", account.roles,
          "角色,可重复 role, may be repeated: viewer, duty_officer, agreement_keeper, account_keeper, auditor, "
          "wall, clerk")
      ->required()
      ->allow_extra_args(false);
  create->add_option("--certificate", certificate, "只凭此证书登录 sign in with this certificate only (PEM)")
      ->type_name("FILE");
  auto* found = app.add_subcommand(
      "found-cluster",
      "建立集群:以本节点的日志为集群日志,各节点停机时只执行一次 found a cluster with this node's log: once, while no "
      "hub runs");
  ReplayFlags replay;
  auto* replays = app.add_subcommand(
      "replay",
      "用另一套协议重放日志:哪些事件会派往别处,不改动任何文件 replay a log with other agreements: what would have gone "
      "elsewhere; changes no file");
  replays->add_option("NEW", replay.site_dir, "新的协议集目录 the site directory to try")->required();
  replays->add_option("--from", replay.from, "枢纽数据目录或其副本 a hub's data folder, or a copy of it")
      ->type_name("LOG");
  replays
      ->add_option(
          "--master-key", replay.master_key,
          "主密钥文件;没有则取决于文字的事件只列出 master key file; without it, what depends on words is only named")
      ->type_name("FILE");
  replays->add_flag("--json", replay.json, "输出 JSON one line of JSON");
  app.add_flag("--check", check, "只检查设置、证书和站点配置 only check settings, certificates and the site set");
  app.set_version_flag("--version", "liandong-hub " LIANDONG_VERSION, "版本 version");
  app.footer(
      "退出码 Exit codes:\n"
      "  0  已按要求停机,或检查通过 stopped as asked, or the check is passed\n"
      "  1  未能启动 could not start (folder in use, port taken, damaged log)\n"
      "  2  设置、证书或站点配置有误 settings, certificates or site set are wrong\n"
      "  3  运行中日志无法写入 the log could not be written while running\n"
      "  4  集群中已由其他节点接管,重新启动即待命 another node of the cluster leads: start again to stand by");
  app.set_help_flag("-h,--help", "帮助 help");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kExitSettings;
  }
  if (replays->parsed()) return ReplayLog(path, std::move(replay));
  if (path.empty()) {
    spdlog::error("请用 --config 指明设置文件 name the settings file with --config");
    return kExitSettings;
  }
  const auto config = hub::LoadHubConfig(path);
  if (!config.ok()) return Fail(config.status());
  if (found->parsed()) return MakeCluster(*config);
  if (create->parsed()) return MakeAccount(*config, std::move(account), certificate);
  if (auto status = security::AllowOnlyTls13(); !status.ok()) return Fail(status);
  if (!check) return Serve(*config);
  if (auto status = hub::CheckHubFiles(*config, Say); !status.ok()) {
    spdlog::error("检查未通过 the check found: {}", Text(status));
    return kExitSettings;
  }
  std::cout << "设置无误 settings are sound: " << path << std::endl;
  return 0;
}

}  // namespace
}  // namespace liandong

int main(int argc, char** argv) {
  // Protocol Buffers would print a line for every message that is not UTF-8, which whoever sends them could fill a disk
  // with. The sender is told by the status of the call.
  google::protobuf::SetLogHandler(nullptr);
  return liandong::Run(argc, argv);
}
