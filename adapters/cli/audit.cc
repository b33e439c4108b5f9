// liandong audit: verify, evidence and check need no hub and no network; trail asks the hub, as an auditor.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "adapters/cli/audit_html.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "adapters/cli/signed_in.h"
#include "adapters/cli/text.h"
#include "adapters/client/audit_client.h"
#include "security/audit/evidence.h"
#include "security/audit/limits.h"
#include "security/audit/verify.h"
#include "security/chain.h"
#include "security/crypto.h"
#include "security/file.h"
#include "security/limits.h"

namespace liandong::cli {
namespace {

// A page is a third larger than its package, and the readable part about as long.
constexpr size_t kPageBytesMax = 3 * audit::kPackageBytesMax;

struct AuditFlags {
  std::string folder, out, file;
  std::vector<std::string> anchors;
  uint64_t incident = 0;
};

struct TrailFlags {
  SignInFlags auditor;
  std::string since, until, account, object;
  std::optional<v1::TrailKind> kind;
  uint32_t limit = 0;
};

// The CA that the one who checks trusts. Empty when none was named.
absl::StatusOr<std::string> CaPem(const Context& context) {
  if (context.ca.empty()) return std::string();
  return security::ReadFileBounded(context.ca, security::kPemBytesMax);
}

int Bad(Context& context, const absl::Status& status) {
  context.FailLocal(status);
  return absl::IsDataLoss(status) ? kRefused : absl::IsNotFound(status) ? kNotFound : kUsage;
}

int NeedsCa(Context& context) {
  return context.FailLocal(
      absl::InvalidArgumentError("请用 --ca 指明您信任的 CA 证书 name the CA that you trust with --ca"));
}

int RunVerify(Context& context, const AuditFlags& flags) {
  audit::VerifyOptions options;
  options.data_dir = flags.folder;
  auto ca = CaPem(context);
  if (!ca.ok()) return context.FailLocal(ca.status());
  options.ca_pem = *std::move(ca);
  for (const std::string& text : flags.anchors) {
    auto anchor = security::ParseLinkText(text);
    if (!anchor.ok()) return context.FailLocal(anchor.status());
    options.anchors.push_back(*std::move(anchor));
  }
  const absl::Time begin = absl::Now();
  const auto verified = audit::Verify(options);
  if (!verified.ok()) {
    context.err << "校验未通过 NOT PROVEN" << std::endl;
    return Bad(context, verified.status());
  }
  const auto link = security::DecodeLink(verified->link);
  context.out << "校验通过 verified: " << verified->records << " 条记录 records, " << verified->batches
              << " 批 batches, " << absl::ToInt64Milliseconds(absl::Now() - begin) << " ms\n"
              << "末端链接 last link: " << (link.ok() ? security::LinkText(*link) : "-") << "\n"
              << "检查点 checkpoints: " << verified->checkpoints << "，已签署到记录 signed up to record "
              << verified->covered << "\n"
              << "签署证书 signers: " << (verified->signers.empty() ? "-" : absl::StrJoin(verified->signers, ", "))
              << "\n快照 snapshots: " << verified->snapshots << "\n审计轨迹 trail: " << verified->trail_segments
              << " 段 segments, " << verified->trail_records << " 条 entries\n";
  if (context.ca.empty()) {
    context.out
        << "提醒 note: 未给 --ca，只证明签名与证书相符 without --ca it is not shown whose signatures these are\n";
  }
  if (verified->covered < verified->records) {
    context.out << "提醒 note: " << verified->records - verified->covered
                << " 条记录尚未签署 records are not signed yet; the chain alone vouches for them\n";
  }
  if (verified->snapshots_open > 0) {
    context.out << "提醒 note: " << verified->snapshots_open << " 个快照尚未签署 snapshots are not signed yet\n";
  }
  context.out << std::flush;
  return kDone;
}

int RunEvidence(Context& context, const AuditFlags& flags) {
  const auto ca = CaPem(context);
  if (!ca.ok()) return context.FailLocal(ca.status());
  if (ca->empty()) return NeedsCa(context);
  if (context.cert.empty() || context.key.empty()) {
    return context.FailLocal(
        absl::InvalidArgumentError("请用 --cert 和 --key 指明由谁制作 the maker signs the package: name his "
                                   "certificate and key with --cert and --key"));
  }
  if (auto mode = security::CheckPrivateFile(context.key); !mode.ok()) return context.FailLocal(mode);
  const auto certificate = security::ReadFileBounded(context.cert, security::kPemBytesMax);
  if (!certificate.ok()) return context.FailLocal(certificate.status());
  auto key = security::ReadFileBounded(context.key, security::kPemBytesMax);
  if (!key.ok()) return context.FailLocal(key.status());
  const auto made = audit::MakeEvidence(flags.folder, flags.incident, *ca, absl::ToUnixMillis(absl::Now()));
  if (!made.ok()) return Bad(context, made.status());
  const auto evidence = audit::SignEvidence(made->package, *key, *certificate);
  security::Wipe(*key);
  if (!evidence.ok()) return context.FailLocal(evidence.status());
  const auto checked = audit::CheckEvidence(*evidence, *ca);
  if (!checked.ok()) return Bad(context, checked.status());
  const std::string path = flags.out.empty() ? absl::StrCat("evidence-", flags.incident, ".html") : flags.out;
  if (auto status = security::WriteFileAtomic(path, EvidenceHtml(*evidence, *checked), 0600); !status.ok()) {
    return context.FailLocal(status);
  }
  context.out << "已写成 written: " << path << "，" << checked->records.size() << " 条记录 records" << std::endl;
  if (made->not_yet > 0) {
    context.out << "提醒 note: " << made->not_yet
                << " 条较新的记录尚未签署，不在其中 newer records are not signed yet and not in it" << std::endl;
  }
  return kDone;
}

int RunCheck(Context& context, const AuditFlags& flags) {
  const auto ca = CaPem(context);
  if (!ca.ok()) return context.FailLocal(ca.status());
  if (ca->empty()) return NeedsCa(context);
  const auto html = security::ReadFileBounded(flags.file, kPageBytesMax);
  if (!html.ok()) return context.FailLocal(html.status());
  const auto evidence = EvidenceInHtml(*html);
  const auto checked = evidence.ok() ? audit::CheckEvidence(*evidence, *ca) : evidence.status();
  if (!checked.ok()) {
    context.err << "校验未通过 NOT PROVEN" << std::endl;
    return Bad(context, checked.status());
  }
  const std::string page = EvidenceHtml(*evidence, *checked);
  if (!flags.out.empty()) {
    if (auto status = security::WriteFileAtomic(flags.out, page, 0600); !status.ok()) return context.FailLocal(status);
  }
  if (page != *html) {
    context.err << "校验未通过 NOT PROVEN" << std::endl;
    return Bad(
        context,
        absl::DataLossError(absl::StrCat(
            flags.file,
            ": 证据有效，但可读部分与之不一致：已被改动，或由另一版本生成；请只看 --out 重新生成的网页 the evidence "
            "holds, but the readable part is not what it says: it was changed, or another version made it; "
            "read only what --out writes anew")));
  }
  context.out << "校验通过 verified: 事件 incident " << checked->package.incident_id() << "，"
              << checked->records.size() << " 条记录 records，检查点 checkpoint " << checked->checkpoint.number()
              << "，制作人 made by " << checked->maker << "，" << Time(checked->package.made_at_ms()) << std::endl;
  return kDone;
}

int RunTrail(Context& context, const TrailFlags& flags) {
  v1::TrailRequest request;
  for (const auto& [text, set] : {std::pair(&flags.since, &v1::TrailRequest::set_since_ms),
                                  std::pair(&flags.until, &v1::TrailRequest::set_until_ms)}) {
    if (text->empty()) continue;
    const auto time = ParseTime(*text, absl::Now());
    if (!time.ok()) return context.FailLocal(time.status());
    (request.*set)(*time);
  }
  if (flags.kind) request.set_kind(*flags.kind);
  request.set_account(flags.account);
  request.set_object(flags.object);
  request.set_limit(flags.limit);
  return SignedIn(context, flags.auditor, [&](std::shared_ptr<adapters::HubClient> client) -> int {
    const auto reply = adapters::AuditClient(std::move(client), context.Timeout()).Trail(request);
    if (!reply.ok()) return context.Fail(reply.status());
    std::vector<std::vector<std::string>> rows = {{"时间 time", "类别 kind", "账号 account", "单位 party", "来自 from",
                                                   "操作 method", "对象 object", "结果 result"}};
    for (const v1::TrailLine& line : reply->line()) {
      if (context.json) {
        context.Json(line);
        continue;
      }
      const v1::TrailEntry& entry = line.record().entry();
      rows.push_back({Time(line.record().time_ms()), Say(entry.kind()), entry.account(),
                      entry.party().empty() ? entry.via() : entry.party(), entry.from(), entry.method(),
                      entry.object().empty() ? entry.detail() : entry.object(), entry.result()});
    }
    if (!context.json) context.out << Table(rows);
    if (reply->more()) context.err << "还有更早的 older ones match too: --until, --limit" << std::endl;
    context.out << std::flush;
    return kDone;
  });
}

}  // namespace

void AddAudit(CLI::App& app, Context& context) {
  auto* group =
      app.add_subcommand("audit", "审计：校验日志、证据包、审计轨迹 prove a log, evidence of an incident, the trail");
  group->require_subcommand(1);

  auto verify = std::make_shared<AuditFlags>();
  auto* command = group->add_subcommand(
      "verify",
      "校验数据目录的日志、快照与轨迹，指出第一条有误的记录 prove a data folder; names the first wrong record");
  command->add_option("DIR", verify->folder, "枢纽的数据目录或其副本 the hub's data folder, or a copy")->required();
  command
      ->add_option("--anchor", verify->anchors,
                   "别处记下的链接，可重复 a link that was noted elsewhere, may be repeated: 1:0a1b...")
      ->allow_extra_args(false);
  OnRun(command, context, [&context, verify] { return RunVerify(context, *verify); });

  auto evidence = std::make_shared<AuditFlags>();
  command = group->add_subcommand(
      "evidence",
      "一个事件的证据包（单个网页文件），由 --cert 所示单位签名 one incident's evidence, one HTML file, "
      "signed with --cert and --key");
  command->add_option("INCIDENT", evidence->incident, "事件编号 incident id")->required();
  command->add_option("--data", evidence->folder, "枢纽的数据目录或其副本 the hub's data folder, or a copy")
      ->required();
  command->add_option("--out", evidence->out, "写到哪里，缺省 evidence-编号.html where to")->type_name("FILE");
  OnRun(command, context, [&context, evidence] { return RunEvidence(context, *evidence); });

  auto check = std::make_shared<AuditFlags>();
  command = group->add_subcommand("check", "校验证据包，无需枢纽 prove an evidence package, with no hub");
  command->add_option("FILE", check->file, "证据包 the package")->required();
  command->add_option("--out", check->out, "按证据重新生成可读网页 writes the readable page anew from the evidence")
      ->type_name("FILE");
  OnRun(command, context, [&context, check] { return RunCheck(context, *check); });

  auto trail = std::make_shared<TrailFlags>();
  command = group->add_subcommand("trail", "审计轨迹（审计员） who signed in, looked, changed, was refused (auditor)");
  trail->auditor.AddTo(command);
  command->add_option("--since", trail->since, "从何时起 from when on");
  command->add_option("--until", trail->until, "到何时为止 until when");
  AddEnum(command, "--kind", trail->kind, "类别 kind");
  command->add_option("--account", trail->account, "哪个账号 which account");
  command->add_option("--object", trail->object, "哪个对象 which object, for example \"incident 17\"");
  command->add_option("--limit", trail->limit, "最多几条 at most so many")->check(CLI::Range(1, 1000));
  OnRun(command, context, [&context, trail] { return RunTrail(context, *trail); });
}

}  // namespace liandong::cli
