#include "hub/service/trail_notes.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "security/identity.h"

namespace liandong::service {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kAccountBytesMax = 64;  // as the contract says

constexpr std::string_view kViews[] = {"/liandong.v1.Desk/ShowIncident", "/liandong.v1.Desk/ExplainIncident",
                                       "/liandong.v1.Desk/ListUpwardReports", "/liandong.v1.Desk/ListSuggestions"};
constexpr std::string_view kAccount = "/liandong.v1.Account/";

bool LooksLikeAnAccount(const std::string& name) {
  return !name.empty() && name.size() <= kAccountBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

std::optional<v1::TrailKind> NotedAs(std::string_view method, const Caller& caller) {
  if (method.substr(0, kAccount.size()) == kAccount) {
    if (method == "/liandong.v1.Account/Check") return std::nullopt;  // every page asks it all the time
    return v1::TRAIL_ACCOUNT;
  }
  if (method == "/liandong.v1.Desk/AdoptSiteSet") return v1::TRAIL_CONFIGURATION;
  if (method == "/liandong.v1.Audit/Trail") return v1::TRAIL_READ;
  if (std::find(std::begin(kViews), std::end(kViews), method) != std::end(kViews)) return v1::TRAIL_VIEW;
  // What a party's own system fetches is its deliveries, which the log has; a person looks at them.
  if (method == "/liandong.v1.Link/Fetch" && caller.person() != nullptr) return v1::TRAIL_VIEW;
  return std::nullopt;
}

std::string ObjectOf(const google::protobuf::Message& request) {
  const auto* look = request.GetReflection();
  const FieldDescriptor* incident = request.GetDescriptor()->FindFieldByName("incident_id");
  if (incident != nullptr && !incident->is_repeated() && incident->cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    return absl::StrCat("incident ", look->GetUInt64(request, incident));
  }
  const FieldDescriptor* account = request.GetDescriptor()->FindFieldByName("account");
  if (account != nullptr && !account->is_repeated() && account->type() == FieldDescriptor::TYPE_STRING) {
    const std::string name = look->GetString(request, account);
    return absl::StrCat("account ", LooksLikeAnAccount(name) ? name : "(no account's name)");
  }
  return "";
}

v1::TrailEntry EntryOf(v1::TrailKind kind, const Caller& caller, std::string_view method, std::string_view from) {
  v1::TrailEntry entry;
  entry.set_kind(kind);
  entry.set_party(caller.party());
  entry.set_via(caller.via());
  if (caller.person() != nullptr) {
    entry.set_account(caller.person()->account);
    entry.set_person(caller.person()->person);
  }
  entry.set_method(std::string(method));
  entry.set_from(std::string(from));
  return entry;
}

v1::TrailEntry EntryOfDenied(const std::vector<std::string>& uris, std::string_view method, std::string_view from,
                             const absl::Status& why) {
  v1::TrailEntry entry;
  entry.set_kind(v1::TRAIL_DENIED);
  if (uris.size() == 1) {
    if (const auto identity = security::ParsePartyUri(uris.front()); identity.ok()) entry.set_via(identity->party);
  }
  entry.set_method(std::string(method));
  entry.set_from(std::string(from));
  entry.set_result(ResultOf(why));
  return entry;
}

std::string ResultOf(const absl::Status& status) { return status.ok() ? "OK" : core::DetailOf(status).reason(); }

}  // namespace liandong::service
