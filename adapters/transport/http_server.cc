#include "adapters/transport/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/transport/http_session.h"

namespace liandong::adapters {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
// What async_accept makes with a strand of its own for each connection.
using Socket = asio::basic_stream_socket<tcp, asio::strand<asio::io_context::executor_type>>;
using Milliseconds = std::chrono::milliseconds;
using boost::system::error_code;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(HttpServerOptions options, Handler handler, Refusal refusal)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        refusal_(std::move(refusal)),
        acceptor_(asio::make_strand(context_)),
        pause_(acceptor_.get_executor()),
        workers_(options_.handler_threads) {}

  absl::Status Start();
  void Stop();

  const HttpServerOptions& options() const { return options_; }
  const Refusal& refusal() const { return refusal_; }
  const std::string& address() const { return address_; }
  bool stopping() const { return stopping_; }
  void Opened() { ++connections_; }
  void Closed() { --connections_; }

  // Runs the handler on a worker, then `then` where the connection runs.
  template <typename Executor, typename Then>
  void Handle(HttpCall call, Executor executor, Then then) {
    ++under_way_;
    asio::post(workers_, [this, call = std::move(call), executor, then = std::move(then)]() mutable {
      HttpAnswer answer = handler_(call);
      asio::post(executor, [answer = std::move(answer), then = std::move(then)]() mutable { then(std::move(answer)); });
    });
  }
  void Answered() { --under_way_; }

  // A connection that waits for its next call may be dropped for a new one; `served`: it has had one answered.
  uint64_t Waits(bool served, std::function<void()> drop) {
    const std::lock_guard<std::mutex> lock(waiting_mutex_);
    const uint64_t ticket = 2 * ++tickets_ + (served ? 1 : 0);
    waiting_[served].emplace(ticket, std::move(drop));
    return ticket;
  }
  void NoLongerWaits(uint64_t ticket) {
    const std::lock_guard<std::mutex> lock(waiting_mutex_);
    waiting_[ticket % 2].erase(ticket);
  }

 private:
  void Accept();
  void UseTls();
  bool MakeRoom();

  HttpServerOptions options_;  // tls: Accept's, which never runs twice at a time
  Handler handler_;
  Refusal refusal_;
  // Before the context, whose destruction ends the sessions that count here.
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> connections_{0};
  std::atomic<size_t> under_way_{0};
  std::mutex waiting_mutex_;
  // By ticket, so that the one that has waited longest is first: without and with a call answered.
  std::map<uint64_t, std::function<void()>> waiting_[2];
  uint64_t tickets_ = 0;
  asio::io_context context_;
  // Answers are posted to it although nothing is read at the moment.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::thread_pool workers_;
  std::vector<std::thread> threads_;
  std::string address_;
};

absl::Status HttpServer::Impl::Start() {
  auto endpoint = ParseEndpoint(options_.listen);
  if (!endpoint.ok()) return endpoint.status();
  if (options_.tls == nullptr && !endpoint->address().is_loopback() && options_.allow_plain.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options_.listen,
                     ": 明文 HTTP 只能监听回环地址;请配置 tls,或用 allow_plain_from 写明允许的地址段 "
                     "(plain HTTP listens on loopback only: configure tls, or name the ranges in allow_plain_from)"));
  }
  UseTls();
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
  for (size_t i = 0; i < options_.io_threads; ++i) threads_.emplace_back([this] { context_.run(); });
  return absl::OkStatus();
}

void HttpServer::Impl::UseTls() {
  if (options_.tls == nullptr) return;
  SSL_CTX_up_ref(options_.tls.get());
  tls_.emplace(options_.tls.get());
}

// Whoever opens connections and says nothing must not keep out those that call: when all are taken, the one that has
// waited longest for a call is closed, first of those that never made one. False: all of them are being answered.
bool HttpServer::Impl::MakeRoom() {
  if (connections_ < options_.connections_max) return true;
  // Those that were dropped a moment ago may still be there.
  if (connections_ >= options_.connections_max + kHttpLeavingMax) return false;
  const std::lock_guard<std::mutex> lock(waiting_mutex_);
  for (auto& waiting : waiting_) {
    if (waiting.empty()) continue;
    waiting.begin()->second();
    waiting.erase(waiting.begin());
    return true;
  }
  return false;
}

void HttpServer::Impl::Accept() {
  // Each connection gets a strand of its own, so that it never runs on two threads at once.
  acceptor_.async_accept(asio::make_strand(context_), [this](error_code error, Socket socket) {
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
    if (allowed && MakeRoom()) {
      socket.set_option(tcp::no_delay(true), gone);
      const std::string name = peer.address().to_string();
      if (tls_.has_value()) {
        if (options_.renewed_tls != nullptr) {
          if (auto now = options_.renewed_tls(); now != options_.tls) {
            options_.tls = std::move(now);
            UseTls();
          }
        }
        using Stream = beast::ssl_stream<beast::tcp_stream>;
        std::make_shared<HttpSession<Stream, Impl>>(*this, name, std::move(socket), *tls_)->Run();
      } else {
        std::make_shared<HttpSession<beast::tcp_stream, Impl>>(*this, name, std::move(socket))->Run();
      }
    }
    Accept();
  });
}

void HttpServer::Impl::Stop() {
  if (threads_.empty() || stopping_) return;
  stopping_ = true;
  asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  });
  const auto until = std::chrono::steady_clock::now() + Milliseconds(kHttpStopMs);
  while (under_way_ > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(Milliseconds(5));
  workers_.join();
  context_.stop();
  for (std::thread& thread : threads_) thread.join();
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
