// A server's TLS context that follows its files: a renewed certificate counts from the next connection on, and
// connections that are open stay as they are.
//
// Thread-safety: every method from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "security/tls.h"

namespace liandong::security {

class ServerContext {
 public:
  // `say` gets one line when renewed files are used, or will not do (each time they are looked at). Errors as in
  // MakeServerContext.
  static absl::StatusOr<std::shared_ptr<ServerContext>> Open(TlsFiles files, bool require_client_cert,
                                                             TlsContextOptions options,
                                                             std::function<void(const std::string& line)> say);

  // For a new connection. Looks at the files at most once in kServerContextPoll; of files that will not do (half
  // copied, expired, key open to others) nothing is used, and what was good goes on.
  std::shared_ptr<SSL_CTX> Get();

 private:
  ServerContext(TlsFiles files, bool require_client_cert, TlsContextOptions options,
                std::function<void(const std::string& line)> say)
      : files_(std::move(files)), require_client_cert_(require_client_cert), options_(options), say_(std::move(say)) {}
  std::string ReadAll() const;

  const TlsFiles files_;
  const bool require_client_cert_;
  const TlsContextOptions options_;
  const std::function<void(const std::string& line)> say_;
  std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;  // guarded by mutex_
  std::string seen_;                  // guarded by mutex_; a hash of the files' bytes, of which context_ was made
  absl::Time looked_;                 // guarded by mutex_
};

}  // namespace liandong::security
