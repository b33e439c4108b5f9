#include "adapters/transport/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace liandong::adapters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Milliseconds = std::chrono::milliseconds;
using boost::system::error_code;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler, Refusal refusal)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        refusal_(std::move(refusal)),
        acceptor_(context_),
        pause_(context_),
        workers_(kHandlerThreads) {}

  absl::Status Start();
  void Stop();

  const HttpServerOptions& options() const { return options_; }
  const Refusal& refusal() const { return refusal_; }
  asio::io_context& context() { return context_; }
  const std::string& address() const { return address_; }
  bool stopping() const { return stopping_; }
  void Opened() { ++connections_; }
  void Closed() { --connections_; }

  // Runs the handler on a worker, then `then` on the server's thread.
  template <typename Then>
  void Handle(HttpCall call, Then then) {
    ++under_way_;
    asio::post(workers_, [this, call = std::move(call), then = std::move(then)]() mutable {
      HttpAnswer answer = handler_(call);
      asio::post(context_, [answer = std::move(answer), then = std::move(then)]() mutable { then(std::move(answer)); });
    });
  }
  void Answered() { --under_way_; }

 private:
  void Accept();

  HttpServerOptions options_;
  Handler handler_;
  Refusal refusal_;
  // Before the context, whose destruction ends the sessions that count here.
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> connections_{0};
  std::atomic<size_t> under_way_{0};
  asio::io_context context_{1};
  // Answers are posted to it although nothing is read at the moment.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::thread_pool workers_;
  std::thread thread_;
  std::string address_;
};

namespace {

// One connection. All of it runs on the server's one thread, apart from the handler.
template <typename Stream, typename Server>
class Session : public std::enable_shared_from_this<Session<Stream, Server>> {
 public:
  template <typename... Args>
  Session(Server& server, std::string peer, Args&&... args)
      : server_(server), peer_(std::move(peer)), stream_(std::forward<Args>(args)...) {
    server_.Opened();
  }
  ~Session() {
    if (awaited_) server_.Answered();
    server_.Closed();
  }

  void Run() {
    if constexpr (kTls) {
      Expire(kHttpHandshakeMs);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code error) {
        if (!error) self->ReadHeader();
      });
    } else {
      ReadHeader();
    }
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  // The deadline holds for all reads of one step together, so that a byte now and then does not keep it alive.
  void Expire(int64_t ms) { beast::get_lowest_layer(stream_).expires_after(Milliseconds(ms)); }

  void ReadHeader() {
    if (server_.stopping()) return;
    parser_.emplace();
    parser_->header_limit(kHttpHeaderBytesMax);
    parser_->body_limit(kNativeMessageBytesMax);
    Expire(server_.options().header_ms);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
  }

