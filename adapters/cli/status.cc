#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/text.h"
#include "adapters/cli/view.h"
#include "liandong/v1/desk.pb.h"
#include "security/tls.h"

namespace liandong::cli {
namespace {

// Certificates are renewed well before they end; shown as an alarm from here on.
constexpr absl::Duration kExpirySoon = absl::Hours(24 * 30);

void ShowCertificate(Context& context) {
  const auto options = context.Options();
  if (!options.ok()) return;
  const auto checked = security::CheckTlsFiles({options->tls.ca, options->tls.cert, options->tls.key}, absl::Now());
  if (!checked.ok()) return;
  context.out << "本单位 party: " << checked->identity.party << "，证书到期 certificate ends "
              << absl::FormatTime("%Y-%m-%d", checked->expires_at, absl::LocalTimeZone());
  if (checked->expires_at - absl::Now() < kExpirySoon) context.out << "  ! 快到期，请换发 renew it soon";
  context.out << "\n";
}

void ShowStatus(Context& context, const v1::StatusReply& reply) {
  context.out << "枢纽 hub " << Clean(reply.version()) << "，启动于 started " << Time(reply.started_at_ms())
              << "，时间 time " << Time(reply.time_ms()) << "\n";
  context.out << "记录 records " << reply.log_index() << "，历史 history " << reply.history_index()
              << "，快照 snapshot " << reply.snapshot_index() << "，协议集 site set v" << reply.site_version() << "\n";
  context.out << "处置中 open incidents " << reply.open_incidents() << "，内存中 in memory "
              << reply.incidents_in_memory() << "，未收到的投递 deliveries not received "
              << reply.outstanding_deliveries() << "，排队 waiting " << reply.waiting_commands() << "\n";
  context.out << ResponseText(reply);
  std::vector<std::vector<std::string>> rows = {
      {"单位 party", "连接 streams", "急件未收 urgent", "平件未收 ordinary", "最近 last heard"}};
  for (const auto& party : reply.party()) {
    rows.push_back({party.party(), absl::StrCat(party.streams()), absl::StrCat(party.outstanding_urgent()),
                    absl::StrCat(party.outstanding_ordinary()), Time(party.last_heard_ms())});
  }
  if (rows.size() > 1) context.out << Table(rows);
  for (const auto& alarm : reply.alarm()) context.out << "! " << Clean(alarm) << "\n";
}

int RunStatus(Context& context) {
  return context.WithClient([&](std::shared_ptr<adapters::HubClient> client) {
    if (!context.json) ShowCertificate(context);
    adapters::DeskClient desk(client, context.Timeout());
    const auto reply = desk.Status();
    if (reply.ok()) {
      if (context.json) {
        context.Json(*reply);
      } else {
        ShowStatus(context, *reply);
        context.out.flush();
      }
      return static_cast<int>(kDone);
    }
    if (!absl::IsPermissionDenied(reply.status())) return context.Fail(reply.status());
    // A party without a desk can still see whether the hub answers it.
    v1::FetchRequest request;
    request.set_max(1);
    const auto fetched = client->Fetch(request, context.Timeout());
    if (!fetched.ok()) return context.Fail(fetched.status());
    if (context.json) {
      v1::StatusReply own;
      own.set_log_index(fetched->log_index());
      context.Json(own);
    } else {
      context.out << "枢纽应答正常 the hub answers，记录 records " << fetched->log_index() << "；"
                  << (fetched->delivery_size() > 0 ? "有件待收 deliveries wait: liandong watch"
                                                   : "没有待收的件 no deliveries wait")
                  << "\n全部状态只有指挥中心可看 only the command centre sees the rest" << std::endl;
    }
    return static_cast<int>(kDone);
  });
}

}  // namespace

void AddStatus(CLI::App& app, Context& context) {
  auto* command =
      app.add_subcommand("status", "枢纽是否正常，谁连着，有什么告警 how the hub does, who is connected, alarms");
  OnRun(command, context, [&context] { return RunStatus(context); });
}

}  // namespace liandong::cli
