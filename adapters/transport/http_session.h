// One connection of HttpServer; only http_server.cc includes it. All of it runs on the connection's own strand, apart
// from the handler.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_HTTP_SESSION_H_
#define LIANDONG_ADAPTERS_TRANSPORT_HTTP_SESSION_H_

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "adapters/limits.h"
#include "adapters/transport/http_server.h"
#include "security/tls.h"

namespace liandong::adapters {

// `Server` gives options(), refusal(), stopping(), Opened(), Closed(), Answered(), Handle(call, executor, then),
// Waits(served, drop) and NoLongerWaits(ticket).
template <typename Stream, typename Server>
class HttpSession : public std::enable_shared_from_this<HttpSession<Stream, Server>> {
 public:
  template <typename... Args>
  HttpSession(Server& server, std::string peer, Args&&... args)
      : server_(server), peer_(std::move(peer)), stream_(std::forward<Args>(args)...) {
    server_.Opened();
  }
  ~HttpSession() {
    if (answer_.stream != nullptr) answer_.stream->Close();
    if (awaited_) server_.Answered();
    server_.NoLongerWaits(ticket_);
    server_.Closed();
  }

  void Run() {
    boost::asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->Begin(); });
  }

 private:
  static constexpr bool kTls = !std::is_same_v<Stream, boost::beast::tcp_stream>;
  using error_code = boost::system::error_code;
  using tcp = boost::asio::ip::tcp;

  void Begin() {
    Waits();
    if constexpr (kTls) {
      Expire(kHttpHandshakeMs);
      stream_.async_handshake(boost::asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code error) {
                                if (error) return;
                                self->Identify();
                                self->ReadHeader();
                              });
    } else {
      ReadHeader();
    }
  }

  // Until a call's header is here the connection is the first to go when the server is full.
  void Waits() {
    server_.NoLongerWaits(ticket_);
    ticket_ = server_.Waits(served_, [weak = this->weak_from_this(), executor = stream_.get_executor()] {
      boost::asio::post(executor, [weak] {
        if (auto session = weak.lock()) session->Drop();
      });
    });
  }

  void Identify() {
    if constexpr (kTls) {
      peer_certificate_ = security::PeerCertificatePem(stream_.native_handle());
    }
  }

  // The deadline holds for all reads of one step together, so that a byte now and then does not keep it alive.
  void Expire(int64_t ms) { boost::beast::get_lowest_layer(stream_).expires_after(std::chrono::milliseconds(ms)); }

  void ReadHeader() {
    if (server_.stopping()) return;
    parser_.emplace();
    parser_->header_limit(kHttpHeaderBytesMax);
    parser_->body_limit(server_.options().body_bytes_max);
    Expire(server_.options().header_ms);
    boost::beast::http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](error_code error, size_t) { self->OnHeader(error); });
  }

  void OnHeader(error_code error) {
    namespace http = boost::beast::http;
    server_.NoLongerWaits(ticket_);
    if (error) return Failed(error);
    Expire(server_.options().body_ms);
    if (boost::beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      go_on_ = {http::status::continue_, parser_->get().version()};
      http::async_write(stream_, go_on_, [self = this->shared_from_this()](error_code failed, size_t) {
        if (!failed) self->ReadBody();
      });
      return;
    }
    ReadBody();
  }

  void ReadBody() {
    boost::beast::http::async_read(stream_, buffer_, *parser_,
                                   [self = this->shared_from_this()](error_code error, size_t) {
                                     if (error) return self->Failed(error);
                                     self->OnRequest();
                                   });
  }

  void OnRequest() {
    auto request = parser_->release();
    HttpCall call;
    call.method = std::string(request.method_string());
    call.path = std::string(request.target());
    if (const size_t query = call.path.find('?'); query != std::string::npos) {
      call.query = call.path.substr(query + 1);
      call.path.resize(query);
    }
    for (const auto& field : request) {
      call.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())), std::string(field.value()));
    }
    call.body = std::move(request.body());
    call.peer = peer_;
    call.peer_certificate = peer_certificate_;
    version_ = request.version();
    head_ = request.method() == boost::beast::http::verb::head;
    const bool keep_alive = request.keep_alive();
    boost::beast::get_lowest_layer(stream_).expires_never();
    awaited_ = true;
    server_.Handle(std::move(call), stream_.get_executor(),
                   [self = this->shared_from_this(), keep_alive](HttpAnswer answer) {
                     self->Write(std::move(answer), keep_alive && !self->server_.stopping());
                   });
  }

  void Failed(error_code error) {
    namespace http = boost::beast::http;
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
    namespace http = boost::beast::http;
    answer_ = std::move(answer);
    response_ = {};
    response_.version(version_);
    response_.result(static_cast<unsigned>(answer_.status));
    response_.set(http::field::server, server_.options().name);
    for (const auto& [name, value] : answer_.headers) response_.insert(name, value);
    if (!answer_.content_type.empty()) response_.set(http::field::content_type, answer_.content_type);
    if (answer_.retry_after_s > 0) response_.set(http::field::retry_after, std::to_string(answer_.retry_after_s));
    if (answer_.stream != nullptr && version_ >= 11 && !head_) return WriteStream();
    answer_.stream = nullptr;
    const std::string& body = answer_.shared_body != nullptr ? *answer_.shared_body : answer_.body;
    response_.keep_alive(keep_alive);
    if (answer_.status != 304) response_.content_length(body.size());
    if (!head_) response_.body() = {body.data(), body.size()};
    Expire(kHttpWriteMs);
    http::async_write(stream_, response_, [self = this->shared_from_this(), keep_alive](error_code error, size_t) {
      self->Told();
      if (error) return;
      self->served_ = true;
      if (keep_alive) {
        self->Waits();
        return self->ReadHeader();
      }
      if (self->refused_) return self->Linger();
      self->End();
    });
  }

  void Told() {
    if (awaited_) server_.Answered();
    awaited_ = false;
  }

  void WriteStream() {
    namespace http = boost::beast::http;
    response_.chunked(true);
    response_.keep_alive(true);
    serializer_.emplace(response_);
    Expire(kHttpWriteMs);
    http::async_write_header(stream_, *serializer_, [self = this->shared_from_this()](error_code error, size_t) {
      self->Told();
      if (error) return;
      self->answer_.stream->Open([weak = self->weak_from_this(), executor = self->stream_.get_executor()] {
        boost::asio::post(executor, [weak] {
          if (auto session = weak.lock()) session->Pump();
        });
      });
      self->WatchPeer();
      self->Pump();
    });
  }

  // Nothing more is expected of the peer; this notices that it has gone.
  void WatchPeer() {
    boost::beast::get_lowest_layer(stream_).expires_never();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(1), [self = this->shared_from_this()](error_code, size_t) {
      self->gone_ = true;
      if (!self->writing_) self->Drop();
    });
  }

  void Pump() {
    namespace http = boost::beast::http;
    if (writing_ || gone_) return;
    pieces_.clear();
    const bool more = answer_.stream->Take(&pieces_);
    std::vector<boost::asio::const_buffer> buffers;
    for (const auto& piece : pieces_) {
      if (!piece->empty()) buffers.emplace_back(boost::asio::buffer(*piece));
    }
    if (buffers.empty() && more) return;
    writing_ = true;
    Expire(kHttpWriteMs);
    if (buffers.empty()) {
      boost::asio::async_write(stream_, http::make_chunk_last(),
                               [self = this->shared_from_this()](error_code, size_t) { self->Drop(); });
      return;
    }
    boost::asio::async_write(stream_, http::make_chunk(std::move(buffers)),
                             [self = this->shared_from_this()](error_code error, size_t) {
                               self->writing_ = false;
                               if (error || self->gone_) return self->Drop();
                               self->Pump();
                             });
  }

  // Ends the connection at once, with the read that watches the peer.
  void Drop() {
    gone_ = true;
    error_code ignored;
    auto& socket = boost::beast::get_lowest_layer(stream_).socket();
    socket.shutdown(tcp::socket::shutdown_both, ignored);
    socket.close(ignored);
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

  using Response = boost::beast::http::response<boost::beast::http::span_body<const char>>;

  Server& server_;
  const std::string peer_;
  Stream stream_;
  std::string peer_certificate_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  HttpAnswer answer_;  // holds what response_ and pieces_ point to
  Response response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::span_body<const char>>> serializer_;
  boost::beast::http::response<boost::beast::http::empty_body> go_on_;
  std::vector<std::shared_ptr<const std::string>> pieces_;
  unsigned version_ = 11;
  uint64_t ticket_ = 0;  // of the server's list of those that wait for a call
  bool served_ = false;
  bool head_ = false;
  bool awaited_ = false;
  bool refused_ = false;
  bool writing_ = false;
  bool gone_ = false;
  size_t lingered_ = 0;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_HTTP_SESSION_H_
