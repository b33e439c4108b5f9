#include "adapters/runtime/config.h"

#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/mapping/profile.h"
#include "adapters/mapping/text_file.h"
#include "adapters/transport/address.h"
#include "security/crypto.h"
#include "security/identity.h"

namespace liandong::adapters {
namespace {

namespace fs = std::filesystem;

std::string Under(const fs::path& folder, const std::string& path) {
  if (path.empty()) return path;
  return fs::absolute(folder / path).lexically_normal().string();
}

void UnderEach(const fs::path& folder, v1::TlsConfig* tls) {
  tls->set_ca(Under(folder, tls->ca()));
  tls->set_cert(Under(folder, tls->cert()));
  tls->set_key(Under(folder, tls->key()));
}

void MoveTo(const std::string& folder, std::string* path) {
  if (!path->empty()) *path = Under(fs::absolute(folder), fs::path(*path).filename().string());
}

void PlaceSecret(const ConfigOverrides& overrides, std::string* path) {
  if (!overrides.secrets_dir.empty()) MoveTo(overrides.secrets_dir, path);
  *path = fs::path(*path).lexically_normal().string();
}

void ResolvePaths(const fs::path& base, const ConfigOverrides& overrides, v1::AdapterConfig* config) {
  config->set_data_dir(overrides.data_dir.empty() ? Under(base, config->data_dir())
                                                  : fs::absolute(overrides.data_dir).lexically_normal().string());
  UnderEach(base, config->mutable_tls());
  if (!overrides.tls_dir.empty()) {
    MoveTo(overrides.tls_dir, config->mutable_tls()->mutable_ca());
    MoveTo(overrides.tls_dir, config->mutable_tls()->mutable_cert());
    MoveTo(overrides.tls_dir, config->mutable_tls()->mutable_key());
  }
  const fs::path data = config->data_dir();
  if (config->spool().empty()) config->set_spool("spool.db");
  if (config->spool_key().empty()) config->set_spool_key("spool.key");
  config->set_spool(Under(data, config->spool()));
  config->set_spool_key(Under(data, config->spool_key()));
  config->set_port_file(overrides.port_file.empty() ? Under(data, config->port_file())
                                                    : fs::absolute(overrides.port_file).string());
  if (!overrides.hubs.empty()) config->mutable_hub()->Assign(overrides.hubs.begin(), overrides.hubs.end());
  for (v1::LinkConfig& link : *config->mutable_link()) {
    link.set_profile(Under(base, link.profile()));
    if (link.has_http()) UnderEach(base, link.mutable_http()->mutable_tls());
    if (link.has_peer()) UnderEach(base, link.mutable_peer()->mutable_tls());
    if (link.has_directories()) {
      link.mutable_directories()->set_in(Under(data, link.directories().in()));
      link.mutable_directories()->set_out(Under(data, link.directories().out()));
    }
  }
}

// Collects what is wrong with a configuration.
class Checker {
 public:
  explicit Checker(std::string file) : file_(std::move(file)) {}

