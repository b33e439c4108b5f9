#include "adapters/mapping/profile.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "adapters/limits.h"
#include "adapters/mapping/profile_check.h"
#include "adapters/mapping/table.h"
#include "adapters/mapping/text_file.h"

namespace liandong::adapters {
namespace {

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

void MakeAbsolute(const std::string& folder, v1::LinkAuth* auth) {
  if (!auth->secret_file().empty() && !absl::StartsWith(auth->secret_file(), "/")) {
    auth->set_secret_file(absl::StrCat(folder, auth->secret_file()));
  }
}

}  // namespace

absl::StatusOr<v1::Profile> ParseProfile(std::string_view name, const std::string& text) {
  v1::Profile profile;
  google::protobuf::TextFormat::ParseInfoTree positions;
  if (absl::Status status = ParseTextProto(name, text, &profile, &positions); !status.ok()) return status;
  const std::vector<std::string> errors = CheckProfile(std::string(name), profile, &positions);
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  return profile;
}

absl::StatusOr<v1::Profile> LoadProfile(const std::string& path) {
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<v1::Profile> profile = ParseProfile(path, *text);
  if (!profile.ok()) return profile.status();
  if (profile->has_auth_in()) MakeAbsolute(FolderOf(path), profile->mutable_auth_in());
  if (profile->has_auth_out()) MakeAbsolute(FolderOf(path), profile->mutable_auth_out());
  return profile;
}

v1::HttpSettings HttpOf(const v1::Profile& profile) {
  v1::HttpSettings http = profile.http();
  if (http.timeout_ms() == 0) http.set_timeout_ms(kHttpTimeoutMsDefault);
  if (http.retry_every_s() == 0) http.set_retry_every_s(kHttpRetryEverySDefault);
  if (http.max_tries() == 0) http.set_max_tries(kHttpTriesMaxDefault);
  return http;
}

std::vector<std::string> CategoriesOf(const v1::Profile& profile) {
  std::set<std::string> codes;
  for (const v1::InboundRule& rule : profile.inbound()) {
    for (const v1::Mapping& mapping : rule.report().field()) {
      if (mapping.to() != "open.category") continue;
      if (!mapping.value().empty()) codes.insert(mapping.value());
      if (!mapping.otherwise().empty()) codes.insert(mapping.otherwise());
      const v1::ValueTable* table = mapping.table().empty() ? nullptr : FindTable(profile, mapping.table());
      if (table == nullptr) continue;
      if (!table->otherwise().empty()) codes.insert(table->otherwise());
      for (const v1::TableRow& row : table->row()) {
        if (!row.ours().empty()) codes.insert(row.ours());
      }
    }
  }
  return {codes.begin(), codes.end()};
}

}  // namespace liandong::adapters
