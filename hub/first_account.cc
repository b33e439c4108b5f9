#include "hub/first_account.h"

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "hub/accounts/accounts.h"
#include "hub/audit/trail.h"
#include "hub/core/errors.h"
#include "hub/log/folder_lock.h"
#include "hub/service/auth.h"
#include "hub/service/site_archive.h"
#include "routing/load.h"
#include "security/file.h"
#include "security/identity.h"
#include "security/roles.h"

namespace liandong::hub {
namespace {

absl::StatusOr<std::shared_ptr<const routing::Site>> SiteInForce(const v1::HubConfig& config) {
  const std::string folder = config.data_dir() + "/sites";
  uint64_t newest = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    uint64_t version = 0;
    if (entry.path().extension() == ".site" && absl::SimpleAtoi(entry.path().stem().string(), &version))
      newest = std::max(newest, version);
  }
  service::SiteArchive archive(folder);
  if (auto site = archive.Find(newest); newest > 0 && site != nullptr) return site;
  if (config.site_dir().empty())
    return absl::InvalidArgumentError("尚无站点配置,请在设置中写 site_dir / there is no site set yet: set site_dir");
  auto loaded = routing::LoadSiteDir(config.site_dir());
  if (!loaded.ok()) return loaded.status();
  return routing::Site::CompileAdopted(std::move(loaded->site));
}

}  // namespace

absl::StatusOr<std::string> CreateFirstAccount(const v1::HubConfig& config, const FirstAccount& wanted) {
  if (auto status = security::MakeFolder(config.data_dir(), 0700); !status.ok()) return status;
  auto lock = log::FolderLock::Take(config.data_dir());
  if (!lock.ok()) return lock.status();
  auto site = SiteInForce(config);
  if (!site.ok()) return site.status();
  const v1::Party* party = (*site)->FindParty(wanted.party);
  const auto kind = party == nullptr ? std::nullopt : service::KindOf(party->kind());
  if (!kind.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("站点配置中没有单位 ", wanted.party, " the site set has no party ", wanted.party));
  }
  accounts::Account account;
  account.name = wanted.account;
  account.person = wanted.person;
  account.party = wanted.party;
  if (auto status = security::ParseRoles(wanted.roles, *kind, &account.roles); !status.ok()) return status;
  if (!wanted.certificate_pem.empty()) {
    auto fingerprint = security::CertificateFingerprint(wanted.certificate_pem);
    if (!fingerprint.ok()) return fingerprint.status();
    account.certificate = *std::move(fingerprint);
  }
  auto keys = security::FileKeyProvider::Open(config.master_key(), security::Suite::kInternational);
  if (!keys.ok()) return keys.status();
  accounts::Accounts::Options options;
  options.path = config.data_dir() + "/accounts.db";
  options.keys = keys->get();
  auto accounts = accounts::Accounts::Open(std::move(options));
  if (!accounts.ok()) return accounts.status();
  audit::TrailOptions trail_options;
  trail_options.folder = config.data_dir() + "/trail";
  trail_options.days = config.audit().trail_days();
  auto trail = audit::Trail::Open(std::move(trail_options));
  if (!trail.ok()) return trail.status();
  v1::TrailEntry entry;
  entry.set_kind(v1::TRAIL_ACCOUNT);
  entry.set_from("the hub's own terminal");
  entry.set_method("liandong-hub account create");
  entry.set_object(absl::StrCat("account ", account.name));
  auto password = (*accounts)->Create(std::move(account));
  entry.set_result(password.ok() ? "OK" : core::DetailOf(password.status()).reason());
  std::promise<absl::Status> noted;
  (*trail)->Note(std::move(entry), [&](const absl::Status& status) { noted.set_value(status); });
  if (const absl::Status status = noted.get_future().get(); !status.ok()) return status;
  return password;
}

}  // namespace liandong::hub
