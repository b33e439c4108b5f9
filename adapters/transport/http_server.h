// Our HTTP servers: what a hotline's system calls, what browsers look at, what Prometheus scrapes. Asynchronous;
// everything of a caller is bounded (limits.h): its headers, its body and the time it takes for each, so that slow ones
// are dropped and cost no thread. When all connections are taken, those that say nothing make room for new ones.
//
// Thread-safety: every method may be called from any thread, Stop not from the handler.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_HTTP_SERVER_H_
#define LIANDONG_ADAPTERS_TRANSPORT_HTTP_SERVER_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/limits.h"
#include "adapters/transport/address.h"
#include "adapters/transport/auth.h"

namespace liandong::adapters {

struct HttpCall {
  std::string method;
  std::string path;   // without the query
  std::string query;  // what follows the '?'
  HeaderList headers;
  std::string body;
  std::string peer;              // address
  std::string peer_certificate;  // PEM, verified against the server's CA; empty: none was shown
};

// An answer that goes on (server-sent events): pieces are sent as they come. Called from the server's threads, never
// two at a time for one stream.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  // The header is out. From now on `wake` says that Take has something new; any thread, also after Close.
  virtual void Open(std::function<void()> wake) = 0;
  // Adds what is to be sent next, in order; nothing: wait for `wake`. False: after that the stream ends.
  virtual bool Take(std::vector<std::shared_ptr<const std::string>>* pieces) = 0;
  // The connection is gone.
  virtual void Close() = 0;
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  int retry_after_s = 0;  // not 0: a Retry-After header
  HeaderList headers = {};
  std::shared_ptr<const std::string> shared_body = nullptr;  // not null: instead of `body`, shared by many answers
  std::shared_ptr<HttpStream> stream = nullptr;              // not null: instead of a body
};

struct HttpServerOptions {
  std::string listen;
  std::string name = "liandong-adapter";  // the Server header
  std::shared_ptr<SSL_CTX> tls;           // null: plain HTTP
  // Not null: asked for `tls` anew at each connection, so that certificates can be renewed. Not for long: others wait.
  std::function<std::shared_ptr<SSL_CTX>()> renewed_tls;
  AddressRanges allow_plain;  // with plain HTTP: who may connect beside loopback
  size_t connections_max = kHttpConnectionsMax;
  size_t body_bytes_max = kNativeMessageBytesMax;
  size_t io_threads = 1;
  size_t handler_threads = kHandlerThreads;
  int64_t header_ms = kHttpHeaderMs;
  int64_t body_ms = kHttpBodyMs;
};

class HttpServer {
 public:
  // Runs on one of handler_threads threads and may block.
  using Handler = std::function<HttpAnswer(const HttpCall&)>;
  // The body of an answer that the server gives itself: 400 (not HTTP), 413 (body too large), 431 (headers too large).
  using Refusal = std::function<HttpAnswer(int status)>;

  // Listens at once. InvalidArgument: a bad address, or plain HTTP on an address that is not loopback with no range
  // allowed. Unavailable: the port is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(HttpServerOptions options, Handler handler, Refusal refusal);
  ~HttpServer();  // Stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "127.0.0.1:40123": the port that was taken.
  const std::string& address() const;
  // Takes no more calls, lets those under way finish and be answered.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_HTTP_SERVER_H_