  void Complain(const std::string& what) { errors_.push_back(absl::StrCat(file_, ": ", what)); }
  void ComplainOf(const v1::LinkConfig& link, const std::string& what) {
    Complain(absl::StrCat("link \"", link.name(), "\": ", what));
  }
  absl::Status Result() const {
    if (errors_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
  }

  void CheckWhole(const v1::AdapterConfig& config) {
    if (!security::CheckPartyId(config.party()).ok()) {
      Complain("party: 请填写本单位的编号,与证书一致 (the party's id, as in its certificate)");
    }
    if (config.hub().empty()) Complain("hub: 至少一个 \"主机:端口\" (at least one \"host:port\")");
    if (config.tls().ca().empty() || config.tls().cert().empty() || config.tls().key().empty()) {
      Complain("tls: ca、cert、key 都要填写 (ca, cert and key are all required)");
    }
    if (config.data_dir().empty()) Complain("data_dir: 必填 (required)");
    if (!config.suite().empty() && !security::SuiteFromName(config.suite()).ok()) {
      Complain(absl::StrCat("suite: \"", config.suite(),
                            "\" 应为 international 或 shangmi (must be international or shangmi)"));
    }
    if (config.link().empty() || config.link_size() > kLinksMax) {
      Complain(absl::StrCat("link: 应有 1 至 ", kLinksMax, " 个 (1 to ", kLinksMax, " of them)"));
    }
    std::set<std::string> names;
    for (const v1::LinkConfig& link : config.link()) {
      if (!security::CheckPartyId(link.name()).ok()) {
        ComplainOf(link, "name: 小写字母、数字和 -,2 至 64 位 (2 to 64 lowercase letters, digits and -)");
      }
      if (!names.insert(link.name()).second) ComplainOf(link, "name: 重复 (used twice)");
    }
  }

  void CheckLink(const v1::AdapterConfig& config, const v1::LinkConfig& link, const v1::Profile& profile) {
    if (profile.party() != config.party()) {
      ComplainOf(link, absl::StrCat("profile: 属于 ", profile.party(), ",不是 ", config.party(), " (is of party ",
                                    profile.party(), ", not ", config.party(), ")"));
    }
    if (link.purpose() == v1::PURPOSE_UNSPECIFIED || link.purpose() != profile.purpose().link()) {
      ComplainOf(link, absl::StrCat("purpose: 必须写明,且与 profile 一致(", v1::Purpose_Name(profile.purpose().link()),
                                    ") (required, and the same as the profile's)"));
    }
    if (profile.codec() == "gb26875") {
      if (!link.has_tcp() || link.has_http() || link.has_peer() || link.has_directories()) {
        ComplainOf(link, "gb26875 只用 tcp (gb26875 has tcp and nothing else)");
      }
    } else if (link.has_tcp()) {
      ComplainOf(link, "tcp 只用于 gb26875 (tcp is for gb26875 only)");
    } else if (!link.has_http() && !link.has_peer() && !link.has_directories()) {
      ComplainOf(link, "http、peer、directories 至少一个 (at least one of http, peer, directories)");
    }
    if (link.has_http()) CheckHttp(link, profile);
    if (link.has_tcp()) {
      CheckListen(link, "tcp", link.tcp().listen());
      CheckRanges(link, "tcp", link.tcp().allow_plain_from());
      if (link.tcp().inspect_answer_within_min() > 255) {
        ComplainOf(link, "tcp.inspect_answer_within_min: 1 至 255 (1 to 255)");
      }
    }
    if (link.has_directories() && link.directories().in().empty() && link.directories().out().empty()) {
      ComplainOf(link, "directories: in、out 至少一个 (at least one of in and out)");
    }
    if (link.retry().times() > kRetryTimesMax) {
      ComplainOf(link, absl::StrCat("retry.times: 最多 ", kRetryTimesMax, " (at most ", kRetryTimesMax, ")"));
    }
  }

 private:
  void CheckHttp(const v1::LinkConfig& link, const v1::Profile& profile) {
    const v1::HttpServerConfig& http = link.http();
    const bool loopback = CheckListen(link, "http", http.listen());
    CheckRanges(link, "http", http.allow_plain_from());
    const bool tls = !http.tls().cert().empty();
    if (http.require_client_cert() && (!tls || http.tls().ca().empty())) {
      ComplainOf(link, "http.require_client_cert: 需要 tls 的 ca、cert、key (needs tls with ca, cert and key)");
    }
    const bool known = http.require_client_cert() || profile.has_auth_in() || http.no_auth() || loopback;
    if (!known) {
      ComplainOf(link,
                 "http: 谁在调用?请用 require_client_cert 或 profile 的 auth_in,或写明 no_auth "
                 "(who calls? use require_client_cert or the profile's auth_in, or say no_auth)");
    }
  }

  // True for a loopback address.
  bool CheckListen(const v1::LinkConfig& link, const char* where, const std::string& text) {
    auto endpoint = ParseEndpoint(text);
    if (endpoint.ok()) return endpoint->address().is_loopback();
    ComplainOf(link, absl::StrCat(where, ".listen: ", std::string(endpoint.status().message())));
    return false;
  }

  template <typename Texts>
  void CheckRanges(const v1::LinkConfig& link, const char* where, const Texts& texts) {
    auto ranges = AddressRanges::Parse({texts.begin(), texts.end()});
    if (!ranges.ok()) {
      ComplainOf(link, absl::StrCat(where, ".allow_plain_from: ", std::string(ranges.status().message())));
    }
  }

  const std::string file_;
  std::vector<std::string> errors_;
};

void Override(const ConfigOverrides& overrides, v1::AdapterConfig* config, Checker* checker) {
  const auto find = [&](const std::string& name) -> v1::LinkConfig* {
    for (v1::LinkConfig& link : *config->mutable_link()) {
      if (link.name() == name) return &link;
    }
    checker->Complain(absl::StrCat("没有名为 ", name, " 的 link (no link is named ", name, ")"));
    return nullptr;
  };
  for (const auto& [name, address] : overrides.listen) {
    v1::LinkConfig* link = find(name);
    if (link == nullptr) continue;
    (link->has_tcp() ? *link->mutable_tcp()->mutable_listen() : *link->mutable_http()->mutable_listen()) = address;
  }
  for (const auto& [name, url] : overrides.peer) {
    v1::LinkConfig* link = find(name);
    if (link != nullptr) link->mutable_peer()->set_base_url(url);
  }
}

}  // namespace

absl::StatusOr<AdapterSettings> LoadSettings(const std::string& path, const ConfigOverrides& overrides) {
  AdapterSettings settings;
  if (absl::Status status = LoadTextProto(path, &settings.config); !status.ok()) return status;
  Checker checker(path);
  ResolvePaths(fs::absolute(path).parent_path(), overrides, &settings.config);
  Override(overrides, &settings.config, &checker);
  checker.CheckWhole(settings.config);
  for (const v1::LinkConfig& link : settings.config.link()) {
    auto profile = LoadProfile(link.profile());
    if (!profile.ok()) {
      checker.ComplainOf(link, absl::StrCat("profile:\n", std::string(profile.status().message())));
      settings.profiles.emplace_back();
      continue;
    }
    if (profile->has_auth_in()) PlaceSecret(overrides, profile->mutable_auth_in()->mutable_secret_file());
    if (profile->has_auth_out()) PlaceSecret(overrides, profile->mutable_auth_out()->mutable_secret_file());
    checker.CheckLink(settings.config, link, *profile);
    settings.profiles.push_back(*std::move(profile));
  }
  if (absl::Status status = checker.Result(); !status.ok()) return status;
  return settings;
}

}  // namespace liandong::adapters
