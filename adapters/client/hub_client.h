// The hub, as a party's program sees it: one object for each certificate, shared by all threads of the program.
// Everything is mutual TLS; there is no other way in. Certificates are read again when their files change.
//
// Several hubs may be named. Calls go to the one that answered last; when it cannot be reached the next one is tried.
//
// Thread-safety: every method may be called from any thread. Every call has a deadline. Errors carry the hub's
// ErrorDetail (see error.h); UNAVAILABLE or DEADLINE_EXCEEDED without one: no hub answered in time.
#ifndef LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_H_
#define LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/limits.h"
#include "liandong/v1/config.pb.h"
#include "liandong/v1/link.pb.h"
#include "liandong/v1/report.pb.h"

namespace liandong::adapters {

inline constexpr absl::Duration kClientCallTimeout = absl::Milliseconds(kClientCallMs);

struct TlsFiles {
  std::string ca;    // PEM, the site's CA
  std::string cert;  // PEM, the party's certificate
  std::string key;   // PEM, readable by its owner only
};

struct HubClientOptions {
  std::vector<std::string> hubs;  // "host:port", at least one; tried in order
  TlsFiles tls;
};

// Paths of the config are taken as they stand: make them absolute first (see ResolvePaths in adapters/cli/config.h).
HubClientOptions OptionsFrom(const v1::ClientConfig& config);

class HubClient {
 public:
  // Reads and checks the files; does not connect yet. InvalidArgument: no hub or a malformed address. NotFound,
  // FailedPrecondition: what is wrong with which certificate file, and the mend.
  static absl::StatusOr<std::shared_ptr<HubClient>> Create(HubClientOptions options);
  ~HubClient();
  HubClient(const HubClient&) = delete;
  HubClient& operator=(const HubClient&) = delete;

  // The party that our certificate names.
  const std::string& party() const;

  // The same connections in the name of a person who has signed in (AccountClient): every call carries the session.
  // `from`, of a screen: the address of the browser, for the hub's audit trail; printable ASCII.
  std::shared_ptr<HubClient> As(std::string session, std::string from = "") const;

  // Tells one report and waits for the receipt: when it is here the report is on stable storage. The same content is
  // sent again when a hub cannot be reached, does not answer, or says that it may succeed later (and the wait it asks
  // for fits); safe, since the hub recognises a repeat.
  absl::StatusOr<v1::Receipt> Report(const v1::Report& report, absl::Duration timeout = kClientCallTimeout);

  // Tried again like Report; a repeat is answered ALREADY_DONE. The replies are one for each acknowledgment, in order,
  // and may be REJECTED one by one.
  absl::StatusOr<v1::AcknowledgeReply> Acknowledge(const v1::AcknowledgeRequest& request,
                                                   absl::Duration timeout = kClientCallTimeout);
  absl::StatusOr<v1::FetchReply> Fetch(const v1::FetchRequest& request, absl::Duration timeout = kClientCallTimeout);

  // Not tried again once sent: an UNAVAILABLE then says that it may have been done. Look before repeating.
  absl::StatusOr<v1::ActionReply> Transfer(const v1::TransferRequest& request,
                                           absl::Duration timeout = kClientCallTimeout);
  absl::StatusOr<v1::ActionReply> Close(const v1::CloseRequest& request, absl::Duration timeout = kClientCallTimeout);

  // For the other classes of this folder.
  class Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit HubClient(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_CLIENT_HUB_CLIENT_H_
