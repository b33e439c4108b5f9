#include "adapters/screen/config.h"

#include <filesystem>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "adapters/mapping/text_file.h"
#include "adapters/screen/limits.h"
#include "adapters/transport/address.h"
#include "security/identity.h"

namespace liandong::screen {
namespace {

namespace fs = std::filesystem;

void Absolute(const fs::path& base, std::string* path) {
  if (!path->empty()) *path = fs::absolute(base / *path).lexically_normal().string();
}

void Absolute(const fs::path& base, v1::TlsConfig* tls) {
  Absolute(base, tls->mutable_ca());
  Absolute(base, tls->mutable_cert());
  Absolute(base, tls->mutable_key());
}

class Checker {
 public:
  explicit Checker(std::string file) : file_(std::move(file)) {}

  void Require(bool good, absl::string_view what) {
    if (!good) errors_.push_back(absl::StrCat(file_, ": ", what));
  }
  absl::Status Result() const {
    if (errors_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(errors_, "\n"));
  }

  void CheckListen(absl::string_view name, const std::string& text, bool loopback_only) {
    const auto endpoint = adapters::ParseEndpoint(text);
    if (!endpoint.ok()) return Require(false, absl::StrCat(name, ": ", std::string(endpoint.status().message())));
    Require(!loopback_only || endpoint->address().is_loopback(),
            absl::StrCat(name, ": 只能是回环地址 (a loopback address only, for example 127.0.0.1:9466)"));
  }

  void CheckWalls(const v1::ScreenConfig& config) {
    std::set<std::string> seen;
    Require(config.wall_size() <= kWallsMax, absl::StrCat("wall: 最多 ", kWallsMax, " 个 (at most ", kWallsMax, ")"));
    Require(config.wall().empty() || !config.https().ca().empty(),
            "wall: 需要 https.ca,大屏凭该 CA 的证书登录 (needs https.ca, whose certificates walls sign in with)");
    for (const v1::WallDevice& wall : config.wall()) {
      Require(!wall.account().empty() && !wall.certificate().empty(),
              "wall: account、certificate 都要填写 (account and certificate are both required)");
      Require(seen.insert(wall.certificate()).second,
              absl::StrCat("wall: ", wall.certificate(),
                           " 重复 (used twice): 一张证书对应一个账号 (one account a certificate)"));
    }
  }

 private:
  const std::string file_;
  std::vector<std::string> errors_;
};

void Check(const v1::ScreenConfig& config, Checker* checker) {
  checker->Require(
      security::CheckPartyId(config.party()).ok(),
      "party: 请填写本程序的单位编号(SCREEN),与证书一致 (the party of kind SCREEN, as in its certificate)");
  checker->Require(!config.hub().empty(), "hub: 至少一个 \"主机:端口\" (at least one \"host:port\")");
  const v1::TlsConfig& tls = config.tls();
  checker->Require(!tls.ca().empty() && !tls.cert().empty() && !tls.key().empty(),
                   "tls: ca、cert、key 都要填写 (ca, cert and key are all required)");
  checker->Require(!config.feed_key().empty(),
                   "feed_key: 必填,用 liandong pki feed-key 生成 (required; made by: liandong pki feed-key)");
  checker->Require(!config.https().cert().empty() && !config.https().key().empty(),
                   "https: cert、key 必填 (cert and key are required: browsers are served over TLS only)");
  checker->Require(!config.web_dir().empty(), "web_dir: 必填,网页的 dist 文件夹 (required: the page's dist folder)");
  checker->CheckListen("listen", config.listen(), false);
  if (!config.metrics_listen().empty()) checker->CheckListen("metrics_listen", config.metrics_listen(), true);
  checker->CheckWalls(config);
  if (!config.has_tiles()) return;
  checker->Require(absl::StartsWith(config.tiles().url(), "https://") || absl::StartsWith(config.tiles().url(), "/"),
                   "tiles.url: 应以 https:// 或 / 开头 (must begin with https:// or /)");
  checker->Require(
      config.tiles().datum() != v1::DATUM_UNKNOWN,
      "tiles.datum: 必须写明底图的坐标系,不猜测 (say in which datum the tiles are drawn; it is never guessed)");
}

}  // namespace

absl::StatusOr<v1::ScreenConfig> LoadConfig(const std::string& path) {
  v1::ScreenConfig config;
  if (absl::Status status = adapters::LoadTextProto(path, &config); !status.ok()) return status;
  const fs::path base = fs::absolute(path).parent_path();
  Absolute(base, config.mutable_tls());
  Absolute(base, config.mutable_https());
  Absolute(base, config.mutable_feed_key());
  Absolute(base, config.mutable_web_dir());
  Absolute(base, config.mutable_port_file());
  for (v1::WallDevice& wall : *config.mutable_wall()) Absolute(base, wall.mutable_certificate());
  Checker checker(path);
  Check(config, &checker);
  if (absl::Status status = checker.Result(); !status.ok()) return status;
  return config;
}

}  // namespace liandong::screen
