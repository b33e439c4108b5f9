// Checks of certificate files before a program starts, and OpenSSL contexts for Boost.Beast or httplib. (gRPC takes the
// same three files itself; programs call CheckTlsFiles first, because gRPC's own errors name nothing.)
//
// Thread-safety: functions may be called from any thread; an SSL_CTX may be shared between threads once made.
// Errors (Chinese first) are FailedPrecondition or NotFound and name the file and the command or step that mends it.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "security/identity.h"

namespace liandong::security {

struct TlsFiles {
  std::string ca = {};    // PEM, one or more roots
  std::string cert = {};  // PEM, leaf first
  std::string key = {};   // PEM, not readable for group or others
};

struct CheckedTls {
  Identity identity;
  absl::Time expires_at;  // the earlier of leaf and CA
  std::string ca_pem, cert_pem, key_pem;
};

// Readable, key private and matching, inside its validity at `now`, chains to the CA, names exactly one party.
absl::StatusOr<CheckedTls> CheckTlsFiles(const TlsFiles& files, absl::Time now);

// From now on no TLS context that this process makes speaks anything older than TLS 1.3, whoever makes it: gRPC 1.51
// has no setting of its own for that. For a program whose every peer is ours; before it makes its first context.
absl::Status AllowOnlyTls13();

struct TlsContextOptions {
  bool tls13_only = false;  // otherwise TLS 1.2 with forward secrecy and AEAD, or better: old dispatch systems
  // With require_client_cert: a client may also show none (PeerIdentity says so); one that shows a bad one is refused.
  bool client_cert_optional = false;
};

// `files` may hold any server's certificate, not only a party's, and it need not come from files.ca: the native side of
// a hotline has its own. It must match its key and be inside its validity now. With require_client_cert the peer must
// show one that chains to files.ca; otherwise none is asked for and files.ca may be empty.
absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeServerContext(const TlsFiles& files, bool require_client_cert,
                                                           const TlsContextOptions& options = {});

// Verifies the server against files.ca; cert and key may both be empty (no client certificate). The caller names the
// host on each connection with ExpectHost, or any certificate of that CA would do.
absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeClientContext(const TlsFiles& files,
                                                           const TlsContextOptions& options = {});

// SNI and host (or IP address) check for one connection that is about to be made.
absl::Status ExpectHost(SSL* ssl, const std::string& host);

// The peer's party after a handshake that required its certificate. Unauthenticated when it showed none.
absl::StatusOr<Identity> PeerIdentity(const SSL* ssl);
// The peer's certificate as PEM, whatever it names; "" when it showed none that was verified.
std::string PeerCertificatePem(const SSL* ssl);
// The first certificate of a PEM file, written the same way.
absl::StatusOr<std::string> FirstCertificatePem(const std::string& path);

}  // namespace liandong::security
