#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "liandong/v1/desk.pb.h"
#include "routing/load.h"

namespace liandong::cli {
namespace {

int RunAdopt(Context& context, const std::string& dir) {
  const auto loaded = routing::LoadSiteDir(dir);
  if (!loaded.ok()) {
    context.Fail(loaded.status());
    return absl::IsNotFound(loaded.status()) ? kUsage : kRefused;
  }
  v1::AdoptSiteSetRequest request;
  *request.mutable_site() = loaded->site;
  *request.mutable_actor() = context.Actor();
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.AdoptSiteSet(request);
    if (!reply.ok()) return context.Fail(reply.status());
    if (context.json) {
      context.Json(*reply);
      return static_cast<int>(kDone);
    }
    for (const auto& warning : reply->warning()) context.out << "提醒 warning: " << Clean(warning) << "\n";
    context.out << (reply->unchanged() ? "内容相同，未变 the same content is in force already: v"
                                       : "已采用，即时生效 adopted and in force: v")
                << reply->version() << std::endl;
    return static_cast<int>(kDone);
  });
}

void ShowSite(Context& context, const v1::SiteSet& site) {
  context.out << "协议集 site set v" << site.version() << "，" << Clean(site.settings().name()) << "\n";
  std::vector<std::vector<std::string>> parties = {{"单位 party", "类别 kind", "名称 name", "值班电话 phone"}};
  for (const auto& party : site.party()) {
    parties.push_back(
        {party.id(), Say(party.kind()), absl::StrCat(party.name_zh(), " ", party.name_en()), party.phone_24h()});
  }
  context.out << Table(parties);
  std::vector<std::vector<std::string>> agreements = {
      {"协议 agreement", "名称 title", "自 from", "至 until", "条 clauses"}};
  for (const auto& agreement : site.agreement()) {
    agreements.push_back({agreement.id(), agreement.title(), agreement.effective_from(),
                          agreement.effective_until().empty() ? "-" : agreement.effective_until(),
                          absl::StrCat(agreement.clause_size())});
  }
  context.out << Table(agreements) << std::flush;
}

int RunShow(Context& context, bool text) {
  return context.WithDesk([&](adapters::DeskClient& desk) {
    const auto reply = desk.ShowSiteSet();
    if (!reply.ok()) return context.Fail(reply.status());
    if (context.json) {
      context.Json(reply->site());
    } else if (text) {
      google::protobuf::TextFormat::Printer printer;
      printer.SetUseUtf8StringEscaping(true);
      std::string whole;
      printer.PrintToString(reply->site(), &whole);
      context.out << whole << std::flush;
    } else {
      ShowSite(context, reply->site());
    }
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddAgreements(CLI::App& app, Context& context) {
  auto* group =
      app.add_subcommand("agreements", "协议集：检查、比较、采用、查看 the site set: check, diff, adopt, show");
  group->require_subcommand(1);

  AddAgreementChecks(*group, context);

  auto adopted = std::make_shared<std::string>();
  auto* command = group->add_subcommand("adopt", "整体采用（指挥中心） adopt it as a whole (command centre)");
  command->add_option("DIR", *adopted, "协议集目录 site directory")->required();
  OnRun(command, context, [&context, adopted] { return RunAdopt(context, *adopted); });

  auto text = std::make_shared<bool>(false);
  command = group->add_subcommand("show", "现行的协议集（指挥中心） the site set in force (command centre)");
  command->add_flag("--text", *text, "全文 all of it, as protobuf text");
  OnRun(command, context, [&context, text] { return RunShow(context, *text); });
}

}  // namespace liandong::cli
