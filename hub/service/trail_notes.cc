#include "hub/service/trail_notes.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/core/errors.h"
#include "hub/core/limits.h"
#include "liandong/v1/desk.pb.h"
#include "liandong/v1/link.pb.h"
#include "security/identity.h"

namespace liandong::service {
namespace {

using google::protobuf::FieldDescriptor;

constexpr size_t kAccountBytesMax = 64;  // as the contract says

constexpr std::string_view kViews[] = {"/liandong.v1.Desk/ShowIncident", "/liandong.v1.Desk/ExplainIncident",
                                       "/liandong.v1.Desk/ListUpwardReports", "/liandong.v1.Desk/ListSuggestions"};
constexpr std::string_view kDeliveries[] = {"/liandong.v1.Link/Fetch", "/liandong.v1.Link/Connect"};
constexpr std::string_view kAccount = "/liandong.v1.Account/";
constexpr std::string_view kSignIn = "/liandong.v1.Account/SignIn";

absl::Status NotNoted() {
  return core::Refuse(
      absl::StatusCode::kUnavailable, "NOT_NOTED",
      "the audit trail cannot be written, and what it does not have is not shown; look at the hub's disk",
      "审计轨迹无法写入,未经记录的内容不予显示;请检查枢纽磁盘", "", limits::kRetryAfterMs);
}

bool LooksLikeAnAccount(const std::string& name) {
  return !name.empty() && name.size() <= kAccountBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
           c == '-' || c == '_' || c == '.';
  });
}

}  // namespace

std::optional<v1::TrailKind> NotedAs(std::string_view method, const Caller& caller,
                                     const google::protobuf::Message* request) {
  if (method.substr(0, kAccount.size()) == kAccount) {
    if (method == "/liandong.v1.Account/Check") return std::nullopt;  // every page asks it all the time
    return v1::TRAIL_ACCOUNT;
  }
  if (method == "/liandong.v1.Desk/AdoptSiteSet") return v1::TRAIL_CONFIGURATION;
  if (method == "/liandong.v1.Desk/EraseIncident" || method == "/liandong.v1.Desk/SetLegalHold")
    return v1::TRAIL_ERASURE;
  if (method == "/liandong.v1.Audit/Trail") return v1::TRAIL_READ;
  if (const auto* note = google::protobuf::DynamicCastToGenerated<v1::NoteRequest>(request); note != nullptr) {
    const bool known = note->kind() == v1::TRAIL_EXPORT || note->kind() == v1::TRAIL_PRINT;
    return known ? std::optional(note->kind()) : std::nullopt;  // refused: there is nothing to note
  }
  if (std::find(std::begin(kViews), std::end(kViews), method) != std::end(kViews)) return v1::TRAIL_VIEW;
  // What a party's own system takes are its deliveries, which the log has; a person looks at them.
  if (std::find(std::begin(kDeliveries), std::end(kDeliveries), method) != std::end(kDeliveries) &&
      caller.person() != nullptr) {
    return v1::TRAIL_VIEW;
  }
  return std::nullopt;
}

std::string ObjectOf(const Caller& caller, const google::protobuf::Message* request) {
  if (request == nullptr || request->GetDescriptor() == v1::FetchRequest::descriptor()) {
    return absl::StrCat("deliveries of ", caller.party());
  }
  const auto* look = request->GetReflection();
  const FieldDescriptor* incident = request->GetDescriptor()->FindFieldByName("incident_id");
  if (incident != nullptr && !incident->is_repeated() && incident->cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    const uint64_t id = look->GetUInt64(*request, incident);
    return id == 0 ? "every incident" : absl::StrCat("incident ", id);
  }
  if (const auto* note = google::protobuf::DynamicCastToGenerated<v1::NoteRequest>(request); note != nullptr) {
    return note->object();
  }
  const FieldDescriptor* account = request->GetDescriptor()->FindFieldByName("account");
  if (account != nullptr && !account->is_repeated() && account->type() == FieldDescriptor::TYPE_STRING) {
    const std::string name = look->GetString(*request, account);
    if (name.empty()) return "";
    return absl::StrCat("account ", LooksLikeAnAccount(name) ? name : "(no account's name)");
  }
  return request->GetDescriptor() == v1::AdoptSiteSetRequest::descriptor() ? "site set" : "";
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

void Noted::End(const absl::Status& outcome, std::function<void(const absl::Status&)> finish) const {
  if (trail_ == nullptr) return finish(outcome);
  v1::TrailEntry entry = entry_;
  entry.set_result(ResultOf(outcome));
  const bool shows = entry.kind() != v1::TRAIL_CONFIGURATION && entry.kind() != v1::TRAIL_ERASURE &&
                     (entry.kind() != v1::TRAIL_ACCOUNT || entry.method() == kSignIn);
  trail_->Note(std::move(entry), [outcome, shows, finish = std::move(finish)](const absl::Status& noted) {
    finish(noted.ok() || !shows || !outcome.ok() ? outcome : NotNoted());
  });
}

std::string ResultOf(const absl::Status& status) { return status.ok() ? "OK" : core::DetailOf(status).reason(); }

}  // namespace liandong::service
