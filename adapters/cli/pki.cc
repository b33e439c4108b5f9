#include "security/pki.h"

#include "absl/strings/strip.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/flags.h"
#include "nlohmann/json.hpp"
#include "security/curve_key.h"
#include "security/file.h"
#include "security/limits.h"
#include "security/revocation.h"

namespace liandong::cli {
namespace {

struct PkiFlags {
  std::string dir, trust_domain, common_name, party, csr, key_out, password_file;
  int ca_days = security::CaOptions().days;
  security::IssueOptions issue;
};

// A party that serves nobody gets a certificate that cannot pose as a server.
security::IssueOptions LeafOptions(const PkiFlags& flags) {
  security::IssueOptions options = flags.issue;
  options.server = !options.dns_names.empty() || !options.ip_addresses.empty();
  return options;
}

int ShowIssued(Context& context, const absl::StatusOr<security::IssuedFiles>& issued) {
  if (!issued.ok()) return context.FailLocal(issued.status());
  if (context.json) {
    nlohmann::json files = {{"uri", issued->uri}, {"ca", issued->ca}, {"cert", issued->cert}};
    if (!issued->key.empty()) files["key"] = issued->key;
    if (!issued->pkcs12.empty()) files["pkcs12"] = issued->pkcs12;
    context.out << files.dump() << std::endl;
    return kDone;
  }
  context.out << "已签发 issued: " << issued->uri << "\n  " << issued->cert << "\n";
  if (!issued->key.empty())
    context.out << "  " << issued->key << "  （私钥，勿外传 private key: hand it to nobody else）\n";
  if (!issued->pkcs12.empty()) context.out << "  " << issued->pkcs12 << "\n";
  context.out << "  " << issued->ca << std::endl;
  return kDone;
}

int RunInit(Context& context, const PkiFlags& flags) {
  security::CaOptions options;
  options.days = flags.ca_days;
  options.common_name = flags.common_name;
  const absl::Status status = security::InitCa(flags.dir, flags.trust_domain, options);
  if (!status.ok()) return context.FailLocal(status);
  if (context.json) {
    context.out << nlohmann::json({{"ca", flags.dir + "/ca.crt"}, {"uri", "spiffe://" + flags.trust_domain}}).dump()
                << std::endl;
  } else {
    context.out << "已建 CA made: " << flags.dir << "/ca.crt，信任域 trust domain " << flags.trust_domain << "\n  私钥 "
                << flags.dir << "/ca.key 能签发任何单位的证书，请离线保管 its key can make any party's "
                << "certificate: keep it off line" << std::endl;
  }
  return kDone;
}

int RunIssue(Context& context, const PkiFlags& flags) {
  security::IssueOptions options = LeafOptions(flags);
  if (!flags.password_file.empty()) {
    // From a file, since a command line can be seen by every user of the machine.
    const auto password = ReadInput(context, flags.password_file, 1024);
    if (!password.ok()) return context.FailLocal(password.status());
    options.pkcs12_password = std::string(absl::StripTrailingAsciiWhitespace(*password));
    if (options.pkcs12_password.empty()) {
      return context.FailLocal(absl::InvalidArgumentError("口令文件是空的 the password file is empty"));
    }
  }
  return ShowIssued(context, security::Issue(flags.dir, flags.party, options));
}

int RunRequest(Context& context, const PkiFlags& flags) {
  const auto csr = security::MakeCsr(flags.key_out, flags.party);
  if (!csr.ok()) return context.FailLocal(csr.status());
  if (flags.csr.empty() || flags.csr == "-") {
    context.out << *csr << std::flush;
    return kDone;
  }
  const absl::Status written = security::WriteFileAtomic(flags.csr, *csr, 0644);
  if (!written.ok()) return context.FailLocal(written);
  context.out << "已生成私钥和申请 key and request made: " << flags.key_out << ", " << flags.csr
              << "\n  只把申请交给枢纽管理员 give only the request to the hub's operator" << std::endl;
  return kDone;
}

int RunSign(Context& context, const PkiFlags& flags) {
  const auto csr = ReadInput(context, flags.csr, security::kPemBytesMax);
  if (!csr.ok()) return context.FailLocal(csr.status());
  return ShowIssued(context, security::SignCsr(flags.dir, *csr, flags.party, LeafOptions(flags)));
}

int RunFeedKey(Context& context, const std::string& path) {
  const auto key = security::CreateCurveKeyFile(path);
  if (!key.ok()) return context.FailLocal(key.status());
  if (context.json) {
    context.out << nlohmann::json({{"file", path}, {"public", key->public_z85}}).dump() << std::endl;
    return kDone;
  }
  context.out << "已生成推送密钥 key of the feed made: " << path
              << "\n  公钥 public, 写入 goes into parties.textproto: feed_key: \"" << key->public_z85 << "\""
              << std::endl;
  return kDone;
}

// Without a certificate the list is signed again, so that it is good for another year.
int RunRevoke(Context& context, const std::string& dir, const std::string& certificate) {
  std::string pem;
  if (!certificate.empty()) {
    auto read = ReadInput(context, certificate, security::kPemBytesMax);
    if (!read.ok()) return context.FailLocal(read.status());
    pem = *std::move(read);
  }
  if (auto status = security::RevokeCertificate(dir, pem); !status.ok()) return context.FailLocal(status);
  const std::string list = dir + "/ca.crl";
  if (context.json) {
    context.out << nlohmann::json({{"crl", list}}).dump() << std::endl;
    return kDone;
  }
  context.out
      << (pem.empty() ? "已重新签发吊销列表 list signed again: " : "已吊销 revoked: ")
      << (pem.empty() ? "" : certificate + "\n  ") << list
      << "\n  放到枢纽设置 crl 所指处，一秒内生效 put it where the hub's setting crl points: it counts within a second"
      << std::endl;
  return kDone;
}

void AddLeafFlags(CLI::App* command, const std::shared_ptr<PkiFlags>& flags) {
  command->add_option("--dns", flags->issue.dns_names,
                      "服务器域名 DNS names of a server; makes it a server's certificate too");
  command->add_option("--ip", flags->issue.ip_addresses, "服务器地址 IP addresses of a server; the same");
  command->add_option("--days", flags->issue.days, "有效天数 days")->capture_default_str();
  command->add_option("--out", flags->issue.out_folder, "放到哪里 folder for the files; the CA's own when absent")
      ->type_name("DIR");
  command->add_flag("--replace", flags->issue.replace,
                    "换发：覆盖旧文件 renewal: writes over the files that are there");
}

}  // namespace

void AddPki(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand(
      "pki", "小型站点的证书 certificates for a small site: init, issue, request, sign, revoke, feed-key");
  group->require_subcommand(1);

  auto init = std::make_shared<PkiFlags>();
  auto* command = group->add_subcommand("init", "建 CA make a CA");
  command->add_option("DIR", init->dir, "CA 目录 folder")->required();
  command->add_option("--trust-domain", init->trust_domain, "信任域 for example yunxi.liandong.example")->required();
  command->add_option("--days", init->ca_days, "有效天数 days")->capture_default_str();
  command->add_option("--common-name", init->common_name, "名称 name");
  OnRun(command, context, [&context, init] { return RunInit(context, *init); });

  auto issue = std::make_shared<PkiFlags>();
  command = group->add_subcommand("issue", "为单位生成私钥并签发 make a key and a certificate for a party");
  command->add_option("DIR", issue->dir, "CA 目录 folder")->required();
  command->add_option("PARTY", issue->party, "单位代号 party id, for example power-supply")->required();
  AddLeafFlags(command, issue);
  command
      ->add_option("--pkcs12-password-file", issue->password_file,
                   "另出 .p12，口令在此文件 also a .p12 with this password")
      ->type_name("FILE");
  OnRun(command, context, [&context, issue] { return RunIssue(context, *issue); });

  auto request = std::make_shared<PkiFlags>();
  command = group->add_subcommand("request", "单位自己生成私钥和申请 the party makes its own key and a request");
  command->add_option("PARTY", request->party, "单位代号 party id")->required();
  command->add_option("KEY", request->key_out, "私钥存到哪里 file for the key")->required();
  command->add_option("CSR", request->csr, "申请存到哪里；不写则打印 file for the request; printed when absent");
  OnRun(command, context, [&context, request] { return RunRequest(context, *request); });

  auto sign = std::make_shared<PkiFlags>();
  command = group->add_subcommand("sign", "签发单位的申请 sign a party's request");
  command->add_option("DIR", sign->dir, "CA 目录 folder")->required();
  command->add_option("PARTY", sign->party, "单位代号；由签发方决定 party id: the signer decides it, not the request")
      ->required();
  command->add_option("CSR", sign->csr, "申请文件 file with the request; -: standard input")->required();
  AddLeafFlags(command, sign);
  OnRun(command, context, [&context, sign] { return RunSign(context, *sign); });

  auto ca = std::make_shared<std::string>(), revoked = std::make_shared<std::string>();
  command = group->add_subcommand(
      "revoke",
      "吊销证书：记入 CA 目录的 ca.crl；不写证书则只续签列表 revoke a certificate: into ca.crl in the "
      "CA's folder; without one the list is only signed again");
  command->add_option("DIR", *ca, "CA 目录 folder")->required();
  command->add_option("CERT", *revoked, "要吊销的证书 the certificate, for example pki/power-supply.crt");
  OnRun(command, context, [&context, ca, revoked] { return RunRevoke(context, *ca, *revoked); });

  auto feed = std::make_shared<std::string>();
  command = group->add_subcommand("feed-key",
                                  "生成推送密钥：枢纽一个，每个订阅程序一个 make a key for the live feed: one for "
                                  "the hub, one for each program that reads it");
  command->add_option("FILE", *feed, "密钥存到哪里 file for the key")->required();
  OnRun(command, context, [&context, feed] { return RunFeedKey(context, *feed); });
}

}  // namespace liandong::cli
