// liandong-hub: one county's hub.
//
// Exit codes: 0 stopped as asked; 1 could not start; 2 settings, certificates or site set are wrong; 3 the log could
// not be written while running.
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "hub/assembly.h"

namespace liandong {
namespace {

constexpr int kExitStart = 1;
constexpr int kExitSettings = 2;
constexpr int kExitLog = 3;

void Say(const std::string& line) { spdlog::info("{}", line); }

std::string Text(const absl::Status& status) { return std::string(status.message()); }

int Fail(const absl::Status& status) {
  spdlog::error("枢纽未能启动 the hub cannot start: {}", Text(status));
  const bool settings = absl::IsInvalidArgument(status) || absl::IsNotFound(status);
  return settings ? kExitSettings : kExitStart;
}

// Nothing that was not synced may be answered, so nothing more may happen here at all.
void OnFatal(const absl::Status& status) {
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

int Run(int argc, char** argv) {
  umask(0077);  // what the hub writes is nobody else's, whatever library makes the file
  spdlog::set_default_logger(spdlog::stderr_color_mt("liandong-hub"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");

  CLI::App app{
      "联动枢纽:接收各热线的报告,按协议派发并跟踪到底\nThe Liandong hub: takes the hotlines' reports, tells "
      "whom the agreements name, and follows every acknowledgment to its end"};
  std::string path;
  bool check = false;
  app.add_option("--config", path, "设置文件 settings file (protobuf text, HubConfig)")->required();
  app.add_flag("--check", check, "只检查设置、证书和站点配置 only check settings, certificates and the site set");
  app.set_version_flag("--version", "liandong-hub " LIANDONG_VERSION, "版本 version");
  app.footer(
      "退出码 Exit codes:\n"
      "  0  已按要求停机,或检查通过 stopped as asked, or the check is passed\n"
      "  1  未能启动 could not start (folder in use, port taken, damaged log)\n"
      "  2  设置、证书或站点配置有误 settings, certificates or site set are wrong\n"
      "  3  运行中日志无法写入 the log could not be written while running");
  app.set_help_flag("-h,--help", "帮助 help");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : kExitSettings;
  }
  const auto config = hub::LoadHubConfig(path);
  if (!config.ok()) return Fail(config.status());
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

int main(int argc, char** argv) { return liandong::Run(argc, argv); }
