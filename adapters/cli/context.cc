#include "adapters/cli/context.h"

#include <google/protobuf/util/json_util.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "adapters/cli/text.h"
#include "adapters/cli/words.h"
#include "adapters/client/error.h"
#include "liandong/v1/config.pb.h"
#include "routing/load.h"
#include "security/file.h"

namespace liandong::cli {
namespace {

constexpr size_t kConfigBytesMax = 64 * 1024;  // a dozen lines

std::string Beside(const std::string& file, const std::string& path) {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(file).parent_path() / path).string();
}

bool Unreachable(const absl::Status& status) {
  return !adapters::DetailOf(status).has_value() && (absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status));
}

int CodeFor(const absl::Status& status) {
  if (Unreachable(status)) return kUnreachable;
  if (absl::IsNotFound(status)) return kNotFound;
  return adapters::WorthRetrying(status) ? kTryLater : kRefused;
}

}  // namespace

absl::StatusOr<std::string> Context::ConfigPath() const {
  if (!config_file.empty()) return config_file;
  const char* home = std::getenv("HOME");
  const std::string path = absl::StrCat(home == nullptr ? "" : home, "/.config/liandong.textproto");
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path;
  return absl::FailedPreconditionError(
      absl::StrCat("不知道连哪里：写 --config 文件，或 --hub --ca --cert --key，或建 ", path,
                   " where to connect is not known: pass --config FILE, or --hub --ca --cert --key, or write ", path));
}

absl::StatusOr<adapters::HubClientOptions> Context::Options() const {
  adapters::HubClientOptions options;
  const bool all_given = !hubs.empty() && !ca.empty() && !cert.empty() && !key.empty();
  if (!all_given) {
    const auto path = ConfigPath();
    if (!path.ok()) return path.status();
    const auto text = security::ReadFileBounded(*path, kConfigBytesMax);
    if (!text.ok()) return text.status();
    v1::ClientConfig config;
    if (absl::Status parsed = ParseMessage(*path, *text, &config); !parsed.ok()) return parsed;
    options = adapters::OptionsFrom(config);
    for (std::string* file : {&options.tls.ca, &options.tls.cert, &options.tls.key}) *file = Beside(*path, *file);
  }
  if (!hubs.empty()) options.hubs = hubs;
  if (!ca.empty()) options.tls.ca = ca;
  if (!cert.empty()) options.tls.cert = cert;
  if (!key.empty()) options.tls.key = key;
  return options;
}

absl::StatusOr<std::shared_ptr<adapters::HubClient>> Context::Client() {
  auto options = Options();
  if (!options.ok()) return options.status();
  return adapters::HubClient::Create(*std::move(options));
}

v1::Actor Context::Actor() const {
  v1::Actor actor;
  actor.set_person(person);
  actor.set_role(role);
  actor.set_way(told_by.empty() ? v1::BY_TERMINAL : v1::BY_TELEPHONE);
  actor.set_told_by(told_by);
  return actor;
}

void Context::Json(const google::protobuf::Message& message) {
  std::string line;
  const auto status = google::protobuf::util::MessageToJsonString(message, &line);
  out << (status.ok() ? line : "{}") << std::endl;
}

int Context::Fail(const absl::Status& status) {
  ShowError(status);
  return CodeFor(status);
}

int Context::FailLocal(const absl::Status& status) {
  ShowError(status);
  return kUsage;
}

void Context::ShowError(const absl::Status& status) {
  const auto detail = adapters::DetailOf(status).value_or(v1::ErrorDetail());
  const bool again = adapters::WorthRetrying(status);
  const std::string message(status.message());
  if (json) {
    nlohmann::json error = {{"code", absl::StatusCodeToString(status.code())}, {"message", message}, {"retry", again}};
    if (!detail.reason().empty()) error["reason"] = detail.reason();
    if (!detail.message_zh().empty()) error["messageZh"] = detail.message_zh();
    if (!detail.field().empty()) error["field"] = detail.field();
    if (detail.retry_after_ms() > 0) error["retryAfterMs"] = detail.retry_after_ms();
    err << nlohmann::json({{"error", error}}).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
        << std::endl;
    return;
  }
  err << "出错 error";
  if (!detail.reason().empty()) err << " " << Clean(detail.reason());
  err << ": ";
  if (!detail.message_zh().empty()) err << Clean(detail.message_zh()) << " / ";
  // Findings of a configuration come one a line.
  std::string_view rest = message;
  for (bool first = true; first || !rest.empty(); first = false) {
    const size_t end = rest.find('\n');
    err << (first ? "" : "  ") << Clean(rest.substr(0, end)) << "\n";
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  if (!detail.field().empty()) err << "  字段 field: " << Clean(detail.field()) << "\n";
  if (const std::string zh = MendZh(detail.reason()); !zh.empty()) {
    err << "  办法 mend: " << zh << " / " << MendEn(detail.reason()) << "\n";
  }
  if (!detail.reason().empty() || again) {
    err << "  重试 trying again: " << (again ? "可能有用 may help" : "没有用 will not help");
    if (detail.retry_after_ms() > 0) err << "，至少等 after at least " << detail.retry_after_ms() << " ms";
    err << "\n";
  }
  err.flush();
}

int Context::WithClient(const std::function<int(std::shared_ptr<adapters::HubClient>)>& act) {
  auto client = Client();
  if (!client.ok()) return FailLocal(client.status());
  return act(*std::move(client));
}

int Context::WithDesk(const std::function<int(adapters::DeskClient&)>& act) {
  return WithClient([&](std::shared_ptr<adapters::HubClient> client) {
    adapters::DeskClient desk(std::move(client), Timeout());
    return act(desk);
  });
}

absl::StatusOr<std::string> ReadInput(Context& context, const std::string& path, size_t bytes_max) {
  if (path != "-") return security::ReadFileBounded(path, bytes_max);
  std::string text;
  std::vector<char> piece(64 * 1024);
  while (context.in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || context.in.gcount() > 0) {
    text.append(piece.data(), static_cast<size_t>(context.in.gcount()));
    if (text.size() > bytes_max) {
      return absl::OutOfRangeError(
          absl::StrCat("标准输入超过 standard input is longer than ", bytes_max, " 字节 bytes"));
    }
  }
  return text;
}

absl::Status ParseMessage(const std::string& name, const std::string& text, google::protobuf::Message* message) {
  if (absl::StripLeadingAsciiWhitespace(text).substr(0, 1) == "{") {
    const auto status = google::protobuf::util::JsonStringToMessage(text, message);
    if (status.ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", std::string(status.message())));
  }
  std::vector<routing::Finding> findings;
  return routing::ParseText(name, text, message, &findings);
}

}  // namespace liandong::cli
