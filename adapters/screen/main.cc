// liandong-screen: the page, for everybody's browser.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "adapters/log/log.h"
#include "adapters/screen/config.h"
#include "adapters/screen/screen.h"

namespace liandong::screen {
namespace {

// Part of the interface: scripts rely on these numbers; they stand in --help.
enum Exit : int { kExitDone = 0, kExitUsage = 2 };

int Fail(const absl::Status& status) {
  std::cerr << std::string(status.message()) << "\n";
  return kExitUsage;
}

int Run(const v1::ScreenConfig& config) {
  // Before any thread is made, so that only this one hears of them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  auto screen = Screen::Start(config);
  if (!screen.ok()) return Fail(screen.status());
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  adapters::LogInfo("正在停止 (stopping)");
  (*screen)->Stop();
  adapters::LogInfo("已停止 (stopped)");
  return kExitDone;
}

int Main(int argc, char** argv) {
  CLI::App app{
      "联动大屏服务:把枢纽的推送和网页送到各浏览器,人员以枢纽的账号登录\n"
      "liandong-screen: serves the page and the hub's live feed to browsers; people sign in with the hub's accounts"};
  app.footer("退出码 exit codes: 0 完成 done; 2 选项、配置或文件 options, configuration or files");
  std::string path;
  bool check = false, verbose = false;
  app.add_option("--config", path, "配置文件 configuration file (screen_config.proto)")
      ->envname("LIANDONG_SCREEN_CONFIG")
      ->required();
  app.add_flag("--check", check, "只检查配置和文件 only check the configuration and its files");
  app.add_flag("--verbose", verbose, "更多日志 more log lines");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  adapters::SetVerbose(verbose);
  const auto config = LoadConfig(path);
  if (!config.ok()) return Fail(config.status());
  if (!check) return Run(*config);
  if (absl::Status status = Screen::Check(*config); !status.ok()) return Fail(status);
  std::cout << path << ": 正确 (good)\n";
  return kExitDone;
}

}  // namespace
}  // namespace liandong::screen

int main(int argc, char** argv) {
  // gRPC writes handshake failures to standard error on its own; ours say more.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  return liandong::screen::Main(argc, argv);
}
