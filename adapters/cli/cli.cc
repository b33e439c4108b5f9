#include "adapters/cli/cli.h"

#include <CLI/CLI.hpp>

#include "adapters/cli/commands.h"

namespace liandong::cli {
namespace {

constexpr char kDescription[] =
    "联动枢纽的命令行 The command line of the Liandong hub.\n"
    "任何有证书的单位都能用；指挥中心能做的更多。\n"
    "For every party that has a certificate; the command centre may do more.";

constexpr char kFooter[] = R"(连接 Connection: --config 文件 FILE, 或 or ~/.config/liandong.textproto:
  hub: "127.0.0.1:7443"
  tls { ca: "ca.crt" cert: "power-supply.crt" key: "power-supply.key" }

退出码 Exit codes:
  0  成功 done
  1  枢纽拒绝，或检查有错 refused by the hub, or a check found errors
  2  参数、配置或本机文件有误 options, configuration or files of this machine
  3  联系不上枢纽 no hub answered
  4  没有这样东西 the hub does not know such a thing
  5  暂时不行，稍后可再试 refused for now: the same may succeed later)";

void AddGlobalOptions(CLI::App& app, Context& context) {
  app.add_option("--config", context.config_file, "连接配置 ClientConfig as protobuf text")->type_name("FILE");
  app.add_option("--hub", context.hubs, "枢纽地址，可写多个 hub address, may be repeated")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false);
  app.add_option("--ca", context.ca, "CA 证书 CA certificate")->type_name("PEM");
  app.add_option("--cert", context.cert, "本单位证书 the party's certificate")->type_name("PEM");
  app.add_option("--key", context.key, "本单位私钥 the party's key")->type_name("PEM");
  app.add_flag("--json", context.json, "每行输出一个 JSON 对象 print one JSON object a line");
  app.add_option("--timeout", context.timeout_s, "一次调用最多等多久 seconds a call may take")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--person", context.person, "谁在操作 who acts: name or staff number")
      ->type_name("NAME")
      ->envname("LIANDONG_PERSON");
  app.add_option("--role", context.role, "岗位 post, for example 值班员")->type_name("ROLE")->envname("LIANDONG_ROLE");
  app.add_option("--told-by", context.told_by, "代为录入：电话里是谁说的 entered for somebody who told it by telephone")
      ->type_name("NAME");
}

}  // namespace

int Run(const std::vector<std::string>& arguments, Streams streams, const std::atomic<bool>* interrupted) {
  Context context(streams);
  context.interrupted = interrupted;
  CLI::App app(kDescription, "liandong");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the subcommand
  app.set_version_flag("--version", "liandong 0.1.0");
  AddGlobalOptions(app, context);
  AddReport(app, context);
  AddWatch(app, context);
  AddAck(app, context);
  AddOrder(app, context);
  AddIncidents(app, context);
  AddExplain(app, context);
  AddActs(app, context);
  AddDutyActs(app, context);
  AddEvents(app, context);
  AddUpward(app, context);
  AddStats(app, context);
  AddLinkage(app, context);
  AddResponse(app, context);
  AddErasure(app, context);
  AddStatus(app, context);
  AddAgreements(app, context);
  AddAccounts(app, context);
  AddAudit(app, context);
  AddPki(app, context);
  try {
    // CLI11 takes them last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, streams.out, streams.err) == 0 ? kDone : kUsage;
  }
  return context.result;
}

}  // namespace liandong::cli
