#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "adapters/log/log.h"
#include "adapters/runtime/adapter.h"
#include "adapters/runtime/commands.h"
#include "adapters/runtime/config.h"

namespace liandong::adapters {
namespace {

struct Options {
  std::string config;
  ConfigOverrides overrides;
  std::vector<std::string> listen, peer;
  bool print_ports = false;
  bool verbose = false;
  bool metrics = false;
  uint64_t row = 0;
  CheckOptions check;
};

// "name=value" pairs; false when one is none.
bool Split(const std::vector<std::string>& pairs, std::map<std::string, std::string>* result) {
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      std::cerr << pair << ": 应为 链路=值 (must be LINK=VALUE)\n";
      return false;
    }
    (*result)[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return true;
}

int Run(const Options& options, const AdapterSettings& settings) {
  // Before any thread is made, so that only this one hears of them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  SetVerbose(options.verbose);
  auto adapter = Adapter::Start(settings);
  if (!adapter.ok()) {
    std::cerr << std::string(adapter.status().message()) << "\n";
    return kExitUsage;
  }
  if (options.print_ports) {
    for (const std::string& address : (*adapter)->Addresses()) std::cout << address << "\n";
    std::cout.flush();
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  LogInfo("正在停止 (stopping)");
  (*adapter)->Stop();
  LogInfo("已停止 (stopped)");
  return kExitDone;
}

int Main(int argc, char** argv) {
  CLI::App app{
      "联动适配器:本单位系统与联动枢纽之间的双向转换、暂存与重发\n"
      "liandong-adapter: between one party's own system and the hub, both ways, stored and forwarded"};
  app.footer(
      "退出码 exit codes: 0 完成 done; 1 样例不能转换 a sample cannot be mapped; 2 选项或配置 options or "
      "configuration; "
      "4 没有 no such thing; 6 有死信或未送达的任务 dead letters or failing deliveries");
  Options options;
  app.add_option("--config", options.config, "配置文件 configuration file (adapter_config.proto)")
      ->envname("LIANDONG_ADAPTER_CONFIG");
  app.add_option("--hub", options.overrides.hubs, "枢纽 hub, host:port (several: tried in order)");
  app.add_option("--data-dir", options.overrides.data_dir, "数据目录 folder of the spool");
  app.add_option("--tls-dir", options.overrides.tls_dir, "证书目录 folder of ca, cert and key");
  app.add_option("--secrets-dir", options.overrides.secrets_dir, "密钥目录 folder of the profiles' secret files");
  app.add_option("--port-file", options.overrides.port_file, "写入实际地址的文件 where to write the addresses taken");
  app.add_option("--listen", options.listen, "LINK=ADDRESS:PORT 监听地址 where a link listens (port 0: a free one)");
  app.add_option("--peer", options.peer, "LINK=URL 对方地址 a link's peer");
  app.add_flag("--print-ports", options.print_ports, "启动后打印实际地址 print the addresses taken");
  app.add_flag("--verbose", options.verbose, "每条报文一行日志 a log line for each message");

  CLI::App* check = app.add_subcommand("check", "样例会变成什么 what a sample becomes");
  check->add_option("--profile", options.check.profile, "转换配置 mapping profile")->required();
  check->add_option("--path", options.check.path, "HTTP 路径或文件名 the path or file name it would come by");
  check->add_flag("--delivery", options.check.delivery, "样例是任务(文本格式) the sample is a Delivery in text form");
  check->add_flag("--show-personal", options.check.show_personal, "显示个人信息 show personal fields");
  check->add_option("FILE", options.check.file, "样例文件 the sample")->required();

  CLI::App* dead = app.add_subcommand("dead", "死信 dead letters");
  dead->require_subcommand(1);
  CLI::App* list = dead->add_subcommand("list", "列出 list them");
  CLI::App* show = dead->add_subcommand("show", "查看一封(含个人信息) show one with its content");
  CLI::App* resend = dead->add_subcommand("resend", "重发一封 send one again");
  CLI::App* drop = dead->add_subcommand("drop", "删除一封 remove one for good");
  for (CLI::App* one : {show, resend, drop}) one->add_option("ID", options.row, "编号 its number")->required();

  CLI::App* status = app.add_subcommand("status", "暂存与告警 what waits, and alarms");
  status->add_flag("--metrics", options.metrics, "Prometheus 格式 in Prometheus' form");
  app.require_subcommand(0, 1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }

  if (check->parsed()) return RunCheck(options.check, std::cout, std::cerr);
  if (!Split(options.listen, &options.overrides.listen) || !Split(options.peer, &options.overrides.peer)) {
    return kExitUsage;
  }
  if (options.config.empty()) {
    std::cerr << "请用 --config 指明配置文件 (name the configuration file with --config)\n";
    return kExitUsage;
  }
  auto settings = LoadSettings(options.config, options.overrides);
  if (!settings.ok()) {
    std::cerr << std::string(settings.status().message()) << "\n";
    return kExitUsage;
  }
  if (list->parsed()) return RunDeadList(*settings, std::cout, std::cerr);
  if (show->parsed()) return RunDeadShow(*settings, options.row, std::cout, std::cerr);
  if (resend->parsed()) return RunDeadResend(*settings, options.row, std::cout, std::cerr);
  if (drop->parsed()) return RunDeadDrop(*settings, options.row, std::cout, std::cerr);
  if (status->parsed()) return RunStatus(*settings, options.metrics, std::cout, std::cerr);
  return Run(options, *settings);
}

}  // namespace
}  // namespace liandong::adapters

int main(int argc, char** argv) {
  // gRPC writes handshake failures to standard error on its own; ours say more.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  return liandong::adapters::Main(argc, argv);
}