  void OnHeader(error_code error) {
    if (error) return Failed(error);
    Expire(server_.options().body_ms);
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      go_on_ = {http::status::continue_, parser_->get().version()};
      http::async_write(stream_, go_on_, [self = this->shared_from_this()](error_code failed, size_t) {
        if (!failed) self->ReadBody();
      });
      return;
    }
    ReadBody();
  }

  void ReadBody() {
    http::async_read(stream_, buffer_, *parser_, [self = this->shared_from_this()](error_code error, size_t) {
      if (error) return self->Failed(error);
      self->OnRequest();
    });
  }

  void OnRequest() {
    auto request = parser_->release();
    HttpCall call;
    call.method = std::string(request.method_string());
    call.path = std::string(request.target());
    if (const size_t query = call.path.find('?'); query != std::string::npos) call.path.resize(query);
    for (const auto& field : request) {
      call.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())), std::string(field.value()));
    }
    call.body = std::move(request.body());
    call.peer = peer_;
    version_ = request.version();
    const bool keep_alive = request.keep_alive();
    beast::get_lowest_layer(stream_).expires_never();
    awaited_ = true;
    server_.Handle(std::move(call), [self = this->shared_from_this(), keep_alive](HttpAnswer answer) {
      self->Write(std::move(answer), keep_alive && !self->server_.stopping());
    });
  }

  void Failed(error_code error) {
    int status = 0;
    if (error == http::error::body_limit) {
      status = 413;
    } else if (error == http::error::header_limit) {
      status = 431;
    } else if (error.category() == http::make_error_code(http::error::bad_version).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      status = 400;
    }
    if (status == 0) return;
    HttpAnswer answer = server_.refusal()(status);
    answer.status = status;
    refused_ = true;
    Write(std::move(answer), false);
  }

  void Write(HttpAnswer answer, bool keep_alive) {
    response_ = {};
    response_.version(version_);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::server, "liandong-adapter");
    if (!answer.content_type.empty()) response_.set(http::field::content_type, answer.content_type);
    if (answer.retry_after_s > 0) response_.set(http::field::retry_after, std::to_string(answer.retry_after_s));
    response_.body() = std::move(answer.body);
    response_.keep_alive(keep_alive);
    response_.prepare_payload();
    Expire(kHttpWriteMs);
    http::async_write(stream_, response_, [self = this->shared_from_this(), keep_alive](error_code error, size_t) {
      if (self->awaited_) self->server_.Answered();
      self->awaited_ = false;
      if (error) return;
      if (keep_alive) return self->ReadHeader();
      if (self->refused_) return self->Linger();
      self->End();
    });
  }

  // A socket that is closed with bytes unread resets the connection, and the caller loses the answer with it.
  void Linger() {
    if constexpr (!kTls) {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
    Expire(kHttpLingerMs);
    Discard();
  }

  void Discard() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kHttpLingerPieceBytes),
                            [self = this->shared_from_this()](error_code error, size_t count) {
                              self->lingered_ += count;
                              if (error || self->lingered_ > kHttpLingerBytesMax) return self->End();
                              self->Discard();
                            });
  }

  void End() {
    if constexpr (kTls) {
      Expire(kHttpWriteMs);
      stream_.async_shutdown([self = this->shared_from_this()](error_code) {});
    } else {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }
  }

  Server& server_;
  const std::string peer_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  http::response<http::empty_body> go_on_;
  unsigned version_ = 11;
  bool awaited_ = false;
  bool refused_ = false;
  size_t lingered_ = 0;
};

}  // namespace

absl::Status HttpServer::Impl::Start() {
  auto endpoint = ParseEndpoint(options_.listen);
  if (!endpoint.ok()) return endpoint.status();
  if (options_.tls == nullptr && !endpoint->address().is_loopback() && options_.allow_plain.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options_.listen,
                     ": 明文 HTTP 只能监听回环地址;请配置 tls,或用 allow_plain_from 写明允许的地址段 "
                     "(plain HTTP listens on loopback only: configure tls, or name the ranges in allow_plain_from)"));
  }
  if (options_.tls != nullptr) {
    SSL_CTX_up_ref(options_.tls.get());
    tls_.emplace(options_.tls.get());
  }
  error_code error;
  acceptor_.open(endpoint->protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(*endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat(options_.listen, ": 无法监听 (cannot listen): ", error.message(),
                     "; 端口是否被占用、地址是否属于本机? (is the port taken, is the address this machine's?)"));
  }
  address_ = EndpointText(acceptor_.local_endpoint());
  Accept();
  thread_ = std::thread([this] { context_.run(); });
  return absl::OkStatus();
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (stopping_) return;
    if (error) {
      // Out of file descriptors, for one: try again soon instead of spinning.
      pause_.expires_after(Milliseconds(100));
      pause_.async_wait([this](error_code cancelled) {
        if (!cancelled && !stopping_) Accept();
      });
      return;
    }
    error_code gone;
    const tcp::endpoint peer = socket.remote_endpoint(gone);
    const bool allowed = !gone && (tls_.has_value() || options_.allow_plain.Allows(peer.address()));
    if (allowed && connections_ < options_.connections_max) {
      socket.set_option(tcp::no_delay(true), gone);
      const std::string name = peer.address().to_string();
      if (tls_.has_value()) {
        using Stream = beast::ssl_stream<beast::tcp_stream>;
        std::make_shared<Session<Stream, Impl>>(*this, name, std::move(socket), *tls_)->Run();
      } else {
        std::make_shared<Session<beast::tcp_stream, Impl>>(*this, name, std::move(socket))->Run();
      }
    }
    Accept();
  });
}

void HttpServer::Impl::Stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  asio::post(context_, [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
  const auto until = std::chrono::steady_clock::now() + Milliseconds(kHttpStopMs);
  while (under_way_ > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(Milliseconds(5));
  workers_.join();
  context_.stop();
  thread_.join();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() { Stop(); }
const std::string& HttpServer::address() const { return impl_->address(); }
void HttpServer::Stop() { impl_->Stop(); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options, Handler handler,
                                                              Refusal refusal) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), std::move(refusal));
  if (absl::Status status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace liandong::adapters
