#include "adapters/transport/http_peer.h"

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/transport/address.h"

namespace liandong::adapters {
namespace {

struct Url {
  bool tls = false;
  std::string host;
  int port = 0;
  std::string base;
};

absl::StatusOr<Url> ParseUrl(const std::string& text) {
  Url url;
  std::string rest = text;
  if (absl::StartsWith(text, "https://")) {
    url.tls = true;
    rest = text.substr(8);
  } else if (absl::StartsWith(text, "http://")) {
    rest = text.substr(7);
  } else {
    rest.clear();
  }
  const size_t slash = rest.find('/');
  std::string authority = rest.substr(0, slash);
  if (slash != std::string::npos) url.base = std::string(absl::StripSuffix(rest.substr(slash), "/"));
  url.port = url.tls ? 443 : 80;
  const size_t colon = authority.rfind(':');
  const size_t bracket = authority.rfind(']');
  bool good = true;
  if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
    good = absl::SimpleAtoi(authority.substr(colon + 1), &url.port) && url.port > 0 && url.port < 65536;
    authority.resize(colon);
  }
  if (authority.size() > 2 && authority.front() == '[' && authority.back() == ']') {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  if (!good || url.host.empty() || url.host.find_first_of("@ ?#\r\n") != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text,
                     "\" 不是网址,例如 \"https://10.1.2.3:8443/base\" (not a URL, for example "
                     "\"https://10.1.2.3:8443/base\")"));
  }
  return url;
}

absl::Status CheckPlain(const Url& url, const HttpPeerOptions& options) {
  auto ranges = AddressRanges::Parse(options.allow_plain_to);
  if (!ranges.ok()) return ranges.status();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(url.host, error);
  if (url.tls || url.host == "localhost" || (!error && ranges->Allows(address))) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(options.base_url,
                   ": 明文 HTTP 只能发往回环地址,或 allow_plain_to 写明的地址段(写 IP 地址,不写域名) "
                   "(plain HTTP goes to loopback only, or to an IP address in a range that allow_plain_to names)"));
}

std::string Sentence(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
      return "连不上 (cannot connect)";
    case httplib::Error::Read:
      return "没有应答 (no answer in time)";
    case httplib::Error::Write:
      return "发送失败 (could not be sent)";
    case httplib::Error::SSLConnection:
      return "TLS 握手失败 (TLS handshake failed)";
    case httplib::Error::SSLLoadingCerts:
      return "证书文件无法读取 (certificate files cannot be read)";
    case httplib::Error::SSLServerVerification:
      return "对方证书不可信 (the peer's certificate is not trusted)";
    default:
      return absl::StrCat("通信失败 (communication failed): ", httplib::to_string(error));
  }
}

}  // namespace

class HttpPeer::Impl {
 public:
  Impl(Url url, HttpPeerOptions options) : url_(std::move(url)), options_(std::move(options)) {}

  absl::Status Connect() {
    if (url_.tls) {
      auto client = std::make_unique<httplib::SSLClient>(url_.host, url_.port, options_.cert, options_.key);
      if (!client->is_valid()) {
        return absl::FailedPreconditionError(absl::StrCat(
            options_.base_url, ": 证书或私钥无法读取 (certificate or key cannot be read): ", options_.cert));
      }
      client->set_ca_cert_path(options_.ca);
      client->enable_server_certificate_verification(true);
      client_ = std::move(client);
    } else {
      client_ = std::make_unique<httplib::ClientImpl>(url_.host, url_.port);
    }
    const auto timeout = std::chrono::milliseconds(options_.timeout_ms);
    client_->set_connection_timeout(timeout);
    client_->set_read_timeout(timeout);
    client_->set_write_timeout(timeout);
    client_->set_keep_alive(true);
    client_->set_follow_location(false);
    client_->set_decompress(false);
    client_->set_url_encode(false);
    client_->set_tcp_nodelay(true);
    return absl::OkStatus();
  }

  absl::StatusOr<HttpPeerAnswer> Send(const std::string& method, const std::string& path, const HeaderList& headers,
                                      const std::string& content_type, const std::string& body) {
    const std::lock_guard<std::mutex> lock(mutex_);
    httplib::Request request;
    request.method = method;
    request.path = path;
    for (const auto& [name, value] : headers) request.headers.emplace(name, value);
    if (!content_type.empty()) request.headers.emplace("Content-Type", content_type);
    request.body = body;
    HttpPeerAnswer answer;
    bool too_long = false;
    // The whole answer within the time, too: a byte now and then does not hold the link.
    const auto until = std::chrono::steady_clock::now() + 2 * std::chrono::milliseconds(options_.timeout_ms);
    request.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
      too_long = answer.body.size() + size > kPeerAnswerBytesMax;
      if (too_long || std::chrono::steady_clock::now() > until) return false;
      answer.body.append(data, size);
      return true;
    };
    httplib::Response response;
    httplib::Error error = httplib::Error::Success;
    if (!client_->send(request, response, error)) {
      client_->stop();
      if (too_long)
        return absl::ResourceExhaustedError(absl::StrCat(options_.base_url, ": 应答过长 (answer too long)"));
      return absl::UnavailableError(absl::StrCat(options_.base_url, ": ", Sentence(error)));
    }
    answer.status = response.status;
    return answer;
  }

  void Abort() { client_->stop(); }
  const Url& url() const { return url_; }

 private:
  const Url url_;
  const HttpPeerOptions options_;
  std::mutex mutex_;
  std::unique_ptr<httplib::ClientImpl> client_;
};

HttpPeer::HttpPeer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpPeer::~HttpPeer() = default;

absl::StatusOr<std::unique_ptr<HttpPeer>> HttpPeer::Create(HttpPeerOptions options) {
  // OpenSSL writes to a closed socket by write(), which would end the process.
  std::signal(SIGPIPE, SIG_IGN);
  auto url = ParseUrl(options.base_url);
  if (!url.ok()) return url.status();
  if (absl::Status status = CheckPlain(*url, options); !status.ok()) return status;
  if (url->tls && options.ca.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options.base_url, ": https 需要 tls.ca (https needs tls.ca, the peer's CA)"));
  }
  auto impl = std::make_unique<Impl>(*std::move(url), std::move(options));
  if (absl::Status status = impl->Connect(); !status.ok()) return status;
  return std::unique_ptr<HttpPeer>(new HttpPeer(std::move(impl)));
}

std::string HttpPeer::FullPath(const std::string& path) const {
  return absl::StrCat(impl_->url().base, absl::StartsWith(path, "/") ? "" : "/", path);
}

absl::StatusOr<HttpPeerAnswer> HttpPeer::Send(const std::string& method, const std::string& path,
                                              const HeaderList& headers, const std::string& content_type,
                                              const std::string& body) {
  return impl_->Send(method, path, headers, content_type, body);
}

void HttpPeer::Abort() { impl_->Abort(); }

}  // namespace liandong::adapters
