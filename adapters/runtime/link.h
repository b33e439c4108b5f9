// One way into the party's own system: what comes by it becomes records of the spool, and the answer says so.
//
// Invariants:
//   - kAccepted leaves only after everything that the message became is in the spool.
//   - A message that cannot be read or mapped is in the spool whole, as a dead letter, before kBad leaves.
// Thread-safety: every method may be called from any thread.
#ifndef LIANDONG_ADAPTERS_RUNTIME_LINK_H_
#define LIANDONG_ADAPTERS_RUNTIME_LINK_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/fire_119/gb26875.h"
#include "adapters/mapping/mapper.h"
#include "adapters/spool/spool.h"
#include "adapters/text/codec.h"
#include "adapters/transport/frame_server.h"
#include "liandong/v1/adapter_config.pb.h"
#include "liandong/v1/profile.pb.h"

namespace liandong::adapters {

struct Reception {
  ReplyKind kind = ReplyKind::kAccepted;
  std::string body;  // the format's answer
  Format format = Format::kJson;
};

class Link {
 public:
  // `spool` outlives the link.
  static absl::StatusOr<std::unique_ptr<Link>> Create(v1::LinkConfig config, v1::Profile profile, Spool* spool);

  const std::string& name() const { return config_.name(); }
  const v1::LinkConfig& config() const { return config_; }
  const v1::Profile& profile() const { return mapper_.profile(); }
  const Mapper& mapper() const { return mapper_; }
  // Null for gb26875.
  const Codec* codec() const { return codec_.get(); }

  // Has a way out and is not told to leave this kind to others.
  bool Carries(v1::DeliveryKind kind) const;

  // `path`: the HTTP path or file name.
  Reception Receive(std::string_view path, std::string_view bytes);
  // *whole: nothing of the frame had to be kept as a dead letter.
  FrameVerdict ReceiveFrame(const gb26875::Frame& frame, bool* whole = nullptr);
  // An answer of the transport itself (401, 404, 413 ...), in the format's words.
  std::string Refusal(int http_status) const;
  // A dead letter of kind kNative once more, with the profile as it is now. True: it is in the spool now.
  bool ReceiveAgain(const DeadLetter& letter);

  // Tells the spool the ids by which the other side will speak of a delivery, and sends on what has waited for them.
  absl::Status Remember(const std::vector<DeliveryKey>& keys, const NativeRef& ref, bool keep_known);

 private:
  Link(v1::LinkConfig config, v1::Profile profile, std::unique_ptr<Codec> codec, Spool* spool);

  // Adds what `mapped` became to `request`; stores aliases and parks acknowledgments on the way.
  absl::Status Collect(const Mapped& mapped, PutRequest* request);
  absl::Status CollectReport(const ReportDraft& draft, PutRequest* request);
  absl::Status CollectAck(const AckDraft& draft, PutRequest* request);
  ReplyKind Store(const PutRequest& request);
  // Keeps the message for the operator; kBusy when even that cannot be done.
  ReplyKind Bury(std::string_view repeat_key, const absl::Status& why, std::string_view path, std::string_view bytes);
  void TellNotes(const Mapped& mapped);
  std::string NativeId(const DeliveryKey& key) const;
  std::vector<std::string> NativeIds(const std::vector<DeliveryKey>& keys) const;

  const v1::LinkConfig config_;
  const Mapper mapper_;
  const std::unique_ptr<Codec> codec_;
  const Encoding encoding_;
  Spool* const spool_;
  // Between asking for an id and storing it (IdFor, Put) nobody else may ask for the same thing.
  std::mutex same_mutex_;
  std::mutex notes_mutex_;
  std::set<std::string> notes_;  // told already
};

// How a kTransfer or kClose stands in the spool: the incident is known only when the report's receipt is.
std::string PackAction(const std::string& external_id, const std::string& request);
void UnpackAction(const std::string& packed, std::string* external_id, std::string* request);

SpoolLane LaneOf(v1::Lane lane);

}  // namespace liandong::adapters

#endif  // LIANDONG_ADAPTERS_RUNTIME_LINK_H_
