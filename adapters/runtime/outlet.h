// The way out of one link: takes the spool's deliveries for it one after another, renders them by the profile and hands
// them to the party's system, by HTTP or as files; failed ones again after a time, in the end to the operator.
//
// Thread-safety: Stop may be called from any thread; the work is done on a thread of its own.
#ifndef LIANDONG_ADAPTERS_RUNTIME_OUTLET_H_
#define LIANDONG_ADAPTERS_RUNTIME_OUTLET_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/runtime/link.h"
#include "adapters/spool/spool.h"
#include "adapters/transport/auth.h"
#include "adapters/transport/directory.h"
#include "adapters/transport/http_peer.h"

namespace liandong::adapters {

class Outlet {
 public:
  // `link` and `spool` outlive the outlet. `files` may be null; it is used when the link has no HTTP peer.
  static absl::StatusOr<std::unique_ptr<Outlet>> Start(Link* link, Spool* spool, DirectoryExchange* files);
  ~Outlet();  // Stop()
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  void Stop();

 private:
  Outlet(Link* link, Spool* spool, DirectoryExchange* files) : link_(link), spool_(spool), files_(files) {}
  void Loop();
  void Handle(const SpooledDelivery& spooled);
  void Push(const SpooledDelivery& spooled, const v1::Delivery& delivery, const Rendered& rendered);
  Judgement Try(const v1::Delivery& delivery, const Rendered& rendered, const std::string& bytes, std::string* why);
  // Puts an acknowledgment of our own into the spool; once for a delivery, however often it fails.
  absl::Status Answer(const SpooledDelivery& spooled, const v1::Delivery& delivery, v1::AckState state,
                      std::string_view reason);
  void NotCarried(const SpooledDelivery& spooled, const v1::Delivery& delivery, const std::string& why);
  void Fail(const SpooledDelivery& spooled, const std::string& why);
  void Settle(const absl::Status& status);

  Link* const link_;
  Spool* const spool_;
  DirectoryExchange* const files_;
  std::unique_ptr<HttpPeer> peer_;
  std::optional<LinkSecret> secret_;
  int64_t retry_ms_ = 0;
  uint32_t tries_max_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_OUTLET_H_
