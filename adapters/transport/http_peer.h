// Calls to a party's own system.
//
// Thread-safety: Send may be called from any thread; calls go one after another over one kept connection.
#ifndef LIANDONG_ADAPTERS_TRANSPORT_HTTP_PEER_H_
#define LIANDONG_ADAPTERS_TRANSPORT_HTTP_PEER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/limits.h"
#include "adapters/transport/auth.h"

namespace liandong::adapters {

struct HttpPeerOptions {
  std::string base_url;                     // "https://host:port/base", "http://127.0.0.1:8111"
  std::string ca, cert, key;                // with https: PEM files; cert and key may both be empty
  std::vector<std::string> allow_plain_to;  // with http: ranges beside loopback
  int64_t timeout_ms = kPeerTimeoutMs;      // to connect, to write and to read, each
};

struct HttpPeerAnswer {
  int status = 0;
  std::string body;
};

class HttpPeer {
 public:
  // Does not connect; ignores SIGPIPE in the whole process from now on. InvalidArgument: a bad URL, or http to an
  // address that is not allowed (a host name never is, "localhost" excepted: a name can be made to point anywhere).
  static absl::StatusOr<std::unique_ptr<HttpPeer>> Create(HttpPeerOptions options);
  ~HttpPeer();
  HttpPeer(const HttpPeer&) = delete;
  HttpPeer& operator=(const HttpPeer&) = delete;

  // The path that a call to `path` really goes to: with the path of the base URL before it. Signatures cover this one.
  std::string FullPath(const std::string& path) const;

  // `path` as FullPath gave it. Any answer is an answer, whatever its status. Unavailable: none came, says why.
  // ResourceExhausted: it was longer than kPeerAnswerBytesMax.
  absl::StatusOr<HttpPeerAnswer> Send(const std::string& method, const std::string& path, const HeaderList& headers,
                                      const std::string& content_type, const std::string& body);

  // Makes a call under way fail soon (for shutdown).
  void Abort();

 private:
  class Impl;
  explicit HttpPeer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_TRANSPORT_HTTP_PEER_H_
