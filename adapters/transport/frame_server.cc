#include "adapters/transport/frame_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <future>
#include <list>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/transport/frame_connection.h"

namespace liandong::adapters {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

}  // namespace

class FrameServer::Impl {
 public:
  Impl(FrameServerOptions options, Handlers handlers)
      : options_(std::move(options)),
        handlers_(std::move(handlers)),
        workers_(kHandlerThreads),
        acceptor_(context_),
        pause_(context_) {
    if (!options_.now_ms) {
      options_.now_ms = [] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
      };
    }
  }

  absl::Status Start() {
    auto endpoint = ParseEndpoint(options_.listen);
    if (!endpoint.ok()) return endpoint.status();
    if (!endpoint->address().is_loopback() && options_.allow_plain.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          options_.listen,
          ": GB/T 26875.3 无身份验证,只能监听回环地址,或用 allow_plain_from 写明允许的地址段 "
          "(GB/T 26875.3 knows no identification: listen on loopback, or name the ranges in allow_plain_from)"));
    }
    error_code error;
    acceptor_.open(endpoint->protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(*endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat(options_.listen, ": 无法监听 (cannot listen): ", error.message()));
    }
    address_ = EndpointText(acceptor_.local_endpoint());
    Accept();
    thread_ = std::thread([this] { context_.run(); });
    return absl::OkStatus();
  }

  void SendCommand(uint64_t device, gb26875::Command command, std::string adu, Done done) {
    asio::post(context_, [this, device, command, adu = std::move(adu), done = std::move(done)]() mutable {
      // The latest connection of a device is the one that it listens on.
      for (auto it = connections_.rbegin(); it != connections_.rend(); ++it) {
        if (!(*it)->closed() && (*it)->device() == device) {
          return (*it)->SendCommand(command, std::move(adu), std::move(done));
        }
      }
      done(absl::UnavailableError("设备未连接 (the device is not connected)"));
    });
  }

  std::vector<uint64_t> Devices() {
    std::promise<std::vector<uint64_t>> promise;
    asio::post(context_, [&] {
      std::vector<uint64_t> devices;
      for (const auto& connection : connections_) {
        if (!connection->closed() && connection->device().has_value()) devices.push_back(*connection->device());
      }
      promise.set_value(std::move(devices));
    });
    return promise.get_future().get();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    asio::post(context_, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    // What is being stored is stored and acknowledged; then the connections end.
    workers_.join();
    asio::post(context_, [this] {
      for (const auto& connection : connections_) connection->Close();
      connections_.clear();
      context_.stop();
    });
    thread_.join();
  }

  const std::string& address() const { return address_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (stopping_) return;
      if (error) {
        pause_.expires_after(std::chrono::milliseconds(100));
        pause_.async_wait([this](error_code cancelled) {
          if (!cancelled && !stopping_) Accept();
        });
        return;
      }
      connections_.remove_if([](const auto& connection) { return connection->closed(); });
      error_code gone;
      const tcp::endpoint peer = socket.remote_endpoint(gone);
      if (!gone && options_.allow_plain.Allows(peer.address()) && MakeRoom()) {
        const FrameConnection::Shared shared{options_, handlers_, context_, workers_};
        auto connection = std::make_shared<FrameConnection>(shared, std::move(socket), peer.address().to_string());
        connections_.push_back(connection);
        connection->Run();
      }
      Accept();
    });
  }

  // Whoever connects and sends no frame must not keep out a device with an alarm: when all connections are taken, the
  // oldest of those goes.
  bool MakeRoom() {
    if (connections_.size() < options_.connections_max) return true;
    const auto silent = std::find_if(connections_.begin(), connections_.end(),
                                     [](const auto& connection) { return !connection->device().has_value(); });
    if (silent == connections_.end()) return false;
    (*silent)->Close();
    connections_.erase(silent);
    return true;
  }

  FrameServerOptions options_;
  Handlers handlers_;
  std::string address_;
  std::atomic<bool> stopping_{false};
  asio::io_context context_{1};
  // Answers are posted to it although nothing is read at the moment.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  asio::thread_pool workers_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::list<std::shared_ptr<FrameConnection>> connections_;
  std::thread thread_;
};

FrameServer::FrameServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FrameServer::~FrameServer() { Stop(); }
const std::string& FrameServer::address() const { return impl_->address(); }
void FrameServer::Stop() { impl_->Stop(); }
std::vector<uint64_t> FrameServer::Devices() { return impl_->Devices(); }
void FrameServer::SendCommand(uint64_t device, gb26875::Command command, std::string adu, Done done) {
  impl_->SendCommand(device, command, std::move(adu), std::move(done));
}

absl::StatusOr<std::unique_ptr<FrameServer>> FrameServer::Start(FrameServerOptions options, Handlers handlers) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handlers));
  if (absl::Status status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<FrameServer>(new FrameServer(std::move(impl)));
}

}  // namespace liandong::adapters
